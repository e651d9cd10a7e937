"""Load known differences from files."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from comparison.core.documents import Converter
from comparison.core.errors import DocumentError, UsageError, nearest

from .match import KnownDifferences, Place
from .models import Cause, KnownDifference
from .patterns import DifferencePattern
from .shipped import SHIPPED, shipped_entries

Item = TypeVar("Item", Cause, KnownDifference, DifferencePattern)


def load_known(
    paths: Iterable[str | Path], packages: Mapping[str, str] | None = None
) -> KnownDifferences:
    """Load the known differences from files and folders.

    Raises DocumentError with every problem found; UsageError for a missing path.
    """
    entries: dict[str, KnownDifference] = {}
    causes: dict[str, Cause] = {}
    patterns: dict[str, DifferencePattern] = {}
    shipped: set[str] = set()
    places: dict[str, Place] = {}
    accepted: list[str] = []
    problems: list[str] = []
    for path in map(Path, paths):
        if not path.exists():
            raise UsageError(f"{path}: no such file of known differences")
        own = set(entries)
        for file in sorted(path.glob("*.toml")) if path.is_dir() else [path]:
            try:
                _load_file(file, entries, causes, patterns, places, accepted)
            except DocumentError as error:
                problems.extend(error.problems)
        if path in SHIPPED:
            shipped |= entries.keys() - own
    if problems:
        raise DocumentError(problems)
    return KnownDifferences(
        entries.values(), causes.values(), packages, patterns.values(),
        shipped=shipped, places=places, accepted=accepted,
    )  # fmt: skip


def _load_file(
    path: Path,
    entries: dict[str, KnownDifference],
    causes: dict[str, Cause],
    patterns: dict[str, DifferencePattern],
    places: dict[str, Place],
    accepted: list[str],
) -> None:
    converter = Converter(path)
    _accept(converter, accepted)
    converter.known_tables(("schema_version", "accept", "cause", "known", "pattern"))
    converter.version()
    _collect(converter, "cause", Cause, causes)
    before = len(entries)
    _collect(converter, "known", KnownDifference, entries)
    for number, entry in enumerate(list(entries)[before:]):
        places[entry] = (path, number)
    _collect(converter, "pattern", DifferencePattern, patterns)
    converter.done()


def _accept(converter: Converter, accepted: list[str]) -> None:
    """Add the ids of the shipped known differences that a file accepts."""
    given = converter.tables.get("accept", [])
    if not isinstance(given, list):
        converter.problem(
            "must be a list of ids of shipped known differences", "accept"
        )
        return
    for each in given:
        if not isinstance(each, str) or each not in shipped_entries():
            hint = nearest(str(each), shipped_entries())
            converter.problem(f"no shipped known difference {each!r}{hint}", "accept")
        else:
            accepted.append(each)


def _collect(
    converter: Converter, name: str, kind: type[Item], found: dict[str, Item]
) -> None:
    for number, table in enumerate(converter.array(name)):
        item = converter.convert(table, kind, name, number)
        if item is None:
            continue
        if item.id in found:
            converter.problem(f"duplicate id {item.id!r}", name, number, "id")
        found[item.id] = item
