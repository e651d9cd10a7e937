"""Mark what differs between two values, as HTML."""

from typing import NamedTuple

from markupsafe import Markup, escape

from .values import MAX_SHOWN, common_prefix

CONTEXT = 40
"""Characters to show before the first difference of a long value."""


class Pair(NamedTuple):
    """Both sides of a value, with what differs in `<mark>`."""

    left: Markup
    right: Markup


def marked_pair(left: str, right: str) -> Pair:
    """Mark the parts that differ; shorten long values to the part that differs.

    >>> marked_pair("total: 10.5", "total: 10.05").right
    Markup('total: 10.<mark>0</mark>5')
    """
    start = common_prefix(left, right)
    shortest = min(len(left), len(right)) - start
    end = min(common_prefix(left[start:][::-1], right[start:][::-1]), shortest)
    return Pair(_marked(left, start, end), _marked(right, start, end))


def _marked(text: str, start: int, end: int) -> Markup:
    stop = len(text) - end
    first, last = max(0, start - CONTEXT), min(len(text), stop + CONTEXT)
    if len(text) <= MAX_SHOWN:
        first, last = 0, len(text)
    middle = text[start:stop]
    more = len(middle) - MAX_SHOWN
    if more > 0:
        middle = f"{middle[:MAX_SHOWN]}… ({more:,} more characters)"
    before = f"… (from character {first:,}) " if first else ""
    after = f" … ({len(text) - last:,} more characters)" if last < len(text) else ""
    marked = Markup("<mark>{}</mark>").format(middle) if middle else Markup("")
    return Markup("{}{}{}{}{}").format(
        before, text[first:start], marked, text[stop:last], after
    )


def shortened(text: str, most: int = 2 * MAX_SHOWN) -> str:
    """Cut a long text and say how long it was.

    >>> shortened("abcdef", 3)
    'abc… (6 characters)'
    """
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"


def plain(text: str) -> Markup:
    """Escape a value without marks, and shorten it."""
    return escape(shortened(text))
