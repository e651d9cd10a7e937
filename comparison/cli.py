"""The command line: reads options, and hands over."""

import gc
import os
import shlex
import sys
import threading
import traceback
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from .asking import DEFAULT_TARGETS, Asking
from .errors import ComparisonError, UsageError
from .lesson.model import MODES, Lesson
from .model import Comparison, RunHeader
from .reports import (
    FORMATS,
    FileReport,
    Report,
    Telling,
    format_of,
    make_report,
    standard_output,
)

if TYPE_CHECKING:
    from .model import Case


__all__ = ["DEFAULT_TARGETS", "cli", "main"]


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def apply(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return apply


asking = _options(
    click.option(
        "--target", "targets", multiple=True, metavar="NAME=SPEC",
        help="A target; the first is the reference. SPEC is module:attribute or"
        " module:factory(), with @server on a server that is started for it (@ alone:"
        " the framework's own), or a URL. Give two or more.",
    ),
    click.option(
        "--cases", "paths", multiple=True, metavar="PATH", type=click.Path(),
        help="A case file or a folder of them, instead of the bundled catalogue.",
    ),
    click.option(
        "--known", multiple=True, metavar="FILE", type=click.Path(),
        help="Known differences: a file or a folder of files.",
    ),
    click.option(
        "--timeout", metavar="SECONDS",
        type=click.FloatRange(min=0, min_open=True),
        help="How long a target may take to answer; 10 unless given.",
    ),
)  # fmt: skip

selecting = _options(
    click.option(
        "-k", "expression", metavar="EXPRESSION",
        help="Only cases whose id, topic, title or tags match, as in 'json and not head'.",
    ),
)  # fmt: skip

reporting = _options(
    click.option(
        "--format", "format_", type=click.Choice(FORMATS), metavar="FORMAT",
        help=f"One of {', '.join(FORMATS)}.",
    ),
    click.option(
        "--output", "outputs", multiple=True, metavar="FILE", type=click.Path(),
        help="Write a report to a file; the format follows the suffix unless given.",
    ),
    click.option(
        "--color", type=click.Choice(["auto", "always", "never"]), default="auto",
        help="When to colour; NO_COLOR is honoured.",
    ),
    click.option("-q", "quiet", count=True, help="Only what was unexpected."),
    click.option(
        "-v", "verbose", count=True, help="Every table; twice: tracebacks too."
    ),
)  # fmt: skip


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="flask-quart-comparison", prog_name="comparison")
def cli() -> None:
    """Does this Quart app behave like that Flask app?

    The same requests to both, recorded step by step, and what differs.
    """


@cli.command()
@asking
@selecting
@click.option(
    "--shard", default="", metavar="I/N",
    help="Only this share of the cases, as 1/4; `merge` joins the JSON Lines.",
)  # fmt: skip
@click.option(
    "--jobs", metavar="N", type=click.IntRange(1, 64),
    help="Processes that share the cases, each with apps and servers of its own. 1,"
    " but for the catalogue on its own apps: one for each processor.",
)  # fmt: skip
@click.option(
    "--keep-alive", is_flag=True,
    help="Ask servers one request after another on a connection, not each on its own.",
)  # fmt: skip
@reporting
def run(
    targets: tuple[str, ...],
    paths: tuple[str, ...],
    known: tuple[str, ...],
    timeout: float | None,
    expression: str | None,
    shard: str,
    jobs: int | None,
    keep_alive: bool,
    format_: str | None,
    outputs: tuple[str, ...],
    color: str,
    quiet: int,
    verbose: int,
) -> int:
    """Ask every target every case and compare the answers.

    Without options: what [tool.comparison] in pyproject.toml says, else the bundled
    catalogue on the bundled twins, in process.
    """
    from .cases import digest_of, parse_shard, select_cases, shard_of

    asking = Asking(targets, paths, known, timeout)
    cases = select_cases(asking.load_cases(), expression)
    digest = ""
    if shard:
        number, count = parse_shard(shard)
        every = list(cases)
        digest, cases = digest_of(every), shard_of(every, number, count)
    making = partial(_text_report, verbose - quiet, color, len(cases), False)
    jobs = jobs or asking.jobs(len(cases))
    with _reports(format_, outputs, making) as reports:
        return _run(
            asking, cases, reports, True, jobs, keep_alive, False, shard, digest
        )


