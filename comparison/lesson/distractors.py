"""Generate distractors for the content of a response: plausible wrong contents.

Each distractor is a variant of the recorded content. Examples are a text as JSON or as
bytes, or a value in place of its key. Others are a number plus one, or another error
page.
"""

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any

from werkzeug.exceptions import default_exceptions

from comparison.models import Response
from comparison.tracing import text_content

COMMON = (404, 500)  # statuses of error pages that fit any case
FEW = 4  # the first members of an object or items of a list to vary
LONGEST = 20_000  # characters of a body to read
MANY = 8  # the most words whose order a reader would notice

_PAGE = "<!doctype html>\n<html lang=en>\n<title>{} {}</title>\n<h1>{}</h1>\n<p>{}</p>"
_TITLE = re.compile(r"<title>(\d{3}) [^<]*</title>\s*<h1>")
_NUMBER = re.compile(r"(?<![A-Za-z0-9])-?[0-9]{1,15}")  # not in a tag such as <h1>


def content_distractors(response: Response) -> list[str]:
    """Return wrong contents as cells of an execution table, each once."""
    right = text_content(response.body)
    try:
        cells = dict.fromkeys(map(text_content, _distractors(response)))
    except RecursionError:
        return []
    return [cell for cell in cells if cell != right]


def _distractors(response: Response) -> Iterator[str]:
    body, status = response.body, response.status
    if response.body_base64:
        size = len(response.content)
        yield from (f"({n} bytes, not text)" for n in (size + 1, 2 * size, size // 2))
        return
    if (page := _TITLE.search(body[:LONGEST])) is not None:
        yield from _pages(int(page[1]))
        return
    try:
        value = json.loads(body[:LONGEST])
    except (ValueError, RecursionError):
        yield from _texts(body[:LONGEST], status)
        return
    compact = json.dumps(value, separators=(",", ":"))
    separators = (",", ":") if len(body.strip()) <= len(compact) else None
    for other in _values(value, status):
        yield json.dumps(other, separators=separators, ensure_ascii=body.isascii())


def _pages(status: int) -> Iterator[str]:
    """Yield other error pages in the form that both frameworks use."""
    for code, error in default_exceptions.items():
        near = code // 100 == status // 100 or code in COMMON
        if near and code != status:
            name = escape(error().name)
            yield _PAGE.format(code, name, name, escape(error.description or ""))


def _texts(body: str, status: int) -> Iterator[str]:
    text = body.strip()
    if not text:
        yield from ("null", "{}", "[]", '""', "b''")
        return
    yield json.dumps(text)
    yield repr(text.encode())
    yield repr((text, status))
    yield json.dumps({"message": text}, separators=(",", ":"))
    if "<" in text:
        yield escape(text)
        yield re.sub(r"<[^>]*>", "", text)
    if (number := _NUMBER.search(text)) is not None:
        for other in (int(number[0]) + 1, int(number[0]) - 1):
            yield f"{text[: number.start()]}{other}{text[number.end() :]}"
    words = text.split()
    if 1 < len(set(words)) <= MANY and "<" not in text:
        yield " ".join(reversed(words))


def _values(value: Any, status: int) -> Iterator[Any]:
    match value:
        case dict():
            yield from _objects(value)
            yield {**value, "status": status}
            yield [value]
        case list():
            yield from _lists(value)
        case str():
            yield from ([value], {"message": value}, value.upper(), None)
        case bool() | None:
            yield from (not value, json.dumps(value), [value], {})
        case int() | float():
            yield from (value + 1, str(value), [value], -value - 1)


def _objects(value: dict[str, Any]) -> Iterator[Any]:
    for key in [*value][:FEW]:
        for other in _instead(key, value[key]):
            yield {**value, key: other}
        if len(value) > 1:
            yield {name: item for name, item in value.items() if name != key}
    yield [*value.values()]
    yield {}


def _lists(value: list[Any]) -> Iterator[Any]:
    yield value[::-1]
    yield value[:-1]
    yield [value] if len(value) > 1 else None
    yield dict(enumerate(value))
    for number, item in enumerate(value[:FEW]):
        for other in _instead("", item):
            yield [*value[:number], other, *value[number + 1 :]]


def _instead(key: str, value: Any) -> Iterator[Any]:
    """Yield values that could replace a member or an item."""
    match value:
        case str():
            yield from (None, [value])
            if key:
                yield key
            if _NUMBER.fullmatch(value):
                yield int(value)
        case bool():
            yield from (not value, str(value))
        case None:
            yield from ("", "None", False)
        case int() | float():
            yield from (str(value), value + 1, None)
        case list():
            yield from (value[::-1], value[:1] or None, ", ".join(map(str, value)))
        case dict():
            yield from ({}, [*value], None)
