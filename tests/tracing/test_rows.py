"""Each row of the execution table, from exchanges and traces written by hand."""

from typing import Any

import pytest
from msgspec.structs import replace

from comparison.models import Event, Exchange, Failure, Interim, Value
from comparison.tracing.table import execution_table, row_places, variable_tracker
from tests.diff.making import SENT, response

SENT_EVENT = Event("request_sent", name="GET")
RECEIVED = Event("client_received", status=200)
MATCHED = Event("route_matched", rule="/tea")
MADE = Event("response_made", status=200)
HANDED = Event("response_handed_over", status=200)
WAITING = "Waiting for response"


def returned(source: str = "", value: Value | None = None) -> Event:
    return Event("view_returned", source=source, value=value)


def table(
    *trace: Event, exchange: Exchange | None = None, before: Any = ()
) -> list[Any]:
    """The rows without their numbers, and the kinds of their places."""
    made = exchange or Exchange(SENT, response())
    rows = execution_table("Quart", before, made, trace)
    assert [row.step for row in rows] == list(range(1, len(rows) + 1))
    places = row_places(before, made, trace)
    assert len(places) == len(rows)
    return [
        (place.kind, place.event, row.action, row.status_code_set, row.response_content)
        for place, row in zip(places, rows, strict=True)
    ]


def inner(*trace: Event, exchange: Exchange | None = None) -> list[Any]:
    """The kinds, the events and the actions between the first row and the last."""
    events = (SENT_EVENT, *trace, RECEIVED)
    return [row[:3] for row in table(*events, exchange=exchange)[1:-1]]


def test_the_rows_of_a_view() -> None:
    trace = (SENT_EVENT, MATCHED, returned("return 'Hello'"), MADE, HANDED, RECEIVED)
    assert table(*trace) == [
        ("sent", 0, "Client sends GET /", "N/A", "N/A"),
        ("taken", 1, "Quart route '/tea' called", "N/A", "N/A"),
        ("answer", 4, "Return 'Hello'", 200, "Hello"),
        ("received", 5, "Client processes response", 200, "Hello"),
    ]
    rows = execution_table("Quart", (), Exchange(SENT, response()), trace)
    assert [row.client_receives for row in rows] == [
        "Request sent", WAITING, "Response received", "Message shown with status 200",
    ]  # fmt: skip
    statuses, contents = variable_tracker(rows)
    assert (statuses.name, contents.name) == ("status_code", "response_content")