@cli.command()
@click.argument("case")
@asking
@click.option(
    "--mode", "modes", multiple=True, type=click.Choice(list(MODES)), metavar="NAME",
    help=f"Only this mode; may be repeated. One of {', '.join(MODES)}.",
)  # fmt: skip
@click.option(
    "--seed", default=0, show_default=True,
    help="Which wrong answers the quiz has, and in which order.",
)  # fmt: skip
@reporting
def show(
    case: str,
    targets: tuple[str, ...],
    paths: tuple[str, ...],
    known: tuple[str, ...],
    timeout: float | None,
    modes: tuple[str, ...],
    seed: int,
    format_: str | None,
    outputs: tuple[str, ...],
    color: str,
    quiet: int,
    verbose: int,
) -> int:
    """Show one CASE as a lesson, side by side.

    Nine modes, from the recording of the request as it is asked now.
    """
    from .cases import find_case

    asking = Asking(targets, paths, known, timeout)
    chosen = find_case(asking.load_cases(), case)
    telling = Telling(partial(_tell, asking, seed), modes or tuple(MODES))
    making = partial(_lesson_report, color, telling)
    with _reports(format_, outputs, making, full=True, telling=telling) as reports:
        return _run(asking, [chosen], reports, lines=True)


@cli.command()
@click.argument("id_", metavar="ID")
@asking
@reporting
def explain(
    id_: str,
    targets: tuple[str, ...],
    paths: tuple[str, ...],
    known: tuple[str, ...],
    timeout: float | None,
    format_: str | None,
    outputs: tuple[str, ...],
    color: str,
    quiet: int,
    verbose: int,
) -> int:
    """Explain one known difference, by its ID, with a recording that shows it."""
    from .cases import find_case
    from .reports.text import explanation, make_console

    asking = Asking(targets, paths, known, timeout)
    differences = asking.load_known()
    entry = differences.find(id_)
    case = find_case(asking.load_cases(), entry.cases[0])
    if format_ in (None, "text"):
        console = make_console(None, color)
        console.print(explanation(entry, differences))
    making = partial(_text_report, verbose - quiet, color, 1, True)
    with _reports(format_, outputs, making, full=True) as reports:
        return _run(asking, [case], reports)


@cli.command()
@click.argument("file", type=click.Path())
@asking
@selecting
@click.option("-q", "quiet", count=True, help="Only the verdict.")
def record(
    file: str,
    targets: tuple[str, ...],
    paths: tuple[str, ...],
    known: tuple[str, ...],
    timeout: float | None,
    expression: str | None,
    quiet: int,
) -> int:
    """Keep a run in FILE (JSON Lines), for `check` to compare with later.

    One target is enough: then `check` says whether its answers changed. Whatever the
    run finds, the exit code is 0.
    """
    from .cases import select_cases

    asking = Asking(targets, paths, known, timeout)
    cases = select_cases(asking.load_cases(), expression)
    kept = FileReport(Path(file), partial(make_report, "jsonl"))
    try:
        text = _text_report(-1 - quiet, "auto", len(cases), False)
        reports: list[Report] = [kept] if quiet else [kept, text]
        code = _run(asking, cases, reports, rules=True, alone=True)
    finally:
        kept.discard_if_empty()
    click.echo(f"{file}: {len(cases)} cases kept")
    return 0 if code == 1 else code


@cli.command()
@click.argument("file", type=click.Path())
@asking
@selecting
@click.option("-q", "quiet", is_flag=True, help="Only what is new.")
def check(
    file: str,
    targets: tuple[str, ...],
    paths: tuple[str, ...],
    known: tuple[str, ...],
    timeout: float | None,
    expression: str | None,
    quiet: bool,
) -> int:
    """Ask again what FILE keeps; fail only for what is new, and show what was fixed.

    FILE is what `record` wrote.
    """
    from .baseline import read_baseline
    from .cases import select_cases
    from .checking import CheckReport

    baseline = read_baseline(Path(file))
    asking = Asking(targets, paths, known, timeout)
    cases = select_cases(asking.load_cases(), expression)
    report = CheckReport(baseline, click.echo, quiet)
    code = _run(asking, cases, [report], rules=True, alone=baseline.alone)
    return code if code > 1 else report.exit_code


