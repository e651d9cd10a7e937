"""Read the traffic that browsers and proxies record as HAR 1.2, an entry at a time.

http://www.softwareishard.com/blog/har-12-spec/ describes the format. We read only the
parts of an entry that a case needs. The file is streamed, so memory depends on its
longest entry.
"""

import json
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice, takewhile
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from msgspec import Struct

from comparison.core.errors import DocumentError, UsageError
from comparison.core.validation import located

from .markup import place

ENTRIES = "log.entries.item"
MOST_PROBLEMS = 20
DEEPEST = 100
TOO_DEEP = "is nested too deeply"
BOM = b"\xef\xbb\xbf"

_DEEPER = {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}


class Named(Struct, frozen=True, rename="camel"):
    """A header, a parameter, a cookie or a field of a form, perhaps with a file.

    `path` is that of the file, in a source that has one. Some recorders write a number or
    null as value; we convert it to text.
    """

    name: str
    value: str | int | float | bool | None = ""
    file_name: str | None = None
    content_type: str | None = None
    path: str | None = None

    @property
    def text(self) -> str:
        """The value as text."""
        if isinstance(self.value, str):
            return self.value
        return "" if self.value is None else json.dumps(self.value)


class PostData(Struct, frozen=True, rename="camel"):
    """The body of a request: `text`, or `params` alone. `encoding` may be base64.

    `path` is the file with the body, in a source that has one.
    """

    mime_type: str | None = None
    text: str | None = None
    params: tuple[Named, ...] | None = None
    encoding: str | None = None
    path: str | None = None


class Content(Struct, frozen=True, rename="camel"):
    """The body of a response. `encoding` may be base64."""

    mime_type: str | None = None
    text: str | None = None
    encoding: str | None = None


class EntryRequest(Struct, frozen=True, rename="camel"):
    """The request of an entry. `url` is absolute; `body_size` counts bytes, if it is known."""

    method: str
    url: str
    headers: tuple[Named, ...] = ()
    post_data: PostData | None = None
    query_string: tuple[Named, ...] | None = None
    cookies: tuple[Named, ...] | None = None
    body_size: int | float | None = None
    http_version: str | None = None

    def header(self, name: str) -> str | None:
        """Return the value of the first header with a name in lower case."""
        found = (each.text for each in self.headers if each.name.lower() == name)
        return next(found, None)


class EntryResponse(Struct, frozen=True, rename="camel"):
    """The response of an entry; `status` is below 100 if none came."""

    status: int = 0
    status_text: str | None = ""
    http_version: str | None = ""
    headers: tuple[Named, ...] = ()
    content: Content = Content()


class Entry(Struct, frozen=True):
    """One request and the response to it; the `comment` is a title.

    `response` is None if the source records no responses. `messages` are those of a
    WebSocket connection.
    """

    request: EntryRequest
    response: EntryResponse | None = None
    comment: str | None = None
    messages: tuple[Any, ...] | None = msgspec.field(
        default=None, name="_webSocketMessages"
    )


def read_entries(path: Path) -> Iterator[Entry]:
    """Yield the entries of a file, in order.

    Raises DocumentError after the last valid entry, naming line and field of each
    invalid one. Raises UsageError if ijson, of the extra `import`, is missing.
    """
    problems: list[str] = []
    number = -1
    try:
        for number, table in enumerate(_tables(path)):
            try:
                yield msgspec.convert(table, Entry)
            except (msgspec.ValidationError, RecursionError) as error:
                problems.append(_entry_problem(path, number, error))
            if len(problems) == MOST_PROBLEMS:
                raise DocumentError([*problems, f"{path}: and more; not read further"])
    except OSError as error:
        raise DocumentError([f"{path}: {error.strerror}"]) from None
    except (_json_error(), ValueError, ArithmeticError, RecursionError) as error:
        where = f"{path}:{_line(path, number + 1)}"
        problems.append(f"{where}: {_message(error)}, after {number + 1} entries")
    if number < 0 and not problems:
        problems.append(f"{path}:1: log.entries: holds no entries; is it HAR 1.2?")
    if problems:
        raise DocumentError(problems)


