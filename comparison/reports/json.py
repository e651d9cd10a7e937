"""Write reports in JSON and JSON Lines: the serialised model."""

import re
import shutil
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import IO, Any

import msgspec

from comparison.models import Comparison, RunHeader

from .todo import TodoList

IN_MEMORY = 8_000_000  # bytes of comparisons to hold in memory; more go to a file
_HEADER_ROOM = 4096  # spare bytes for fields that are known only at the end of the run

_encoder = msgspec.json.Encoder()
# JSON allows these in a string: DEL and C1, characters that reorder a line, and Unicode
# line separators, at which some readers split lines.
_RAW = re.compile(
    rb"\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]"
)


def escaped(encoded: bytes) -> bytes:
    r"""Escape characters in JSON that could control a terminal.

    >>> escaped('"\x9b2J"'.encode())
    b'"\\u009b2J"'
    """
    if encoded.isascii() and b"\x7f" not in encoded:
        return encoded
    return _RAW.sub(lambda found: b"\\u%04x" % ord(found[0].decode()), encoded)


def _encoded(value: Any) -> bytes:
    try:
        return escaped(_encoder.encode(value))
    except UnicodeEncodeError:
        return escaped(_encoder.encode(_whole(msgspec.to_builtins(value))))


def _whole(value: Any) -> Any:
    """Escape lone surrogates in a value, because UTF-8 cannot encode them."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return (
        [_whole(item) for item in value] if isinstance(value, list | tuple) else value
    )


class JsonReport:
    """A report in one JSON document: the header's fields, `todo`, then `comparisons`.

    The report holds encoded comparisons until the end, because the verdict comes first.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.parts = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
        self.todo = TodoList()

    def begin(self, header: RunHeader) -> None:
        """Write nothing yet."""

    def add(self, comparison: Comparison) -> None:
        """Encode one comparison."""
        if comparison.verdict in ("different", "failed"):
            self.todo.add(comparison)
        encoded = _encoded(comparison.as_document())
        if len(encoded) > IN_MEMORY:
            self.parts.rollover()
        if self.parts.tell():
            self.parts.write(b",\n")
        self.parts.write(encoded)

    def end(self, header: RunHeader) -> None:
        """Write the document."""
        todo = b',"todo":' + _encoded(self.todo.items()) if self.todo else b""
        self.stream.write(_encoded(header)[:-1] + todo + b',"comparisons":[\n')
        self.parts.seek(0)
        shutil.copyfileobj(self.parts, self.stream)
        self.parts.close()
        self.stream.write(b"\n]}\n")


class JsonLinesReport:
    """A report that writes the header, then each comparison at once, one per line.

    At the end of the run, a file gets the final header with summary and exit code. On a
    pipe these fields stay null.
    """

    def __init__(self, stream: IO[bytes], room: int = 0) -> None:
        self.stream = stream
        self.room = room

    def begin(self, header: RunHeader) -> None:
        """Write the header, with room for its final version."""
        line = _encoded(header)
        if self.stream.seekable():
            self.room = len(line) + _HEADER_ROOM
            line = line.ljust(self.room)
        self.stream.write(line + b"\n")

    def add(self, comparison: Comparison) -> None:
        """Write one line."""
        self.stream.write(_encoded(comparison.as_document()) + b"\n")

    def end(self, header: RunHeader) -> None:
        """Replace the first header with the final one."""
        line = _encoded(header)
        if 0 < self.room < len(line) and self.stream.readable():
            self._move(len(line))
        if self.room >= len(line):
            self.stream.seek(0)
            self.stream.write(line.ljust(self.room))

    def _move(self, room: int) -> None:
        """Make more room for the final header."""
        self.stream.seek(self.room)
        with TemporaryFile() as aside:
            shutil.copyfileobj(self.stream, aside)
            aside.seek(0)
            self.stream.seek(room)
            shutil.copyfileobj(aside, self.stream)
        self.room = room