@cli.command()
@click.argument("output", type=click.Path())
@click.argument("files", nargs=-1, required=True, type=click.Path())
def merge(output: str, files: tuple[str, ...]) -> int:
    """Join the shards in FILES (JSON Lines, from run --shard) into OUTPUT.

    Shards of different environments, targets or cases are refused. The exit code is
    that of the whole run.
    """
    from .merging import merge as join
    from .merging import verdict

    header = join([Path(file) for file in files], Path(output))
    click.echo(verdict(header))
    return int(header.exit_code or 0)


@cli.command()
@click.argument("app", required=False)
@click.option("--output", metavar="FILE", type=click.Path(), help="Write it here.")
@click.option("--force", is_flag=True, help="Replace the file if there is one.")
@click.option(
    "--all-methods", is_flag=True, help="Methods that may change something too."
)
def discover(
    app: str | None, output: str | None, force: bool, all_methods: bool
) -> int:
    """Write a case file to start from, read from an APP's url map.

    APP is module:attribute or module:factory(); without it, the project's reference.
    """
    from .cases.discover import discover as discovered
    from .drafting import app_of, write_draft

    spec, found = app_of(app)
    text = discovered(found, spec, all_methods=all_methods)
    write_draft(text.split("\n"), output, force=force)
    return 0


@cli.command("import-har")
@click.argument("file", type=click.Path())
@click.option("--output", metavar="FILE", type=click.Path(), help="Write it here.")
@click.option("--force", is_flag=True, help="Replace the file if there is one.")
@click.option("--expect", is_flag=True, help="Expect what came back then.")
@click.option(
    "--host", "hosts", multiple=True, metavar="HOST",
    help="Requests to this host, as localhost:5000; that of the first one unless given.",
)  # fmt: skip
def import_har(
    file: str, output: str | None, force: bool, expect: bool, hosts: tuple[str, ...]
) -> int:
    """Write a case file from the traffic in FILE (HAR 1.2).

    Browsers and mitmproxy record such files. Secrets become environment variables;
    static files, other hosts and what was asked before are left out, and counted.
    """
    from .cases.draft import case_lines
    from .cases.traffic import Traffic
    from .drafting import write_draft

    traffic = Traffic(Path(file), hosts, expect=expect)
    title = Path(file).stem
    notes = [f"Drafted by `comparison import-har` from {Path(file).name}."]
    write_draft(case_lines(title, notes, traffic), output, force=force)
    for reason, number in traffic.left_out.most_common():
        click.echo(f"left out: {number} {reason}", err=True)
    if traffic.variables:
        click.echo(f"to be set: {', '.join(traffic.variables)}", err=True)
    return 0


@cli.command()
@click.option(
    "--codes",
    default="100-999,-1,0,1000",
    show_default=True,
    help="Numbers and ranges, as 200-299,404.",
)
@click.option(
    "--stack",
    "stacks",
    multiple=True,
    metavar="STACK",
    help="A stack, as quart+hypercorn; all that are installed unless given.",
)
@click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="VARIANT",
    help="json, empty, stream or head; all unless given.",
)
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    type=click.Path(),
    help="Write FILE.json, .svg, .md or .txt.",
)
@click.option("--resume", is_flag=True, help="Go on with an interrupted sweep.")
@click.option(
    "--from",
    "recorded",
    metavar="FILE",
    type=click.Path(),
    help="Ask nobody: show a sweep that was kept as JSON.",
)
@click.option("-q", "quiet", is_flag=True, help="No progress and no table.")
@click.option("-v", "verbose", count=True, help="Twice: tracebacks.")
def sweep(
    codes: str,
    stacks: tuple[str, ...],
    variants: tuple[str, ...],
    outputs: tuple[str, ...],
    resume: bool,
    recorded: str | None,
    quiet: bool,
    verbose: int,
) -> int:
    """Ask each stack for one status code after another: the status map."""
    from .studies.command import sweep as ask

    return ask(codes, stacks, variants, outputs, resume, recorded, quiet, _command())


def _run(
    asking: Asking,
    cases: Collection["Case"],
    reports: list[Report],
    rules: bool = False,
    jobs: int = 1,
    keep_alive: bool = False,
    alone: bool = False,
    shard: str = "",
    digest: str = "",
    lines: bool = False,
) -> int:
    from .recording import captured_logs
    from .runner import Run

    differences = asking.load_known()
    with captured_logs():
        chosen = asking.load_targets(keep_alive=keep_alive, alone=alone)
        run = Run(
            chosen,
            cases,
            differences,
            timeout=asking.timeout,
            keep=False,
            command=_command(),
            lone_rules=asking.lone_rules(chosen) if rules else (),
            jobs=jobs,
            lines=lines,
            alone=alone,
            shard=shard,
            cases_digest=digest,
        )
        return _report(run, reports, asking.shown)


