"""How many examples a property gets: few that are the same each time, or many new ones."""

from hypothesis import settings


def some(number: int) -> int:
    """Return a quarter of the number, unless examples are random.

    The same examples show nothing new in the next run. `--hypothesis-profile=random` looks
    for others, and tries all.
    """
    return max(10, number // 4) if settings.default.derandomize else number
