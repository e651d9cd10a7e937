"""Run `comparison fuzz`: search for differences, print a report, write cases."""

import gc
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from hypothesis.database import DirectoryBasedExampleDatabase
from msgspec.structs import replace

from comparison.cases import load_cases
from comparison.cases.sources.draft import case_lines
from comparison.core.errors import UsageError
from comparison.core.locking import locked
from comparison.core.processes.signals import exit_code_of
from comparison.known import BUNDLED, ON_SERVERS, STACKS, KnownDifferences, load_known
from comparison.known.patterns import PATTERNS, PATTERNS_ON_SERVERS
from comparison.redaction import redacted_targets
from comparison.runner.engine import CaseRunner
from comparison.runner.environment import environment
from comparison.studies import files
from comparison.studies.models import Finding, FuzzReport
from comparison.targets import resolve_targets
from comparison.targets.servers.stacks import choose_stacks
from comparison.views import sources_of, toml_of, view_to_json
from comparison.views.case import case_of, draft_of, words_of
from comparison.views.model import Body, View

from .report import render
from .search import Found, Search

UNLIMITED = 10**12
EXAMPLES = 5000
COMPOSED = "create_app({'TOPICS': ['composed']})"
"""The twins with only the endpoint for view descriptions, because that starts faster."""

_TIME = re.compile(r"(\d+(?:\.\d+)?)(s|m|h)?\Z")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


def fuzz(
    targets: tuple[str, ...],
    stacks: tuple[str, ...],
    known: tuple[str, ...],
    examples: int | None,
    time: str | None,
    seed: int,
    timeout: float,
    database: str,
    format_: str,
    cases: str | None,
    quiet: bool,
    command: str,
) -> int:
    """Search, print the findings, and return the exit code."""
    seconds = None if time is None else parse_time(time)
    max_examples = examples or (UNLIMITED if seconds else EXAMPLES)
    path = None if cases is None else Path(cases)
    specs = list(targets) or specs_of(stacks)
    differences = known_of(known, on_servers=any("@" in spec for spec in specs))
    with locked([] if path is None else [path]):
        if path is not None:
            check_cases(path)
        with _collecting_often():
            resolved = resolve_targets(specs)
            search = Search(
                resolved,
                differences,
                examples=max_examples,
                seconds=seconds,
                seed=seed,
                timeout=timeout,
                database=DirectoryBasedExampleDatabase(database) if database else None,
            )
            interrupted = 0
            try:
                if targets:
                    check_answers(search.runner)
                _watch(
                    search, None if max_examples == UNLIMITED else max_examples, quiet
                )
            except KeyboardInterrupt as error:
                interrupted = exit_code_of(error)
            finally:
                search.close()
        report = report_of(search, differences, command, interrupted=interrupted)
        sys.stdout.write(render(report, format_))
        if path is not None:
            write_cases(path, search.findings)
        return report.exit_code


def check_answers(runner: CaseRunner) -> None:
    """Raise UsageError if no target can answer a view description."""
    case = case_of(View(body=Body("text", "Hello")))
    exchanges = [r.exchange for r in runner.run(case).recordings.values()]
    if not any(e.response and e.response.body == "Hello" for e in exchanges):
        raise UsageError(
            "--target: none answers GET /composed as the bundled apps do, so the search"
            " cannot find anything. Compare your own apps with `comparison run`"
        )


