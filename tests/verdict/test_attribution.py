"""Each difference is attributed to the framework, to a server, or to the client."""

from typing import Any

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from comparison import Case, KnownDifferences, Request
from comparison.known.models import Side
from comparison.models import (
    Event,
    Exchange,
    Failure,
    NormalisationRules,
    Piece,
    Recording,
    TargetInfo,
)
from comparison.verdict import Comparator, attribute
from tests.diff.making import SENT, recording, response

SIDES = {
    "flask": Side("flask", "flask", "gunicorn"),
    "quart": Side("quart", "quart", "hypercorn"),
}
FRAMEWORK = ("framework", UNSET)
OK = response(reason="OK")
INSIDE = response()
"""The same response in process, where ASGI has no reason phrase."""
OTHER = response(body="other")
TEAPOT = response(418)
DATED = (("Content-Type", "text/plain"), ("Date", "Sun, 06 Nov 1994 08:49:37 GMT"))
TWICE = (*DATED, DATED[1])
CHUNKED = response(framing="chunked")


def attributed(
    outside: tuple[Any, Any],
    inside: tuple[Any, Any] | None,
    sides: dict[str, Side] = SIDES,
    rules: NormalisationRules | None = None,
) -> list[tuple[str, str, Any]]:
    """Return the field, the layer and the server of each difference."""
    recordings, within = (
        {
            name: side if isinstance(side, Recording) else recording(side)
            for name, side in zip(sides, both or (), strict=False)
        }
        for both in (outside, inside)
    )
    setup = tuple(Request() for _ in recordings["flask"].setup)
    case = Case("small", Request(), setup=setup, normalisations=rules)
    targets = [TargetInfo(s.name, s.name, s.framework, s.server) for s in sides.values()]  # fmt: skip
    comparison = Comparator(targets, KnownDifferences([])).compare(case, recordings)
    found = attribute(comparison, within, sides).differences
    return [(d.field, d.layer, d.server) for d in found]


@pytest.mark.parametrize(
    ("outside", "inside", "field", "layer", "server"),
    [
        # It differs in process too.
        ((OK, OTHER), (INSIDE, OTHER), "body", *FRAMEWORK),
        ((TEAPOT, OK), (TEAPOT, INSIDE), "status", *FRAMEWORK),
        # One server changed what its app handed over.
        ((OK, OTHER), (OTHER, OTHER), "body", "server", "gunicorn"),
        ((OK, OTHER), (INSIDE, INSIDE), "body", "server", "hypercorn"),
        ((OK, response(body="Hell")), (INSIDE, INSIDE), "body", "server", "hypercorn"),
        # Both changed it, each in its way.
        ((response(body="a"), response(body="b")), (INSIDE, INSIDE), "body", "server", "gunicorn, hypercorn"),
        # A server failed, or both apps do.
        ((OK, Failure("closed", "no")), (INSIDE, INSIDE), "failure", "server", "hypercorn"),
        ((OK, Failure("closed", "no")), (INSIDE, Failure("raised", "no")), "failure", *FRAMEWORK),
        ((OK, Failure("unsupported", "no")), (INSIDE, INSIDE), "failure", "client", UNSET),
        ((Failure("unsupported", "no"), OK), (INSIDE, INSIDE), "failure", "client", UNSET),
        # In process one app failed, so nothing else shows what it hands over.
        ((OK, OTHER), (INSIDE, Failure("raised", "no")), "body", *FRAMEWORK),
        ((OK, TEAPOT), (Failure("raised", "no"), INSIDE), "status", *FRAMEWORK),
        # Servers add a Date, and none should add a second one (RFC 9110 section 6.6.1).
        ((response(headers=DATED), response(headers=TWICE)), (response(headers=DATED), response(headers=DATED)), "header:date", "server", "hypercorn"),
        ((response(headers=DATED), response(headers=TWICE)), (INSIDE, response(headers=DATED)), "header:date", "server", "hypercorn"),
        ((response(headers=DATED), OK), (INSIDE, INSIDE), "header:date", "server", "hypercorn"),
        # A body without a length has to be framed, either way (RFC 9112 section 6.3).
        ((OK, CHUNKED), (INSIDE, response(framing="no length")), "framing", *FRAMEWORK),
        ((OK, CHUNKED), (INSIDE, INSIDE), "framing", "server", "hypercorn"),
        ((CHUNKED, OK), (response(framing="no length"), response(framing="no length")), "framing", "server", "hypercorn"),
        ((response(framing="close"), CHUNKED), (response(framing="no length"), response(framing="no length")), "framing", "server", "gunicorn, hypercorn"),
        ((OK, CHUNKED), (response(framing="content-length: 5 of 9"), INSIDE), "framing", *FRAMEWORK),
        # A Date that one app sends itself is not the server's.
        ((OK, response(headers=DATED)), (INSIDE, INSIDE), "header:date", "server", "gunicorn"),
        ((response(headers=TWICE), response(headers=DATED)), (response(headers=TWICE), response(headers=DATED)), "header:date", "server", "gunicorn, hypercorn"),
        # The state of a connection is a matter of the server.
        ((response(connection="kept"), response(connection="stuck")), (INSIDE, INSIDE), "connection", "server", "hypercorn"),
        # No ASGI app has a reason phrase, so the server chose it.
        ((response(reason="OK"), response(reason="Fine")), (INSIDE, INSIDE), "reason", "server", "gunicorn, hypercorn"),
        ((response(reason="OK"), response(reason="Fine")), (response(reason="OK"), INSIDE), "reason", "server", "hypercorn"),
    ],
)  # fmt: skip
def test_a_difference_has_a_layer_and_perhaps_a_server(
    outside: Any, inside: Any, field: str, layer: str, server: Any
) -> None:
    assert (field, layer, server) in attributed(outside, inside)