def _report(run: Any, reports: list[Report], shown: Callable[[Any], Any]) -> int:
    """Hand each comparison to every report; what was recorded is kept in any case."""
    for report in reports:
        report.begin(run.header(ended=False))
    try:
        for comparison in map(shown, run):
            for report in reports:
                report.add(comparison)
    except KeyboardInterrupt:
        run.interrupt()
    except ComparisonError:
        run.interrupt()
        _end(run, reports)
        raise
    return _end(run, reports)


def _end(run: Any, reports: list[Report]) -> int:
    header = run.header()
    for report in reports:
        report.end(header)
    return int(header.exit_code)


class _reports:  # noqa: N801
    """The reports that the options ask for; partial files go if nothing was begun."""

    def __init__(
        self,
        format_: str | None,
        outputs: tuple[str, ...],
        text: Callable[[], Report],
        full: bool = False,
        telling: Telling | None = None,
    ) -> None:
        making = partial(make_report, full=full, telling=telling)
        self.files: list[FileReport] = []
        try:
            for path in map(Path, outputs):
                make = partial(making, format_of(path, format_))
                self.files.append(FileReport(path, make))
        except UsageError:
            self.__exit__()
            raise
        self.reports: list[Report] = [*self.files]
        if format_ in (None, "text") or outputs:
            self.reports.append(text())
        else:
            self.reports.append(making(format_, standard_output()))

    def __enter__(self) -> list[Report]:
        return self.reports

    def __exit__(self, *exc: object) -> None:
        for file in self.files:
            file.discard_if_empty()


def _text_report(verbosity: int, color: str, total: int, full: bool) -> Report:
    from .reports.text import CaseReport, TextReport, make_console

    console = make_console(None, color)
    return CaseReport(console) if full else TextReport(console, verbosity, total)


def _lesson_report(color: str, telling: Telling) -> Report:
    from .reports.lesson import LessonReport
    from .reports.text import make_console

    return LessonReport(make_console(None, color), telling)


def _tell(
    asking: Asking, seed: int, comparison: Comparison, header: RunHeader
) -> Lesson:
    from .lesson.make import lesson_of
    from .studies.further import further
    from .targets import resolve_target

    targets = {
        info.name: resolve_target(info.spec, info.name) for info in header.targets
    }
    findings = further(targets, comparison, asking.timeout, asking.shown)
    return lesson_of(comparison, header, asking.load_known(), findings, seed)


def _command() -> str:
    from .redact import redacted_command

    arguments = click.get_current_context().find_root().obj
    return redacted_command(shlex.join(["comparison", *arguments]))


def command() -> NoReturn:
    """The command: `main`, and then the end of the process, whatever an app still does.

    A view that hangs may hold a thread that the interpreter would wait for.
    """
    # What a run records has no cycles: to look for some again and again costs a tenth.
    gc.set_threshold(50_000, 20, 20)
    code = main()
    if threading.active_count() > 1:
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _verbose(arguments: list[str]) -> bool:
    return any(a.startswith("-v") or a == "--verbose" for a in arguments)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code; errors are one clear message."""
    arguments = sys.argv[1:] if arguments is None else arguments
    # Twice, however it is written: -v -v, -vv.
    loud = sum(a.count("v") for a in arguments if a.strip("v") == "-") > 1
    try:
        code = cli.main(
            list(arguments), "comparison", standalone_mode=False, obj=arguments
        )
        return int(code or 0)
    except click.ClickException as error:
        error.show()
        return UsageError.exit_code
    except ComparisonError as error:
        if loud:
            traceback.print_exc()
        elif isinstance(error.__cause__, ComparisonError) and _verbose(arguments):
            click.echo(str(error.__cause__).strip(), err=True)
        for line in str(error).splitlines():
            click.echo(f"comparison: {line}", err=True)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("comparison: interrupted", err=True)
        return 130
    except BrokenPipeError:
        # The reader of our output went away, as `head` does; nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if loud:
            traceback.print_exc()
        hint = "" if loud else " (-v -v for the traceback)"
        said = f"{type(error).__name__}: {error}"
        click.echo(f"comparison: internal error: {said}{hint}", err=True)
        return ComparisonError.exit_code
