"""Find values that a response gave and a later request sends: they become captures."""

import json
import re
from collections.abc import Iterator
from http.cookies import CookieError, SimpleCookie
from itertools import islice
from typing import Any
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from comparison.redaction import is_secret_name

from .draft import is_json
from .har import EntryResponse
from .page_values import page_values
from .recorded_bodies import media_type
from .recorded_json import Unwritable, strict_json

LONGEST_BODY = 1_000_000  # characters of JSON that we search
LONGEST_PAGE = 200_000  # characters of HTML, which takes longer
MOST_VALUES = 20_000  # of one response
SHORTEST_RANDOM = 8

Place = dict[str, str]
"""The fields of a capture, as `{"header": "Location"}`."""

_ID = re.compile(
    r"(^|[_-])(id|uuid|guid|pk|slug|ref|number|key|token)$|[a-z](I[dD]|Uuid|Number|Ref|Key|Token)$"
)
_TOKEN = re.compile(r"[\w.~+=-]{8,2000}")
_NAME = re.compile(r"[A-Za-z_]\w*")
_NEVER_SENT_BACK = frozenset(
    {"date", "set-cookie", "location", "expires", "last-modified", "vary", "server",
     "connection", "cache-control", "keep-alive", "transfer-encoding", "allow", "age"}
)  # fmt: skip
PAGES = ("text/html", "application/xhtml+xml")
CONTEXT = (12, 24, 48)  # characters before a value that identify its place


class Source(Struct, frozen=True):
    """A value in a response: where it is, and what says that a request got it there."""

    number: int
    name: str
    place: Place
    hidden: bool = False
    identifier: bool = False


class Captures:
    """The captures of a sequence.

    `find` returns the placeholder of a value in a request, after `learn` has searched the
    responses before it. A value counts as captured if the server made it, so if no request
    sent it before. It has to look random, or be an identifier in a place for one. Hidden
    fields of forms are captured under their name, with any value.
    """

    def __init__(self) -> None:
        self.used: dict[int, dict[str, Place]] = {}
        self.values: dict[str, tuple[int, str]] = {}
        self._sources: dict[str, list[Source]] = {}
        self._sent: set[str] = set()
        self._names: dict[int, str] = {}

    def find(self, name: str, value: str) -> str | None:
        """Return the placeholder of a value that a request sends under a name.

        The name is "" in a path.
        """
        for source in self._sources.get(value, ()):
            if (
                (source.hidden and name == source.name)
                or (
                    source.identifier
                    and (not name or is_id(name) or name == source.name)
                )
                or _is_token(source.name, value)
            ):
                return f"${{capture:{self._use(source, value)}}}"
        self._sent.add(value)
        return None

    def learn(self, number: int, response: EntryResponse, text: str | None) -> None:
        """Search the response to a request; `text` is its body."""
        for source, value in self._values(number, response, text):
            if value and (source.hidden or value not in self._sent):
                self._sources.setdefault(value, []).append(source)

    def _use(self, source: Source, value: str) -> str:
        if id(source) not in self._names:
            plain = re.sub(r"\W+", "_", source.name).strip("_").lower() or "value"
            plain = plain if _NAME.fullmatch(plain) else f"value_{plain}"
            found, number = plain, 2
            while found in self.values:
                found, number = f"{plain}_{number}", number + 1
            self._names[id(source)] = found
            self.values[found] = (source.number, value)
            self.used.setdefault(source.number, {})[found] = source.place
        return self._names[id(source)]

    def _values(
        self, number: int, response: EntryResponse, text: str | None
    ) -> Iterator[tuple[Source, str]]:
        kind = media_type(response.content.mime_type or "")
        if text and len(text) <= LONGEST_BODY:
            if is_json(kind):
                yield from _in_json(number, text)
            elif kind in PAGES and len(text) <= LONGEST_PAGE:
                for each in page_values(text):
                    if each.hidden or _is_token(each.name, each.value):
                        place = {"css": each.css, "attribute": each.attribute}
                        yield Source(number, each.name, place, each.hidden), each.value
                yield from _in_text(number, text)
        for header in response.headers:
            kind, value = header.name.lower(), header.text
            if kind == "location":
                yield from _in_location(number, header.name, value)
            elif kind == "set-cookie":
                yield from _in_cookie(number, value)
            elif _may_be_sent(kind) and _is_token(kind, value.strip('"')):
                yield Source(number, header.name, {"header": header.name}), value


