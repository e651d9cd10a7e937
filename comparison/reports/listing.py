"""Define how much a text report lists."""

from typing import NamedTuple


class Listing(NamedTuple):
    """How much a text report lists: every case, and the tables of cases."""

    cases: bool = False
    tables: bool = False


NOT_LISTED = Listing()
