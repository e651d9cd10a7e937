"""Compare two responses by a function that a rule names."""

import importlib
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from comparison.core.errors import UsageError, nearest
from comparison.models import Response

FORM = "yields differences as (where, reference, candidate)"


def differing_by(
    name: str, reference: Response, candidate: Response
) -> tuple[str, str] | None:
    """Call a function `module:function`; return what differs on each side, if anything.

    Raises UsageError if there is no such function, if it raises an exception, or if its
    result is not an iterable of `(where, reference, candidate)`.
    """
    function = loaded(name)
    lines: list[tuple[str, str]] = []
    try:
        for where, ours, theirs in function(reference, candidate):
            lines.append((f"{where}: {ours}", f"{where}: {theirs}"))
    except (TypeError, ValueError) as error:
        raise UsageError(f"compare: {name}: {_message(error)}; it {FORM}") from error
    except Exception as error:
        raise UsageError(f"compare: {name}: {_message(error)}") from error
    if not lines:
        return None
    ours, theirs = ("\n".join(side) for side in zip(*lines, strict=True))
    return ours, theirs


@cache
def loaded(name: str) -> Callable[[Response, Response], Iterable[Any]]:
    """Import a function by its name, also from the working directory."""
    module, _, attribute = name.partition(":")
    here = str(Path.cwd())
    if here not in sys.path and "" not in sys.path:
        sys.path.insert(0, here)
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        hint = nearest(str(error.name), [path.stem for path in Path(here).glob("*.py")])
        raise UsageError(f"compare: no module {error.name!r}{hint}") from error
    except Exception as error:
        raise UsageError(
            f"compare: {module} cannot be imported: {_message(error)}"
        ) from error
    function = getattr(found, attribute, None)
    if not callable(function):
        hint = nearest(attribute, [n for n in vars(found) if not n.startswith("_")])
        raise UsageError(f"compare: {module} has no function {attribute!r}{hint}")
    checked: Callable[[Response, Response], Iterable[Any]] = function
    return checked


def _message(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
