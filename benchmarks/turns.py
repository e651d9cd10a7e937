"""The order in which a benchmark measures several ways."""

from collections.abc import Sequence
from typing import TypeVar

Way = TypeVar("Way")


def in_turns(ways: Sequence[Way], number: int) -> list[Way]:
    """Return the ways in the order of one round.

    Each round begins with the next way, and every other round runs backwards. So no way
    always follows the same one, which may leave the processor hot or busy.

    >>> in_turns("abc", 0), in_turns("abc", 1), in_turns("abc", 2)
    (['a', 'b', 'c'], ['a', 'c', 'b'], ['c', 'a', 'b'])
    """
    first = number % len(ways)
    order = [*ways[first:], *ways[:first]]
    return order if number % 2 == 0 else order[::-1]
