"""Collect secrets from the exchanges of a comparison; replace them everywhere."""

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from copy import copy
from typing import Any
from urllib.parse import parse_qsl

from msgspec import UNSET, Struct
from msgspec.structs import force_setattr

from comparison.core.errors import UsageError
from comparison.models import (
    IN_BASE64,
    Case,
    Comparison,
    Exchange,
    Expect,
    Pairs,
    Part,
    Request,
    Response,
)

from .fields import leaves, secrets_in
from .names import CREDENTIALS, authorizing, counting, is_secret_name
from .replacing import PLACEHOLDER, Replacing, long_enough

NAMES = frozenset({"id", "topic", "origin"})
"""Fields that identify a case. They stay unchanged."""

OURS = frozenset(
    {"verdict", "layer", "target", "field", "known", "similar", "server", "kind", "event",
     "framing", "connection", "http_version", "normalised", "agreed", "cause", "fields"}
)  # fmt: skip
"""Fields with words of this project. They stay unchanged even if a secret contains one.
"""


def redacted(comparison: Comparison, secrets: Iterable[str] = ()) -> Comparison:
    """Remove the secrets that the exchanges show from a comparison, and other `secrets`.

    Placeholders stay unchanged. The case is redacted in the same way.
    """
    replace = replacing(comparison, secrets)
    found: Comparison = comparison if replace is None else _walk(comparison, replace)
    return found


def redacted_case(case: Case) -> Case:
    """Remove the secrets that a case itself shows, before it runs."""
    secrets = long_enough(secrets_of_case(case))
    found: Case = _walk(case, Replacing(secrets)) if secrets else case
    return found


def replacing(
    comparison: Comparison, secrets: Iterable[str] = ()
) -> "Replacing | None":
    """Return what replaces the secrets of a comparison; None if it has none."""
    found = long_enough([*secrets, *_secrets(comparison)])
    return Replacing(found) if found else None


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
    if isinstance(value, int) and not isinstance(value, bool):
        shown = replace(str(value))
        return value if shown == str(value) else shown
    return value


def _struct(value: Struct, replace: Replacing) -> Struct:
    # A copy is not validated again: a placeholder may replace a path.
    changed = copy(value)
    for name in value.__struct_fields__:
        given: Any = getattr(value, name)
        if name in NAMES or not given:
            continue
        if name in OURS:
            new: Any = replace.certain(given) if isinstance(given, str) else given
        elif name in ("body_base64", "base64"):
            new = _bytes(given, replace)
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
    """Redact a binary body of a difference: base64, with placeholders in between."""
    try:
        content = b64decode(value.removeprefix(IN_BASE64), validate=True)
    except ValueError:  # a text that starts with the same mark
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


def secrets_of_case(case: Case) -> Iterator[str]:
    """Yield the secrets in a case's requests, settings and expectations."""
    yield from case.secrets
    yield from _of_data(case.settings)
    for request in case.requests:
        yield from _of_request(request)
    if case.expect is not None:
        yield from _of_expect(case.expect)


def _secrets(comparison: Comparison) -> Iterator[str]:
    yield from secrets_of_case(comparison.case)
    bodies: set[str] = set()
    for recording in comparison.recordings.values():
        for exchange in (*recording.setup, recording.exchange):
            yield from _of_exchange(exchange, bodies)
    for finding in comparison.findings:
        # The code of a finding may be the app's configuration.
        for text in (finding.source, finding.summary, *finding.evidence):
            yield from secrets_in(text)


def _of_request(request: Request) -> Iterator[str]:
    for headers in (request.headers, request.trailers):
        pairs = headers.items() if isinstance(headers, dict) else headers
        yield from _of_headers(tuple(pairs))
    for target in (request.path, request.raw_path):
        yield from _of_query(target)
        yield from secrets_in(target)
    for body in (request.json, request.form):
        yield from _of_data(body)
    if isinstance(request.text, str):
        yield from _of_text(request.text)
    for part in request.multipart or ():
        if is_secret_name(part.name):
            yield from _of_content(part)
    if request.expect is not None:
        yield from _of_expect(request.expect)


def _of_expect(expect: Expect) -> Iterator[str]:
    for name, value in expect.headers.items():
        values = (value,) if isinstance(value, str) else value
        if not isinstance(values, bool):
            yield from _of_headers(tuple((name, each) for each in values))
    yield from _of_data(expect.json)
    for text in (expect.text, expect.contains, expect.matches):
        if isinstance(text, str):
            yield from _of_text(text)


def _of_content(part: Part) -> Iterator[str]:
    try:
        yield part.content.decode()
    except (UnicodeDecodeError, UsageError):
        return


def _of_exchange(exchange: Exchange, bodies: set[str]) -> Iterator[str]:
    """Yield the secrets of an exchange; search each distinct body once."""
    if exchange.challenge is not None:
        yield from _of_exchange(exchange.challenge, bodies)
    yield from _of_headers(exchange.request.headers + exchange.request.trailers)
    yield from _of_query(exchange.request.path)
    yield from _of_data(exchange.captured)
    texts = [exchange.request.body or ""]
    responses = [exchange.response]
    if exchange.failure is not None:
        responses.append(exchange.failure.partial)
    for response in responses:
        if response is not None:
            for headers in (response.headers, *_beside(response)):
                yield from _of_headers(headers)
            texts.append(response.body)
    for text in texts:
        if text and text not in bodies:
            bodies.add(text)
            yield from _of_text(text)


def _beside(response: Response) -> Iterator[Pairs]:
    """Yield the fields of a response that are not in its head."""
    if response.interim is not UNSET:
        yield from (each.headers for each in response.interim)
    if response.trailers is not UNSET:
        yield response.trailers


def _of_headers(headers: Pairs) -> Iterator[str]:
    for name, value in headers:
        kind = name.lower()
        if kind in CREDENTIALS:
            yield value
            yield from _of_credentials(value.partition(" ")[2])
        elif kind == "cookie":
            for pair in value.split(";"):
                yield _cookie(pair)
        elif kind == "set-cookie":
            yield _cookie(value.partition(";")[0])
        elif kind in ("location", "referer"):
            yield from _of_query(value)
        elif is_secret_name(kind):
            yield value
        yield from secrets_in(value)


def _of_credentials(value: str) -> Iterator[str]:
    yield value
    try:
        decoded = b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        return
    if ":" in decoded:
        yield decoded
        yield decoded.partition(":")[2]


def _cookie(pair: str) -> str:
    return pair.partition("=")[2].strip().strip('"')


def _of_query(target: str) -> Iterator[str]:
    pairs = parse_qsl(target.partition("?")[2].partition("#")[0])
    names = {name for name, _ in pairs}
    for name, value in pairs:
        if (is_secret_name(name) or authorizing(name, names)) and not counting(
            name, value
        ):
            yield value


def _of_text(text: str) -> Iterator[str]:
    yield from secrets_in(text)
    if "=" in text and "\n" not in text and "<" not in text:
        yield from _of_query(f"?{text}")


def _of_data(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for name, value in data.items():
            if isinstance(name, str) and is_secret_name(name):
                yield from leaves(value, name)
            else:
                yield from _of_data(value)
        match data:
            case {"name": str(name), "value": value} if is_secret_name(name):
                yield from leaves(value, name)
    elif isinstance(data, list | tuple):
        for item in data:
            match item:
                case [str(name), str(value)] if is_secret_name(name):
                    yield value
                case _:
                    yield from _of_data(item)
    elif isinstance(data, str):
        yield from secrets_in(data)
