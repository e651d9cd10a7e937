"""Each field of an expectation, met and not met, by responses written by hand."""

from typing import Any

import pytest
from msgspec.structs import replace

from comparison import Expect
from comparison.core.errors import UsageError
from comparison.diff.effects import differing_effects, effects, lost_work
from comparison.diff.expectations import failed, unmet
from comparison.models import (
    SECOND,
    Event,
    Exchange,
    Failure,
    Interim,
    NormalisationRules,
    Response,
)
from comparison.models.client import Client, Disconnect
from tests.diff.making import SENT, exchange, response

RAISED = Failure("raised", "no")
SOCKET: dict[str, Any] = {"status_line": "HTTP/1.1 200 OK"}
ALLOW = (("Allow", "GET, HEAD"), ("X-A", "1"), ("X-A", "2"))


def unmet_by(expect: Expect, what: Response | Failure, *trace: Event) -> list[Any]:
    found = unmet(expect, "flask", exchange(what), trace)
    return [(each.field, each.expected, each.actual) for each in found]


@pytest.mark.parametrize(
    ("expect", "what"),
    [
        (Expect(), response(500)),
        (Expect(200), response()),
        (Expect((200, 404)), response(404)),
        (Expect(reason="OK"), response(reason="OK")),
        (Expect(reason="OK"), response()),  # in process, there is none
        (Expect(headers={"x-a": ("1", "2")}), response(headers=ALLOW)),
        (Expect(headers={"X-A": True, "X-B": False}), response(headers=ALLOW)),
        (Expect(headers={"Allow": "HEAD, GET"}), response(headers=ALLOW)),
        (Expect(interim=(103,)), response()),  # in process, there is none
        (Expect(interim=(103,)), response(interim=(Interim(103, ()),), **SOCKET)),
        (Expect(interim=()), response(**SOCKET)),
        (Expect(failure="raised"), RAISED),
        (Expect(failure="raised"), response(500, **SOCKET)),
        (Expect(failure="raised"), Failure("closed", "no")),
        (Expect(failure="raised"), Failure("timeout", "no")),
        (Expect(text="Hello"), response()),
        (Expect(contains="ell"), response()),
        (Expect(matches="^H.*o$"), response()),
        (Expect(json={"a": 1}), response(body='{"a":1.0}')),
        (Expect(json_schema={"type": "integer"}), response(body="4")),
        (Expect(match={"/at": "number"}), response(body='{"at": 4}')),
    ],
)
def test_a_response_as_expected_meets_the_expectation(
    expect: Expect, what: Response | Failure
) -> None:
    assert unmet_by(expect, what) == []


@pytest.mark.parametrize(
    ("expect", "what", "found"),
    [
        (Expect(200), response(404), ("status", "200", "404")),
        (Expect((200, 404)), response(500), ("status", "200 or 404", "500")),
        (Expect(reason="OK"), response(reason="Fine"), ("reason", "OK", "Fine")),
        (Expect(headers={"X-A": "1"}), response(headers=ALLOW), ("header:x-a", "1", "1 | 2")),
        (Expect(headers={"X-A": ("2", "1")}), response(headers=ALLOW), ("header:x-a", "2 | 1", "1 | 2")),
        (Expect(headers={"X-A": False}), response(headers=ALLOW), ("header:x-a", "absent", "1 | 2")),
        (Expect(headers={"X-B": True}), response(headers=ALLOW), ("header:x-b", "any value", "absent")),
        (Expect(headers={"Allow": "GET"}), response(headers=ALLOW), ("header:allow", "GET", "GET, HEAD")),
        (Expect(headers={"Allow": "GET"}), response(), ("header:allow", "GET", "absent")),
        (Expect(interim=(103,)), response(**SOCKET), ("interim", "103", "none")),
        (Expect(interim=()), response(interim=(Interim(100, ()), Interim(103, ())), **SOCKET), ("interim", "none", "100, 103")),
        (Expect(200), RAISED, ("failure", "a response", str(RAISED))),
        (Expect(failure="raised"), response(500), ("failure", "raised", "a response")),
        (Expect(failure="raised"), response(499, **SOCKET), ("status", "an error of the server", "499")),
        (Expect(failure="raised"), Failure("protocol", "no"), ("failure", "raised", str(Failure("protocol", "no")))),
        (Expect(text="hello"), response(), ("body", "hello", "Hello")),
        (Expect(contains="x"), response(), ("body", "contains x", "Hello")),
        (Expect(matches="^e"), response(), ("body", "matches ^e", "Hello")),
        (Expect(json_schema={"type": "integer"}), response(), ("body", "valid by json_schema", "is not JSON")),
        (Expect(text="x"), response(body="y" * 301), ("body", "x", "y" * 300 + "…")),
        (Expect(text="x"), response(body="y" * 300), ("body", "x", "y" * 300)),
    ],
)  # fmt: skip
def test_a_field_that_is_not_as_expected_is_reported(
    expect: Expect, what: Response | Failure, found: tuple[str, str, str]
) -> None:
    assert unmet_by(expect, what) == [found]


