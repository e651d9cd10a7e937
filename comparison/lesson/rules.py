"""Rules that a recording is an example of, for the snapshot and the transcript.

A rule appears only if the recording shows what it is about.
"""

from collections.abc import Collection, Iterator

from .facts import (
    REDIRECTS,
    chooses,
    cookies_of,
    first,
    has_headers,
    is_json,
    listed,
    named,
    phrase,
    returned,
    status_of,
    streams,
)
from .model import Arriving
from .subject import Subject

_CLASSES = {
    1: "the final response follows",
    2: "the request succeeded",
    3: "the client has to do more, such as another request",
    4: "the request was wrong",
    5: "the server failed",
}
MOST_CODES = 6
DEFAULT = 200  # the status of a value without one


def rules(subject: Subject) -> Iterator[str]:
    """Yield how to write what the view of the recording does."""
    recording = subject.recording
    event, status = returned(recording), status_of(recording)
    value = None if event is None else event.value
    if value is not None and chooses(value, status):
        yield (
            "A view chooses its status code by returning a tuple: `(response,"
            " status_code)`."
        )
    elif value is not None and has_headers(value) and status == DEFAULT:
        yield "A view may return a tuple of a body and headers, and keeps status 200."
    if event is not None and "jsonify(" in event.source and is_json(recording):
        yield "Use `jsonify()` to send JSON data."
    elif is_json(recording) and value is not None and value.type in ("dict", "list"):
        yield f"A view may return a {value.type}: it is sent as JSON."
    if first(recording, "handler_called") is not None:
        yield "An error handler returns the response to an exception, as a view does."
    elif (raised := first(recording, "view_raised")) is not None:
        yield "An exception ends a view, and the framework makes the response of it."
        if "abort(" in raised.source:
            yield "`abort(code)` raises an exception for a status."
    if streams(recording):
        yield "A view may return a generator: its pieces are sent as they are made."
    if status in REDIRECTS:
        yield "`redirect(address)` makes a response with a status 3xx and `Location`."
    if first(recording, "suspended") is not None:
        yield "`await` suspends the view until its result is there."
    if cookies_of(recording):
        yield "A cookie is a field `Set-Cookie` of the response."
    if first(recording, "hook_called") is not None:
        yield "Hooks run before and after the view, for each request."


def status_rules(
    subject: Subject,
    others: Collection[int] = (),
    arriving: Arriving | None = None,
) -> Iterator[str]:
    """Yield the meaning of the status, and the codes to use.

    `others` are statuses that other cases received.
    """
    status = status_of(subject.recording)
    if status is None:
        return
    meaning = _CLASSES.get(status // 100)
    name = phrase(status)
    if meaning is not None:
        yield (
            "The status code tells the client how to interpret the response:"
            f" {status // 100}xx means that {meaning}"
            + (f", {status} '{name}'." if name else ".")
        )
    codes = [code for code in sorted({*others, status}) if phrase(code)]
    if len(codes) > 1:
        yield (
            f"Common codes, recorded in cases: {listed(map(named, codes[:MOST_CODES]))}."
        )
    if arriving is not None:
        yield (
            "Custom codes should follow HTTP standards: use a registered one (RFC 9110,"
            f" section 16.2). With a body, {arriving.never} arrived through no server in the"
            " recorded status map."
        )
