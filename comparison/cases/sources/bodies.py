"""Read bodies from files that a case file names."""

import hashlib
import json
import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import msgspec
from msgspec import UNSET

from comparison.core.documents import Converter, file_problem, has_table
from comparison.models import Case, Expect, Request
from comparison.models.request import content_of

REMEDY = "put it there, or allow it with --allow-files"

Found = Callable[[str, tuple[str | int, ...]], str]
"""Return a file's path from here, given its name and the field that names it."""


class Allowed:
    """The files that a case file may name: those in its project, or `anywhere`.

    The project's folder is the nearest parent folder whose pyproject.toml has
    [tool.comparison]. Without one it is the folder of the case file.
    """

    def __init__(self, case_file: Path, *, anywhere: bool = False) -> None:
        self.folder = case_file.parent
        self.anywhere = anywhere

    @cached_property
    def root(self) -> Path:
        """The folder of the project, with symlinks resolved."""
        here = _real(self.folder)
        for folder in (here, *here.parents):
            if has_table(folder / "pyproject.toml", "tool", "comparison"):
                return folder
        return here

    def problem(self, name: str) -> str | None:
        """Explain why a case may not name this file; None if it may."""
        path = self.folder / name
        try:
            inside = self.anywhere or _real(path).is_relative_to(self.root)
        except ValueError:  # a name with a NUL
            inside = True
        if not inside:
            return (
                f"{str(path)!r}: is outside the project's folder {self.root}: {REMEDY}"
            )
        problem = file_problem(path)
        return None if problem is None else f"{str(path)!r}: {problem}"


def _real(path: Path) -> Path:
    # Path.resolve raises if links form a cycle.
    return Path(os.path.realpath(path))


def with_files(case: Case, converter: Converter, number: int, allowed: Allowed) -> Case:
    """Return the case with the paths of its files relative to the working directory.

    A missing or forbidden file is a problem of the case's document.
    """

    def seen(name: str, at: tuple[str | int, ...]) -> str:
        problem = allowed.problem(name)
        if problem is not None:
            displayed = [part for part in at if isinstance(part, str)]
            converter.problem(problem, "case", number, *at, displayed=displayed)
        return str(allowed.folder / name)

    def loaded(expect: Expect | None, *at: str | int) -> Expect | None:
        if expect is None or not isinstance(expect.json_schema, str):
            return expect
        name = expect.json_schema
        if (problem := allowed.problem(name)) is None:
            try:
                schema = json.loads((allowed.folder / name).read_bytes())
                return msgspec.structs.replace(expect, json_schema=schema)
            except (OSError, ValueError, RecursionError) as error:
                problem = f"{name}: {error}"
        place = (*at, "expect", "json_schema")
        shown = [part for part in place if isinstance(part, str)]
        converter.problem(problem, "case", number, *place, displayed=shown)
        return expect

    return _with_schemas(_mapped(case, seen), loaded)


def _with_schemas(case: Case, loaded: Callable[..., Expect | None]) -> Case:
    """Return the case with the JSON Schemas that its expectations name files of."""
    expect = loaded(case.expect)
    if expect is not case.expect:
        case = msgspec.structs.replace(case, expect=expect)
    setup = list(case.setup)
    for number, request in enumerate(setup):
        found = loaded(request.expect, "setup", number)
        if found is not request.expect:
            setup[number] = msgspec.structs.replace(request, expect=found)
    if setup != list(case.setup):
        case = msgspec.structs.replace(case, setup=tuple(setup))
    return case


def portable(case: Case) -> Case:
    """Return the case with digests of its files in place of their paths.

    Raises UsageError for a missing file.
    """

    def digest_name(name: str, _: tuple[str | int, ...]) -> str:
        # The name comes last, because a multipart part uses it.
        return f"{hashlib.sha256(content_of(name)).hexdigest()}/{Path(name).name}"

    return _mapped(case, digest_name)


def _mapped(case: Case, found: Found) -> Case:
    if not any(map(_has_files, case.requests)):
        return case
    setup = tuple(
        _request(each, found, ("setup", n)) for n, each in enumerate(case.setup)
    )
    own = _request(case.request, found, ("request",))
    return msgspec.structs.replace(case, setup=setup, request=own)


def _has_files(request: Request) -> bool:
    return request.file is not UNSET or request.multipart is not UNSET


def _request(request: Request, found: Found, at: tuple[str | int, ...]) -> Request:
    if isinstance(request.file, str):
        path = found(request.file, (*at, "file"))
        return msgspec.structs.replace(request, file=path)
    if request.multipart is UNSET:
        return request
    parts = tuple(
        msgspec.structs.replace(
            part, file=found(part.file, (*at, "multipart", n, "file"))
        )
        if isinstance(part.file, str)
        else part
        for n, part in enumerate(request.multipart)
    )
    return msgspec.structs.replace(request, multipart=parts)
