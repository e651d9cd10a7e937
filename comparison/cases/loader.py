"""Load case files, which are TOML, and the catalogue that ships with the project.

We read a file a case at a time, and store many cases on disk. So a file may have any
length.
"""

import os
import pickle
import re
import weakref
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

import msgspec
from msgspec import Struct

from comparison.cases.sources.bodies import Allowed, with_files
from comparison.core.documents import Converter, loads
from comparison.core.errors import DocumentError, UsageError
from comparison.core.surrogates import printable
from comparison.models import Case, NormalisationRules
from comparison.models.case import WRITTEN

from .expand import Expanded, expanded
from .rows import with_rows
from .values import Values

CATALOGUE = Path(__file__).parent / "catalogue"
IN_MEMORY = 1_000_000  # bytes of cases, some thousand

_CASE = re.compile(r"^\s*\[\[\s*case\s*\]\]\s*(?:#.*)?$")
_OF_CASE = re.compile(r"^\s*\[\[?\s*case\s*\.")
_TABLE = re.compile(r"^\s*\[\[?\s*[^\[\]]+\]\]?\s*(?:#.*)?$")
_OF_TOML = (date, datetime, time)


class CaseStore(Collection[Case]):
    """Cases in the order they were added, for more cases than fit into memory.

    >>> from comparison.models import Request
    >>> store = CaseStore()
    >>> store.add(Case("hello", Request()))
    >>> [case.id for case in store], len(store)
    (['hello'], 1)
    """

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed with the store
        self._end = 0
        self._length = 0
        weakref.finalize(self, self._file.close)

    def add(self, case: Case) -> None:
        """Append a case."""
        self._file.seek(self._end)
        # As TOML gives them: pickling a struct takes twenty times as long.
        plain = msgspec.to_builtins(case, builtin_types=_OF_TOML)
        pickle.dump(plain, self._file, pickle.HIGHEST_PROTOCOL)
        self._end = self._file.tell()
        self._length += 1

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Case]:
        position = 0
        while position < self._end:
            self._file.seek(position)
            plain = pickle.load(self._file)  # noqa: S301, our own, a moment ago
            position = self._file.tell()
            yield msgspec.convert(plain, Case)

    def __contains__(self, case: object) -> bool:
        return any(case == each for each in self)


class Topic(Struct, frozen=True, forbid_unknown_fields=True):
    """The common data of the cases in one file: settings, normalisations and tags too."""

    title: str = ""
    description: str = ""
    settings: dict[str, Any] = {}
    normalisations: NormalisationRules | None = None
    tags: tuple[str, ...] = ()


def load_cases(*paths: str | Path, allow_files: bool = False) -> list[Case]:
    """Load the cases of files and folders, in order; without arguments, the catalogue.

    A folder gives its `*.toml` files by name. Raises DocumentError with every problem
    found, each with file, line and field; UsageError for a path that does not exist.
    Bodies come from files in the project's folder, or with `allow_files` from anywhere.
    """
    return list(store_cases(*paths, allow_files=allow_files))


def store_cases(
    *paths: str | Path,
    normalisations: NormalisationRules | None = None,
    allow_files: bool = False,
) -> CaseStore:
    """Load the same cases into a store, for a run of any length.

    `normalisations` applies to every case, beside its own rules.
    """
    cases = CaseStore()
    problems: list[str] = []
    ids: set[str] = set()
    values = Values()
    for path in _files(paths or (CATALOGUE,)):
        try:
            for case in load_file(path, allow_files=allow_files, values=values):
                if case.id in ids:
                    first = next(c.origin for c in cases if c.id == case.id)
                    problems.append(
                        f"{case.origin}: id: duplicate id {case.id!r},"
                        f" first used at {first}"
                    )
                ids.add(case.id)
                cases.add(with_normalisations(case, normalisations))
        except DocumentError as error:
            problems.extend(error.problems)
    if problems:
        raise DocumentError(problems)
    return cases


def load_topics(path: Path = CATALOGUE) -> dict[str, Topic]:
    """Return the topics of a folder of case files, by file stem."""
    topics = {}
    for file in _files([path]):
        converter = Converter(file)
        topic = converter.convert(converter.tables.get("topic", {}), Topic, "topic")
        converter.done()
        topics[file.stem] = topic or Topic()
    return topics


def load_file(
    path: Path, *, allow_files: bool = False, values: Values | None = None
) -> Iterator[Case]:
    """Yield the cases of one file. Raises DocumentError after the last one.

    `values` makes the values of the run, for all files.
    """
    file = CaseFile(path)
    allowed = Allowed(path, anywhere=allow_files)
    table = file.converter.tables.get("topic", {})
    topic = file.converter.convert(table, Topic, "topic") or Topic()
    values = values or Values()
    for number, (line, written) in enumerate(file):
        entry = with_rows(written, file.converter, number, allowed)
        for filled in _filled(file.converter, number, entry, values):
            case = file.converter.convert(
                filled.table, Case, "case", number, names=WRITTEN
            )
            if case is None:
                continue
            case = with_files(case, file.converter, number, allowed)
            case = msgspec.structs.replace(
                case, topic=case.topic or _printable(Path(path.stem)), origin=f"{_printable(path)}:{line}",
                title=case.title or case.id,
                settings={**topic.settings, **case.settings},
                tags=tuple(dict.fromkeys((*topic.tags, *case.tags))), secrets=filled.secrets,
                unique=filled.unique,
            )  # fmt: skip
            yield with_normalisations(case, topic.normalisations)
    file.converter.done()


def _filled(
    converter: Converter, number: int, entry: Any, values: Values
) -> Iterator[Expanded]:
    """Yield the tables that one table of a case expands to."""
    problems: dict[str, None] = {}
    for each in () if entry is None else expanded(entry, os.environ, values):
        problems.update(dict.fromkeys(each.problems))
        if not each.problems:
            yield each
    for problem in problems:
        converter.problem(problem, "case", number, displayed=())


def with_normalisations(case: Case, normalisations: NormalisationRules | None) -> Case:
    """Return the case with these normalisation rules beside its own."""
    if normalisations is None:
        return case
    joined = normalisations.joined(case.normalisations or NormalisationRules())
    return msgspec.structs.replace(case, normalisations=joined)


@cache
def _printable(path: Path) -> str:
    here = Path.cwd()
    shown = path.relative_to(here) if path.is_relative_to(here) else path
    # A file name may be bytes that are not UTF-8.
    return printable(str(shown))


def _files(paths: Iterable[str | Path]) -> list[Path]:
    files: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            files.extend(sorted(path.glob("*.toml")))
        elif path.exists():
            files.append(path)
        else:
            raise UsageError(f"{path}: no such case file or folder")
    return files


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
