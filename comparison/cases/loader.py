"""Load case files, which are TOML, and the catalogue that ships with the project."""

import os
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from comparison.cases.sources.bodies import Allowed, with_files
from comparison.core.documents import Converter
from comparison.core.errors import DocumentError, UsageError
from comparison.core.surrogates import printable
from comparison.models import Case, NormalisationRules

from .expand import expanded
from .file import CaseFile
from .store import CaseStore

CATALOGUE = Path(__file__).parent / "catalogue"


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
    for path in _files(paths or (CATALOGUE,)):
        try:
            for case in load_file(path, allow_files=allow_files):
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


def load_file(path: Path, *, allow_files: bool = False) -> Iterator[Case]:
    """Yield the cases of one file. Raises DocumentError after the last one."""
    file = CaseFile(path)
    allowed = Allowed(path, anywhere=allow_files)
    table = file.converter.tables.get("topic", {})
    topic = file.converter.convert(table, Topic, "topic") or Topic()
    for number, (line, entry) in enumerate(file):
        for filled, secrets in _filled(file.converter, number, entry):
            case = file.converter.convert(filled, Case, "case", number)
            if case is None:
                continue
            case = with_files(case, file.converter, number, allowed)
            case = msgspec.structs.replace(
                case, topic=case.topic or _printable(Path(path.stem)), origin=f"{_printable(path)}:{line}",
                title=case.title or case.id,
                settings={**topic.settings, **case.settings},
                tags=tuple(dict.fromkeys((*topic.tags, *case.tags))), secrets=secrets,
            )  # fmt: skip
            yield with_normalisations(case, topic.normalisations)
    file.converter.done()


def _filled(
    converter: Converter, number: int, entry: Any
) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
    """Yield the tables that one table of a case expands to, each with its secrets."""
    problems: dict[str, None] = {}
    for each in expanded(entry, os.environ):
        problems.update(dict.fromkeys(each.problems))
        if not each.problems:
            yield each.table, each.secrets
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
