"""`comparison fuzz`: what the command line does with a search."""

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
from comparison.known.patterns import FORMS, FORMS_ON_SERVERS
from comparison.runner import CaseRunner
from comparison.runner.environment import environment
from comparison.studies.models import Finding, FuzzReport
from comparison.studies.sweep.files import replace as replace_file
from comparison.targets import resolve_targets
from comparison.views import sources_of, toml_of, view_to_json
from comparison.views.case import case_of, draft_of, words_of
from comparison.views.model import Body, View

from .report import told
from .search import Found, Search

UNLIMITED = 10**12
EXAMPLES = 5000
DATABASE = ".hypothesis/examples"
COMPOSED = "create_app({'TOPICS': ['composed']})"
"""The twins as far as described views need them: the rest takes time to be made."""

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
    """Search, tell what was found, and return the exit code."""
    seconds = None if time is None else parse_time(time)
    wanted = examples or (UNLIMITED if seconds else EXAMPLES)
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
                examples=wanted,
                seconds=seconds,
                seed=seed,
                timeout=timeout,
                database=DirectoryBasedExampleDatabase(database) if database else None,
            )
            interrupted = 0
            try:
                if targets:
                    check_answers(search.asker)
                _watch(search, None if wanted == UNLIMITED else wanted, quiet)
            except KeyboardInterrupt as error:
                interrupted = exit_code_of(error)
            finally:
                search.close()
        report = report_of(search, differences, command, interrupted=interrupted)
        sys.stdout.write(told(report, format_))
        if path is not None:
            write_cases(path, search.findings)
        return report.exit_code


def check_answers(asker: CaseRunner) -> None:
    """Raise UsageError where no target answers a described view: nothing can be found."""
    case = case_of(View(body=Body("text", "Hello")))
    exchanges = [r.exchange for r in asker.ask(case).recordings.values()]
    if not any(e.response and e.response.body == "Hello" for e in exchanges):
        raise UsageError(
            "--target: none answers GET /composed as the bundled apps do, so that there"
            " is nothing to find; your own apps are compared by `comparison run`"
        )


@contextmanager
def _collecting_often() -> Iterator[None]:
    """Collect garbage while it is in the processor's caches: that takes half the time.

    Most views fail in one framework at least, and each error is in a cycle with the
    frames that it went through.
    """
    before = gc.get_threshold()
    gc.set_threshold(10_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def parse_time(text: str) -> float:
    """Seconds of a time as it is written on the command line. Raises UsageError.

    >>> parse_time("1.5m")
    90.0
    """
    found = _TIME.match(text)
    if found is None or not float(found[1]):
        raise UsageError(f"--time {text!r}: write a time, as 60s, 5m or 1h")
    return float(found[1]) * _SECONDS[found[2] or "s"]


def specs_of(stacks: Iterable[str]) -> list[str]:
    """The targets of stacks; of the two frameworks in process without any.

    Raises UsageError, and TargetError for a server that is not installed.
    """
    from comparison.studies.sweep.codes import choose_stacks

    names = list(stacks)
    if not names:
        return [f"{name}={name}_app:{COMPOSED}" for name in ("flask", "quart")]
    chosen = choose_stacks(names)
    if len(chosen) < 2:
        raise UsageError("--stack: give two stacks or more")
    parts = (name.partition("+") for name in chosen)
    return [
        f"{n}={f}_app@{server}" for n, (f, _, server) in zip(chosen, parts, strict=True)
    ]


def known_of(files: tuple[str, ...], on_servers: bool = False) -> KnownDifferences:
    """What is known: that of these files, or else ours. Raises UsageError."""
    ours = (STACKS,) if files else (BUNDLED, ON_SERVERS, STACKS, FORMS)
    if on_servers and not files:
        ours = (*ours, FORMS_ON_SERVERS)
    return load_known((*files, *ours), environment().packages)


def report_of(
    search: Search, known: KnownDifferences, command: str, *, interrupted: int = 0
) -> FuzzReport:
    """What a search has found; `interrupted` is the exit code where a signal ended it."""
    titles = {form.id: form.title for form in known.forms}
    seen = {found.known for found in search.known}
    findings = tuple(_finding(found) for found in search.findings)
    return FuzzReport(
        command=command,
        environment=environment(),
        targets=search.asker.infos,
        normalisations=search.asker.header(command).normalisations,
        seed=search.seed,
        examples=search.asked,
        skipped=search.skipped,
        findings=findings,
        known=tuple(_finding(found, titles) for found in search.known),
        unseen=tuple(form.id for form in known.forms if form.id not in seen),
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
    """Raise UsageError if this is not a case file, or not to be one."""
    if path.suffix != ".toml":
        raise UsageError(f"--write-cases {path}: name a case file, as found.toml")
    if path.is_file():
        load_cases(path)


def write_cases(path: Path, findings: Iterable[Found]) -> None:
    """Add a case for each finding to a case file, unless it asks for it already.

    Raises UsageError for a file that cannot be written.
    """
    before = path.read_text(encoding="utf-8-sig") if path.exists() else ""
    kept = load_cases(path) if before else []
    asked = [case.request for case in kept]
    taken = {case.id for case in kept}
    drafts = []
    for found in findings:
        signature = found.signature
        case = found.example.case(
            title=f"{words_of(found.example.view)}: {signature.field}"
        )
        if case.request in asked:
            continue
        asked.append(case.request)
        numbered = (f"{case.id}-{n}" if n > 1 else case.id for n in range(1, UNLIMITED))
        free = next(name for name in numbered if name not in taken)
        taken.add(free)
        drafts.append(draft_of(replace(case, id=free)))
    lines = list(case_lines("Generated views", ["Found by `comparison fuzz`."], drafts))
    if before:
        lines = lines[lines.index("[[case]]") :] if drafts else []
        lines = [before.rstrip("\n"), "", *lines]
    text = "\n".join(lines).rstrip("\n") + "\n"
    replace_file(path, text.encode())


def _watch(search: Search, total: int | None, quiet: bool) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn("asking"), BarColumn(), TextColumn("{task.completed:.0f}"))
    hidden = quiet or not console.is_terminal
    with Progress(
        *columns, console=console, transient=True, disable=hidden
    ) as progress:
        task = progress.add_task("", total=total)
        for asked in search:
            progress.update(task, completed=asked)
