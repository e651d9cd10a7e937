"""What the modes ask of a recording."""

import re
from http import HTTPStatus

from comparison.model import Event, Recording, Row

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
    return last(recording, "view_returned", "handler_returned")


def made(recording: Recording) -> Event | None:
    """How the framework made the response."""
    return last(recording, "response_made")


def answer_row(recording: Recording) -> Row | None:
    """The row in which the response is returned; None where none was."""
    rows = [r for r in recording.table if r.client_receives == "Response received"]
    return rows[-1] if rows and recording.exchange.response else None


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


def numbers(values: list[int]) -> str:
    """Numbers as a sentence has them.

    >>> numbers([1, 2, 3])
    '1, 2 and 3'
    """
    words = [str(value) for value in values]
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def neutral(line: str) -> str:
    """A line without what the frameworks themselves make different."""
    return _NAMES.sub("framework", _ASYNC.sub("", line))