def test_a_json_schema_in_a_file_is_an_object(tmp_path: Any) -> None:
    for text, wrong in (('{"type": "integer"}', False), ("[1]", True)):
        file = tmp_path / "schema.json"
        file.write_text(text)
        expect = Expect(json_schema=str(file))
        if wrong:
            with pytest.raises(UsageError, match="is not a JSON Schema"):
                unmet_by(expect, response(body="4"))
        else:
            assert unmet_by(expect, response(body="4")) == []


LOST = Event("never_awaited", name="save")
HOOK = Event("hook_called", name="close")


@pytest.mark.parametrize(
    ("expected", "trace", "found"),
    [
        ((), (), []),
        ((), (HOOK,), []),
        ((), (LOST,), [("no lost work", "coroutine save was never awaited")]),
        (("coroutine *",), (LOST,), []),
        (("hook close ran",), (HOOK,), []),
        (("hook open ran",), (HOOK,), [("hook open ran", "hook close ran")]),
        (("hook open ran",), (HOOK, LOST), [
            ("hook open ran", "coroutine save was never awaited | hook close ran"),
            ("no lost work", "coroutine save was never awaited"),
        ]),
        (("hook open ran",), (Event("view_called"),), [("hook open ran", "none")]),
        (("hook open ran",), (), []),  # nothing is seen of this app
    ],
)  # fmt: skip
def test_expected_effects_occur_and_no_other_work_is_lost(
    expected: tuple[str, ...], trace: tuple[Event, ...], found: list[Any]
) -> None:
    got = unmet_by(Expect(effects=expected), response(), *trace)
    assert got == [("effect", *each) for each in found]


@pytest.mark.parametrize(
    ("what", "found"),
    [
        (response(399), []),
        (response(400), [("status", "below 400", "400")]),
        (RAISED, [("failure", "a response", str(RAISED))]),
    ],
)
def test_a_setup_request_fails_by_its_status(what: Any, found: list[Any]) -> None:
    got = failed("quart", exchange(what))
    assert [(each.field, each.expected, each.actual) for each in got] == found
    assert not list(failed("quart", Exchange(SENT)))


# Effects -------------------------------------------------------------------------------

VIEW = Event("view_called")
HANDED = Event("response_handed_over", status=200)
SECOND_START = Event("protocol_broken", detail=SECOND)


