"""Calling one function in a child process, and exceptions that come from there."""

import json
import os
import pickle
import tempfile
from importlib import import_module
from pathlib import Path
from traceback import format_exception
from typing import Any

from comparison.errors import ChildTraceback, TargetError

from .child import Child

ENTRY = "comparison.core.call:answer"


def call_in_child(what: str, function: str, *arguments: Any, seconds: float) -> Any:
    """Call `function`, as `module:name`, in a new process; return what it returns.

    Its output goes to standard error. Raises the exception of the function, and TargetError,
    which begins with `what`, if it does not return within `seconds` or ends its process.
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
    failed, value = pickle.loads(content)  # noqa: S301 - a process of ours
    if failed:
        raise unpickled(value)
    return value


def answer(argument: str) -> None:
    """Call the function in the child; write its result to a file."""
    function, folder, descriptor = json.loads(argument)
    arguments = pickle.loads((Path(folder) / "arguments").read_bytes())  # noqa: S301
    module, _, name = function.partition(":")
    try:
        value = getattr(import_module(module), name)(*arguments)
        content = pickle.dumps((False, value))
    except BaseException as error:
        content = pickle.dumps((True, pickled(error)))
    with os.fdopen(descriptor, "wb") as outcome:
        outcome.write(content)


def pickled(error: BaseException) -> bytes:
    """An exception for another process, with its traceback as text."""
    cause = error.__cause__
    text = (
        str(cause).strip()
        if isinstance(cause, ChildTraceback)
        else "".join(format_exception(error)).rstrip()
    )
    error.traceback_text = text  # type: ignore[attr-defined]
    try:
        data = pickle.dumps(error)
        pickle.loads(data)  # noqa: S301 - some can be written only
    except Exception:
        data = pickle.dumps(TargetError(f"{type(error).__name__}: {error}"))
    return data


def unpickled(data: bytes) -> BaseException:
    """An exception of another process, with its traceback there as its cause."""
    error: BaseException = pickle.loads(data)  # noqa: S301 - a process of ours
    text = error.__dict__.pop("traceback_text", "")
    if text and error.__cause__ is None:
        error.__cause__ = ChildTraceback(text)
    return error
