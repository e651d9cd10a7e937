"""Writes the documents that are generated: `python docs/generate.py`.

With `--check` nothing is written; each document that differs from what would be written
is named, and the exit code is 1. Versions and times are not compared. All this is done
on one version of Python, because another may suspend at other places in a view.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console

from comparison import schemas
from comparison.cases import find_case, load_cases, load_topics
from comparison.cli import DEFAULT_TARGETS, cli
from comparison.known import BUNDLED, load_known
from comparison.lesson.make import lesson_of
from comparison.reports.findings import findings
from comparison.reports.lesson import LessonReport
from comparison.reports.output import LessonOptions
from comparison.runner import Run
from comparison.runner.environment import environment
from comparison.studies.load.command import RECORDED, document, pictures, read_run
from comparison.targets import resolve_targets
from comparison.tracing import captured_logs
from comparison.tracing.schema import trace_reference

DOCS = Path(__file__).parent
PYTHON = (3, 11)
"""The version of Python that the documents are recorded with."""

SHIPPED = "../comparison/schemas"
PICTURED = ("table", "variables")

# Rich's own format, less the font that it fetches from another host.
PICTURE = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" \
xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
    font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
    font-size: {char_height}px;
    line-height: {line_height}px;
}}
.{unique_id}-title {{ font-size: 18px; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" \
clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def terminal_picture() -> str:
    """The tables and trackers of `comparison show custom` in a terminal, as SVG."""
    console = Console(
        record=True, width=128, force_terminal=True, file=io.StringIO(), highlight=False
    )
    cases = [find_case(load_cases(), "custom")]
    known = load_known([BUNDLED], environment().packages)
    run = Run(resolve_targets(DEFAULT_TARGETS), cases, known)
    telling = LessonOptions(lambda c, header: lesson_of(c, header, known), PICTURED)
    report = LessonReport(console, telling)
    report.begin(run.header(ended=False))
    for comparison in run:
        report.add(comparison)
    report.end(run.header())
    picture = console.export_svg(
        title=" --mode ".join(["comparison show custom", *PICTURED]),
        code_format=PICTURE,
        unique_id="terminal",
    )
    return "\n".join(line.rstrip() for line in picture.splitlines()) + "\n"


def cli_reference() -> str:
    """The command line, from its own help."""
    out = ["# The command line", "", "Generated from `--help`.", ""]
    group = click.Context(cli, info_name="comparison", **cli.context_settings)
    for name in ["", *cli.list_commands(group)]:
        command = cli.get_command(group, name) or cli
        title = f"comparison {name}".strip()
        # Below its group, whose help options it has and keeps.
        context = click.Context(
            command, group if name else None, name or title, terminal_width=88,
            help_option_names=group.help_option_names,
        )  # fmt: skip
        out += [f"## {title}", "", "```text", command.get_help(context), "```", ""]
    return "\n".join(out)


def differences() -> Iterator[tuple[str, str]]:
    """Every known difference, with the recording that shows it."""
    known = load_known([BUNDLED], environment().packages)
    first = {entry.cases[0] for entry in known}
    cases = [case for case in load_cases() if case.id in first]
    run = Run(resolve_targets(DEFAULT_TARGETS), cases, known)
    with captured_logs():
        comparisons = {comparison.case.id: comparison for comparison in run}
    return findings(known, comparisons, load_topics(), run.header())


def concurrency() -> Iterator[tuple[str, str]]:
    """What concurrency costs, as it was recorded: nothing is measured here."""
    run = read_run(RECORDED)
    path = DOCS / "concurrency.md"
    yield path.name, document(run, path)
    for _, name, content in pictures(run, path):
        yield name, content


def documents() -> Iterator[tuple[str, str]]:
    """Every generated document, by its path below this folder."""
    yield "terminal.svg", terminal_picture()
    yield "cli.md", cli_reference()
    yield "trace.md", trace_reference()
    for name in schemas.NAMES:
        yield f"{SHIPPED}/{schemas.file_name(name)}", schemas.generated_text(name)
    yield from concurrency()
    yield from differences()


def masked(text: str) -> str:
    """The document without what depends on the machine: versions and times."""
    text = re.sub(r"\b\d+\.\d+(\.\d+)?\b", "N", text)
    text = re.sub(r"(CPython|PyPy)(&#160;| )N,(&#160;| )[\w&#;]+,?", "PYTHON", text)
    text = re.sub(r"\b0x[0-9a-f]+", "ADDRESS", text)
    return re.sub(r'textLength="N?\d*"', "", text)


def drifted() -> Iterator[str]:
    """The documents that are not what would be written now, and those too many."""
    made = dict(documents())
    for name, text in made.items():
        path = DOCS / name
        if not path.exists() or masked(path.read_text("utf-8")) != masked(text):
            yield name
    for path in DOCS.glob("differences/*.md"):
        if (name := path.relative_to(DOCS).as_posix()) not in made:
            yield name


def another_python(running: tuple[int, ...] = sys.version_info[:2]) -> str:
    """Why nothing is recorded or compared on this Python; empty on the stated one."""
    if running == PYTHON:
        return ""
    stated, found = (".".join(map(str, each)) for each in (PYTHON, running))
    return (
        f"the documents are recorded with Python {stated}; Python {found} may suspend"
        " at other places in a view"
    )


def main(arguments: list[str]) -> int:
    """Write every document, or check them."""
    check = arguments == ["--check"]
    if reason := another_python():
        click.echo(f"{'skipped' if check else 'not written'}: {reason}", err=not check)
        return 0 if check else 2
    if check:
        stale = list(drifted())
        for name in stale:
            click.echo(f"docs/{name} is out of date: run python docs/generate.py")
        return 1 if stale else 0
    for old in DOCS.glob("differences/*.md"):
        old.unlink()
    for name, text in documents():
        path = DOCS / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
