"""Call one function in a child process, and pass its exceptions back."""

import json
import os
import pickle
import tempfile
from pathlib import Path
from traceback import format_exception
from typing import Any

import msgspec
from msgspec import Struct

from comparison.core.errors import (
    ChildTraceback,
    ComparisonError,
    DocumentError,
    FactoryNeeded,
    NoCaseSelected,
    TargetError,
    UsageError,
)
from comparison.core.surrogates import printable

from .child import Child
from .guard import function_of

ENTRY = "comparison.core.processes.call:answer"


def call_in_child(what: str, function: str, *arguments: Any, seconds: float) -> Any:
    """Call `function`, as `module:name`, in a new process; return its result, plain data.

    Its output goes to standard error. Raises the errors of the function. Raises
    TargetError, which begins with `what`, if the function does not return within `seconds`
    or ends its process.
    """
    with tempfile.TemporaryFile() as outcome:

        def argument(folder: Path) -> str:
            (folder / "arguments").write_bytes(pickle.dumps(arguments))
            return json.dumps([function, str(folder), outcome.fileno()])

        child = Child.start(ENTRY, argument, descriptors=[outcome.fileno()])
        try:
            late = not child.wait(seconds)
        finally:
            child.close()
        outcome.seek(0)
        content = outcome.read()
    if not content:
        how = (
            f"no answer within {seconds:g} s"
            if late
            else f"its process ended {child.how()}"
        )
        raise TargetError(f"{what}: {how}")
    result = _decode(content)
    if result.problem is not None:
        raise error_of(result.problem)
    return result.value


def answer(argument: str) -> None:
    """Call the function in the child; write its result to a file."""
    function, folder, descriptor = json.loads(argument)
    arguments = pickle.loads((Path(folder) / "arguments").read_bytes())  # noqa: S301
    try:
        result = _Outcome(function_of(function)(*arguments))
    except BaseException as error:
        result = _Outcome(problem=problem_of(error))
    with os.fdopen(descriptor, "wb") as outcome:
        outcome.write(msgspec.msgpack.encode(result))


class Problem(Struct):
    """An exception as data: we never unpickle the output of a process with apps.

    `kind` is the name of the exception's class, or empty for a class that is not ours.
    """

    kind: str
    message: str
    traceback: str


class _Outcome(Struct):
    value: Any = None
    problem: Problem | None = None


_decode = msgspec.msgpack.Decoder(_Outcome).decode
_KINDS: dict[str, type[ComparisonError]] = {
    each.__name__: each
    for each in (DocumentError, FactoryNeeded, NoCaseSelected, TargetError, UsageError)
}


def problem_of(error: BaseException) -> Problem:
    """Describe an exception for another process."""
    kind = next((c.__name__ for c in type(error).__mro__ if c.__name__ in _KINDS), "")
    message = str(error) if kind else f"{type(error).__name__}: {error}"
    cause = error.__cause__
    text = (
        str(cause).strip()
        if isinstance(cause, ChildTraceback)
        else "".join(format_exception(error)).rstrip()
    )
    return Problem(kind, printable(message), printable(text))


def error_of(problem: Problem) -> ComparisonError:
    """Make the exception that a child described, with the child's traceback as cause."""
    error: ComparisonError
    if problem.kind == DocumentError.__name__:
        error = DocumentError(problem.message.split("\n"))
    else:
        error = _KINDS.get(problem.kind, TargetError)(problem.message)
    error.__cause__ = ChildTraceback(problem.traceback)
    return error