@contextmanager
def _collecting_often() -> Iterator[None]:
    """Collect garbage more often while the search runs.

    Most views fail in at least one framework. Each error forms a cycle with its frames.
    """
    before = gc.get_threshold()
    gc.set_threshold(10_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def parse_time(text: str) -> float:
    """Parse a time from the command line into seconds. Raises UsageError.

    >>> parse_time("1.5m")
    90.0
    """
    found = _TIME.match(text)
    if found is None or not float(found[1]):
        raise UsageError(f"--time {text!r}: write a time such as 60s, 5m or 1h")
    return float(found[1]) * _SECONDS[found[2] or "s"]


def specs_of(stacks: Iterable[str]) -> list[str]:
    """Return the targets of the stacks, or of both frameworks in process by default.

    Raises UsageError, and TargetError for a server that is not installed.
    """
    names = list(stacks)
    if not names:
        return [f"{name}={name}_app:{COMPOSED}" for name in ("flask", "quart")]
    chosen = choose_stacks(names)
    if len(chosen) < 2:
        raise UsageError("--stack: name at least two stacks")
    parts = (name.partition("+") for name in chosen)
    return [
        f"{n}={f}_app@{server}" for n, (f, _, server) in zip(chosen, parts, strict=True)
    ]


def known_of(files: tuple[str, ...], on_servers: bool = False) -> KnownDifferences:
    """Load the known differences of these files, or ours. Raises UsageError."""
    ours = (STACKS,) if files else (BUNDLED, ON_SERVERS, STACKS, PATTERNS)
    if on_servers and not files:
        ours = (*ours, PATTERNS_ON_SERVERS)
    return load_known((*files, *ours), environment().packages)


def report_of(
    search: Search, known: KnownDifferences, command: str, *, interrupted: int = 0
) -> FuzzReport:
    """Report a search; `interrupted` is the exit code if a signal stopped it."""
    titles = {pattern.id: pattern.title for pattern in known.patterns}
    seen = {found.known for found in search.known}
    findings = tuple(_finding(found) for found in search.findings)
    return FuzzReport(
        command=command,
        environment=environment(),
        targets=redacted_targets(search.runner.infos),
        normalisations=search.runner.header(command).normalisations,
        seed=search.seed,
        examples=search.examples_run,
        skipped=search.skipped,
        findings=findings,
        known=tuple(_finding(found, titles) for found in search.known),
        unseen=tuple(
            pattern.id for pattern in known.patterns if pattern.id not in seen
        ),
        coverage=search.coverage.table(),
        pairs=search.coverage.pairs,
        exit_code=interrupted or int(bool(findings)),
        interrupted=bool(interrupted),
    )


def _finding(found: Found, titles: Mapping[str, str] | None = None) -> Finding:
    signature, view = found.signature, found.example.view
    title = (titles or {}).get(found.known or "", "") or words_of(view)
    case = found.example.case(title=title)
    return Finding(
        field=signature.field,
        kind=signature.kind,
        cause=signature.cause,
        times=found.times,
        known=found.known,
        title=title,
        method=case.request.method,
        path=case.request.path,
        differences=found.comparison.differences,
        view=view_to_json(view),
        case=toml_of(case),
        sources=sources_of(view),
    )


def check_cases(path: Path) -> None:
    """Raise UsageError if this is not a case file or its name does not end in .toml."""
    if path.suffix != ".toml":
        raise UsageError(f"--write-cases {path}: name a case file such as found.toml")
    if path.is_file():
        load_cases(path)


def write_cases(path: Path, findings: Iterable[Found]) -> None:
    """Add a case for each finding to a case file, unless it has the same request.

    Raises UsageError for a file that cannot be written.
    """
    before = path.read_text(encoding="utf-8-sig") if path.exists() else ""
    existing = load_cases(path) if before else []
    requests = [case.request for case in existing]
    taken = {case.id for case in existing}
    drafts = []
    for found in findings:
        signature = found.signature
        case = found.example.case(
            title=f"{words_of(found.example.view)}: {signature.field}"
        )
        if case.request in requests:
            continue
        requests.append(case.request)
        numbered = (f"{case.id}-{n}" if n > 1 else case.id for n in range(1, UNLIMITED))
        free = next(name for name in numbered if name not in taken)
        taken.add(free)
        drafts.append(draft_of(replace(case, id=free)))
    lines = list(case_lines("Generated views", ["Found by `comparison fuzz`."], drafts))
    if before:
        lines = lines[lines.index("[[case]]") :] if drafts else []
        lines = [before.rstrip("\n"), "", *lines]
    text = "\n".join(lines).rstrip("\n") + "\n"
    files.replace(path, text.encode())


def _watch(search: Search, total: int | None, quiet: bool) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn("running"), BarColumn(), TextColumn("{task.completed:.0f}"))
    hidden = quiet or not console.is_terminal
    with Progress(
        *columns, console=console, transient=True, disable=hidden
    ) as progress:
        task = progress.add_task("", total=total)
        for done in search:
            progress.update(task, completed=done)
