"""The recording middleware around a WSGI app."""

from collections.abc import Iterator
from typing import Any

import pytest

from comparison.models import SECOND
from comparison.targets.servers.call_recorder import AFTER_RETURN, NOT_STARTED
from comparison.targets.servers.channel import (
    Ended,
    Returned,
    Sender,
    Started,
)
from comparison.targets.servers.recording_header import (
    header_value,
    probe_value,
)
from comparison.targets.servers.recording_middleware import (
    Failing,
)
from tests.targets.recorded_calls import (
    ENVIRON,
    HANDED,
    OK,
    Frames,
    Wsgi,
    events_in,
    frames,
    plain,
    receiver,
    sender,
)

__all__ = ["frames", "receiver", "sender"]


def test_a_request_without_our_header_reaches_the_app_alone(
    sender: Sender, frames: Frames
) -> None:
    server = Wsgi(sender, plain)
    assert server.call(None) == [b"a", b"b"]
    assert server.started == [("200 OK", OK)] and frames() == []


def test_a_probe_is_answered_by_the_middleware(sender: Sender) -> None:
    server = Wsgi(sender, None)
    assert server.call(probe_value("token")) == [b"token"]
    head = [("content-type", "text/plain"), ("content-length", "5")]
    assert server.started == [("200 OK", head)]
    with pytest.raises(Failing):
        server.call(probe_value("token", fail=True))


def test_a_list_is_passed_on_and_its_trace_sent(sender: Sender, frames: Frames) -> None:
    server = Wsgi(sender, plain)
    assert server.call(header_value("s1", 7)) == [b"a", b"b"]
    assert server.started == [("200 OK", OK)]
    started, ended = frames()
    assert started == Started(7) and isinstance(ended, Ended) and ended.id == 7
    assert events_in([ended]) == [HANDED]


def test_a_mount_moves_from_the_path_to_the_script_name(sender: Sender) -> None:
    server = Wsgi(sender, plain)
    server.call(header_value("s1", 7, mount="/shop"), SCRIPT_NAME="/x")
    assert (server.environ["SCRIPT_NAME"], server.environ["PATH_INFO"]) == (
        "/x/shop",
        "/a",
    )


def generating(environ: Any, start_response: Any) -> Iterator[bytes]:
    start_response("200 OK", OK)
    yield b"a"
    yield "b"  # type: ignore[misc]


class Closing:
    """A body with `close`."""

    def __init__(self, *chunks: Any, error: Exception | None = None) -> None:
        self.chunks, self.error, self.closed = chunks, error, False

    def __iter__(self) -> Iterator[Any]:
        return iter(self.chunks)

    def close(self) -> None:
        self.closed = True
        if self.error:
            raise self.error


def test_a_generated_body_is_recorded_while_it_is_iterated(
    sender: Sender, frames: Frames
) -> None:
    body = Wsgi(sender, generating).call(header_value("s1", 7))
    assert [type(each) for each in frames()] == [Started, Returned]
    assert list(body) == [b"a", "b"]
    body.close()
    (ended,) = frames()
    assert isinstance(ended, Ended)
    assert events_in([ended]) == [
        ("response_handed_over", AFTER_RETURN, 200),
        ("protocol_broken", "the body has a piece of type str, not bytes", None),
    ]


def test_a_body_without_close_ends_with_its_last_reference(
    sender: Sender, frames: Frames
) -> None:
    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", OK)
        return iter([b"a"])

    body = Wsgi(sender, app).call(header_value("s1", 7))
    assert not hasattr(body, "close") and iter(body) is body
    assert [*body] == [b"a"]
    assert [type(each) for each in frames()] == [Started, Returned]
    del body
    assert frames() == [Ended(7, ())]


def test_a_body_with_close_is_closed_and_its_trace_ends(
    sender: Sender, frames: Frames
) -> None:
    made = Closing(b"a")

    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", OK)
        return made

    body = Wsgi(sender, app).call(header_value("s1", 7))
    assert next(body) == b"a"
    assert events_in(frames()) == [HANDED]
    body.close()
    assert made.closed
    assert [type(each) for each in frames()] == [Ended]
    del body
    assert frames() == []


