"""Draft case files from an app or a document; write them to a file or standard output."""

import os
import re
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from comparison.cases.sources.draft import SCHEMA, case_lines
from comparison.core.errors import UsageError
from comparison.core.escaping import echo
from comparison.core.locking import locked
from comparison.core.plural import counted
from comparison.redaction import redacted_command
from comparison.schemas import schema_text

if TYPE_CHECKING:
    from comparison.cases.sources.traffic import Traffic

_ID = re.compile(r'^(?:# )?id = "([^"\\]*)"$', re.MULTILINE)


def read_source(source: str) -> tuple[str, bytes]:
    """Read a file or a URL; return its name without secrets, and its content.

    Raises UsageError if it cannot be read, or is too long for a description of an API.
    """
    from comparison.targets.fetch import LONGEST, fetch

    if source.lower().startswith(("http://", "https://")):
        return redacted_command(source), fetch(source)
    if "://" in source:
        raise UsageError(f"{redacted_command(source)}: is not an http or https URL")
    try:
        with Path(source).open("rb") as file:
            content = file.read(LONGEST + 1)
    except (OSError, ValueError) as error:
        message = getattr(error, "strerror", None) or error
        raise UsageError(f"{source}: {message}") from None
    if len(content) > LONGEST:
        raise UsageError(f"{source}: has more than {LONGEST:,} bytes")
    return source, content


def ids_beside(output: str | None) -> set[str]:
    """Return the ids in the other case files of the folder: a project runs them all."""
    ids: set[str] = set()
    if output is None:
        return ids
    for path in Path(output).parent.glob("*.toml"):
        if path.name != Path(output).name:
            with suppress(OSError, UnicodeDecodeError):
                ids.update(_ID.findall(path.read_text("utf-8")))
    return ids


def check_output(output: str | None, *, force: bool) -> None:
    """Raise UsageError early if we could not write a draft to this file.

    Without `force` we do not replace a file, because a person may have edited it.
    """
    if output is None:
        return
    from comparison.reports.output import takes_bytes

    path = Path(output)
    with locked([path]):
        if takes_bytes(path):
            raise UsageError(f"--output {path}: is not a file")
        if path.exists() and not force:
            raise UsageError(f"--output {path}: exists; use --force to replace it")


def write_draft(lines: Iterable[str], output: str | None, *, force: bool) -> None:
    """Write a draft to a file, whole or not at all, or to standard output.

    The first line of a draft names a JSON Schema. We write that beside the file. Raises
    UsageError as `check_output` does.
    """
    if output is None:
        _print(lines)
        return
    check_output(output, force=force)
    from comparison.reports.output import place_of

    path = Path(output)
    try:
        cases, off = _write(lines, place_of(path))
        schema = path.parent / SCHEMA
        _write([schema_text("cases").rstrip()], schema)
    except OSError as error:
        raise UsageError(f"--output {path}: {error.strerror}") from None
    left = f", {off} more as comments" if off else ""
    echo(
        f"{path}: {counted(cases, 'case')}{left}; {schema.name} beside it is for editors"
    )


def write_traffic(
    traffic: "Traffic", command: str, output: str | None, *, force: bool
) -> int:
    """Write the cases of traffic, and print what they lose and what they need.

    Returns the exit code. Raises UsageError or DocumentError.
    """
    notes = [f"Drafted by `comparison {command}` from {traffic.path.name}."]
    lines = case_lines(traffic.path.stem, notes, traffic, ids_beside(output))
    write_draft(lines, output, force=force)
    for line in traffic.left_out:
        echo(f"left out: {line}", err=True)
    if traffic.variables:
        echo(f"to be set: {', '.join(traffic.variables)}", err=True)
    return 0


def _print(lines: Iterable[str]) -> None:
    # An error may come as late as the last line. In that case we print nothing.
    with TemporaryFile("w+", encoding="utf-8") as buffer:
        buffer.writelines(f"{line}\n" for line in lines)
        buffer.seek(0)
        for line in buffer:
            echo(line, nl=False)


def _write(lines: Iterable[str], path: Path) -> tuple[int, int]:
    """Write a file; return the number of its cases, and of those that are comments."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    cases = off = 0
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            for line in lines:
                file.write(f"{line}\n")
                cases += line == "[[case]]"
                off += line == "# [[case]]"
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return cases, off
