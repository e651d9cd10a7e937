"""Read saved runs from JSON Lines, one line at a time."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from comparison.core.errors import DocumentError, UsageError
from comparison.core.plural import counted
from comparison.models import (
    SCHEMA_VERSION,
    Case,
    Comparison,
    Difference,
    Environment,
    Expectation,
    Finding,
    Recording,
    RunHeader,
    Stale,
    Summary,
    Verdict,
)
from comparison.reports.wording import environment_line

_Document = TypeVar("_Document")


def read_header(path: Path, how: str) -> RunHeader:
    """Read the header of a run.

    `how` is the advice for a file of another schema version. Raises UsageError if the
    file does not exist, DocumentError if it is not a saved run.
    """
    try:
        with path.open("rb") as stream:
            return header_of(path, stream.readline(), how)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None


class SavedComparison(Struct, frozen=True):
    """A comparison as one line of the file, without its recordings."""

    case: str
    verdict: Verdict
    expectation: Expectation
    differences: tuple[Difference, ...]
    stale: tuple[Stale, ...] = ()


class _Line(SavedComparison, frozen=True, kw_only=True):
    """A comparison as one line of the file."""

    recordings: dict[str, Recording]
    normalised: tuple[str, ...] = ()
    agreed: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()


def read_lines(path: Path) -> Iterator[_Line]:
    """Yield the comparisons of a file without their cases. Raises DocumentError."""
    with path.open("rb") as stream:
        stream.readline()
        for number, line in enumerate(stream, 2):
            if line.strip():
                yield decoded(line, _Line, f"{path}:{number}")


def read_comparisons(
    path: Path, cases: Iterable[Case], how: str, end: float = math.inf
) -> Iterator[Comparison]:
    """Yield the comparisons of a file with their cases, which are taken one by one.

    Ignores lines beyond `end`, in bytes. Raises DocumentError for a line that is wrong
    or belongs to another case. The message names the line and ends with the advice in
    `how`.
    """
    coming = iter(cases)
    with path.open("rb") as stream:
        stream.readline()
        for number, line in enumerate(stream, 2):
            if stream.tell() > end:
                return
            where = f"{path}:{number}"
            saved: _Line = decoded(line, _Line, where)
            case = next(coming, None)
            if case is None or case.id != saved.case:
                expected = "none" if case is None else repr(case.id)
                message = f"{where}: case: is {saved.case!r}, not {expected}; {how}"
                raise DocumentError([message])
            yield Comparison(
                case, saved.verdict, saved.expectation, saved.differences,
                saved.recordings, saved.stale, saved.normalised, saved.agreed,
                saved.findings,
            )  # fmt: skip


def check_lines(path: Path, header: RunHeader, how: str) -> None:
    """Read every comparison of a run that has ended.

    Raises DocumentError for the first line that is torn, is not a comparison or repeats
    a case. Raises it for the last line if the counts do not match the header. The
    message ends with the advice in `how`.
    """
    number, cases, counts = 1, set(), Counter[str]()
    with path.open("rb") as stream:
        stream.readline()
        for number, line in enumerate(stream, 2):
            where = f"{path}:{number}"
            if not line.strip():
                continue
            if not line.endswith(b"\n"):
                raise DocumentError([f"{where}: the line is torn; {how}"])
            try:
                saved: _Line = decoded(line, _Line, where)
            except DocumentError as error:
                raise DocumentError([f"{error}; {how}"]) from None
            if saved.case in cases:
                again = f"{where}: case: {saved.case!r} is in the file twice; {how}"
                raise DocumentError([again])
            cases.add(saved.case)
            counts[saved.verdict] += 1
    if header.summary is not None and Summary(**counts) != header.summary:
        found, total = counts.total(), header.summary.total + header.summary.skipped
        problem = "the verdicts of the comparisons are not those that the header counts"
        if found < total:
            problem = f"the file ends after {found} of {counted(total, 'comparison')}"
        raise DocumentError([f"{path}:{number}: {problem}; {how}"])


def unbroken(path: Path, cases: Iterable[Case]) -> tuple[int, int, int]:
    """Count the lines at the start that follow the order of the cases.

    Returns their number, the number of lines after them, and where they end in bytes.
    They end before a line that is torn or belongs to another case.
    """
    saved = left = 0
    coming = iter(cases)
    with path.open("rb") as stream:
        end = len(stream.readline())
        for line in stream:
            case = next(coming, None) if not left else None
            if case is None or not _is_of(case, line):
                left += 1
            else:
                saved += 1
                end += len(line)
    return saved, left, end


def _is_of(case: Case, line: bytes) -> bool:
    try:
        saved: _Line = decoded(line, _Line, "")
    except DocumentError:
        return False
    return line.endswith(b"\n") and saved.case == case.id


def header_of(path: Path, line: bytes, how: str = "") -> RunHeader:
    """Read the header from the first line of a file. Raises DocumentError."""
    where = f"{path}:1"
    try:
        found = decoded(line, _Versioned, "")
    except DocumentError as error:
        raise DocumentError([f"{where}: {_no_run(path, line, error)}"]) from None
    if found.schema_version != SCHEMA_VERSION:
        message = (
            f"{where}: schema_version: is {found.schema_version}; this version reads"
            f" {SCHEMA_VERSION}: {how or _converted(path, line)}"
        )
        raise DocumentError([message])
    try:
        return decoded(line, RunHeader, "")
    except DocumentError as error:
        raise DocumentError([f"{where}: {_no_run(path, line, error)}"]) from None


def _no_run(path: Path, line: bytes, error: DocumentError) -> str:
    """Explain why a file is not a saved run, and how to save one."""
    why = str(error).removeprefix(": ")
    if b'"comparisons":[' in line:
        why = "it is a JSON report"
    elif path.suffix == ".toml":
        why = "it is a TOML document"
    return (
        f"is not a saved run, which is JSON Lines ({why}); `comparison record FILE.jsonl`"
        " saves one, and `comparison run --output FILE.jsonl` does"
    )


class _Versioned(Struct, frozen=True):
    schema_version: int


class _With(Struct, frozen=True):
    environment: Environment


def _converted(path: Path, line: bytes) -> str:
    # A recording of the old schema cannot be converted, only recorded again.
    try:
        with_ = environment_line(msgspec.json.decode(line, type=_With))
    except msgspec.DecodeError:
        with_ = "what it was recorded with"
    return (
        f"to convert it, record it again with `comparison record {path}` in the same"
        f" environment ({with_}), or check it with the version that wrote it"
    )


def decoded(line: bytes, type_: type[_Document], where: str) -> _Document:
    """Decode a line of JSON as a struct. Raises DocumentError naming the field."""
    try:
        return msgspec.json.decode(line, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        reason = str(error)
        field = ""
        if " - at `$" in reason:
            reason, _, at = reason.partition(" - at `$")
            field = f"{at.rstrip('`').lstrip('.')}: " if at.rstrip("`") else ""
        message = f"{where}: {field}{reason[:1].lower()}{reason[1:]}"
        raise DocumentError([message]) from None
