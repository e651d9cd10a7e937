"""How streams are compared: event by event, by the clock, and up to where a client left."""

from typing import Any

import msgspec
import pytest

from comparison import Case, Request
from comparison.diff.fields import differing
from comparison.models import Interim, NormalisationRules, Piece, Response
from comparison.models.client import Client, Disconnect
from tests.diff.making import exchange, response

STREAM = (("Content-Type", "text/event-stream"),)
LEFT = "unfinished after 1 s"


def stream(*events: str, ms: tuple[float, ...] = (), **fields: Any) -> Response:
    """A response with events, which arrived at these times."""
    times = ms or (0.0,) * len(events)
    pieces = tuple(Piece(len(e), at) for e, at in zip(events, times, strict=True))
    made = response(body="".join(events), headers=STREAM, **fields)
    return msgspec.structs.replace(made, pieces=pieces)


def fields(
    one: Response, other: Response, rules: NormalisationRules | None = None
) -> tuple[list[tuple[str, Any, Any]], set[str]]:
    """Return the differences of two responses, and the rules that were applied."""
    needed: set[str] = set()
    found = list(differing(exchange(one), exchange(other), needed, rules))
    return found, needed - {"reason-in-process"}


def test_events_are_compared_one_by_one() -> None:
    one = stream("data: 1\n\n", "data: 2\n\n", "data: 3\n\n")
    other = stream("data: 1\n\n", "data: two\n\n")
    found, _ = fields(one, other)
    assert found == [
        ("event:2", "data: 2\n\n", "data: two\n\n"),
        ("event:3", "data: 3\n\n", None),
    ]


def test_rules_of_a_case_apply_to_event_data() -> None:
    one = stream('event: row\ndata: {"at":1}\n\n')
    other = stream('event: row\ndata: {"at":2}\n\n')
    rules = NormalisationRules(ignore=("/at",))
    assert fields(one, other, rules) == ([], {"ignore:/at"})
    assert fields(one, other)[0][0][0] == "event:1"


@pytest.mark.parametrize(
    ("times", "differs"), [((0.0, 240.0), False), ((0.0, 0.0), True), ((90.0, 90.0), True)]
)  # fmt: skip
def test_timing_is_compared_on_request_and_within_its_tolerance(
    times: tuple[float, ...], differs: bool
) -> None:
    one = stream("data: 1\n\n", "data: 2\n\n", ms=(0.0, 250.0))
    other = stream("data: 1\n\n", "data: 2\n\n", ms=times)
    found, needed = fields(one, other, NormalisationRules(timing=0.1))
    assert [field for field, _, _ in found] == ["timing"] * differs
    assert needed == {"timing:0.1"}
    assert fields(one, other) == ([], set())


def test_a_body_sent_at_once_differs_from_one_sent_in_pieces() -> None:
    at_once = msgspec.structs.replace(response(body="abcd"), pieces=(Piece(4, 300.0),))
    pieces = msgspec.structs.replace(
        response(body="abcd"), pieces=(Piece(1, 0.0), Piece(3, 300.0))
    )
    (found,), _ = fields(pieces, at_once, NormalisationRules(timing=0.1))
    assert found == (
        "timing",
        ("1 bytes after 0.0 s", "3 bytes after 0.3 s"),
        ("4 bytes after 0.3 s",),
    )


def test_a_client_timeout_ends_a_stream_without_a_difference() -> None:
    one = stream("data: 1\n\n", "data: 2\n\n", framing=LEFT)
    other = stream("data: 1\n\n", "data: 2\n\n", "data: 3\n\n", framing=LEFT)
    assert fields(one, other) == ([], {"left-by-time"})
    # Nothing at all is another matter, and so is another limit.
    silent = stream(framing=LEFT)
    assert [f for f, _, _ in fields(silent, other)[0]] == [
        "event:1", "event:2", "event:3",
    ]  # fmt: skip
    counted = msgspec.structs.replace(other, framing="unfinished after 3 events")
    assert "framing" in [f for f, _, _ in fields(one, counted)[0]]


def test_interim_responses_and_trailers_are_compared_if_both_crossed_a_socket() -> None:
    def sent(**more: Any) -> Response:
        return msgspec.structs.replace(
            response(), status_line="HTTP/1.1 200 OK", connection="kept", **more
        )

    hints = (Interim(100, ()), Interim(103, (("Link", "</a>"), ("Date", "today"))))
    found, _ = fields(sent(interim=hints), sent(trailers=(("X-Sum", "5"),)))
    assert found == [
        ("interim", ("100", "103, link: </a>"), None),
        ("trailers", None, ("x-sum: 5",)),
    ]
    assert fields(sent(interim=hints), response())[0] == []


def test_a_case_reports_what_needs_a_connection_and_its_delay() -> None:
    slow = Request(client=Client(delay=0.5, disconnect=Disconnect(events=1)))
    again = Request(client=Client(reuse_connection=True))
    assert Case("one", slow).needs_connection == ""
    assert Case("one", again, setup=(slow,)).needs_connection == (
        "client.reuse_connection"
    )
    assert Case("one", again, setup=(slow,)).waits == 0.5


def test_a_request_line_describes_the_client_behaviour() -> None:
    request = Request(
        raw_path=r"/a\xff", client=Client(disconnect=Disconnect(events=2, seconds=5))
    )
    assert request.request_line == (
        r"GET /a\xff (hangs up after 5 s or 2 events)"
    )  # fmt: skip
