"""Collect facts about an example and its recordings, which difference patterns name."""

import re
from collections.abc import Iterator, Mapping

from msgspec import UNSET

from comparison.models import Recording, Response
from comparison.targets.bodies import header_pairs
from comparison.views import AddHeader, SetHeader, View

from .example import Example

NOT_ALLOWED = "sent where none is allowed"

_TOKEN = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
_NO_CONTENT = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]|^[ \t]|[ \t]$")


def facts_of(example: Example, sides: Mapping[str, Recording]) -> dict[str, str]:
    """Collect the facts about an example and both recordings, by name."""
    view, request = example.view, example.request
    facts = {
        "method": request.method,
        "beside": example.beside,
        "made": view.made,
        "shape": view.shape,
        "style": view.style,
        "handled": "yes" if view.handled else "no",
        "changes": " ".join(
            f"{tag_of(change)}:{getattr(change, 'name', '').lower()}"
            for change in view.changes
        ),
        "headers": view.headers.kind if view.headers is not None else "",
        "names": ""
        if view.headers is None
        else " ".join(name.lower() for name, _ in view.headers.fields),
        "request-headers": "\n".join(
            ": ".join(pair) for pair in header_pairs(request.headers)
        ),
    }
    facts["odd-fields"] = odd_fields(view)
    facts["given-lengths"] = f"{facts['names']} {facts['changes']}"
    if view.body is not None:
        facts["body"] = view.body.kind
        content = view.body.content
        facts["content"] = "" if content is UNSET else str(content)
    if view.status is not None:
        facts["status-kind"] = view.status.kind
        content = view.status.content
        facts["status-content"] = "" if content is UNSET else str(content)
    if view.raises is not None:
        facts["raises"] = tag_of(view.raises)
    for side, recording in sides.items():
        response = recording.exchange.response
        status = "" if response is None else str(response.status)
        types = () if response is None else response.header("content-type")
        facts[f"{side}-status"] = status
        facts[f"{side}-announced"] = "" if response is None else _announced(response)
        facts[f"{side}-framing"] = "" if response is None else response.framing
        facts[f"{side}-type"] = ", ".join(types)
        facts[f"{side}-handed-over"] = handed_over(recording)
        facts[f"{side}-raised"], facts[f"{side}-caught"] = raised_in(recording)
    return facts


def _announced(response: Response) -> str:
    """Say whether the body has the length that Content-Length announces, if any."""
    lengths = response.header("content-length")
    sent = response.framing.partition(" ")[0]
    same = not lengths or NOT_ALLOWED not in response.framing or lengths == (sent,)
    return "as sent" if same else "otherwise"


def tag_of(part: object) -> str:
    """Return the JSON tag of a part of a description."""
    return str(type(part).__struct_config__.tag)  # type: ignore[attr-defined]


def raised_in(recording: Recording) -> tuple[str, str]:
    """Return the first error that the app caught, and the method that caught it."""
    for event in recording.trace:
        if event.event == "error_caught":
            return event.detail, event.name
    return "", ""


def handed_over(recording: Recording) -> str:
    """Return the status that the app handed to its server, or "" if it is unknown."""
    events = {event.event: event for event in recording.trace}
    if (event := events.get("response_handed_over")) is not None:
        return str(event.status)
    return "none" if "response_made" in events else ""


def odd_fields(view: View) -> str:
    """Name what is invalid in the header fields of a view.

    `name`: not a token (RFC 9110 section 5.6.2). `value`: control characters, or white
    space around it (section 5.5). `beyond Latin-1`: text that PEP 3333 cannot carry.
    """
    return ", ".join(dict.fromkeys(_odd(view)))


def _odd(view: View) -> Iterator[str]:
    for name, value in _given(view):
        if not _TOKEN.fullmatch(name):
            yield "name"
        if _NO_CONTENT.search(value):
            yield "value"
        if any(ord(character) > 0xFF for character in name + value):
            yield "beyond Latin-1"


def _given(view: View) -> Iterator[tuple[str, str]]:
    fields = [] if view.headers is None else list(view.headers.fields)
    fields += [
        (change.name, change.value)
        for change in view.changes
        if isinstance(change, SetHeader | AddHeader)
    ]
    for name, value in fields:
        for each in value if isinstance(value, list | tuple) else (value,):
            yield name, str(each)
