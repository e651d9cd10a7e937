"""Show both bodies of a difference as lines: JSON by structure, text by line, bytes.

Unchanged lines are folded. The lines are limited, so a page stays small with bodies of
any size.
"""

import difflib
import json
from collections.abc import Iterator
from itertools import chain, groupby, zip_longest
from typing import Any, Literal, NamedTuple

import msgspec
from markupsafe import Markup, escape

from comparison.core.surrogates import printable
from comparison.models import IN_BASE64, Difference

from .body_diff import ABSENT, json_changes, parsed
from .marked_text import Pair, marked_pair, plain
from .values import format_value

CONTEXT = 3  # unchanged lines around a change
MAX_CHANGED = 200  # changed lines to show
MAX_FOLDED = 60  # lines of one fold; it says how many more there are
MAX_PATHS = 50
MAX_MATCHED = 1_000  # lines that we align: the time grows with their square
ROW = 16  # bytes in a line

Mark = Literal[" ", "-", "+"]


class Line(NamedTuple):
    """A line of a body, and the side that has it: "-" is the reference."""

    mark: Mark
    text: Markup


class Fold(NamedTuple):
    """Unchanged lines that the page folds: how many, and the first of them."""

    number: int
    lines: list[Line]


class PathChange(NamedTuple):
    """A JSON path with the values of both sides."""

    path: str
    values: Pair


class BodyView(NamedTuple):
    """Both bodies: the paths that differ, in JSON, and the lines.

    `kind` is JSON, text or bytes. `note` says in words what the lines do not show.
    """

    kind: str
    note: str
    paths: list[PathChange]
    parts: list[Line | Fold]


Raw = tuple[str, str | None, str | None]
"""A line before it is marked: the side, and its text on the reference or candidate."""


def body_view(difference: Difference) -> BodyView:
    """Return both bodies of a difference in the field `body`."""
    left, right = difference.reference, difference.candidate
    one, other = parsed(left), parsed(right)
    if one is not ABSENT and other is not ABSENT:
        try:
            return _json_view(one, other)
        except RecursionError:
            pass
    if not isinstance(left, str) or not isinstance(right, str):
        pair = Pair(plain(format_value(left)), plain(format_value(right)))
        lines: list[Line | Fold] = [Line("-", pair.left), Line("+", pair.right)]
        return BodyView("text", "Only one side has a body.", [], lines)
    if left.startswith(IN_BASE64) or right.startswith(IN_BASE64):
        one_content, other_content = _content(left), _content(right)
        if one_content is not None and other_content is not None:
            return _bytes_view(one_content, other_content)
    return _text_view(left, right)


def _content(value: str) -> bytes | None:
    """Return the octets of a body, or None if a hidden secret is in its base64."""
    import base64

    if not value.startswith(IN_BASE64):
        return value.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(value.removeprefix(IN_BASE64))
    except ValueError:
        return None


def _json_view(one: Any, other: Any) -> BodyView:
    changes = list(json_changes(one, other))
    paths = [
        PathChange(path, marked_pair(_written(before), _written(after)))
        for path, before, after in changes[:MAX_PATHS]
    ]
    note = f"{len(changes):,} values differ" if len(changes) > 1 else ""
    if len(changes) > MAX_PATHS:
        note += f"; these are the first {MAX_PATHS}"
    if not changes:
        note = "The same JSON, written in another way"
    lines = _json_lines(one, other, "", "", "")
    return BodyView("JSON", note, paths, _folded(lines))


def _written(value: Any) -> str:
    return "(absent)" if value is ABSENT else _dumps(value)


def _dumps(value: Any) -> str:
    return printable(json.dumps(value, ensure_ascii=False))


def _json_lines(
    one: Any, other: Any, indent: str, before: str, after: str
) -> Iterator[Raw]:
    """Yield the pretty-printed lines of two values, merged where they are equal."""
    inner = f"{indent}  "
    head = f"{indent}{before}"
    if one is not ABSENT and other is not ABSENT and _dumps(one) == _dumps(other):
        yield from map(_same, _pretty(one, indent, before, after))
    elif isinstance(one, dict) and isinstance(other, dict) and (one or other):
        yield _same(head + "{")
        keys = [*one, *(key for key in other if key not in one)]
        for key in keys:
            comma = "," if key != keys[-1] else ""
            name = f"{_dumps(key)}: "
            yield from _json_lines(
                one.get(key, ABSENT), other.get(key, ABSENT), inner, name, comma
            )
        yield _same(f"{indent}}}{after}")
    elif isinstance(one, list) and isinstance(other, list) and (one or other):
        yield _same(head + "[")
        last = max(len(one), len(other)) - 1
        for index, (left, right) in enumerate(
            zip_longest(one, other, fillvalue=ABSENT)
        ):
            comma = "," if index < last else ""
            yield from _json_lines(left, right, inner, "", comma)
        yield _same(f"{indent}]{after}")
    else:
        left, right = (_pretty(v, indent, before, after) for v in (one, other))
        if len(left) == len(right) == 1:
            yield "~", left[0], right[0]
        else:
            yield from (("-", line, None) for line in left)
            yield from (("+", None, line) for line in right)


