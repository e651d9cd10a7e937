"""Reset the state that targets share, before one of them runs a case."""

import asyncio
import inspect
import os
import tempfile
import threading
from typing import NamedTuple

import httpx

from comparison.core.errors import TargetError, UsageError
from comparison.core.processes.child import CAN_FORK, Child
from comparison.models.reset import Reset
from comparison.redaction import redacted_command
from comparison.tracing import describe

from .describe import MAX_MESSAGE
from .spec import attribute_of, parse_spec

MAX_OUTPUT = 2000  # characters of the output in an error
VARIABLE = "COMPARISON_TARGET"
"""The environment variable with the name of the target, for commands."""


class Resetting(NamedTuple):
    """A way to reset state, and the project's folder, in which commands run."""

    reset: Reset
    folder: str

    def run(self, target: str) -> None:
        """Reset the state before a target runs. Raises TargetError if that fails."""
        reset = self.reset
        if reset.command:
            problem = self._run_command(target)
        elif reset.url:
            problem = _post(reset.url, reset.timeout)
        else:
            problem = _call(reset.function, reset.timeout)
        if problem:
            raise self.error(target, problem)

    def error(self, target: str, problem: str) -> TargetError:
        """Return the error for a problem of this reset, before a target runs."""
        what = redacted_command(str(self.reset))
        return TargetError(f"reset {what!r} before {target}: {problem}")

    def _run_command(self, target: str) -> str:
        """Run the command; return what went wrong, or "". Nothing of it stays behind."""
        if not CAN_FORK:
            raise UsageError("reset.command needs a system that can fork processes")
        with tempfile.TemporaryFile() as output:

            def call(_: object) -> None:
                os.chdir(self.folder)
                for descriptor in (1, 2):
                    os.dup2(output.fileno(), descriptor)
                environment = {**os.environ, VARIABLE: target}
                shell = ["sh", "-c", self.reset.command]
                os.execve("/bin/sh", shell, environment)  # noqa: S606 - it is the command

            child = Child.fork(call)
            try:
                ended = child.wait(self.reset.timeout)
            finally:
                child.close()
            if ended and child.exit_code == 0:
                return ""
            how = f"ended {child.how()}" if ended else late(self.reset.timeout)
            output.seek(0)
            return _with_output(how, output.read().decode("utf-8", "replace"))


def _post(url: str, seconds: float) -> str:
    try:
        response = httpx.post(url, timeout=seconds)
    except httpx.TimeoutException:
        return late(seconds)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        return redacted_command(str(error) or type(error).__name__)
    if response.is_success:
        return ""
    return _with_output(f"status {response.status_code}", response.text)


def _call(name: str, seconds: float) -> str:
    problems: list[str] = []

    def call() -> None:
        try:
            function = attribute_of(parse_spec(name), name)
            result = function()
            if inspect.iscoroutine(result):
                asyncio.run(result)
        except TargetError as error:
            problems.append(str(error).removeprefix(f"target {name!r}: "))
        except BaseException as error:
            problems.append(redacted_command(describe(error, MAX_MESSAGE)))

    # A thread cannot be stopped, but its process ends with the run. If the function blocks
    # the whole process, the pool ends it.
    thread = threading.Thread(target=call, name="reset", daemon=True)
    thread.start()
    thread.join(seconds)
    return late(seconds) if thread.is_alive() else next(iter(problems), "")


def late(seconds: float) -> str:
    """Return what went wrong with a reset that took longer."""
    return f"did not end within {seconds:g} s"


def _with_output(how: str, output: str) -> str:
    text = redacted_command(output.strip())
    if not text:
        return how
    cut = text if len(text) <= MAX_OUTPUT else f"…{text[-MAX_OUTPUT:]}"
    return f"{how}; its output:\n{cut}"
