"""Case files: TOML documents of cases, and the catalogue that ships with the project."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from comparison.documents import Converter
from comparison.errors import DocumentError, UsageError
from comparison.model import Case, Loosening

from .expand import expanded

CATALOGUE = Path(__file__).parent / "catalogue"


class Topic(Struct, frozen=True, forbid_unknown_fields=True):
    """What the cases of one file have in common; its settings, normalisations and tags too."""

    title: str = ""
    teaches: str = ""
    settings: dict[str, Any] = {}
    normalisations: Loosening | None = None
    tags: tuple[str, ...] = ()


def load_cases(*paths: str | Path) -> list[Case]:
    """The cases of files and folders, in order; of the catalogue without arguments.

    A folder gives its `*.toml` files by name. Raises DocumentError with every problem
    found, each with file, line and field; UsageError for a path that does not exist.
    """
    cases: list[Case] = []
    problems: list[str] = []
    origins: dict[str, str] = {}
    for path in _files(paths or (CATALOGUE,)):
        try:
            loaded = load_file(path)
        except DocumentError as error:
            problems.extend(error.problems)
            continue
        for case in loaded:
            if case.id in origins:
                problems.append(
                    f"{case.origin}: id: duplicate id {case.id!r},"
                    f" first used at {origins[case.id]}"
                )
            origins.setdefault(case.id, case.origin)
        cases.extend(loaded)
    if problems:
        raise DocumentError(problems)
    return cases


def load_topics(path: Path = CATALOGUE) -> dict[str, Topic]:
    """The topics of a folder of case files, by file stem."""
    topics = {}
    for file in _files([path]):
        converter = Converter(file)
        topic = converter.convert(converter.tables.get("topic", {}), Topic, "topic")
        converter.done()
        topics[file.stem] = topic or Topic()
    return topics


def load_file(path: Path) -> list[Case]:
    """The cases of one file. Raises DocumentError."""
    converter = Converter(path)
    converter.known_tables(("schema_version", "topic", "case"))
    tables = converter.tables
    converter.version()
    topic = converter.convert(tables.get("topic", {}), Topic, "topic") or Topic()
    cases = []
    for number, entry, secrets in _entries(converter):
        case = converter.convert(entry, Case, "case", number)
        if case is None:
            continue
        origin = f"{_shown(path)}:{converter.line('case', number)}"
        cases.append(
            msgspec.structs.replace(
                case, topic=case.topic or path.stem, origin=origin,
                title=case.title or case.id,
                settings={**topic.settings, **case.settings},
                tags=tuple(dict.fromkeys((*topic.tags, *case.tags))), secrets=secrets,
            )
        )  # fmt: skip
    cases = loosened(cases, topic.normalisations)
    converter.done()
    return cases


def _entries(
    converter: Converter,
) -> Iterator[tuple[int, dict[str, Any], tuple[str, ...]]]:
    """The tables of the cases, filled in, each with its number in the file."""
    for number, entry in enumerate(converter.array("case")):
        problems: dict[str, None] = {}
        for each in expanded(entry, os.environ):
            problems.update(dict.fromkeys(each.problems))
            if not each.problems:
                yield number, each.table, each.secrets
        for problem in problems:
            converter.problem(problem, "case", number, shown=())


def loosened(cases: list[Case], loosening: Loosening | None) -> list[Case]:
    """The cases with these normalisations beside their own."""
    if loosening is None:
        return cases
    return [
        msgspec.structs.replace(
            case, normalisations=loosening.joined(case.normalisations or Loosening())
        )
        for case in cases
    ]


def _shown(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


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
