"""Questions about the response: its type, its end, redirects, cookies, sessions."""

from collections.abc import Callable, Iterator, Sequence

from comparison.diff.signed import content_of_signed

from .facts import REDIRECTS, code, content_type, cookies_of, is_json, streams
from .model import Question
from .moments_of_messages import SESSION
from .subject import Subject

Shuffled = Callable[[Sequence[str]], tuple[str, ...]]

_TYPES = (
    "application/json", "text/html; charset=utf-8", "text/plain; charset=utf-8",
    "application/octet-stream",
)  # fmt: skip
_STORES = "It stores it, and returns it with later requests that fit"
_REMOVES = "It removes it, and sends it no more"
_COOKIES = (
    _STORES,
    _REMOVES,
    "It returns it with every request to any host",
    "It ignores it, as it came in a response",
)
_ENDS = {
    "content-length": "By the field Content-Length",
    "chunked": "By an empty chunk at the end",
    "close": "By the end of the connection",
    "no length": "By the last piece that the app yields: no field says how long it is",
}


def quiz_of_messages(subject: Subject, shuffled: Shuffled) -> Iterator[Question]:
    """Yield questions that the response answers."""
    if subject.received is None:
        return
    yield from _bytes(subject, shuffled)
    yield from _redirect(subject, shuffled)
    yield from _end(subject, shuffled)
    yield from _session(subject, shuffled)
    yield from _cookie(subject, shuffled)
    yield from _type(subject, shuffled)


def _question(
    subject: Subject,
    shuffled: Shuffled,
    question: str,
    right: str,
    others: Sequence[str],
    hint: str,
    explanation: str = "",
) -> Question:
    wrong = [other for other in dict.fromkeys(others) if other != right]
    return Question(
        question,
        shuffled([right, *wrong[:3]]),
        right,
        hint,
        subject.received,
        explanation=explanation,
    )


def _bytes(subject: Subject, shuffled: Shuffled) -> Iterator[Question]:
    recording = subject.recording
    response = recording.exchange.response
    assert response is not None
    method = recording.exchange.request.method
    if method != "HEAD" and response.status not in (204, 205, 304):
        return
    declared = [n for n in response.header("content-length") if n.isdigit()]
    yield _question(
        subject, shuffled,
        f"How many bytes of content does the client receive with this {method}?"
        if method == "HEAD"
        else f"How many bytes of content does the client receive with status {response.status}?",
        str(len(response.content)), [*declared, "1", "2", "4", "0"],
        "Look at the 'Response Content' column of the last step.",
        f"The framing was `{response.framing}`.",
    )  # fmt: skip


def _redirect(subject: Subject, shuffled: Shuffled) -> Iterator[Question]:
    recording = subject.recording
    response = recording.exchange.response
    assert response is not None
    place = next(iter(response.header("location")), None)
    if place is None or response.status not in REDIRECTS:
        return
    path = recording.exchange.request.path
    others = [path, "/", f"{path.rstrip('/')}/{place.lstrip('/')}", "/index"]
    yield _question(
        subject, shuffled,
        "Which address does the response send the client to?",
        place, others, "Look at the field Location in the mode Side by side.",
        f"`Location: {place}`",
    )  # fmt: skip


def _end(subject: Subject, shuffled: Shuffled) -> Iterator[Question]:
    response = subject.recording.exchange.response
    assert response is not None
    if not streams(subject.recording) or response.framing not in _ENDS:
        return
    yield _question(
        subject, shuffled,
        "How is the end of the streamed body known?",
        _ENDS[response.framing], [*_ENDS.values()],
        "Look at the framing in the mode Side by side.",
        f"The framing was `{response.framing}`.",
    )  # fmt: skip


def _session(subject: Subject, shuffled: Shuffled) -> Iterator[Question]:
    for cookie in cookies_of(subject.recording):
        if cookie.name == SESSION and content_of_signed(cookie.value) is not None:
            yield _question(
                subject, shuffled,
                "Which field of the response carries the session to the client?",
                "Set-Cookie", ["Cookie", "Authorization", "Session"],
                "Look at the fields in the mode Side by side.",
            )  # fmt: skip
            return


def _cookie(subject: Subject, shuffled: Shuffled) -> Iterator[Question]:
    for cookie in cookies_of(subject.recording)[:1]:
        has = "; ".join(
            f"{name}={value}" if value else name
            for name, value in cookie.attributes.items()
        )
        yield _question(
            subject, shuffled,
            f"What does the client do with the cookie {code(cookie.name)} of this response?",
            _REMOVES if cookie.deletes else _STORES, _COOKIES,
            "Look at the attributes of Set-Cookie, such as Max-Age and Expires.",
            f"Its attributes: {has}." if has else "It has no attributes.",
        )  # fmt: skip


def _type(subject: Subject, shuffled: Shuffled) -> Iterator[Question]:
    recording = subject.recording
    kind = content_type(recording)
    if not kind or not (is_json(recording) or streams(recording)):
        return
    yield _question(
        subject, shuffled,
        "Which Content-Type does the response have?",
        kind, _TYPES, "Look at the fields in the mode Side by side.",
    )  # fmt: skip
