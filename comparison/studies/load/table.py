"""A load run as a table for a terminal, and as the document."""

from collections.abc import Iterable, Iterator

from comparison.studies.models import LoadRun
from comparison.studies.statistics import (
    CEILING,
    INDISTINGUISHABLE,
    LIMITED,
    Spread,
    Table,
)

from .wording import CLOSED_LOOP, compared, shown_errors, take_away

CLIENT = "client alone"
BUSY = 0.5
"""From this load average for each processor, somebody else has too much of them."""


def header(run: LoadRun) -> tuple[str, ...]:
    """The columns; the first stack is what the others are held against."""
    against = f"against {run.stacks[0].name}" if run.stacks else "against"
    latencies = ("p50 ms", "p95 ms", "p99 ms")
    return "in flight", "stack", "answers/s", *latencies, "server ms", against, "errors"


def rows(table: Table, work: str) -> Iterator[tuple[str, ...]]:
    """A row for each concurrency and stack, and the client's own ceiling after them."""
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
                shown_errors(figures),
            )
        alone = table.ceilings.get((work, concurrency))
        if alone is not None:
            latencies = (_ms(alone.p50), _ms(alone.p95), _ms(alone.p99))
            errors = shown_errors(alone)
            rate = _rate(alone.rate)
            yield (str(concurrency), CLIENT, rate, *latencies, "", "", errors)


def _rate(rate: Spread) -> str:
    return f"{rate.median:,.0f} ({rate.low:,.0f}–{rate.high:,.0f})"


def _ms(latency: Spread | None) -> str:
    return "" if latency is None else f"{latency.median:.1f}"


def text(run: LoadRun) -> str:
    """The tables for a terminal, the sentences below them."""
    table = Table(run)
    out: list[str] = []
    for work in run.works:
        lines = [header(run), *rows(table, work)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        out += [work, ""]
        previous = ""
        for line in lines:
            shown = ("", *line[1:]) if line[0] == previous else line
            previous = line[0]
            padded = (cell.ljust(w) for cell, w in zip(shown, widths, strict=True))
            out.append("  ".join(padded).rstrip())
        out.append("")
    out += [*notes(run), *(f"{sentence}\n" for sentence in take_away(table))]
    return "\n".join([*out, CLOSED_LOOP, ""])


def notes(run: LoadRun) -> list[str]:
    """What to know before anything else; a line and an empty one each."""
    found = [f"PARTIAL: {run.unfinished}\n"] if run.unfinished else []
    if (run.load_average or 0) > BUSY * run.processors:
        found.append(
            f"PROVISIONAL: the machine was busy with something else when this began (load"
            f" average {run.load_average:g} on {run.processors} processors): what needs"
            " the processor had little of it.\n"
        )
    found += [f"{s.name}: {s.given_up}\n" for s in run.stacks if s.given_up]
    return found


def markdown(run: LoadRun, pictures: dict[str, tuple[str, ...]]) -> str:
    """The whole document; `pictures` are the addresses of the drawings of each work."""
    table = Table(run)
    out = ["# What concurrency really costs", "", *(f"{n}" for n in notes(run))]
    out += [f"{n}. {said}" for n, said in enumerate(take_away(table), 1)]
    for work in run.works:
        out += ["", f"## {work}", ""]
        for address, what in zip(
            pictures.get(work, ()), ("Throughput", "Latency"), strict=False
        ):
            out += [
                f"![{what} of each stack against requests in flight]({address})",
                "",
            ]
        out += [_row(header(run)), _row("---" for _ in header(run))]
        out += [_row(line) for line in rows(table, work)]
    out += ["", "## How to read it", "", "\n\n".join(how(run))]
    out += ["", "## How it was recorded", "", _recorded(run)]
    repeat = (
        "The same command repeats it; `comparison load --from FILE` shows what it kept."
    )
    return "\n".join([*out, "", repeat, ""])


def how(run: LoadRun) -> tuple[str, ...]:
    """What the figures mean and what they do not, a paragraph each."""
    threads = {s.threads for s in run.stacks if s.threads}
    pools = ", ".join(s.name for s in run.stacks if s.threads)
    served = f"; {pools} with {max(threads)} threads." if threads else "."
    return (
        CLOSED_LOOP,
        (
            "flask and quart[sync] are views without async, flask[async] and quart views with"
            f" it, in the twins' module harness/work.py. Each server runs one process{served}"
        ),
        (
            "Answers a second are the median of the rounds, with the lowest and the highest;"
            " latencies are medians of the rounds' percentiles. Where the rounds of two"
            f" stacks overlap they are “{INDISTINGUISHABLE}”. “{CLIENT}” is the same client at"
            f" a server that does nothing: a stack that comes to {CEILING:.0%} of that is"
            f" marked “{LIMITED}”, and not compared. “server ms” is the processor time of the"
            " server for an answer. Errors count, those of the warm-up too, and are in no"
            " latency."
        ),
        (
            "Waiting hardly depends on the machine, nor on who else uses it: figures of sleep"
            " far below what the processors manage hold anywhere. The others, and sleep with"
            " many in flight, are work of the processors, which servers and clients share"
            " here: only their ratios within a run say something, and server ms more than"
            " answers a second."
        ),
    )


def _recorded(run: LoadRun) -> str:
    environment = run.environment
    versions = ", ".join(f"{n} {v}" for n, v in environment.packages.items())
    return (
        f"`{run.command}`, begun {run.started} UTC: {run.rounds} rounds in turns of"
        f" {run.seconds:g} s after {run.warm_up:g} s of warm-up; {run.clients} client"
        f" processes on {run.processors} processors{_shared(run)}; with"
        f" {environment.python} on {environment.platform}: {versions}."
    )


def _shared(run: LoadRun) -> str:
    """How busy the machine was with something else."""
    if run.load_average is None:
        return ""
    return f", load average {run.load_average:g} when it began"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
