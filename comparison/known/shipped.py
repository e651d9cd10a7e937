"""The known differences that are shipped: their folders, entries and causes."""

from functools import cache
from pathlib import Path

import msgspec

from comparison.core.documents import read

from .models import Cause, KnownDifference

_DATA = Path(__file__).parent / "data"

BUNDLED = _DATA / "frameworks"
"""The known differences of the frameworks, in the catalogue's cases."""

ON_SERVERS = _DATA / "on_servers"
"""The known differences of the catalogue's cases on servers, each with its stacks."""

STACKS = _DATA / "stacks"
"""The known differences of servers in every case. They are read for every run."""

SHIPPED = (BUNDLED, ON_SERVERS, STACKS)
"""The folders of entries that were all recorded with the same versions."""


@cache
def shipped_entries() -> dict[str, KnownDifference]:
    """Return the shipped known differences of the frameworks, by id."""
    entries = [
        msgspec.convert(table, KnownDifference)
        for file in sorted(BUNDLED.glob("*.toml"))
        for table in read(file).get("known", ())
    ]
    return {entry.id: entry for entry in entries}


@cache
def shipped_causes() -> dict[str, Cause]:
    """Return the causes of the shipped known differences, by id."""
    causes = [
        msgspec.convert(table, Cause)
        for folder in SHIPPED
        for file in sorted(folder.glob("*.toml"))
        for table in read(file).get("cause", ())
    ]
    return {cause.id: cause for cause in causes}


def shipped_cause(entry_id: str) -> Cause:
    """Return the cause of a shipped known difference of the frameworks."""
    entry = shipped_entries()[entry_id]
    written = Cause(id=entry_id, summary=entry.cause)
    return shipped_causes().get(entry.cause, written)
