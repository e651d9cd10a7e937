"""Format a load run as a table for a terminal and as the Markdown document."""

from collections.abc import Iterator

from comparison.core.plural import counted
from comparison.studies.files import aligned, markdown_table
from comparison.studies.models import LoadRun
from comparison.studies.statistics import (
    CEILING,
    INDISTINGUISHABLE,
    LEAST,
    LIMITED,
    Spread,
    Table,
    by_chance,
)

from .wording import CLOSED_LOOP, compared, errors_text, take_away

CLIENT = "client alone"
BUSY = 0.5
"""From this load average per processor, other processes use too much of the machine."""


def header(run: LoadRun) -> tuple[str, ...]:
    """Return the columns; the first stack is the reference for the others."""
    against = f"against {run.stacks[0].name}" if run.stacks else "against"
    latencies = ("p50 ms", "p95 ms", "p99 ms")
    return (
        "in flight",
        "stack",
        "responses/s",
        *latencies,
        "server ms",
        against,
        "errors",
    )


def rows(table: Table, work: str) -> Iterator[tuple[str, ...]]:
    """Yield a row for each concurrency and stack, then one for the client alone."""
    run = table.run
    for concurrency in run.concurrency:
        reference = table.at(work, run.stacks[0].name, concurrency)
        for stack in run.stacks:
            figures = table.at(work, stack.name, concurrency)
            if figures is None:
                continue
            yield (
                str(concurrency),
                stack.name,
                _rate(figures.rate),
                _ms(figures.p50),
                _ms(figures.p95),
                _ms(figures.p99),
                "" if figures.server_ms is None else f"{figures.server_ms:.2f}",
                compared(figures, reference),
                errors_text(figures),
            )
        alone = table.ceilings.get((work, concurrency))
        if alone is not None:
            latencies = (_ms(alone.p50), _ms(alone.p95), _ms(alone.p99))
            errors = errors_text(alone)
            rate = _rate(alone.rate)
            yield (str(concurrency), CLIENT, rate, *latencies, "", "", errors)


def _rate(rate: Spread) -> str:
    return f"{rate.median:,.0f} ({rate.low:,.0f}–{rate.high:,.0f})"


def _ms(latency: Spread | None) -> str:
    return "" if latency is None else f"{latency.median:.1f}"


def text(run: LoadRun) -> str:
    """Format the tables for a terminal, followed by the conclusions."""
    table = Table(run)
    out: list[str] = []
    for work in run.works:
        lines = [header(run), *rows(table, work)]
        out += [work, "", *aligned(lines), ""]
    out += [*notes(run), *(f"{sentence}\n" for sentence in take_away(table))]
    return "\n".join([*out, CLOSED_LOOP, ""])


def notes(run: LoadRun) -> list[str]:
    """Return warnings about the run, each followed by an empty line."""
    found = [f"PARTIAL: {run.unfinished}\n"] if run.unfinished else []
    if (run.load_average or 0) > BUSY * run.processors:
        found.append(
            "PROVISIONAL: the machine was busy with other processes at the start (load"
            f" average {run.load_average:g} on {run.processors} processors). Work that"
            " needs the processor got little of it.\n"
        )
    found += [f"{s.name}: {s.given_up}\n" for s in run.stacks if s.given_up]
    return found


def markdown(run: LoadRun, pictures: dict[str, tuple[str, ...]]) -> str:
    """Render the whole document; `pictures` has the addresses of each work's plots."""
    table = Table(run)
    out = ["# The real cost of concurrency", "", *notes(run)]
    out += [f"{n}. {sentence}" for n, sentence in enumerate(take_away(table), 1)]
    for work in run.works:
        out += ["", f"## {work}", ""]
        for address, what in zip(
            pictures.get(work, ()), ("Throughput", "Latency"), strict=False
        ):
            out += [
                f"![{what} of each stack against requests in flight]({address})",
                "",
            ]
        out += markdown_table(header(run), rows(table, work))
    out += ["", "## How to read it", "", "\n\n".join(how(run))]
    out += ["", "## How it was recorded", "", _recorded(run)]
    repeat = (
        "The same command repeats the run. `comparison load --from FILE` shows a saved"
        " run."
    )
    return "\n".join([*out, "", repeat, ""])


def how(run: LoadRun) -> tuple[str, ...]:
    """Explain what the figures mean and what they do not mean, in paragraphs."""
    threads = {s.threads for s in run.stacks if s.threads}
    pools = ", ".join(s.name for s in run.stacks if s.threads)
    served = f"; {pools} with {max(threads)} threads." if threads else "."
    return (
        CLOSED_LOOP,
        (
            "The views of flask and quart[sync] are plain functions; those of flask[async]"
            " and quart are async. The twins' module harness/work.py has both. Each server runs one"
            f" process{served}"
        ),
        (
            "Responses per second are the median of the rounds, with the lowest and the"
            " highest round. Latencies are medians of the rounds' percentiles. If the rounds"
            f" of two stacks overlap, the stacks are “{INDISTINGUISHABLE}”.{_chance(run)} The"
            f" p95 needs {LEAST['p95']} responses in a round, and the p99 {LEAST['p99']}."
            f" “{CLIENT}” is the same client with a server that does nothing. A stack that reaches"
            f" {CEILING:.0%} of that is marked “{LIMITED}” and not compared. “server ms” is"
            " the server's processor time per response. The errors include those of the"
            " warm-up. The latencies do not include errors."
        ),
        (
            "Waiting hardly depends on the machine or its other users. So figures of sleep"
            " hold anywhere while the processors have little to do. The other works, and"
            " sleep with many requests in flight, need the processors, which servers and"
            " clients share here. Compare only their ratios within a run, and rather server"
            " ms than responses per second."
        ),
    )


def _chance(run: LoadRun) -> str:
    """Say how often the rounds of equal stacks do not overlap."""
    if run.rounds < 2:
        return ""
    return (
        f" By chance the rounds of equal stacks do not overlap in {by_chance(run.rounds):.0%}"
        " of the comparisons, so a ratio in one row proves little."
    )


def _recorded(run: LoadRun) -> str:
    environment = run.environment
    versions = ", ".join(f"{n} {v}" for n, v in environment.packages.items())
    return (
        f"`{run.command}`, started {run.started} UTC:"
        f" {counted(run.rounds, 'round')} in turns of {run.seconds:g} s after"
        f" {run.warm_up:g} s of warm-up; {counted(run.clients, 'client process', 'client processes')} on"
        f" {counted(run.processors, 'processor')}{_shared(run)}; with"
        f" {environment.python} on {environment.platform}: {versions}."
    )


def _shared(run: LoadRun) -> str:
    """Say how busy the machine was with other processes."""
    if run.load_average is None:
        return ""
    return f", load average {run.load_average:g} at the start"