def test_what_close_and_iteration_raise_is_recorded(
    sender: Sender, frames: Frames
) -> None:
    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", OK)
        return Closing(b"a", error=ValueError("no"))

    body = Wsgi(sender, app).call(header_value("s1", 7))
    with pytest.raises(ValueError, match="no"):
        body.close()
    assert events_in(frames()) == [HANDED, ("app_raised", "ValueError: no", None)]

    def failing(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", OK)
        yield b"a"
        raise KeyError("b")

    body = Wsgi(sender, failing).call(header_value("s1", 8))
    with pytest.raises(KeyError):
        list(body)
    body.close()
    assert events_in(frames())[-1] == ("app_raised", "KeyError: 'b'", None)


def test_a_file_of_the_server_is_passed_on(sender: Sender, frames: Frames) -> None:
    wrapped = Closing(b"a")

    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", OK)
        return wrapped

    server = Wsgi(sender, app)
    body = server.call(header_value("s1", 7), **{"wsgi.file_wrapper": Closing})
    assert body is wrapped
    assert [type(each) for each in frames()] == [Started, Ended]


@pytest.mark.parametrize(
    ("starts", "body", "found"),
    [
        ([], [b"a"], [("protocol_broken", NOT_STARTED, None)]),
        ([], iter([b"a"]), [("protocol_broken", NOT_STARTED, None)]),
        ([("200 OK", OK)], [b"a", 3, bytearray(b"b"), memoryview(b"c")], [
            HANDED, ("protocol_broken", "the body has a piece of type int, not bytes", None),
        ]),
        ([("200 OK", OK)] * 2, [b"a"], [HANDED, ("protocol_broken", SECOND, None), HANDED]),
        ([("200 OK", OK), ("500 NO", OK, (KeyError, KeyError("a"), None))], [b"a"],
         [HANDED, ("response_handed_over", "", 500)]),
        ([("200 OK", [("A", b"b")])], [b"a"], [
            ("protocol_broken", "a header field has a piece of type bytes, not str", None), HANDED,
        ]),
        ([("200 OK", [("A", 3), ("B", 4), "CD"])], [b"a"], [
            ("protocol_broken", "a header field has a piece of type int, not str", None), HANDED,
        ]),
        ([("200 OK", iter(OK))], [b"a"], [HANDED]),
        ([("OK", OK)], [b"a"], [("response_handed_over", "", None)]),
        ([(404, OK)], [b"a"], [("response_handed_over", "", 404)]),
    ],
)  # fmt: skip
def test_what_breaks_the_protocol_is_recorded(
    starts: list[Any], body: Any, found: list[Any], sender: Sender, frames: Frames
) -> None:
    def app(environ: Any, start_response: Any) -> Any:
        for given in starts:
            start_response(*given)
        return body

    server = Wsgi(sender, app)
    result = server.call(header_value("s1", 7))
    if not isinstance(result, list):
        list(result)
    del result
    assert server.started == starts
    assert events_in(frames()) == found


def test_exceptions_of_the_app_and_of_the_server_are_told_apart(
    sender: Sender, frames: Frames
) -> None:
    def raising(environ: Any, start_response: Any) -> Any:
        raise KeyError("a")

    with pytest.raises(KeyError):
        Wsgi(sender, raising).call(header_value("s1", 7))
    _, ended = frames()
    assert isinstance(ended, Ended)
    (event,) = ended.events
    assert (event.event, event.name, event.detail) == (
        "app_raised",
        "",
        "KeyError: 'a'",
    )
    assert event.source == 'raise KeyError("a")'

    server = Wsgi(sender, plain)

    def rejecting(*given: Any) -> None:
        raise ValueError("no such status")

    with pytest.raises(ValueError, match="no such status"):
        server.app({ENVIRON: header_value("s1", 8)}, rejecting)
    _, ended = frames()
    assert isinstance(ended, Ended)
    assert [(e.event, e.name) for e in ended.events] == [
        ("response_handed_over", ""),
        ("app_raised", "server"),
    ]
