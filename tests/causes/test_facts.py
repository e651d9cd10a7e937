"""Facts about one side of a comparison."""

from typing import Any

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from comparison.causes.fact import Fact
from comparison.causes.facts import Request, facts_of, request_of, requests_that_differ
from comparison.models import Difference, Event, Exchange, Failure, TargetInfo, Value
from tests.causes.stated import FILE, app, line_of
from tests.diff.making import SENT, judged, recording, response

__all__ = ["app"]


INFO = TargetInfo("quart", "stated_shop:app", "quart", "hypercorn", {"DEBUG": "True"})


def facts(*trace: Event, what: Any = None, **more: Any) -> dict[str, list[str]]:
    exchange = Exchange(replace(SENT, **more), response() if what is None else what)
    if isinstance(what, Failure):
        exchange = Exchange(replace(SENT, **more), failure=what)
    found = facts_of(Request(exchange, trace), INFO, (), True)
    return {name: [each.text for each in several] for name, several in found.items()}


def test_facts_of_an_exchange_are_its_fields() -> None:
    made = response(
        404,
        (("X-A", "1"), ("X-A", "2")),
        "Hello" * 1000,
        reason="No",
        connection="kept",
    )
    found = facts(
        what=made, method="PUT", path="/a?b=1", headers=(("X-B", "3"),), body="c"
    )
    assert found["request"] == ["PUT /a?b=1"]
    assert found["request-head"] == ["PUT /a?b=1\nX-B: 3"]
    assert found["request-header:x-b"] == ["3"] and found["request-body"] == ["c"]
    assert found["status"] == ["404"] and found["header:x-a"] == ["1", "2"]
    assert found["response-head"] == ["404\nX-A: 1\nX-A: 2"]
    assert found["body"] == [("Hello" * 1000)[:4000]]
    assert (found["framing"], found["reason"]) == (["content-length"], ["No"])
    assert found["connection"] == ["kept"]
    assert (found["server"], found["framework"]) == (["hypercorn"], ["quart"])
    assert found["setting"] == ["DEBUG=True"]
    assert "app" not in found and "failure" not in found and "hangs-at" not in found
    plain = facts()
    assert "reason" not in plain and "connection" not in plain
    assert plain["request-body"] == [""]


def test_a_failure_has_its_part_of_a_response() -> None:
    failed = Failure("incomplete", "no", partial=response(201))
    found = facts(what=failed)
    assert found["failure"] == [str(failed)] and found["status"] == ["201"]
    assert "status" not in facts(what=Failure("closed", "no"))


@pytest.mark.parametrize(
    ("names", "kind", "waits"),
    [
        (["suspended"], "timeout", True), (["resumed", "suspended"], "timeout", True),
        (["suspended", "resumed"], "timeout", False), ([], "timeout", False),
        (["suspended"], "closed", False),
    ],
)  # fmt: skip
def test_an_app_that_times_out_waits_at_its_last_await(
    names: list[str], kind: Any, waits: bool
) -> None:
    trace = [Event(n, source="await queue.get()", file=FILE, line=3) for n in names]
    found = facts(*trace, what=Failure(kind, "no"))
    assert found.get("hangs-at") == (["await queue.get()"] if waits else None)


def test_a_session_cookie_and_another_host_are_facts() -> None:
    info = replace(INFO, settings={"SESSION_COOKIE_NAME": "sid", "SERVER_NAME": "a.b"})
    made = response(headers=(("Set-Cookie", "sid=1; Path=/"),))
    sent = replace(SENT, headers=(("Host", "c.d"),))
    found = facts_of(Request(Exchange(sent, made), ()), info, (), True)
    assert found["session-cookie"] == [Fact("set")]
    where = (FILE, line_of("app.config"), 'app.config["SERVER_NAME"] = "shop.example"')
    assert found["other-host"] == [Fact("c.d a.b", *where)]
    for cookie, host, setting in (
        ("sid2=1", "a.b", "a.b"), ("x=sid=1", "c.d", None), ("SID=1", "c.d", None),
    ):  # fmt: skip
        named = {"SESSION_COOKIE_NAME": "sid", "SERVER_NAME": setting}
        other = Exchange(
            replace(SENT, headers=(("Host", host),)),
            response(headers=(("Set-Cookie", cookie),)),
        )
        got = facts_of(Request(other, ()), replace(INFO, settings=named), (), True)
        assert "session-cookie" not in got and "other-host" not in got


