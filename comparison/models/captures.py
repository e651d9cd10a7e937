"""Capture values from a response, and insert them where a case refers to them."""

import json
from collections.abc import Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

import msgspec
from msgspec import UNSET

from comparison.core import css, json_path
from comparison.core.regexp import SearchTooSlow, search

from .expect import Expect
from .recording import Exchange, Response
from .request import REFERENCE, Capture, Request

MAX_SHOWN = 200  # characters of a body in which a capture found nothing


class Uncaptured(Exception):
    """A capture found nothing in a response; the message says what is there."""


def captured(request: Request, response: Response) -> dict[str, Any]:
    """Return the values that a request's captures find. Raises Uncaptured."""
    return {
        name: _found(name, what, response) for name, what in request.capture.items()
    }


def captured_from(number: int, request: Request, exchange: Exchange) -> dict[str, Any]:
    """Return the captured values of a setup request. Raises Uncaptured with its number."""
    where = f"request {number} ({exchange.request.method} {exchange.request.path})"
    if exchange.response is None:
        names = ", ".join(request.capture)
        raise Uncaptured(
            f"{where}: nothing to capture {names} from: {exchange.failure}"
        )
    try:
        return captured(request, exchange.response)
    except Uncaptured as nothing:
        raise Uncaptured(f"{where}: {nothing}") from None


def found_in(request: Request, response: Response) -> dict[str, Any]:
    """Return the values that a request's captures find; omit the missing ones."""
    values: dict[str, Any] = {}
    for name, what in request.capture.items():
        try:
            values[name] = _found(name, what, response)
        except Uncaptured:
            continue
    return values


def missing(request: Request, response: Response) -> dict[str, str]:
    """Return each capture that finds nothing, and what the response has instead."""
    found: dict[str, str] = {}
    for name, what in request.capture.items():
        try:
            _found(name, what, response)
        except Uncaptured as nothing:
            found[name] = str(nothing)
    return found


def filled_request(request: Request, values: Mapping[str, Any]) -> Request:
    """Insert captured values into a request. Raises Uncaptured if it is invalid then.

    A text in `json` may be only a reference. The value then replaces it with its own type,
    such as a number. Elsewhere values become text.
    """
    plain = msgspec.to_builtins(request)
    own = ("capture", "expect", "json")
    unfilled = {name: plain.pop(name) for name in own if name in plain}
    made = _filled(plain, lambda name: as_text(values[name]))
    made.update(unfilled)
    if request.json is not UNSET:
        made["json"] = _filled(request.json, values.__getitem__)
    try:
        filled = msgspec.convert(made, Request)
    except msgspec.ValidationError as error:
        raise Uncaptured(
            f"the captured values make an invalid request: {error}"
        ) from None
    for name, value in _pairs(filled):
        if any(ord(character) < 32 and character != "\t" for character in value):
            raise Uncaptured(
                f"a captured value makes an invalid header {name}: {value!r}"
            )
    return filled


def filled_expect(expect: Expect, values: Mapping[str, Any]) -> Expect:
    """Insert captured values into what a case expects."""
    plain = msgspec.to_builtins(expect)
    plain.pop("json", None)
    made = _filled(plain, lambda name: as_text(values[name]))
    if expect.json is not UNSET:
        made["json"] = _filled(expect.json, values.__getitem__)
    return msgspec.convert(made, Expect)


def as_text(value: Any) -> str:
    """Write a captured value within a text: a string as it is, other values as JSON.

    >>> as_text("a"), as_text(7), as_text(True)
    ('a', '7', 'true')
    """
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _pairs(request: Request) -> list[tuple[str, str]]:
    headers = request.headers
    return list(headers.items() if isinstance(headers, dict) else headers)


def _filled(value: Any, of: Callable[[str], Any]) -> Any:
    if isinstance(value, str):
        return _filled_text(value, of) if "${capture:" in value else value
    if isinstance(value, list | tuple):
        return [_filled(item, of) for item in value]
    if isinstance(value, dict):
        return {
            as_text(_filled(key, of)): _filled(item, of) for key, item in value.items()
        }
    return value


def _filled_text(text: str, of: Callable[[str], Any]) -> Any:
    whole = REFERENCE.fullmatch(text)
    if whole is not None and not whole[1]:
        return of(whole[2])
    return REFERENCE.sub(lambda match: match[1] or as_text(of(match[2])), text)


def _found(name: str, what: Capture, response: Response) -> Any:
    value: Any
    if what.json:
        value = _in_json(name, what, response)
    elif what.css:
        value = css.first(what.css, what.attribute, _text(response))
        if value is None:
            raise _nothing(name, what, response, f"body {_cut(_text(response))}")
    elif what.header:
        values = response.header(what.header)
        if not values:
            names = ", ".join(key for key, _ in response.headers) or "none"
            raise _nothing(name, what, response, f"headers: {names}")
        value = values[0]
    elif what.cookie:
        cookies = _cookies(response)
        if what.cookie not in cookies:
            names = ", ".join(cookies) or "none"
            raise _nothing(name, what, response, f"cookies: {names}")
        value = cookies[what.cookie]
    else:
        value = _text(response)
    if not what.regex:
        return value
    whole = not (what.json or what.css or what.header or what.cookie)
    place = "body " if whole else ""
    try:
        match = search(what.regex, as_text(value))
    except SearchTooSlow as slow:
        raise Uncaptured(f"capture {name!r}: {slow}") from None
    # A group that took no part in the match counts as nothing found.
    group = None if match is None else match[1] if match.re.groups else match[0]
    if group is None:
        raise _nothing(name, what, response, f"{place}{_cut(as_text(value))}")
    return group


def _in_json(name: str, what: Capture, response: Response) -> Any:
    try:
        body = json.loads(response.content)
        found = json_path.first(what.json, body)
    except json_path.QueryTooSlow as slow:
        raise Uncaptured(f"capture {name!r} at {what}: {slow}") from None
    except (ValueError, RecursionError):
        shown = f"body, which is not JSON: {_cut(_text(response))}"
        raise _nothing(name, what, response, shown) from None
    if not found:
        raise _nothing(name, what, response, f"body {_cut(_text(response))}")
    return found[0]


def _cookies(response: Response) -> dict[str, str]:
    found: dict[str, str] = {}
    for value in response.header("set-cookie"):
        pair = value.partition(";")[0]
        try:
            parsed = SimpleCookie(pair)
        except CookieError:
            continue
        found.update({key: morsel.value for key, morsel in parsed.items()})
    return found


def _text(response: Response) -> str:
    if response.body_base64:
        return f"({len(response.content)} bytes, not text)"
    return response.body


def _cut(text: str) -> str:
    text = text.strip()
    if not text:
        return "(empty)"
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def _nothing(name: str, what: Capture, response: Response, there: str) -> Uncaptured:
    return Uncaptured(
        f"capture {name!r} found nothing at {what}: status {response.status}, {there}"
    )
