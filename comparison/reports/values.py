"""Format the values of fields, and of both sides of a difference."""

from collections.abc import Iterator

import msgspec

from comparison.diff.expectations import A_RESPONSE
from comparison.known.models import KnownValue, Pattern
from comparison.models import (
    Difference,
    Expect,
    FieldValue,
    Unmet,
)

MAX_SHOWN = 240
CONTEXT = 24
_BLOCK = 65_536  # characters that we compare at once


def format_value(value: FieldValue) -> str:
    """Format the value of one side in one line."""
    if value is None:
        return "(absent)"
    if isinstance(value, tuple):
        return " | ".join(map(format_value, value))
    text = str(value)
    plain = text.isprintable() and text == text.strip() and text
    return text if plain else repr(text)


def short_value(value: FieldValue) -> str:
    """Format the value of one side in one line, and shorten it if it is too long.

    >>> len(short_value("a" * 1000))
    481
    """
    if isinstance(value, tuple):
        return cut(" | ".join(map(short_value, value)))
    if isinstance(value, str):
        # Before the format, which would copy a whole body. One more shows the cut.
        value = value[: 2 * MAX_SHOWN + 1]
    return cut(format_value(value))


def value_text(value: KnownValue) -> str:
    """Format a value of a known difference for people."""
    if isinstance(value, Pattern):
        if value.phrase:
            return "the phrase that the status is registered with"
        return f"matches {value.matches}"
    if value is False:
        return "(absent)"
    if value is True:
        return "(any value)"
    if isinstance(value, tuple):
        return " | ".join(value)
    return str(value) or "(empty)"


def value_pair(difference: Difference) -> tuple[str, str]:
    """Format both values of a difference; show long ones from where they differ."""
    left, right = difference.reference, difference.candidate
    if isinstance(left, str) and isinstance(right, str):
        common = common_prefix(left, right)
        longest = max(len(left), len(right))
        if longest > MAX_SHOWN and common > CONTEXT:
            start = common - CONTEXT
            return _excerpt(left, start), _excerpt(right, start)
    return short_value(left), short_value(right)


def of_request(number: int | msgspec.UnsetType) -> str:
    """Name an earlier request of a case; the case's own request has no number."""
    return f" of request {number}" if number else ""


def unmet_line(unmet: Unmet) -> str:
    """Format a failed expectation in one line: request, field, expected, actual value."""
    expected, actual = map(short_value, (unmet.expected, unmet.actual))
    where = f"request {unmet.request}: " if unmet.request else ""
    if unmet.field == "failure" and unmet.expected == A_RESPONSE:
        return f"{where}{expected}, got {actual}"
    return f"{where}{unmet.field} {expected}, got {actual}"


def expected_values(expect: Expect | None) -> Iterator[tuple[str, str]]:
    """Yield the fields that a case expects of every target, with their values.

    >>> [*expected_values(Expect(status=(301, 302), headers={"Location": True}))]
    [('status', '301 or 302'), ('header:location', '(any value)')]
    """
    if expect is None:
        return
    for name, value in msgspec.to_builtins(expect).items():
        if name == "status":
            yield name, " or ".join(map(str, expect.statuses))
        elif name == "headers":
            for header, wanted in expect.headers.items():
                yield f"header:{header.lower()}", cut(value_text(wanted))
        elif isinstance(value, str):
            yield name, short_value(value or "(empty)")
        else:
            yield name.replace("_", " "), cut(msgspec.json.encode(value).decode())


def common_prefix(left: str, right: str) -> int:
    """Return how many characters two texts share at their start.

    >>> common_prefix("order", "orange")
    2
    """
    shortest = min(len(left), len(right))
    size, start = _BLOCK, 0
    while size:
        end = start + size
        if end <= shortest and left[start:end] == right[start:end]:
            start = end
        else:
            size //= 2
    return start


def _excerpt(text: str, start: int) -> str:
    return cut(
        f"…{format_value(text[start : start + MAX_SHOWN])} (from character {start})"
    )


def cut(text: str) -> str:
    """Shorten a text that is too long for a report."""
    return text if len(text) <= 2 * MAX_SHOWN else text[: 2 * MAX_SHOWN] + "…"
