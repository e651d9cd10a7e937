"""Load known differences from files."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from comparison.core.errors import DocumentError, UsageError

from .files import Files
from .match import KnownDifferences
from .shipped import SHIPPED, shipped_entries, shipped_files


def load_known(
    paths: Iterable[str | Path], packages: Mapping[str, str] | None = None
) -> KnownDifferences:
    """Load the known differences from files and folders.

    Raises DocumentError with every problem found; UsageError for a missing path.
    """
    files = Files(shipped_entries)
    shipped: set[str] = set()
    for path in map(Path, paths):
        if not path.exists():
            raise UsageError(f"{path}: no such file of known differences")
        if path not in SHIPPED:
            files.read(path)
            continue
        ours = shipped_files(path)
        shipped |= ours.entries.keys() - files.entries.keys()
        if files.shares_ids(ours):
            files.read(path)  # which names the place
        else:
            files.add(ours)
    if files.problems:
        raise DocumentError(files.problems)
    return KnownDifferences(
        files.entries.values(), files.causes.values(), packages, files.patterns.values(),
        shipped=shipped, places=files.places, accepted=files.accepted,
    )  # fmt: skip