def _tables(path: Path) -> Iterator[Any]:
    ijson = _ijson()
    done = 0
    try:
        for table in _tables_with(ijson, path):
            yield table
            done += 1
    except UnicodeDecodeError:
        # mitmproxy writes bytes that are not UTF-8 as lone surrogates, which only the slow
        # parser reads.
        slow = _tables_with(ijson.get_backend("python"), path)
        yield from islice(slow, done, None)


def _tables_with(parser: Any, path: Path) -> Iterator[Any]:
    with path.open("rb") as file:
        events = parser.basic_parse(_without_bom(file), use_float=True)
        yield from parser.items(parser.parse(_shallow(events)), ENTRIES)


def _shallow(events: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Yield the events, but reject deeper nesting than any recorder writes.

    Work grows with depth.
    """
    depth = 0
    for event, value in events:
        depth += _DEEPER.get(event, 0)
        if depth > DEEPEST:
            raise ValueError(TOO_DEEP)
        yield event, value


def _without_bom(file: BinaryIO) -> BinaryIO:
    if file.read(len(BOM)) != BOM:
        file.seek(0)
    return file


def _ijson() -> Any:
    try:
        import ijson
    except ImportError:
        raise UsageError(
            "HAR files need ijson: pip install 'flask-quart-comparison[import]'"
        ) from None
    return ijson


def _json_error() -> type[Exception]:
    error: type[Exception] = _ijson().JSONError
    return error


def _message(error: Exception) -> str:
    """Describe the error in the JSON, on one line.

    The parser's message continues with the text itself, which may be a secret.
    """
    if type(error).__name__ == "IncompleteJSONError":
        words = str(error).strip().splitlines()[:1]
        if not words or "premature" in words[0] or "incomplete" in words[0].lower():
            return "the file is cut off"
    if str(error) == TOO_DEEP:
        return TOO_DEEP
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return f"is not JSON: {first.rstrip('.')}"


def _entry_problem(path: Path, number: int, error: Exception) -> str:
    inner, message = located(error, Entry)
    names = takewhile(lambda part: isinstance(part, str), inner)
    line = _line(path, number, *map(str, names))
    field = place(("log", "entries", number, *inner))
    return f"{path}:{line}: {field}: {message}"


def _line(path: Path, number: int, *field: str) -> int:
    """Return the line of an entry's field, else of the entry, else of the error.

    The file is read again, a line at a time, because the parser does not count lines.
    """
    ijson = _ijson()
    events = ijson.sendable_list()
    parser = ijson.basic_parse_coro(events, use_float=True)
    wanted = ["log", "entries", number, *field]
    keys: list[str | int] = []
    line, begins = 1, 0
    with path.open("rb") as file:
        for part in iter(partial(_without_bom(file).readline, 65_536), b""):
            try:
                parser.send(part)
            except (_json_error(), ValueError, ArithmeticError):
                return begins or line
            for event, value in events:
                _follow(keys, event, value)
                if keys == wanted or len(keys) > DEEPEST:
                    return line
                if keys[:3] == wanted[:3]:
                    begins = begins or line
                elif begins:
                    return begins
            del events[:]
            line += part.endswith(b"\n")
    return begins or line


def _follow(keys: list[str | int], event: str, value: Any) -> None:
    """Update `keys` to the place of an event: names in maps, indexes in lists."""
    if event == "map_key":
        keys[-1] = value
        return
    if _DEEPER.get(event) == -1:
        keys.pop()
        return
    if keys and isinstance(keys[-1], int):
        keys[-1] += 1
    if event == "start_map":
        keys.append("")
    elif event == "start_array":
        keys.append(-1)


def content_type(headers: list[Named], default: str) -> str:
    """Return the media type in these headers; add the default if there is none."""
    for header in headers:
        if header.name.lower() == "content-type":
            return header.text
    headers.append(Named("Content-Type", default))
    return default