@pytest.mark.parametrize(
    ("status", "trace", "found"),
    [
        (200, [HOOK, HOOK], ["hook close ran"]),
        (200, [Event("hook_called", name="close", detail="signal")], []),
        (200, [Event("logged", name="ERROR", detail="no")], ["an error was logged"]),
        (200, [Event("logged", name="CRITICAL", detail="no")], ["an error was logged"]),
        (200, [Event("logged", name="WARNING", detail="no")], []),
        (200, [Event("logged", name="ERROR", detail="Error in ASGI Framework: x")] , ["x ended a background task"]),
        (200, [Event("logged", name="ERROR", detail="Exception on /")], ["an exception ended a background task"]),
        (500, [Event("error_caught", name="handle_exception", detail="KeyError: 1")], ["raised KeyError"]),
        (500, [Event("app_raised", detail="KeyError: 1")], ["raised KeyError"]),
        (500, [Event("app_raised", name="server", detail="KeyError: 1")], []),
        (499, [Event("error_caught", detail="KeyError: 1")], []),
        (200, [Event("app_raised", detail="KeyError: 1")], ["KeyError left the app after its response"]),
        (200, [Event("app_raised", detail="CancelledError")], []),
        (200, [Event("app_raised", name="server", detail="KeyError: 1")], []),
        (200, [SECOND_START], ["a second response was started"]),
        (500, [SECOND_START], []),
        (200, [Event("protocol_broken", detail="other")], []),
        (200, [Event("view_raised", name="v", detail="CancelledError")], []),
    ],
)  # fmt: skip
def test_each_effect_is_a_short_text(
    status: int, trace: list[Event], found: list[str]
) -> None:
    assert effects(trace, exchange(response(status))) == found


def test_a_view_is_cancelled_only_by_a_client_that_leaves() -> None:
    left = replace(SENT, client=Client(disconnect=Disconnect(bytes=0)))
    trace = [
        Event("view_raised", name="v", detail="CancelledError"),
        Event("view_raised", name="w", detail="KeyError: 1"),
    ]
    assert effects(trace, Exchange(left, response())) == ["view v was cancelled"]
    assert lost_work(trace) == []


FAILED = Event("error_caught", name="handle_exception", detail="KeyError: 1")
OTHERWISE = Event("error_caught", name="handle_exception", detail="ValueError: 1")


@pytest.mark.parametrize(
    ("status", "one", "other", "found"),
    [
        (200, [VIEW], [VIEW], None),
        (200, [VIEW, LOST], [VIEW, LOST], None),
        (200, [VIEW], [VIEW, LOST], (None, "coroutine save was never awaited")),
        (200, [VIEW, LOST], [VIEW], ("coroutine save was never awaited", None)),
        # The port may have more hooks, unless something failed.
        (200, [VIEW, LOST], [VIEW, LOST, HOOK], None),
        (200, [VIEW, HOOK], [VIEW], ("hook close ran", None)),
        (500, [VIEW, LOST], [VIEW, LOST, HOOK], (None, "hook close ran")),
        (200, [VIEW, FAILED], [VIEW, HOOK], (None, "hook close ran")),
        (200, [VIEW, HOOK], [VIEW, Event("hook_called", name="open")], ("hook close ran", "hook open ran")),
        # Exceptions count if both apps raised one.
        (500, [VIEW, FAILED], [VIEW, OTHERWISE], ("raised KeyError", "raised ValueError")),
        (500, [VIEW, FAILED], [VIEW], None),
        # An app of which nothing is seen.
        (200, [LOST], [VIEW], None),
        (200, [LOST], [], None),
        (200, [HANDED, SECOND_START], [HANDED], ("a second response was started", None)),
        (200, [HANDED, HOOK], [HANDED], None),
        (200, [HANDED, SECOND_START], [VIEW], None),
    ],
)  # fmt: skip
def test_effects_differ_if_both_apps_are_seen(
    status: int, one: list[Event], other: list[Event], found: Any
) -> None:
    at = exchange(response(status))
    got = list(differing_effects((one, at), (other, at), set()))
    assert got == ([] if found is None else [("effect", *found)])


def test_a_rule_of_the_case_ignores_effects() -> None:
    at = exchange(response())
    logged = Event("logged", name="ERROR", detail="no")
    sides = ([VIEW, LOST], at), ([VIEW, logged], at)
    rules: set[str] = set()
    ignoring = NormalisationRules(effects=("coroutine *", "thread *", "*"))
    assert not list(differing_effects(*sides, rules, ignoring))
    assert rules == {"effect:coroutine *", "effect:*"}
    part = NormalisationRules(effects=("coroutine *",))
    (found,) = differing_effects(*sides, set(), part)
    assert found == ("effect", None, "an error was logged")
