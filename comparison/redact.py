"""Secrets kept out of reports: found where they are known to stand, replaced everywhere.

Credentials, cookies, and values with telling names are collected from what was sent and
received; each is then replaced in every text of the comparison, because apps echo them,
log them and keep them in variables. Equal secrets get equal placeholders, so that what
differs can still be told.
"""

import binascii
import html
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from copy import copy
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus

from msgspec import Struct
from msgspec.structs import force_setattr

from .errors import UsageError
from .model import IN_BASE64, Case, Comparison, Exchange, Pairs, Part, Request

SHORTEST = 5  # characters; shorter values are words of every text

OURS = frozenset(
    {"id", "topic", "origin", "verdict", "layer", "target", "field", "known", "like",
     "server", "kind", "event", "framing", "connection", "http_version", "normalised",
     "agreed"}
)  # fmt: skip
"""Fields with words of ours, which stay whatever a secret has in common with them."""

CREDENTIALS = ("authorization", "proxy-authorization")
COOKIES = ("cookie", "set-cookie")
PLACEHOLDER = re.compile(r"‹secret \d+›")
"""What stands where a secret was."""

_NAME = re.compile(
    r"pass(word|wd|phrase)|secret|token|api[-_]?key|credential|private[-_]?key"
    r"|session[-_]?id|csrf|xsrf|signature|^(x-)?auth|^pwd$|^sig$|^jwt$|^code$",
    re.IGNORECASE,
)
_FIELD = re.compile(
    # Only from the beginning of a word: else each letter of a long one is a try.
    r"""["']?(?<![\w-])([\w-]+)["']?\s*[:=]\s*(?:"((?:[^"\\]|\\.)+)"|'((?:[^'\\]|\\.)+)')"""
)
_USER = re.compile(r"(?<=://)[^/@\s]+(?=@)")


def redacted(comparison: Comparison) -> Comparison:
    """The comparison without the secrets that its exchanges show.

    What is redacted already stays as it is, and its case is redacted alike.
    """
    replace = replacing(comparison)
    found: Comparison = comparison if replace is None else _walk(comparison, replace)
    return found


def redacted_case(case: Case) -> Case:
    """A case without the secrets that it shows itself, before it was asked."""
    secrets = _kept(_of_case(case))
    found: Case = _walk(case, Replacing(secrets)) if secrets else case
    return found


def replacing(comparison: Comparison) -> "Replacing | None":
    """What replaces the secrets of a comparison in any text, if there are any."""
    secrets = _kept(_secrets(comparison))
    return Replacing(secrets) if secrets else None


def redacted_command(command: str) -> str:
    """A command line without credentials in URLs and values with telling names.

    >>> redacted_command("comparison run --target a=https://me:pw@host/?token=12345")
    'comparison run --target a=https://•••@host/?token=•••'
    """
    command = _USER.sub("•••", command)
    return re.sub(
        r"([?&])([\w-]+)=([^&\s'\"]+)",
        lambda m: f"{m[1]}{m[2]}=•••" if _NAME.search(m[2]) else m[0],
        command,
    )


def telling(name: str) -> bool:
    """Whether what has this name is likely a secret, as `password` and `X-Api-Key`."""
    return bool(_NAME.search(name))


