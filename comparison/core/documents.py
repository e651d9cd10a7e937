"""Read TOML documents into structs; report every problem by file, line and field.

The TOML parser does not report the lines of fields. This module finds the line of a
wrong field in the text, table by table.
"""

import re
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import tomli

from .errors import DocumentError, nearest
from .validation import SCHEMA_VERSION, UNKNOWN_FIELD, unknown_field, validation_errors

T = TypeVar("T", bound=msgspec.Struct)

_TABLE = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*[\w"'-]+)*)\s*=""")
_LONG_NUMBER = re.compile(
    r"(?<![\w.])(?:0x[0-9A-Fa-f_]{16}|0o[0-7_]{21}|0b[01_]{63}|[0-9_]{19})"
)
_BEYOND = "an integer has more than 64 bits (TOML 1.0.0, Integer)"
_POSITION = re.compile(r" \(at line (\d+), column \d+\)$")


def read(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file. Raises DocumentError naming file and line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError([f"{path}: is not UTF-8: {error.reason}"]) from None
    except OSError as error:
        raise DocumentError([f"{path}: {error.strerror}"]) from None
    try:
        return loads(text)
    except tomli.TOMLDecodeError as error:
        message = str(error)
        line = _POSITION.search(message)
        where = f"{path}:{line.group(1)}" if line else f"{path}"
        raise DocumentError([f"{where}: {_POSITION.sub('', message)}"]) from None
    except RecursionError:
        raise DocumentError([f"{path}: is nested too deeply"]) from None
    except ValueError as error:
        raise DocumentError([f"{path}:{_line_of_number(text)}: {error}"]) from None


def loads(text: str) -> dict[str, Any]:
    """Return the tables of a TOML text. Raises ValueError or RecursionError."""
    try:
        tables = tomli.loads(text)
    except tomli.TOMLDecodeError:
        raise
    except ValueError:  # more digits than Python reads
        raise ValueError(_BEYOND) from None
    if _LONG_NUMBER.search(text) and not _in_64_bits(tables):
        raise ValueError(_BEYOND)
    return tables


def _in_64_bits(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_in_64_bits, value.values()))
    if isinstance(value, list):
        return all(map(_in_64_bits, value))
    return not isinstance(value, int) or -(2**63) <= value < 2**63


def _line_of_number(text: str) -> int:
    """Find the line of the first number with many digits."""
    found = _LONG_NUMBER.search(text)
    return 1 if found is None else text.count("\n", 0, found.start()) + 1


def has_table(path: Path, *keys: str) -> bool:
    """Check that a TOML file has this table; return False if it cannot be read."""
    try:
        found: Any = tomli.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found is not None


def file_problem(path: Path) -> str | None:
    """Explain why a path does not name a file; return None if it does."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return "no such file"
    except OSError as error:
        return error.strerror or str(error)
    if stat.S_ISREG(mode):
        return None
    return "is a folder" if stat.S_ISDIR(mode) else "is not a file"


class Converter:
    """A converter for the tables of one file; it collects every problem, then raises.

    Pass `tables` if you have already read the file.
    """

    def __init__(self, path: Path, tables: dict[str, Any] | None = None) -> None:
        self.path = path
        self.tables = read(path) if tables is None else tables
        self.problems: list[str] = []
        self._lines: dict[tuple[str, ...], int] | None = None

    def convert(
        self, data: Any, type_: type[T], *at: str | int, names: Iterable[str] = ()
    ) -> T | None:
        """Convert the table `at` this path to a struct.

        `names` are the fields that people write, if those of the struct are others.
        Returns None for a wrong table, and notes all its problems.
        """
        try:
            return msgspec.convert(data, type_)
        except (msgspec.ValidationError, RecursionError):
            for inner, message in validation_errors(data, type_):
                displayed = [part for part in inner if isinstance(part, str)]
                if names and message.startswith(UNKNOWN_FIELD) and len(inner) == 1:
                    what = unknown_field(str(inner[0]), names)
                else:
                    what = message
                self.problem(what, *at, *inner, displayed=displayed)
            return None

    def version(self) -> None:
        """Note a problem if we cannot read the document's schema version."""
        version = self.tables.get("schema_version", SCHEMA_VERSION)
        if version != SCHEMA_VERSION:
            message = f"is {version!r}; this version reads {SCHEMA_VERSION}"
            self.problem(message, "schema_version")

    def array(self, name: str) -> list[Any]:
        """Return the tables of an array of tables, `[[name]]`; empty if it has none."""
        tables = self.tables.get(name, [])
        if isinstance(tables, list):
            return tables
        self.problem(f"is written as [[{name}]]", name)
        return []

    def known_tables(self, allowed: Iterable[str]) -> None:
        """Note a problem for every top-level table that is not one of these."""
        names = tuple(allowed)
        for name in self.tables:
            if name not in names:
                hint = nearest(name, names)
                self.problem(f"unknown table{hint}", name, displayed=[name])

    def problem(
        self, message: str, *at: str | int, displayed: Iterable[str] | None = None
    ) -> None:
        """Note a problem at a path of keys and indexes in this file."""
        path = [part for part in at if isinstance(part, str)]
        field = ".".join(displayed if displayed is not None else path)
        where = f"{self.path}:{self.line(*at)}"
        self.problems.append(f"{where}: {field}: {message}" if field else
                             f"{where}: {message}")  # fmt: skip

    def line(self, *at: str | int) -> int:
        """Find the line of a key, or of the nearest table around it."""
        if self._lines is None:
            text = self.path.read_text(encoding="utf-8-sig")
            self._lines = _line_index(text)
        key = tuple(str(part) for part in at)
        while key and key not in self._lines:
            key = key[:-1]
        return self._lines.get(key, 1)

    def done(self) -> None:
        """Raise DocumentError if we noted any problem."""
        if self.problems:
            raise DocumentError(self.problems)


def _line_index(text: str) -> dict[tuple[str, ...], int]:
    """Find the line of each table and key, by its path with array indexes."""
    index: dict[tuple[str, ...], int] = {}
    counts: dict[tuple[str, ...], int] = {}
    prefix: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        if table := _TABLE.match(line):
            prefix = ()
            names = [part.strip().strip("\"'") for part in table.group(2).split(".")]
            for position, name in enumerate(names):
                prefix = (*prefix, name)
                last = position == len(names) - 1
                if table.group(1) == "[[" and last:
                    counts[prefix] = counts.get(prefix, -1) + 1
                if prefix in counts:
                    prefix = (*prefix, str(counts[prefix]))
            index.setdefault(prefix, number)
        elif key := _KEY.match(line):
            parts = tuple(p.strip().strip("\"'") for p in key.group(1).split("."))
            index.setdefault((*prefix, *parts), number)
            index.setdefault((*prefix, parts[0]), number)
            for inner in re.findall(r"[{,]\s*([\w-]+)\s*=", line):
                index.setdefault((*prefix, *parts, inner), number)
    return index