@pytest.mark.parametrize(
    ("trace", "rows"),
    [
        # The function that takes the request.
        ([], [("taken", 0, "Nothing was recorded inside Quart"), ("answer", 0, "A response is returned")]),
        ([HANDED], [("taken", 0, "Quart app called"), ("answer", 1, "Quart returns a response")]),
        ([Event("route_missed", name="/x", detail="NotFound")], [
            ("taken", 1, "Quart has no route for '/x'"), ("answer", 1, "Quart returns a response")]),
        ([Event("route_missed", name="/x", detail="MethodNotAllowed")], [
            ("taken", 1, "Quart route for '/x' does not allow GET"), ("answer", 1, "Quart returns a response")]),
        ([Event("route_missed", name="/x", detail="RequestRedirect")], [
            ("taken", 1, "Quart route for '/x' is at another URL"), ("answer", 1, "Quart returns a response")]),
        ([MATCHED, Event("automatic_options")], [
            ("taken", 1, "Quart route '/tea' called"), ("answer", 2, "Quart answers OPTIONS itself")]),
        # The returned value.
        ([MATCHED, returned("return a")], [("taken", 1, "Quart route '/tea' called"), ("answer", 2, "Return a")]),
        ([MATCHED, returned(value=Value("str", "'a'"))], [("taken", 1, "Quart route '/tea' called"), ("answer", 2, "Return 'a'")]),
        ([MATCHED, returned()], [("taken", 1, "Quart route '/tea' called"), ("answer", 2, "Return")]),
        # Suspensions.
        ([MATCHED, Event("suspended", source="await a"), Event("resumed"), Event("suspended"), returned("return a")], [
            ("taken", 1, "Quart route '/tea' called"), ("suspended", 2, "Suspended at await a"),
            ("resumed", 3, "Resumed"), ("suspended", 4, "Suspended at an await"), ("answer", 5, "Return a")]),
        # Hooks after a return.
        ([MATCHED, returned("return a"), MADE, Event("hook_returned", name="h"), HANDED], [
            ("taken", 1, "Quart route '/tea' called"), ("returned", 3, "Return a"), ("hook h", 4, "Hook h called"),
            ("answer", 5, "Quart returns a response")]),
        ([Event("hook_raised", name="h"), MATCHED], [
            ("hook h", 1, "Hook h called"), ("taken", 2, "Quart route '/tea' called"), ("answer", 2, "Quart returns a response")]),
        # Exceptions and their handlers.
        ([MATCHED, Event("error_caught", detail="KeyError: 'a'"), Event("error_caught", detail="KeyError: 'a'")], [
            ("taken", 1, "Quart route '/tea' called"), ("caught", 2, "Quart catches KeyError: 'a'"), ("answer", 3, "Quart answers KeyError")]),
        ([MATCHED, Event("error_caught", detail="KeyError: 'a'"), Event("handler_called", name="h"),
          Event("handler_returned", source="return b")], [
            ("taken", 1, "Quart route '/tea' called"), ("caught", 2, "Quart catches KeyError: 'a'"),
            ("handler", 3, "Error handler h called"), ("answer", 4, "Return b")]),
        ([MATCHED, Event("error_caught", detail="a"), Event("hook_returned", name="h", value=Value("str", "x")),
          Event("error_caught", detail="a")], [
            ("taken", 1, "Quart route '/tea' called"), ("caught", 2, "Quart catches a"), ("hook h", 3, "Hook h called"),
            ("caught", 4, "Quart catches a"), ("answer", 4, "Quart answers a")]),
        ([MATCHED, Event("error_caught", detail="a"), Event("hook_returned", name="h", value=Value("NoneType", "None")),
          Event("error_caught", detail="a")], [
            ("taken", 1, "Quart route '/tea' called"), ("caught", 2, "Quart catches a"), ("hook h", 3, "Hook h called"),
            ("answer", 4, "Quart answers a")]),
    ],
)  # fmt: skip
def test_each_event_has_its_row(trace: list[Event], rows: list[Any]) -> None:
    assert inner(*trace) == rows


@pytest.mark.parametrize(
    ("trace", "status"),
    [
        ([HANDED], 200), ([Event("response_made", status=201)], 201), ([Event("response_made")], 202),
        ([Event("response_made", status=201), Event("response_handed_over", status=203)], 203), ([], 202),
    ],
)  # fmt: skip
def test_the_status_of_the_answer_is_what_the_app_handed_over(
    trace: list[Event], status: int
) -> None:
    rows = table(SENT_EVENT, *trace, RECEIVED, exchange=Exchange(SENT, response(202)))
    assert rows[-2][3] == status and rows[-1][3] == 202


def test_a_returned_value_has_the_status_of_its_response() -> None:
    hook = Event("hook_returned", name="h")
    for made, status in (
        (Event("response_made", status=201), 201),
        (Event("response_made"), "N/A"),
    ):
        rows = table(SENT_EVENT, MATCHED, returned("return a"), made, hook, RECEIVED)
        assert rows[2][2:4] == ("Return a", status)


@pytest.mark.parametrize(
    ("failure", "last", "answer"),
    [
        (Failure("closed", "no"), ("Client gives up", "Failure: closed"), "No response: no"),
        (Failure("disconnected", "no"), ("Client hangs up", "Failure: disconnected"), "No response: no"),
        (Failure("incomplete", "no", partial=response(201, body="He")), ("Client gives up", "Failure: incomplete"), "Response breaks off: no"),
    ],
)  # fmt: skip
def test_a_failure_has_its_rows(
    failure: Failure, last: tuple[str, str], answer: str
) -> None:
    exchange = Exchange(SENT, failure=failure)
    trace = (SENT_EVENT, MATCHED, returned("return a"), Event("failed"))
    rows = execution_table("Quart", (), exchange, trace)
    assert (rows[-1].action, rows[-1].client_receives) == last
    assert rows[-2].action == answer
    assert [row.action for row in rows[1:3]] == [
        "Quart route '/tea' called",
        "Return a",
    ]
    if failure.partial is None:
        assert (rows[-2].status_code_set, rows[-2].client_receives) == (
            "N/A",
            "Nothing received",
        )
    else:
        assert (rows[-2].status_code_set, rows[-2].response_content) == (201, "He")
        assert rows[-2].client_receives == "Part of a response received"
    places = row_places((), exchange, trace)
    assert [(place.kind, place.event) for place in places[-2:]] == [
        ("answer", 3),
        ("received", 3),
    ]


