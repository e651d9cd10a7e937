"""Bodies that are in files, beside the case file that names them."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import UNSET

from comparison.case import content_of
from comparison.documents import Converter
from comparison.model import Case, Request

Found = Callable[[str, tuple[str | int, ...]], str]
"""What a file is called from here, given its name and the field that names it."""


def with_files(case: Case, converter: Converter, number: int) -> Case:
    """The case with the paths of its files seen from the working directory.

    A file that is not there is a problem of the case's document.
    """
    folder = converter.path.parent

    def seen(name: str, at: tuple[str | int, ...]) -> str:
        path = folder / name
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "no such file"
            shown = [part for part in at if isinstance(part, str)]
            converter.problem(
                f"{str(path)!r}: {what}", "case", number, *at, shown=shown
            )
        return str(path)

    return _mapped(case, seen)


def portable(case: Case) -> Case:
    """The case with what its files hold, as a digest, in place of where they are.

    Raises UsageError for a file that is not there.
    """

    def held(name: str, _: tuple[str | int, ...]) -> str:
        # The name comes last: a part is called by it.
        return f"{hashlib.sha256(content_of(name)).hexdigest()}/{Path(name).name}"

    return _mapped(case, held)


def _mapped(case: Case, found: Found) -> Case:
    if not any(map(_has_files, case.requests)):
        return case
    before = tuple(
        _request(each, found, ("before", n)) for n, each in enumerate(case.before)
    )
    own = _request(case.request, found, ("request",))
    return msgspec.structs.replace(case, before=before, request=own)


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
