"""The options that several commands share."""

import math
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import click

from comparison.models import LONGEST
from comparison.reports import FORMATS, STANDARD_OUTPUT
from comparison.runner.settings import RunSettings


class Number(click.FloatRange):
    """A number within a range. It rejects NaN, which click accepts in any range."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Convert the number. Raises click.BadParameter."""
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


class FilePath(click.Path):
    """A path that the system can look up, even if it does not exist."""

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:
        """Check the path. Raises click.BadParameter if a name in it is too long."""
        try:
            Path(value).stat()
        except (FileNotFoundError, NotADirectoryError):
            pass
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            self.fail(f"{value!r}: {reason}", param, ctx)
        return super().convert(value, param, ctx)


PATH = FilePath()
SECONDS = Number(min=0, min_open=True, max=LONGEST)


def together(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Combine several options in one decorator."""

    def apply(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return apply


def grouped(
    name: str, kind: Any, *options: Callable[[Any], Any]
) -> Callable[[Any], Any]:
    """Combine several options in one decorator; the command gets them as one value.

    `kind` is a named tuple with a field for each option. The command has it as the
    parameter `name`.
    """

    def apply(function: Any) -> Any:
        @wraps(function)
        def call(**values: Any) -> Any:
            fields = {field: values.pop(field) for field in kind._fields}
            return function(**values, **{name: kind(**fields)})

        return together(*options)(call)

    return apply


class RunOptions(NamedTuple):
    """The options that say which cases run on which targets."""

    targets: tuple[str, ...]
    paths: tuple[str, ...]
    known: tuple[str, ...]
    timeout: float | None
    allow_files: bool

    def settings(self) -> RunSettings:
        """Return the settings of a run: these options, then the project's."""
        return RunSettings(
            self.targets, self.paths, self.known, self.timeout,
            allow_files=self.allow_files,
        )  # fmt: skip


class ReportOptions(NamedTuple):
    """The options that say how and where a command reports."""

    format_: str | None
    outputs: tuple[str, ...]
    color: str
    quiet: int
    verbose: int

    @property
    def verbosity(self) -> int:
        """How much to print in the terminal; 0 is the default."""
        return self.verbose - self.quiet


ALLOW_FILES = click.option(
    "--allow-files", is_flag=True,
    help="Let cases send files from outside the project's folder.",
)  # fmt: skip

run_options = grouped(
    "options", RunOptions,
    click.option(
        "--target", "targets", multiple=True, metavar="NAME=SPEC",
        help="A target. Give two or more; the first is the reference. SPEC is"
        " module:attribute or module:factory(), or a URL. With @server we start that"
        " server for the app; @ alone is the framework's own server.",
    ),
    click.option(
        "--cases", "paths", multiple=True, metavar="PATH", type=PATH,
        help="A case file or a folder of them, instead of the bundled catalogue.",
    ),
    click.option(
        "--known", multiple=True, metavar="FILE", type=PATH,
        help="Known differences: a file or a folder of files.",
    ),
    click.option(
        "--timeout", metavar="SECONDS", type=SECONDS,
        help="The time limit for each answer. The default is 10.",
    ),
    ALLOW_FILES,
)  # fmt: skip

tracebacks = click.option(
    "-v", "--verbose", count=True, expose_value=False,
    help="Print more about errors; twice: tracebacks.",
)  # fmt: skip

selection_options = together(
    click.option(
        "-k", "expression", metavar="EXPRESSION",
        help="Use only cases whose id, topic, title or tags match, as 'json and not head'.",
    ),
)  # fmt: skip

report_options = grouped(
    "report", ReportOptions,
    click.option(
        "--format", "format_", type=click.Choice(FORMATS), metavar="FORMAT",
        help=f"One of {', '.join(FORMATS)}.",
    ),
    click.option(
        "--output", "outputs", multiple=True, metavar="FILE", type=PATH,
        help="Write a report to a file. The suffix selects the format, unless you give"
        " --format. - is standard output.",
    ),
    click.option(
        "--color", type=click.Choice(["auto", "always", "never"]), default="auto",
        help="When to colour; NO_COLOR is honoured.",
    ),
    click.option("-q", "quiet", count=True, help="Print only unexpected results."),
    click.option(
        "-v", "verbose", count=True, help="Print every table; twice: tracebacks too."
    ),
)  # fmt: skip


def _file_or_none(
    ctx: click.Context, param: click.Parameter, given: str | None
) -> str | None:
    return None if given == STANDARD_OUTPUT else given


KEEP = ("static", "repeated", "unanswered", "headers", "bodies")
"""What an import leaves out by default, and keeps on demand."""

traffic_options = together(
    click.option(
        "--keep", multiple=True, type=click.Choice(KEEP),
        help="Keep what is left out by default: requests for static files, repeated or"
        " unanswered ones, headers that clients add, long or secret bodies.",
    ),
    click.option(
        "--sequence", is_flag=True,
        help="Make one case of all requests in order, with the cookies that responses set.",
    ),
    click.option(
        "--host", "hosts", multiple=True, metavar="HOST",
        help="Use requests to this host, as localhost:5000. The default is the first host.",
    ),
)  # fmt: skip

drafting = together(
    click.option(
        "--output", metavar="FILE", type=PATH, callback=_file_or_none,
        help="Write the case file here. - is standard output, the default.",
    ),
    click.option("--force", is_flag=True, help="Replace an existing file."),
)  # fmt: skip
