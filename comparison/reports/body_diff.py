"""Show how two bodies differ: JSON by path, text by line."""

import difflib
import json
from collections.abc import Iterator
from itertools import islice, zip_longest
from typing import Any

from comparison.models import Difference

from .values import format_value, value_pair

MAX_VALUE = 80
MAX_CHANGES = 1000
"""The most values of a JSON document that we list."""

MAX_LINES = 200
"""The most lines of a text that we compare: the time grows with their square."""

ABSENT = object()
_SCALARS = (str, int, float, bool, type(None))


def body_lines(difference: Difference) -> Iterator[tuple[str, str]]:
    """Yield the lines of a body's difference, each with its kind: `note`, `-` or `+`."""
    left, right = difference.reference, difference.candidate
    one, other = parsed(left), parsed(right)
    if one is not ABSENT and other is not ABSENT:
        changes = _changes(one, other)
        for change in changes or ():
            yield "note", change
        if changes:
            return
        if changes is not None:
            yield "note", "body: the same JSON, written in another way"
    if isinstance(left, str) and isinstance(right, str) and _several_lines(left, right):
        lines = list(text_lines(left, right))
        yield from lines
        if lines:
            return
    left_text, right_text = value_pair(difference)
    yield "-", f"body: {left_text}"
    yield "+", f"body: {right_text}"


def json_changes(
    reference: Any, candidate: Any, path: str = "$"
) -> Iterator[tuple[str, Any, Any]]:
    """Yield each path whose value differs, with the value on each side.

    A missing value is `ABSENT`. Paths are as in JSONPath (RFC 9535).

    >>> list(json_changes({"items": [{"price": 10.5}]}, {"items": [{"price": 10.05}]}))
    [('$.items[0].price', 10.5, 10.05)]
    """
    if isinstance(reference, dict) and isinstance(candidate, dict):
        for key in [*reference, *(key for key in candidate if key not in reference)]:
            inner = f".{key}" if str(key).isidentifier() else f"[{json.dumps(key)}]"
            before, after = reference.get(key, ABSENT), candidate.get(key, ABSENT)
            yield from json_changes(before, after, path + inner)
    elif isinstance(reference, list) and isinstance(candidate, list):
        pairs = zip_longest(reference, candidate, fillvalue=ABSENT)
        for index, (before, after) in enumerate(pairs):
            # A long list has few changes: do not make a generator for each item.
            kind = type(before)
            if kind in _SCALARS and kind is type(after) and before == after:
                continue
            yield from json_changes(before, after, f"{path}[{index}]")
    elif type(reference) is not type(candidate) or reference != candidate:
        yield path, reference, candidate


def text_lines(left: str, right: str) -> Iterator[tuple[str, str]]:
    """Yield the changed lines of a unified diff, with their kinds."""
    found = difflib.unified_diff(
        left.splitlines(), right.splitlines(), n=1, lineterm=""
    )
    for line in islice(found, 2, None):
        if line.startswith("@@"):
            yield "note", f"body, lines {line.strip('@ ')}"
        elif line.startswith(("-", "+")):
            yield line[0], line[1:]


def _changes(one: Any, other: Any) -> list[str] | None:
    """Return a line for each path that differs, or None if the values nest too deeply."""
    try:
        changes = json_changes(one, other)
        lines = [
            f"{path}  {_json(before)} → {_json(after)}"
            for path, before, after in islice(changes, MAX_CHANGES)
        ]
        if next(changes, None) is not None:
            lines.append(f"and more than {MAX_CHANGES} values in all")
        return lines
    except RecursionError:
        return None


def _several_lines(left: str, right: str) -> bool:
    counts = (left.count("\n"), right.count("\n"))
    return max(counts) > 1 and max(counts) < MAX_LINES


def parsed(value: object) -> Any:
    """Parse a body as JSON; return `ABSENT` if it is not a JSON array or object."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return ABSENT
    try:
        return json.loads(value, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return ABSENT


def _no_constant(name: str) -> Any:
    """Reject `NaN` and `Infinity`, which JSON does not have (RFC 8259 section 6)."""
    raise ValueError(f"{name} is not JSON")


def _json(value: Any) -> str:
    if value is ABSENT:
        return "(absent)"
    text = format_value(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= MAX_VALUE else text[:MAX_VALUE] + "…"