@pytest.mark.parametrize("inside", [None, (INSIDE,)], ids=["none", "one"])
def test_a_difference_of_an_app_that_is_only_served_has_no_server(inside: Any) -> None:
    assert attributed((OK, OTHER), inside) == [("body", "server", UNSET)]


def test_no_difference_is_attributed_to_a_target_in_process() -> None:
    sides = {"flask": Side("flask", "flask"), "quart": SIDES["quart"]}
    changed = response(body="changed")
    found = attributed((INSIDE, OTHER), (changed, changed), sides)
    assert found == [("body", "server", "hypercorn")]


def test_a_server_of_both_targets_is_named_once() -> None:
    sides = {name: side._replace(server="hypercorn") for name, side in SIDES.items()}
    found = attributed((OK, TEAPOT), (OTHER, OTHER), sides)
    assert ("status", "server", "hypercorn") in found


def test_a_setup_request_is_attributed_by_its_own_exchange() -> None:
    outside = recording(OK, OK, OK), recording(OK, OK, OTHER)
    changed = recording(INSIDE, INSIDE, INSIDE), recording(INSIDE, INSIDE, INSIDE)
    assert attributed(outside, changed) == [("body", "server", "hypercorn")]
    differing = recording(INSIDE, INSIDE, INSIDE), recording(INSIDE, INSIDE, OTHER)
    assert attributed(outside, differing) == [("body", *FRAMEWORK)]
    # In process, the case ended earlier.
    ended = recording(INSIDE, INSIDE), recording(OTHER, INSIDE)
    assert attributed(outside, ended) == [("body", *FRAMEWORK)]


HANDED_OVER = Event("response_handed_over", status=200)


@pytest.mark.parametrize(
    ("trace", "layer", "server"),
    [
        # The app handed over what the server sent, so it is the app that differs.
        ([Event("response_handed_over", status=500)], *FRAMEWORK),
        ([], *FRAMEWORK),
        # The server responds itself: the app handed over something else, or nothing.
        ([HANDED_OVER], "server", "hypercorn"),
        ([Event("view_called")], "server", "hypercorn"),
        ([HANDED_OVER, Event("app_raised", detail="CancelledError")], "server", "hypercorn"),
        # The app raised, or the trace is not whole.
        ([HANDED_OVER, Event("app_raised", detail="ValueError: no")], *FRAMEWORK),
        ([Event("app_raised", detail="ValueError: no"), Event("view_called")], *FRAMEWORK),
        ([HANDED_OVER, Event("truncated")], *FRAMEWORK),
        ([HANDED_OVER, Event("response_handed_over", status=500)], *FRAMEWORK),
    ],
)  # fmt: skip
@pytest.mark.parametrize("setup", [False, True])
def test_a_server_that_responds_itself_has_every_field(
    trace: list[Event], layer: str, server: Any, setup: bool
) -> None:
    failed = response(500)
    if setup:
        first = recording(INSIDE, INSIDE, INSIDE)
        within = recording(INSIDE, failed, INSIDE)
        traces = (tuple(trace), (HANDED_OVER,))
        served = replace(within, setup_traces=traces, trace=(HANDED_OVER,))
    else:
        first, within = recording(INSIDE), recording(failed)
        served = replace(within, trace=tuple(trace))
    assert attributed((first, served), (first, within)) == [("status", layer, server)]


def test_a_header_with_an_underscore_does_not_reach_the_app_in_process() -> None:
    sent = replace(SENT, headers=(("X_A", "1"),))
    one, other = (Recording(Exchange(sent, r), (), (), ()) for r in (INSIDE, TEAPOT))
    # That the apps differ in process shows nothing, because they got less.
    found = attributed((one, other), (one, recording(INSIDE)))
    assert found == [("status", "server", "hypercorn")]
    assert attributed((one, other), (one, other)) == [
        ("status", "server", "gunicorn, hypercorn")
    ]


def test_timing_that_differs_in_process_is_attributed_to_the_framework() -> None:
    whole = response(pieces=(Piece(5, 0.0),))
    late = response(pieces=(Piece(2, 0.0), Piece(3, 900.0)))
    rules = NormalisationRules(timing=0.1)
    assert attributed((whole, late), (whole, late), rules=rules) == [
        ("timing", *FRAMEWORK)
    ]
    assert attributed((whole, late), (whole, whole), rules=rules) == [
        ("timing", "server", "hypercorn")
    ]


def test_lost_work_in_process_is_attributed_to_the_framework() -> None:
    ran = (Event("view_called"), HANDED_OVER)
    lost = (*ran, Event("never_awaited", name="save"))
    one, other = (replace(recording(INSIDE), trace=trace) for trace in (ran, lost))
    assert attributed((one, other), (one, other)) == [("effect", *FRAMEWORK)]
    found = attributed((one, other), (one, one))
    assert [layer for _, layer, _ in found] == ["server"]