def test_effects_of_the_own_side_are_facts() -> None:
    found = [
        Difference(target="quart", field="effect", reference=("a", "b"), candidate="c"),
        Difference(target="quart", field="body", reference="x", candidate="y"),
    ]
    request = Request(Exchange(SENT, response()), ())
    for this, effects in ((True, ["c"]), (False, ["a", "b"])):
        got = facts_of(request, INFO, found, this)
        assert [each.text for each in got["effect"]] == effects
        assert [each.text for each in got["field"]] == ["effect", "body"]
    lost = replace(found[0], candidate=None)
    assert "effect" not in facts_of(request, INFO, [lost], True)


VIEW = Event("route_matched", name="view", file=FILE, line=line_of("async def view"))


RETURNED = Event("view_returned", name="view", file=FILE, line=33, source="return save()", value=Value("str", "a"))  # fmt: skip


LIBRARY: dict[str, Any] = {"file": "flask/app.py", "line": 5, "source": "raise"}


@pytest.mark.parametrize(
    ("event", "name", "text", "place"),
    [
        (Event("view_raised", detail="KeyError: 1", file=FILE, line=4), "exception", "KeyError: 1", f"{FILE}:4"),
        (Event("thread_raised", detail="KeyError: 1", file=FILE, line=4), "thread-raised", "KeyError: 1", f"{FILE}:4"),
        (Event("task_raised", detail="KeyError: 1", file=FILE, line=4), "task-raised", "KeyError: 1", f"{FILE}:4"),
        (Event("app_raised", detail="KeyError: 1", **LIBRARY), "raised", "KeyError: 1", f"{FILE}:33"),
        (Event("app_raised", detail="KeyError: 1", **LIBRARY), "library", "raise", "flask/app.py:5"),
        (Event("never_awaited", name="save", file=FILE, line=4), "never-awaited", "save", f"{FILE}:4"),
        (Event("logged", name="ERROR", detail="no"), "log", "ERROR: no", ""),
        (Event("hook_called", name="h", detail="d"), "event", "hook_called h d", ""),
    ],
)  # fmt: skip
def test_an_event_is_a_fact(event: Event, name: str, text: str, place: str) -> None:
    exchange = Exchange(SENT, response())
    trace = (VIEW, Event("view_called", name="view"), RETURNED, event)
    found = facts_of(Request(exchange, trace), INFO, (), True)[name]
    assert text in [each.text for each in found]
    where = next(each for each in found if each.text == text)
    assert (f"{where.file}:{where.line}" if where.file else "") == place
    assert (where.library == "flask/app.py:5") is (name == "raised")


def test_what_the_view_returned_is_a_fact_and_others_are_not() -> None:
    called = Event("view_called", name="view")
    processor = replace(RETURNED, name="processor", value=Value("dict", "{}"))
    found = facts(
        VIEW, called, RETURNED, Event("view_called", name="processor"), processor
    )
    assert found["returned"] == ["str"] and found["code"] == ["return save()"]
    assert found["view"][0].startswith('@app.get("/")\nasync def view')
    assert found["app"] == ["called"]
    assert facts(Event("request_sent"))["app"] == ["not called"]


def test_requests_have_their_own_traces() -> None:
    whole = replace(
        recording(response(), response(201), response(202)),
        setup_traces=((VIEW,),), trace=(RETURNED,),
    )  # fmt: skip
    for number, status, trace in (
        (0, 200, (RETURNED,)), (1, 201, (VIEW,)), (2, 202, ()), (3, 200, (RETURNED,)),
    ):  # fmt: skip
        found = request_of(whole, number)
        assert found.exchange.response is not None
        assert (found.exchange.response.status, found.trace) == (status, trace)
    differing = judged(
        recording(response(), response(), response()),
        recording(response(500), response(), response(404)),
    )
    assert requests_that_differ(differing, "quart") == [2, 0]
    assert requests_that_differ(differing, "other") == []
    assert {d.request for d in differing.unexpected} == {2, UNSET}