def _pretty(value: Any, indent: str, before: str, after: str) -> list[str]:
    if value is ABSENT:
        return []
    try:
        text = msgspec.json.format(_dumps(value), indent=2)
    except msgspec.DecodeError:  # it rejects a lone surrogate, and takes half the time
        text = printable(json.dumps(value, ensure_ascii=False, indent=2))
    first, *rest = f"{before}{text}{after}".split("\n")
    return [indent + first, *(indent + line for line in rest)]


def _same(line: str) -> Raw:
    return " ", line, line


def _text_view(left: str, right: str) -> BodyView:
    one, other = left.splitlines(), right.splitlines()
    if one == other:
        pair = marked_pair(repr(left), repr(right))
        lines: list[Line | Fold] = [Line("-", pair.left), Line("+", pair.right)]
        return BodyView("text", "Only the ends of lines differ.", [], lines)
    return BodyView("text", "", [], _folded(_text_lines(one, other)))


def _text_lines(one: list[str], other: list[str]) -> Iterator[Raw]:
    start = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
    shortest = min(len(one), len(other)) - start
    end = 0
    while end < shortest and one[-1 - end] == other[-1 - end]:
        end += 1
    yield from map(_same, one[:start])
    yield from _aligned(one[start : len(one) - end], other[start : len(other) - end])
    yield from map(_same, one[len(one) - end :])


def _aligned(one: list[str], other: list[str]) -> Iterator[Raw]:
    whole: list[tuple[str, int, int, int, int]] = [
        ("replace", 0, len(one), 0, len(other))
    ]
    if max(len(one), len(other)) <= MAX_MATCHED:
        matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
        whole = list(matcher.get_opcodes())
    for tag, low, high, start, stop in whole:
        left, right = one[low:high], other[start:stop]
        if tag == "equal":
            yield from map(_same, left)
        elif len(left) == len(right):
            yield from (("~", a, b) for a, b in zip(left, right, strict=True))
        else:
            yield from (("-", line, None) for line in left)
            yield from (("+", None, line) for line in right)


def _bytes_view(left: bytes, right: bytes) -> BodyView:
    size = f"{len(left):,} bytes and {len(right):,} bytes"
    rows = range(0, max(len(left), len(right)), ROW)
    differing = [r for r in rows if left[r : r + ROW] != right[r : r + ROW]]
    first = next(
        (i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b),
        min(len(left), len(right)),
    )
    note = f"{size}; the first difference is at byte {first:,}"
    parts: list[Line | Fold] = []
    at = 0
    for row in differing[: MAX_CHANGED // 8]:
        if row > at:
            parts.append(Fold((row - at) // ROW, []))
        one, other = left[row : row + ROW], right[row : row + ROW]
        parts += [Line("-", _hex(row, one, other)), Line("+", _hex(row, other, one))]
        at = row + ROW
    if len(differing) > MAX_CHANGED // 8:
        note += f"; {len(differing):,} lines of {ROW} bytes differ"
    return BodyView("bytes", note, [], parts)


def _hex(offset: int, content: bytes, other: bytes) -> Markup:
    """Write bytes as a hex dump, with those marked that the other side has not."""
    written = Markup(" ").join(
        Markup("<mark>{}</mark>").format(f"{byte:02x}")
        if other[i : i + 1] != bytes([byte])
        else f"{byte:02x}"
        for i, byte in enumerate(content)
    )
    text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in content)
    space = "   " * (ROW - len(content))
    return Markup("{}  {}{}  {}").format(f"{offset:08x}", written, space, text)


def _folded(lines: Iterator[Raw]) -> list[Line | Fold]:
    """Mark the changed lines, and fold the unchanged ones far from them."""
    runs = [
        (equal, list(run)) for equal, run in groupby(lines, lambda raw: raw[0] == " ")
    ]
    parts: list[Line | Fold] = []
    changed = 0
    for number, (equal, run) in enumerate(runs):
        room = max(0, MAX_CHANGED - changed)
        if not equal:
            parts += chain.from_iterable(map(_changed, run[:room]))
            changed += len(run)
        elif room:
            parts += _fold(run, bool(number), number < len(runs) - 1)
    if changed > MAX_CHANGED:
        more = f"… {changed - MAX_CHANGED:,} more changed lines"
        parts.append(Line(" ", escape(more)))
    return parts


def _fold(run: list[Raw], after: bool, before: bool) -> Iterator[Line | Fold]:
    """Yield unchanged lines `after` and `before` a change, and fold those between."""
    head, tail = CONTEXT * after, CONTEXT * before
    if len(run) <= head + tail + CONTEXT:
        yield from map(_unchanged, run)
        return
    middle = run[head : len(run) - tail]
    yield from map(_unchanged, run[:head])
    yield Fold(len(middle), [*map(_unchanged, middle[:MAX_FOLDED])])
    yield from map(_unchanged, run[len(run) - tail :])


def _unchanged(raw: Raw) -> Line:
    return Line(" ", plain(str(raw[1])))


def _changed(raw: Raw) -> Iterator[Line]:
    mark, left, right = raw
    if mark == "~":
        pair = marked_pair(str(left), str(right))
        yield Line("-", pair.left)
        yield Line("+", pair.right)
    elif mark == "-":
        yield Line("-", plain(str(left)))
    else:
        yield Line("+", plain(str(right)))
