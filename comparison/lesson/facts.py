"""Look up facts in a recording for the modes of a lesson."""

import re
from collections.abc import Iterable
from http import HTTPStatus

from comparison.core.set_cookie import SetCookie, parse_set_cookie
from comparison.models import Event, Recording, Value
from comparison.tracing import unsent as never_sent

RETURNS = ("view_returned", "handler_returned")
RAISES = ("view_raised", "handler_raised", "hook_raised")
REDIRECTS = (301, 302, 303, 307, 308)
_STREAMS = ("generator", "async_generator", "list_iterator", "map", "filter")

_RENAMED = {
    306: "(Unused)",
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    418: "(Unused)",
    422: "Unprocessable Content",
}
"""The names of RFC 9110, section 15, where some versions of Python have others."""
OF_A_FRAMEWORK = re.compile(
    r"\b(?:async|await)\s+|\basync_(?=generator)|\b(?:[Ff]lask|[Qq]uart)\b"
)
"""The words that differ between the frameworks where a text says the same."""


def first(recording: Recording, *names: str) -> Event | None:
    """Return the first event with one of these names."""
    return next((e for e in recording.trace if e.event in names), None)


def last(recording: Recording, *names: str) -> Event | None:
    """Return the last event with one of these names."""
    return next((e for e in reversed(recording.trace) if e.event in names), None)


def returned(recording: Recording) -> Event | None:
    """Return the event whose value became the response: of a view, handler or hook."""
    found, is_made = None, False
    for event in recording.trace:
        match event.event:
            case "response_made":
                is_made = True
            case "error_caught":
                # The framework makes the response of the exception, unless a handler does.
                found = None
            case "view_returned" | "handler_returned":
                found, is_made = event, False
            case "hook_returned" if not is_made and event.value is not None:
                # Hooks that run later return the response that they received.
                found = event if event.value.type != "NoneType" else found
    return found


def body_of(value: Value) -> Value:
    """Return the body in a returned value, which may be a tuple with a status."""
    return value.items[0] if value.type == "tuple" and value.items else value


def chooses(value: Value, status: int | None) -> bool:
    """Return whether a returned tuple has this status, as a number, text or HTTPStatus.

    >>> chooses(Value("tuple", "", items=(Value("str", "'Hi'"), Value("int", "202"))), 202)
    True
    """
    if value.type != "tuple" or len(value.items) < 2 or has_headers(value):
        return False
    return re.search(rf"(?<!\d){status}(?!\d)", value.items[1].text) is not None


def has_headers(value: Value) -> bool:
    """Return whether the second item of a returned tuple has header fields."""
    return (
        value.type == "tuple"
        and len(value.items) > 1
        and value.items[1].type in ("dict", "list", "tuple", "Headers")
    )


def streams(recording: Recording) -> bool:
    """Return whether the app returned an iterator as the body."""
    event = returned(recording)
    if event is None or event.value is None:
        return False
    return body_of(event.value).type in _STREAMS


def who(event: Event, *, capital: bool = True) -> str:
    """Name the function of an event with its kind.

    >>> who(Event("view_called", name="custom_status"))
    'The view `custom_status`'
    """
    kind = event.event.partition("_")[0]
    what = "error handler" if kind == "handler" else kind
    return f"{'The' if capital else 'the'} {what} {code(event.name)}"


def code(text: str) -> str:
    """Quote Python in a sentence."""
    return f"`{text}`"


def ended(text: str) -> str:
    """End a sentence with a full stop.

    >>> ended("404 Not Found"), ended("Try again.")
    ('404 Not Found.', 'Try again.')
    """
    return text if text.endswith((".", "!", "?")) else f"{text}."


def unsent(recording: Recording) -> bool:
    """Return whether the request was not sent, so that no code of the app ran."""
    failure = recording.exchange.failure
    return failure is not None and never_sent(failure, recording.trace)


def made(recording: Recording) -> Event | None:
    """Return the event in which the framework made the response."""
    return last(recording, "response_made")


def status_of(recording: Recording) -> int | None:
    """Return the status that the client received."""
    response = recording.exchange.response
    return None if response is None else response.status


def cookies_of(recording: Recording) -> list[SetCookie]:
    """Return the cookies that the response sets or deletes."""
    response = recording.exchange.response
    fields = () if response is None else response.header("set-cookie")
    return [parse_set_cookie(field) for field in fields]


def content_type(recording: Recording) -> str:
    """Return the Content-Type of the response, or ""."""
    response = recording.exchange.response
    return "" if response is None else next(iter(response.header("content-type")), "")


def is_json(recording: Recording) -> bool:
    """Return whether the response has JSON, by its Content-Type."""
    kind = content_type(recording).partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def phrase(status: int) -> str:
    """Return the name of a status in RFC 9110 and its registry, or ""."""
    try:
        return _RENAMED.get(status) or HTTPStatus(status).phrase
    except ValueError:
        return ""


def named(status: int, sent: str | None = None) -> str:
    """Return a status with its name, and the phrase that was sent if that is another.

    >>> named(413, "REQUEST ENTITY TOO LARGE")
    "413 Content Too Large (sent as 'REQUEST ENTITY TOO LARGE')"
    >>> named(202, "ACCEPTED")
    '202 Accepted'
    """
    name = f"{status} {phrase(status)}".rstrip()
    other = sent and sent.casefold() != phrase(status).casefold()
    return f"{name} (sent as {sent!r})" if other else name


def received_status(recording: Recording, *, phrase_too: bool = False) -> str:
    """Return the status that the client received, with its name; "" without one.

    With `phrase_too`, the phrase that was sent stands beside it if that is another.
    """
    response = recording.exchange.response
    if response is None:
        return ""
    return named(response.status, response.reason if phrase_too else None)


def listed(values: Iterable[object]) -> str:
    """Join values for a sentence.

    >>> listed([1, 2, 3])
    '1, 2 and 3'
    """
    words = [str(value) for value in values]
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def neutral(line: str) -> str:
    """Remove `async`, `await` and the framework's name from a line."""
    return OF_A_FRAMEWORK.sub(
        lambda word: "" if word[0].startswith("a") else "framework", line
    )