@pytest.mark.parametrize(
    ("kind", "trace", "sent"),
    [
        ("capture", [], False), ("redirect", [], False), ("unsupported", [], False),
        ("capture", [SENT_EVENT], True), ("closed", [], True),
    ],
)  # fmt: skip
def test_a_request_that_was_not_sent_has_two_rows(
    kind: Any, trace: list[Event], sent: bool
) -> None:
    failure = Failure(kind, "no")
    rows = execution_table("Quart", (), Exchange(SENT, failure=failure), tuple(trace))
    assert (len(rows) > 2) is sent
    if not sent:
        assert rows[0].action == f"Client does not send GET /: {failure}"
        assert rows[0].client_receives == "Nothing sent"


@pytest.mark.parametrize(
    ("kind", "called"), [("raised", True), ("aborted", True), ("incomplete", True), ("protocol", True), ("closed", False), ("timeout", False)]
)  # fmt: skip
def test_some_failures_show_that_the_app_was_called(kind: Any, called: bool) -> None:
    exchange = Exchange(SENT, failure=Failure(kind, "no"))
    rows = table(SENT_EVENT, Event("failed"), exchange=exchange)
    shown = "Quart app called" if called else "Nothing was recorded inside Quart"
    assert rows[1][2] == shown


def test_earlier_requests_have_their_rows() -> None:
    cookie = response(201, (("Set-Cookie", "sid=1"),), "Hi")
    captured = replace(Exchange(SENT, cookie), captured={"a": 1, "b": 2})
    failed = Exchange(replace(SENT, path="/b"), failure=Failure("closed", "no"))
    broken = Exchange(SENT, failure=Failure("incomplete", "cut", partial=response(203)))
    asked = response(401, (("WWW-Authenticate", 'Digest realm="a"'),), "who?")
    challenged = Exchange(SENT, response(), challenge=Exchange(SENT, asked))
    before = (captured, failed, broken, challenged)
    exchange = replace(challenged, request=replace(SENT, path="/last"))
    rows = execution_table("Quart", before, exchange, (SENT_EVENT,))
    found = [
        (row.action, row.status_code_set, row.response_content, row.client_receives)
        for row in rows[:7]
    ]
    assert found[0][:3] == ("Client first sends GET /", 201, "Hi")
    assert found[0][3].startswith("Response received, a, b captured")
    assert "sid" in found[0][3]
    assert found[1] == (
        "Client first sends GET /b",
        "N/A",
        "N/A",
        f"No response: {failed.failure}",
    )
    assert found[2] == (
        "Client first sends GET /",
        203,
        "Hello",
        f"Response breaks off: {broken.failure}",
    )
    challenge_row = (
        "Client first sends GET /",
        401,
        "who?",
        'Challenge received: Digest realm="a"',
    )
    assert found[3] == challenge_row
    assert found[4] == ("Client first sends GET /", 200, "Hello", "Response received")
    assert found[5] == challenge_row
    assert found[6][0].startswith("Client sends GET /last")
    kinds = [place.kind for place in row_places(before, exchange, (SENT_EVENT,))]
    assert kinds[:7] == ["earlier"] * 6 + ["sent"]


@pytest.mark.parametrize(
    ("made", "action", "shown"),
    [
        (response(), "Client processes response", "Message shown with status 200"),
        (response(204, body=""), "Client processes response", "Empty response shown with status 204"),
        (replace(response(body=""), body_base64="AAAA"), "Client processes response", "Message shown with status 200"),
        (response(framing="unfinished after 1 s"), "Client hangs up", "Message shown with status 200"),
    ],
)  # fmt: skip
def test_the_client_processes_the_response(made: Any, action: str, shown: str) -> None:
    rows = execution_table("Quart", (), Exchange(SENT, made), (SENT_EVENT, RECEIVED))
    assert rows[-1].action == action
    assert rows[-1].client_receives.startswith(shown)


def test_interim_responses_come_before_the_answer() -> None:
    made = response(interim=(Interim(103, ()),), status_line="HTTP/1.1 200 OK")
    rows = execution_table("Quart", (), Exchange(SENT, made), (SENT_EVENT, RECEIVED))
    assert rows[-2].client_receives.startswith("Response received")
    assert "103" in rows[-2].client_receives
