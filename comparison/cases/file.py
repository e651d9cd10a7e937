"""Read one case file a case at a time, so that a file of any length fits into memory."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from comparison.core.documents import Converter, loads

_CASE = re.compile(r"^\s*\[\[\s*case\s*\]\]\s*(?:#.*)?$")
_OF_CASE = re.compile(r"^\s*\[\[?\s*case\s*\.")
_TABLE = re.compile(r"^\s*\[\[?\s*[^\[\]]+\]\]?\s*(?:#.*)?$")


class CaseFile:
    """The tables of a case file; iterate over it for its cases, each with its line.

    The file is parsed in pieces, each from one `[[case]]` to the next. A piece that is
    valid TOML ends where a case ends: an unfinished string or array would not be valid.
    A file is parsed as a whole unless it consists of a head and then cases. That is
    always correct and finds the line of an error. `converter` has the part before the
    cases, or everything. Raises DocumentError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pieces = _pieces(path)
        try:
            head = loads(next(self._pieces)[1])
            split = "case" not in head and _only_cases_follow(path)
        except (OSError, ValueError, RecursionError):
            split = False
        self._split = split
        self.converter = self._checked(head if split else None)

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        done = 0
        if self._split:
            try:
                for line, text in self._pieces:
                    tables = loads(text)
                    if tables.keys() != {"case"} or len(tables["case"]) != 1:
                        break
                    yield line, tables["case"][0]
                    done += 1
                else:
                    return
            except (ValueError, RecursionError):
                pass
            before = self.converter.problems
            self.converter = self._checked()
            more = [p for p in self.converter.problems if p not in before]
            self.converter.problems = [*before, *more]
        for number, table in enumerate(self.converter.array("case")):
            if number >= done:
                yield self.converter.line("case", number), table

    def _checked(self, tables: dict[str, Any] | None = None) -> Converter:
        converter = Converter(self.path, tables)
        converter.known_tables(("schema_version", "topic", "case"))
        converter.version()
        return converter


def _pieces(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the part before the first case, then each case, with its first line."""
    start = 1
    piece: list[str] = []
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if "[[" in line and _CASE.match(line):
                yield start, "".join(piece)
                start, piece = number, []
            piece.append(line)
    yield start, "".join(piece)


def _only_cases_follow(path: Path) -> bool:
    """Return whether no other table follows the first case."""
    begun = False
    with path.open(encoding="utf-8-sig") as lines:
        for line in lines:
            if "[" not in line:
                continue
            if _CASE.match(line):
                begun = True
            elif begun and _TABLE.match(line) and not _OF_CASE.match(line):
                return False
    return True