class Replacing:
    """Replaces each secret by its placeholder, however it is written."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self.forms: dict[str, str] = {}
        for number, secret in enumerate(secrets, 1):
            for form in _forms(secret):
                self.forms.setdefault(form, f"‹secret {number}›")
        # The longest first: one secret may be part of another.
        ordered = sorted(self.forms, key=len, reverse=True)
        self._any = re.compile("|".join(map(re.escape, ordered)))

    def __call__(self, text: str) -> str:
        """The text without any of the secrets, cut ones included."""
        text = self._any.sub(lambda match: self.forms[match.group()], text)
        return self._without_beginning(text) if "…" in text else text

    def _without_beginning(self, text: str) -> str:
        # Long texts are cut before they come here, in the midst of a secret as well.
        for form, placeholder in self.forms.items():
            for length in range(len(form) - 1, SHORTEST - 1, -1):
                if f"{form[:length]}…" in text:
                    text = text.replace(f"{form[:length]}…", f"{placeholder}…")
                    break
        return text


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield quote(secret, safe="")
    yield quote(secret)
    yield quote_plus(secret)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]
    yield html.escape(secret)


def _walk(value: Any, replace: Replacing) -> Any:
    if isinstance(value, str):
        body = value.startswith(IN_BASE64)
        return _body(value, replace) if body else replace(value)
    if isinstance(value, Struct):
        return _struct(value, replace)
    if isinstance(value, list | tuple):
        return type(value)(_walk(item, replace) for item in value)
    if isinstance(value, dict):
        return {
            replace(key) if isinstance(key, str) else key: _walk(item, replace)
            for key, item in value.items()
        }
    return value


def _struct(value: Struct, replace: Replacing) -> Struct:
    # A copy is not validated again: a placeholder may stand where a path has to.
    changed = copy(value)
    for name in value.__struct_fields__:
        given: Any = getattr(value, name)
        if name in OURS or not given:
            continue
        if name in ("body_base64", "base64"):
            new: Any = _bytes(given, replace)
        elif name == "recordings":
            new = {target: _walk(item, replace) for target, item in given.items()}
        else:
            new = _walk(given, replace)
        force_setattr(changed, name, new)
    return changed


def _bytes(encoded: Any, replace: Replacing) -> Any:
    if not isinstance(encoded, str):
        return encoded
    content = b64decode(encoded).decode("latin-1")
    without = replace(content)
    if without == content:
        return encoded
    return b64encode(without.encode("utf-8")).decode()


def _body(value: str, replace: Replacing) -> str:
    """A body that is no text as a difference tells it, in base64 but for its secrets."""
    try:
        content = b64decode(value.removeprefix(IN_BASE64), validate=True)
    except ValueError:  # a text that begins as they do
        return replace(value)
    text = content.decode("latin-1")
    without = replace(text)
    if without == text:
        return replace(value)
    parts = [
        part
        if PLACEHOLDER.fullmatch(part)
        else b64encode(part.encode("latin-1")).decode()
        for part in re.split(f"({PLACEHOLDER.pattern})", without)
    ]
    return f"{IN_BASE64}{''.join(parts)}"


def _kept(found: Iterable[str]) -> list[str]:
    """Each secret once, but for what is too short, or a placeholder already."""
    once = dict.fromkeys(found)
    return [s for s in once if len(PLACEHOLDER.sub("", s)) >= SHORTEST]


def _of_case(case: Case) -> Iterator[str]:
    yield from case.secrets
    for request in (*case.before, case.request):
        yield from _of_request(request)


def _secrets(comparison: Comparison) -> Iterator[str]:
    yield from _of_case(comparison.case)
    for recording in comparison.recordings.values():
        for exchange in (*recording.before, recording.exchange):
            yield from _of_exchange(exchange)


def _of_request(request: Request) -> Iterator[str]:
    headers = request.headers
    pairs = headers.items() if isinstance(headers, dict) else headers
    yield from _of_headers(tuple(pairs))
    yield from _of_query(request.path)
    for body in (request.json, request.form):
        yield from _of_data(body)
    for part in request.multipart or ():
        if _NAME.search(part.name):
            yield from _of_content(part)


def _of_content(part: Part) -> Iterator[str]:
    try:
        yield part.content.decode()
    except (UnicodeDecodeError, UsageError):
        return


def _of_exchange(exchange: Exchange) -> Iterator[str]:
    yield from _of_headers(exchange.request.headers)
    yield from _of_data(exchange.captured)
    yield from secrets_in(exchange.request.body or "")
    responses = [exchange.response]
    if exchange.failure is not None:
        responses.append(exchange.failure.partial)
    for response in responses:
        if response is not None:
            yield from _of_headers(response.headers)
            yield from secrets_in(response.body)


def _of_headers(headers: Pairs) -> Iterator[str]:
    for name, value in headers:
        kind = name.lower()
        if kind in CREDENTIALS:
            yield value
            yield from _of_credentials(value.partition(" ")[2])
        elif kind == "cookie":
            for pair in value.split(";"):
                yield from _cookie(pair)
        elif kind == "set-cookie":
            yield from _cookie(value.partition(";")[0])
        elif kind in ("location", "referer"):
            yield from _of_query(value)
        elif _NAME.search(kind):
            yield value


def _of_credentials(value: str) -> Iterator[str]:
    yield value
    try:
        decoded = b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        return
    if ":" in decoded:
        yield decoded
        yield decoded.partition(":")[2]


def _cookie(pair: str) -> Iterator[str]:
    value = pair.partition("=")[2].strip().strip('"')
    yield value


def _of_query(target: str) -> Iterator[str]:
    for name, value in parse_qsl(target.partition("?")[2].partition("#")[0]):
        if _NAME.search(name):
            yield value


def _of_data(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for name, value in data.items():
            if isinstance(value, str) and _NAME.search(str(name)):
                yield value
            else:
                yield from _of_data(value)
    elif isinstance(data, list | tuple):
        for item in data:
            match item:
                case [str(name), str(value)] if _NAME.search(name):
                    yield value
                case _:
                    yield from _of_data(item)


def secrets_in(text: str) -> Iterator[str]:
    """The values with telling names in a body: JSON, or a form."""
    for name, quoted, single in _FIELD.findall(text):
        if _NAME.search(name):
            yield quoted or single
    if "=" in text and "\n" not in text and "<" not in text:
        yield from _of_query(f"?{text}")
