"""Hooks and error handlers of two apps, by traces written by hand."""

from typing import Any

import pytest

from comparison.causes.structure import STRUCTURAL, structural
from comparison.models import Event, Finding, Value
from tests.causes.structured import FILE, MATCHED, app, missed, request

__all__ = ["app"]


def hook(name: str, **fields: Any) -> Event:
    return Event("hook_called", name=name, file="h.py", line=len(name), source="s", **fields)  # fmt: skip


def handler(name: str) -> Event:
    return Event("handler_called", name=name, file="h.py", line=4)


def caught(detail: str = "KeyError: 'a'") -> Event:
    return Event("error_caught", detail=detail)


def found_in(ours: list[Event], theirs: list[Event]) -> list[Finding]:
    pair = request(MATCHED, *ours), request(MATCHED, *theirs)
    return list(structural(*pair, "flask", "quart", FILE))


HANDED = Event("response_handed_over")


@pytest.mark.parametrize(
    ("ours", "theirs", "causes"),
    [
        ([hook("a"), hook("b")], [hook("a"), hook("b")], []),
        ([hook("a")], [], ["hook-missing"]),
        ([], [hook("a")], ["hook-added"]),
        ([hook("a")], [hook("a"), hook("b")], ["hook-added"]),
        ([hook("a")], [hook("b")], ["hook-missing"]),
        ([hook("a"), hook("b")], [hook("b"), hook("a")], ["hook-order"]),
        ([hook("a", detail="signal")], [], []),
        # After an exception in a hook, the others do not run.
        ([hook("a"), hook("b")], [hook("a"), Event("hook_raised")], []),
        ([hook("b"), hook("a")], [hook("a"), Event("hook_raised")], ["hook-missing"]),
        ([caught(), handler("a")], [caught()], ["handler-missing"]),
        ([caught()], [caught(), handler("a")], ["handler-added"]),
        ([caught(), handler("b")], [caught(), handler("a")], ["handler-missing"]),
        ([caught(), handler("a")], [caught(), handler("a")], []),
        ([caught(), handler("a")], [caught("ValueError: a")], []),
        ([caught(), handler("a")], [caught("KeyError: 'b'")], ["handler-missing"]),
        ([caught(), handler("a")], [], []),
        ([handler("a")], [caught()], []),
    ],
)
def test_hooks_and_handlers_that_one_app_runs_are_causes(
    ours: list[Event], theirs: list[Event], causes: list[str]
) -> None:
    assert [each.cause for each in found_in(ours, theirs)] == causes
    assert set(causes) <= STRUCTURAL.keys()


def test_a_missing_hook_has_a_place_and_a_remedy() -> None:
    (found,) = found_in([hook("shop.check")], [])
    assert found.summary == "The hook shop.check runs in flask only."
    assert found.remedy == "Register shop.check in quart: flask does it in h.py:10."
    assert (found.line, found.source) == (10, "@app.before_request")
    assert found.fields == ()
    (found,) = found_in([hook("close")], [])
    assert found.remedy == "Register close in quart as in h.py:5."
    assert found.place == ""
    # After the response, it cannot change it.
    (found,) = found_in([HANDED, hook("close")], [])
    assert found.fields == ("effect",)


def test_another_hook_or_order_has_a_place_and_a_remedy() -> None:
    (found,) = found_in([], [hook("open")])
    assert found.summary == "The hook open runs in quart only."
    assert found.remedy == "Register it in flask too, or remove it."
    assert (found.place, found.source) == ("h.py:4", "s")
    assert found.evidence == ("quart: open called",)
    (found,) = found_in([hook("a"), hook("bb")], [hook("bb"), hook("a")])
    assert found.summary == "The same hooks run in another order in quart."
    assert found.remedy == "Register them in the same order."
    assert found.place == "h.py:2"
    assert found.evidence == ("flask: a, bb", "quart: bb, a")


def returned(kind: str, **fields: Any) -> Event:
    value = Value(type=kind, text="", **fields)
    return Event("hook_returned", name="close", file="h.py", line=9, source="r", value=value)  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "theirs", "cause"),
    [
        (returned("Response", status=200), returned("NoneType"), True),
        (returned("NoneType"), returned("NoneType"), False),
        (returned("Response", status=200), returned("Response", status=200), False),
        (Event("hook_returned", name="close"), returned("NoneType"), False),
        (returned("Response", status=200), Event("hook_returned", name="close"), False),
        (Event("hook_called", name="close"), returned("NoneType"), False),
    ],
)
def test_a_hook_that_returns_nothing_is_a_cause(
    ours: Event, theirs: Event, cause: bool
) -> None:
    called = hook("close")
    found = found_in([called, ours], [called, theirs])
    assert [each.cause for each in found] == ["hook-returns-nothing"] * cause
    if cause:
        assert (
            found[0].summary == "The hook close returns None instead of the response."
        )
        assert found[0].remedy == "Return the response, as h.py:9 does."
        assert (found[0].place, found[0].source) == ("h.py:9", "r")


def test_a_missing_handler_has_a_place_and_a_remedy() -> None:
    (found,) = found_in([caught(), handler("shop.tea")], [caught()])
    assert found.summary == "The error handler shop.tea handles KeyError in flask only."
    assert found.remedy == "Register shop.tea for KeyError in quart, as in h.py:4."
    assert (found.line, found.source) == (15, '@app.get("/tea")')
    assert found.evidence == ("flask: shop.tea called for KeyError",)
    (found,) = found_in([caught()], [caught(), handler("a")])
    assert found.summary == "The error handler a handles KeyError in quart only."
    assert found.remedy == "Register it in flask too, or remove it."
    assert found.place == "h.py:4"
    assert found.evidence == ("quart: a called for KeyError",)


def test_without_a_view_its_hooks_are_no_cause() -> None:
    pair = request(MATCHED, hook("a")), request(missed())
    (found,) = structural(*pair, "flask", "quart", FILE)
    assert found.cause == "route-missing"
