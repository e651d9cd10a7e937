"""Write drafts of cases as TOML, for people to complete."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from comparison.core import toml_writer as toml
from comparison.models import SCHEMA_VERSION, Request
from comparison.models.request import SAFE_METHODS

SCHEMA = "comparison-cases.schema.json"
"""The JSON Schema next to a drafted file, which names it for editors."""


class Draft(Struct, frozen=True, kw_only=True):
    """A case to write. `body` is a pair, such as ("json", {...}).

    `choose` says what a person should choose in the path, `choose_headers` in the
    headers, `choose_body` in the body. `expect` has the fields of [case.expect].
    `setup` are the setup requests, with the same cookies. `capture` names values of the
    response. A draft with `off` is
    written as comments, with the reason.
    """

    id: str
    title: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: tuple[str, Any] | None = None
    choose: str = ""
    choose_headers: str = ""
    choose_body: str = ""
    expect: tuple[tuple[str, Any], ...] = ()
    setup: tuple["Draft", ...] = ()
    capture: tuple[tuple[str, dict[str, str]], ...] = ()
    http_version: str = ""
    off: str = ""


def case_file(
    title: str,
    notes: Iterable[str],
    drafts: Iterable[Draft],
    others: Collection[str] = (),
) -> str:
    """Return a whole case file.

    `notes` are comments at its head. Ids are made unique.

    >>> draft = Draft(id="a", title="A", method="GET", path="/a")
    >>> print(case_file("Mine", ["made by hand"], [draft]))
    #:schema ./comparison-cases.schema.json
    # made by hand
    schema_version = 1
    <BLANKLINE>
    [topic]
    title = "Mine"
    <BLANKLINE>
    [[case]]
    id = "a"
    title = "A"
    [case.request]
    path = "/a"
    <BLANKLINE>
    """
    return "\n".join(case_lines(title, notes, drafts, others))


def case_lines(
    title: str,
    notes: Iterable[str],
    drafts: Iterable[Draft],
    others: Collection[str] = (),
) -> Iterator[str]:
    """Yield the same file a line at a time; `others` are ids that other files use."""
    yield f"#:schema ./{SCHEMA}"
    yield from (f"# {_line(note)}" for note in notes)
    yield from (f"schema_version = {SCHEMA_VERSION}", "", "[topic]")
    yield from (f"title = {toml.string(title)}", "")
    taken = dict.fromkeys(others, 1)
    for draft in drafts:
        yield from _case(draft, _unused(draft.id, taken))
        yield ""


def unsafe(method: str) -> str:
    """Explain why an unsafe method is a comment; empty if it is safe."""
    if method in SAFE_METHODS:
        return ""
    return f"{method} may change data. Remove the comment marks to send it."


def is_json(media: str) -> bool:
    """Return whether a media type is JSON, or a format that consists of JSON."""
    return media == "application/json" or media.endswith("+json")


def unsendable(draft: Draft) -> str:
    """Explain why a case file may not have the draft's request; "" if it may."""
    table = {"method": draft.method, "path": draft.path, "headers": draft.headers}
    if draft.body is not None:
        table[draft.body[0]] = draft.body[1]
    try:
        msgspec.convert(table, Request)
    except (msgspec.ValidationError, RecursionError) as error:
        return str(error)
    return ""


def sendable_text(content: bytes) -> str | None:
    """Return the content as the text of a case; None if it is not UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def identifier(*words: str) -> str:
    """Return an id in kebab case.

    >>> identifier("GET", "/orders/<int:number>")
    'get-orders-int-number'
    """
    return re.sub(r"[^a-z0-9]+", "-", " ".join(words).lower()).strip("-") or "case"


def _unused(name: str, taken: dict[str, int]) -> str:
    found = name
    while found in taken:
        taken[name] += 1
        found = f"{name}-{taken[name]}"
    taken[found] = 1
    return found


def _case(draft: Draft, case_id: str) -> Iterator[str]:
    if not draft.off:
        yield from _lines(draft, case_id)
        return
    yield f"# {_line(draft.off)}"
    for line in _lines(draft, case_id):
        yield f"# {line}"


def _lines(draft: Draft, case_id: str) -> Iterator[str]:
    yield "[[case]]"
    yield f"id = {toml.string(case_id)}"
    yield f"title = {toml.string(draft.title)}"
    for earlier in draft.setup:
        yield "[[case.setup]]"
        yield from _request(earlier)
        yield from _expect("case.setup.expect", earlier)
    yield "[case.request]"
    yield from _request(draft)
    yield from _expect("case.expect", draft)


def _expect(table: str, draft: Draft) -> Iterator[str]:
    if draft.expect:
        yield f"[{table}]"
        for name, content in draft.expect:
            yield f"{name} = {toml.value(content)}"


def _request(draft: Draft) -> Iterator[str]:
    if draft.method != "GET":
        yield f"method = {toml.string(draft.method)}"
    yield f"path = {toml.string(draft.path)}{_choose(draft.choose)}"
    if draft.headers:
        names = {name for name, _ in draft.headers}
        plain = len(names) == len(draft.headers)
        headers = dict(draft.headers) if plain else draft.headers
        yield f"headers = {toml.value(headers)}{_choose(draft.choose_headers)}"
    if draft.body is not None:
        kind, content = draft.body
        yield f"{kind} = {toml.value(content)}{_choose(draft.choose_body)}"
    if draft.http_version:
        yield f"http_version = {toml.string(draft.http_version)}"
    if draft.capture:
        yield f"capture = {toml.value(dict(draft.capture))}"


def _choose(what: str) -> str:
    return f"  # choose {_line(what)}" if what else ""


def _line(text: str) -> str:
    # A comment ends with its line and must not have control characters.
    return "".join(c if c.isprintable() else " " for c in text)
