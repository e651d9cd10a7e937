"""Findings for differences that no explanation matches."""

from pathlib import Path
from typing import Any

import pytest

from comparison.causes.differing import DifferingRequest
from comparison.causes.fact import Fact
from comparison.causes.load import load_explanations
from comparison.causes.without_rule import named_by_flask, unknown_cause
from comparison.models import Difference, Finding, TargetInfo

VIEW = [Fact("view_called", "a.py", 3, "def view():\n    pass")]
CODE = [Fact("return 1", "a.py", 4, "return 1\nmore")]


def differing(ours: Any, theirs: Any, *layers: Any) -> DifferingRequest:
    differences = [
        Difference(
            target="quart", field=field, reference="a", candidate="b", layer=layer
        )
        for field, layer in zip(
            ("body", "status"), layers or ("framework",), strict=False
        )
    ]
    facts = {"flask": ours, "quart": theirs}
    return DifferingRequest({}, facts, differences, "flask", "quart")


@pytest.mark.parametrize(
    ("layers", "layer"),
    [
        (("server",), "server"), (("client", "client"), "client"), (("framework",), "app"),
        (("server", "client"), "app"), (("server", "framework"), "app"),
    ],
)  # fmt: skip
def test_what_a_server_or_a_client_causes_has_no_place(layers: Any, layer: str) -> None:
    found = unknown_cause(
        differing({"code": CODE}, {"code": CODE}, *layers), ["body", "status"]
    )
    assert found.layer == layer and found.target == "quart"
    assert found.summary == "No known cause matches: body, status."
    assert bool(found.place) is (layer == "app")


def test_both_places_where_a_response_was_made_are_named() -> None:
    ours = {"code": [Fact("x"), *CODE], "view": VIEW}
    theirs = {"view": [Fact("v", "b.py", 7, "async def view():\n    pass")]}
    found = unknown_cause(differing(ours, theirs), ["body"])
    assert found.evidence == (
        "flask: return 1 (a.py:4)",
        "quart: async def view(): (b.py:7)",
    )
    assert (found.place, found.source) == ("b.py:7", "async def view():")
    found = unknown_cause(differing(ours, {}), ["body"])
    assert (found.place, found.source) == ("", "")
    assert found.evidence == ("flask: return 1 (a.py:4)",)
    sourceless = {"view": [Fact("v", "b.py", 7)]}
    found = unknown_cause(differing({}, sourceless), ["body"])
    assert (found.place, found.evidence) == ("b.py:7", ())


def test_an_app_that_does_not_answer_waits_at_an_await() -> None:
    waits = {"hangs-at": [Fact("x", "b.py", 9, "await queue.get()")]}
    found = unknown_cause(differing({"view": VIEW}, waits), ["failure"])
    assert (
        found.summary
        == "quart did not answer in time. It waits at `await queue.get()`."
    )
    assert found.remedy == (
        "Find out what should end this `await`: who sends, releases or sets what it waits"
        " for."
    )
    assert (found.place, found.source) == ("b.py:9", "await queue.get()")
    assert not unknown_cause(differing(waits, {"view": VIEW}), ["failure"]).remedy


WRAPPED = "app = Quart(__name__)\n  app.asgi_app = Plain(app.asgi_app)  \n"


def test_middleware_that_answers_in_one_app_only_is_named() -> None:
    inside = [Fact("view_called view")]
    here = {"status": [Fact("403")], "module": [Fact(WRAPPED, "b.py", 1)]}
    found = unknown_cause(differing({"event": inside}, here), ["status"])
    assert found.summary == (
        "No known cause matches: status. Middleware answered in quart, before any"
        " function of the app."
    )
    assert found.remedy == (
        "Look at what this middleware reads of the request, and at its conditions."
    )
    assert (found.place, found.source) == (
        "b.py:2",
        "app.asgi_app = Plain(app.asgi_app)",
    )
    for ours, theirs in (
        ({"event": inside}, {**here, "event": inside}),
        ({}, here),
        ({"event": inside}, {"module": here["module"]}),
        ({"event": inside}, {**here, "module": [Fact("app = Quart()", "b.py", 1)]}),
    ):
        other = unknown_cause(differing(ours, theirs), ["status"])
        assert "Middleware" not in other.summary


def test_a_line_of_a_quart_app_that_uses_flask_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    Path("named_shop.py").write_text("from flask import session\nx = session['a']\n")
    where = Finding(
        target="quart", summary="s", file="named_shop.py", line=2,
        source="x = session['a']", fields=("body",), request=3,
    )  # fmt: skip
    explanations = load_explanations().values()
    quart = TargetInfo("quart", "named_shop:app", "quart", "hypercorn")
    found = named_by_flask(where, quart, explanations)
    assert found is not where and found.cause
    assert (found.place, found.fields, found.request) == (
        "named_shop.py:1",
        ("body",),
        3,
    )
    flask = TargetInfo("quart", "named_shop:app", "flask", "waitress")
    assert named_by_flask(where, flask, explanations) is where
    assert named_by_flask(where, quart, []) is where
    other = Finding(target="quart", summary="s", file="named_shop.py", line=1)
    Path("named_shop.py").write_text("import os\nx = os.name\n")
    assert named_by_flask(other, quart, explanations) is other
