"""Draft what a case expects from the recorded response."""

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from comparison.cases.placeholders import Placeholders, escaped
from comparison.redaction import authorizing

from .captures import is_id, is_random
from .draft import Draft, is_json
from .har import EntryResponse
from .left_out import LeftOut
from .recorded_bodies import media_type
from .recorded_json import Unwritable, plain_json, strict_json

LONGEST_TEXT = 2000  # characters of a body that the case expects unchanged

Expected = tuple[tuple[str, Any], ...]
Values = Mapping[str, str]
"""Captured values as they were recorded, by the placeholders that insert them.

A placeholder has no backslash, so it is a template of `re` that means itself.
"""


class Expectations:
    """Drafts expectations; counts bodies of responses that no case expects.

    With `keep`, the case expects bodies of any length.
    """

    def __init__(self, places: Placeholders, left_out: LeftOut, *, keep: bool) -> None:
        self.places = places
        self.left_out = left_out
        self.keep = keep

    def of(self, response: EntryResponse) -> Expected:
        """Return the fields of the expectation of a response."""
        return tuple(self._fields(response)) if response.status >= 200 else ()

    def _fields(self, response: EntryResponse) -> Iterator[tuple[str, Any]]:
        yield "status", response.status
        if headers := dict(self._headers(response)):
            yield "headers", headers
        yield from self._body(response)

    def _headers(self, response: EntryResponse) -> Iterator[tuple[str, str | bool]]:
        for header in response.headers:
            match header.name.lower():
                case "content-type":
                    yield "content-type", self.places.text(header.text)
                case "location":
                    yield "location", self._location(header.text)
                case "set-cookie":
                    yield "set-cookie", True

    def _location(self, address: str) -> str | bool:
        """Return the path of an address; any address will do if it has a host, or a code."""
        names = {name for name, _ in parse_qsl(address.partition("?")[2])}
        if address.startswith("//") or authorizing("code", names):
            return True
        return self.places.text(address) if address.startswith("/") else True

    def _body(self, response: EntryResponse) -> Iterator[tuple[str, Any]]:
        text = text_of(response)
        mime = response.content.mime_type or ""
        kind = media_type(mime)
        if not text:
            return
        if not (is_json(kind) or kind == "text/plain"):
            self._without_body(kind or "without a media type")
        elif len(text) > LONGEST_TEXT and not self.keep:
            reason = f"longer than {LONGEST_TEXT:,} characters"
            self._without_body(reason, "--keep bodies")
        elif self.places.learn(text):
            self._without_body("with secrets")
        else:
            try:
                if is_json(kind):
                    yield "json", escaped(plain_json(text))
                    return
            except Unwritable:
                pass
            yield "text", escaped(text)

    def _without_body(self, reason: str, option: str = "") -> None:
        name = f"{reason}{f' ({option})' if option else ''}"
        self.left_out.part("response bodies", name)


def text_of(response: EntryResponse) -> str | None:
    """Return the body of a response as text; None if it is not text."""
    content = response.content
    if content.encoding != "base64" or content.text is None:
        return content.text
    try:
        return base64.b64decode(content.text, validate=True).decode()
    except ValueError:
        return None


def with_captures(draft: Draft, values: Values, left_out: LeftOut) -> Draft:
    """Return a draft that expects what is captured, instead of what was recorded."""
    fields = []
    for name, recorded in draft.expect:
        content = recorded
        match name:
            case "headers" if isinstance(recorded.get("location"), str):
                location = _in_location(recorded["location"], values)
                content = {**recorded, "location": location}
            case "json":
                content = _in_json(recorded, "", values)
            case "text":
                content = _in_text(recorded, values)
        if content is None:
            left_out.part("response bodies", "with captured values")
        else:
            fields.append((name, content))
    return msgspec.structs.replace(draft, expect=tuple(fields))


def _in_location(text: str, values: Values) -> str:
    for placeholder, value in values.items():
        pattern = rf"(?<![^/?&=]){re.escape(value)}(?![^/?&#])"
        text = re.sub(pattern, placeholder, text)
    return text


def _in_json(value: Any, key: str, values: Values) -> Any:
    if isinstance(value, dict):
        return {name: _in_json(item, name, values) for name, item in value.items()}
    if isinstance(value, list):
        return [_in_json(item, key, values) for item in value]
    if isinstance(value, str | int) and not isinstance(value, bool):
        for placeholder, recorded in values.items():
            if str(value) == recorded and (is_id(key) or is_random(recorded)):
                return placeholder
    return value


def _in_text(text: str, values: Values) -> str | None:
    """Insert the placeholders; return None if the places of captured ids are unclear."""
    try:
        value = strict_json(text)
    except Unwritable:
        value = None
    wanted = sum(_changes(value, _in_json(value, "", values)))
    done = 0
    for placeholder, recorded in values.items():
        if wanted or is_random(recorded):
            pattern = rf"(?<![\w.$-]){re.escape(recorded)}(?![\w.-])"
            text, number = re.subn(pattern, placeholder, text)
            done += number
    return text if value is None or done == wanted else None


def _changes(value: Any, changed: Any) -> Iterator[bool]:
    """Yield whether each leaf of a value has changed."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _changes(item, changed[key])
    elif isinstance(value, list):
        for item, other in zip(value, changed, strict=True):
            yield from _changes(item, other)
    else:
        yield value != changed
