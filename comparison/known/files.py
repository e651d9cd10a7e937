"""Read the entries, causes and patterns of files, with every problem."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeVar

from comparison.core.documents import Converter
from comparison.core.errors import DocumentError, nearest

from .models import Cause, KnownDifference
from .patterns import DifferencePattern

Place = tuple[Path, int]
Item = TypeVar("Item", Cause, KnownDifference, DifferencePattern)


class Files:
    """The contents of files of known differences, by id, and their problems.

    `places` has the file and the number of each entry. `accepted` are the ids of shipped
    entries that a file accepts. `shipped` returns the ids that it may accept.
    """

    def __init__(self, shipped: Callable[[], Collection[str]] = tuple) -> None:
        self.entries: dict[str, KnownDifference] = {}
        self.causes: dict[str, Cause] = {}
        self.patterns: dict[str, DifferencePattern] = {}
        self.places: dict[str, Place] = {}
        self.accepted: list[str] = []
        self.problems: list[str] = []
        self._shipped = shipped

    def read(self, path: Path) -> None:
        """Add a file, or all TOML files of a folder."""
        for file in sorted(path.glob("*.toml")) if path.is_dir() else [path]:
            try:
                self._read_file(file)
            except DocumentError as error:
                self.problems.extend(error.problems)

    def shares_ids(self, other: "Files") -> bool:
        """Return whether the other has an id that is here too."""
        return any(
            mine.keys() & theirs.keys()
            for mine, theirs in (
                (self.entries, other.entries),
                (self.causes, other.causes),
                (self.patterns, other.patterns),
            )
        )

    def add(self, other: "Files") -> None:
        """Add what another has, which shares no id with this one."""
        self.entries |= other.entries
        self.causes |= other.causes
        self.patterns |= other.patterns
        self.places |= other.places
        self.problems += other.problems

    def _read_file(self, path: Path) -> None:
        converter = Converter(path)
        self._accept(converter)
        converter.known_tables(
            ("schema_version", "accept", "cause", "known", "pattern")
        )
        converter.version()
        _collect(converter, "cause", Cause, self.causes)
        before = len(self.entries)
        _collect(converter, "known", KnownDifference, self.entries)
        for number, entry in enumerate(list(self.entries)[before:]):
            self.places[entry] = (path, number)
        _collect(converter, "pattern", DifferencePattern, self.patterns)
        converter.done()

    def _accept(self, converter: Converter) -> None:
        """Add the ids of the shipped known differences that a file accepts."""
        given = converter.tables.get("accept", [])
        if not isinstance(given, list):
            converter.problem(
                "must be a list of ids of shipped known differences", "accept"
            )
            return
        for each in given:
            if not isinstance(each, str) or each not in self._shipped():
                hint = nearest(str(each), self._shipped())
                converter.problem(
                    f"no shipped known difference {each!r}{hint}", "accept"
                )
            else:
                self.accepted.append(each)


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
