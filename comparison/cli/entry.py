"""The group of commands, and how the process ends."""

import errno
import gc
import os
import sys
import threading
import traceback
from contextlib import suppress
from importlib import import_module
from io import StringIO, TextIOWrapper
from typing import Any, NoReturn

import click

from comparison.core.errors import ComparisonError, OutputClosed, UsageError, nearest
from comparison.core.escaping import echo
from comparison.core.processes.signals import exit_code_of, handled_signals
from comparison.redaction import without_secrets
from comparison.runner import ahead

# The module of each command has a function of the same name, with `_` for `-`.
COMMANDS = (
    "check", "diff", "discover", "explain", "fuzz", "import-curl", "import-har",
    "import-openapi", "import-postman", "load", "merge",
    "port", "record", "run", "serve", "show", "sweep",
)  # fmt: skip
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""The errors of a file that cannot grow."""


class Commands(click.Group):
    """A group that imports a command only when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command, or return None if it does not exist."""
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        found: click.Command = getattr(import_module(f"{__package__}.{name}"), name)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of these arguments. Raises UsageError with a suggestion."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            message = f"No such command {name!r}{nearest(name, COMMANDS)}"
            raise click.UsageError(message, ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Raises exceptions for which click would exit with code 1."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise OutputClosed from None
        except KeyboardInterrupt as error:
            raise _Ended(exit_code_of(error)) from None


class _Ended(Exception):
    """A signal ended the command, with this exit code."""


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="flask-quart-comparison", prog_name="comparison")
def cli() -> None:
    """Does this Quart app behave like that Flask app?

    Send the same requests to both, record each step, and report what differs.
    """


def command() -> NoReturn:
    """Call `main` and end the process, even if threads still run."""
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        # A console that is not UTF-8 cannot show all characters that we print.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    # Recordings have no reference cycles. Frequent collections would cost a tenth.
    gc.set_threshold(50_000, 20, 20)
    # Other systems' libraries may not survive a fork.
    ahead.forks = sys.platform == "linux"
    code = main()
    # The interpreter collects once more at its end, and would not find anything.
    gc.freeze()
    try:
        sys.stdout.flush()
    except OSError as error:
        code = OutputClosed.exit_code if isinstance(error, BrokenPipeError) else code
        _give_up_output()
    if threading.active_count() > 1:
        with suppress(OSError):
            sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _open_closed_streams() -> None:
    """Open standard streams that are closed (`>&-`).

    Otherwise the next file that we open gets the descriptor of that stream.
    """
    for descriptor, name, mode in (
        (0, "stdin", "r"),
        (1, "stdout", "w"),
        (2, "stderr", "w"),
    ):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # It takes the lowest number, which is this.
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(descriptor, mode, closefd=False))


def _give_up_output() -> None:
    """Discard the rest of standard output."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _verbose(arguments: list[str]) -> bool:
    return any(a.startswith("-v") or a == "--verbose" for a in arguments)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code; print errors as one message."""
    arguments = sys.argv[1:] if arguments is None else arguments
    # People write -v -v or -vv.
    loud = sum(a.count("v") for a in arguments if a.strip("v") == "-") > 1
    try:
        with handled_signals():
            code = cli.main(
                list(arguments), "comparison", standalone_mode=False, obj=arguments
            )
        return int(code or 0)
    except OutputClosed as error:
        _give_up_output()
        return error.exit_code
    except click.ClickException as error:
        shown = StringIO()
        error.show(shown)
        echo(shown.getvalue(), err=True, nl=False)
        return UsageError.exit_code
    except ComparisonError as error:
        if loud:
            echo(without_secrets(error, traceback.format_exc()), err=True, nl=False)
        elif isinstance(error.__cause__, ComparisonError) and _verbose(arguments):
            echo(without_secrets(error, str(error.__cause__)).strip(), err=True)
        for line in without_secrets(error, str(error)).splitlines():
            echo(f"comparison: {line}", err=True)
        return error.exit_code
    except _Ended as ended:
        echo("comparison: interrupted", err=True)
        return int(ended.args[0])
    except (KeyboardInterrupt, click.Abort) as error:
        echo("comparison: interrupted", err=True)
        return exit_code_of(error)
    except Exception as error:
        if loud:
            echo(without_secrets(error, traceback.format_exc()), err=True, nl=False)
        if isinstance(error, OSError) and error.errno in FULL:
            message = f"no more can be written: {error.strerror}"
            echo(f"comparison: {message}", err=True)
            return UsageError.exit_code
        hint = "" if loud else " (-v -v for the traceback)"
        message = without_secrets(error, f"{type(error).__name__}: {error}")
        echo(f"comparison: internal error: {message}{hint}", err=True)
        return ComparisonError.exit_code
