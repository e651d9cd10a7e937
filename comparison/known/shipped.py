"""The known differences that are shipped: their folders, entries and causes."""

from functools import cache
from pathlib import Path

from .files import Files
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
def shipped_files(folder: Path) -> Files:
    """Return what one of these folders contains. It is read once."""
    files = Files()
    files.read(folder)
    return files


def shipped_entries() -> dict[str, KnownDifference]:
    """Return the shipped known differences of the frameworks, by id."""
    return shipped_files(BUNDLED).entries


@cache
def shipped_causes() -> dict[str, Cause]:
    """Return the causes of the shipped known differences, by id."""
    return {
        cause.id: cause
        for folder in SHIPPED
        for cause in shipped_files(folder).causes.values()
    }


def shipped_cause(entry_id: str) -> Cause:
    """Return the cause of a shipped known difference of the frameworks."""
    entry = shipped_entries()[entry_id]
    written = Cause(id=entry_id, summary=entry.cause)
    return shipped_causes().get(entry.cause, written)
