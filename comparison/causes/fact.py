"""A fact about one side of a comparison."""

from typing import NamedTuple


class Fact(NamedTuple):
    """A fact as text, and the place in the app's code that it is about.

    `library` is the place in a library where an exception was raised, if it was there.
    """

    text: str
    file: str = ""
    line: int = 0
    source: str = ""
    library: str = ""


Named = tuple[str, Fact]
