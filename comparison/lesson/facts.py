"""What the modes ask of a recording."""

import re
from collections.abc import Iterable
from http import HTTPStatus

from comparison.models import Event, Recording, Row
from comparison.tracing import unsent as never_sent

NOT_YET = "N/A"

_ASYNC = re.compile(r"\b(async|await)\s+")
_NAMES = re.compile(r"\b([Ff]lask|[Qq]uart)\b")


def first(recording: Recording, *names: str) -> Event | None:
    """The first event of one of these names."""
    return next((e for e in recording.trace if e.event in names), None)


def last(recording: Recording, *names: str) -> Event | None:
    """The last event of one of these names."""
    return next((e for e in reversed(recording.trace) if e.event in names), None)


def returned(recording: Recording) -> Event | None:
    """What the response was made of: the last view, handler or hook that answered."""
    found, is_made = None, False
    for event in recording.trace:
        match event.event:
            case "response_made":
                is_made = True
            case "view_returned" | "handler_returned":
                found, is_made = event, False
            case "hook_returned" if not is_made and event.value is not None:
                # What hooks return afterwards is the response that they were given.
                found = event if event.value.type != "NoneType" else found
    return found


def who(event: Event, *, capital: bool = True) -> str:
    """The function of an event, with what it is.

    >>> who(Event("view_called", name="custom_status"))
    'The view `custom_status`'
    """
    kind = event.event.partition("_")[0]
    what = "error handler" if kind == "handler" else kind
    return f"{'The' if capital else 'the'} {what} {code(event.name)}"


def code(text: str) -> str:
    """A piece of Python in a sentence."""
    return f"`{text}`"


def ended(text: str) -> str:
    """A sentence with its full stop.

    >>> ended("404 Not Found"), ended("Try again.")
    ('404 Not Found.', 'Try again.')
    """
    return text if text.endswith((".", "!", "?")) else f"{text}."


def unsent(recording: Recording) -> bool:
    """Whether the request was not sent, and with it no code of the app ran."""
    failure = recording.exchange.failure
    return failure is not None and never_sent(failure, recording.trace)


def made(recording: Recording) -> Event | None:
    """How the framework made the response."""
    return last(recording, "response_made")


def answer_row(recording: Recording) -> Row | None:
    """The row in which the response is returned; None where none was."""
    rows = [row for row in recording.table if receives(row)]
    return rows[-1] if rows and recording.exchange.response else None


def receives(row: Row) -> bool:
    """Whether the client receives a response at this step."""
    return row.client_receives.startswith("Response received")


def status_of(recording: Recording) -> int | None:
    """The status that the client received."""
    response = recording.exchange.response
    return None if response is None else response.status


def phrase(status: int) -> str:
    """What RFC 9110 and its registry call a status; empty if nothing."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def named(status: int) -> str:
    """A status with its name."""
    return f"{status} {phrase(status)}".rstrip()


def listed(values: Iterable[object]) -> str:
    """Values as a sentence has them.

    >>> listed([1, 2, 3])
    '1, 2 and 3'
    """
    words = [str(value) for value in values]
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def neutral(line: str) -> str:
    """A line without what the frameworks themselves make different."""
    return _NAMES.sub("framework", _ASYNC.sub("", line))