def _is_token(name: str, value: str) -> bool:
    secret = len(value) >= SHORTEST_RANDOM and is_secret_name(name)
    return is_random(value) or (secret and not re.search(r"[\s,;]", value))


def _may_be_sent(kind: str) -> bool:
    return kind not in _NEVER_SENT_BACK and not kind.startswith(("content-", "access-"))


def is_random(value: str) -> bool:
    """Return whether a value looks as if a program had made it, so if it mixes characters.

    >>> [is_random(each) for each in ("strawberry", "2f6c9a41", "green-tea-2026")]
    [False, True, False]
    """
    if len(value) < SHORTEST_RANDOM or re.search(r"\s", value):
        return False
    words = re.split(r"[-_.]", value)
    return any(
        not (word.isalpha() or word.isdecimal() or not word) for word in words
    ) and (any(map(str.isalpha, value)) and any(map(str.isdecimal, value)))


def is_id(name: str) -> bool:
    """Return whether a name is that of an identifier, such as `order_id`."""
    return bool(_ID.search(name))


def _in_json(number: int, text: str) -> Iterator[tuple[Source, str]]:
    try:
        waiting: list[tuple[str, str, Any]] = [("$", "value", strict_json(text))]
    except Unwritable:
        return
    for _ in range(MOST_VALUES):
        if not waiting:
            return
        path, key, value = waiting.pop()
        if isinstance(value, dict):
            inner = [(f"{path}{_member(k)}", k, v) for k, v in value.items()]
            waiting += reversed(inner)
        elif isinstance(value, list):
            items = [(f"{path}[{at}]", key, v) for at, v in enumerate(value)]
            waiting += reversed(items)
        elif isinstance(value, str | int) and not isinstance(value, bool):
            identifier = is_id(key)
            if identifier or _is_token(key, str(value)):
                found = Source(number, key, {"json": path}, identifier=identifier)
                yield found, str(value)


def _member(key: str) -> str:
    if _NAME.fullmatch(key) and key.isascii():
        return f".{key}"
    # RFC 9535 section 2.3.1.1: a name in quotes is escaped as in JSON.
    text = json.dumps(key, ensure_ascii=True)[1:-1].replace("'", "\\'")
    return "['" + text.replace('\\"', '"') + "']"


def _in_text(number: int, text: str) -> Iterator[tuple[Source, str]]:
    """Yield the random words of a page, each with a regular expression that finds it."""
    for word in islice(_TOKEN.finditer(text), MOST_VALUES):
        if not is_random(word[0]):
            continue
        for length in CONTEXT:
            before = text[max(0, word.start() - length) : word.start()]
            if before and text.find(before) == word.start() - len(before):
                regex = re.escape(before) + r"([\w.~+=-]+)"
                yield Source(number, "token", {"regex": regex}), word[0]
                break


def _in_location(number: int, header: str, value: str) -> Iterator[tuple[Source, str]]:
    """Yield the parts of an address that are identifiers, such as 7 in /orders/7."""
    try:
        url = urlsplit(value)
    except ValueError:
        return
    previous = ""
    at = value.find(url.path)
    for segment in url.path.split("/"):
        if any(map(str.isdecimal, segment)) or is_random(segment):
            start = value[
                value.find("/", value.find("//") + 2 if url.netloc else 0) : at
            ]
            regex = re.escape(start) + "([^/?#]+)"
            name = f"{previous or 'location'}_id"
            place = {"header": header, "regex": regex}
            yield Source(number, name, place, identifier=True), segment
        at += len(segment) + 1
        previous = unquote(segment)
    for pair in url.query.split("&"):
        name, _, content = pair.partition("=")
        if any(map(str.isdecimal, content)) or is_random(content):
            place = {"header": header, "regex": f"[?&]{re.escape(name)}=([^&#]*)"}
            yield Source(number, name, place, identifier=is_id(name)), content


def _in_cookie(number: int, value: str) -> Iterator[tuple[Source, str]]:
    try:
        cookies = SimpleCookie(value.partition(";")[0])
    except CookieError:
        return
    for name, morsel in cookies.items():
        if _is_token(name, morsel.value):
            yield Source(number, name, {"cookie": name}), morsel.value
