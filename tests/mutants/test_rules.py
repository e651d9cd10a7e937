"""Each rule and expectation accepts what it is for, and catches a wrong response."""

from typing import Any, NamedTuple

import flask
import pytest

from comparison import Case, Expect, Request, compare

pytestmark = pytest.mark.mutant


class Checked(NamedTuple):
    """What a case has, responses that it accepts on both sides, and a mutant.

    A response is a body, as JSON unless it is a text, or a tuple as a view returns it.
    """

    fields: dict[str, Any]
    reference: Any
    accepted: Any
    mutant: Any
    field: str = "body"


def responding(response: Any) -> flask.Flask:
    app = flask.Flask("small")
    app.add_url_rule("/", "view", lambda: response)
    return app


def expecting(**fields: Any) -> dict[str, Any]:
    return {"expect": Expect(**fields)}


PRICED = {
    "$defs": {"price": {"type": "integer", "minimum": 1}},
    "properties": {"price": {"$ref": "#/$defs/price"}, "code": {"pattern": "^[A-Z]+$"}},
    "required": ["price"],
}
EXPECTATIONS = {
    "one of some statuses": Checked(
        expecting(status=(200, 201)), ("", 201), ("", 201), ("", 202), "status"
    ),
    "a regular expression": Checked(
        expecting(matches="<b>[0-9]+</b>"), "<b>7</b>", "<b>7</b>", "<b>x</b>"
    ),
    "a kind at a place": Checked(
        expecting(match={"/rows/*/n": "number"}),
        {"rows": [{"n": 1}, {"n": 2}]}, {"rows": [{"n": 1}, {"n": 2}]},
        {"rows": [{"n": 1}, {"n": "x"}]},
    ),
    "a place that must exist": Checked(
        expecting(match={"/n": "number"}), {"n": 1}, {"n": 1}, {"m": 1}
    ),
    "json apart from a place": Checked(
        expecting(json={"id": 0, "n": 1}, match={"/id": "number"}),
        {"id": 7, "n": 1}, {"id": 7, "n": 1}, {"id": 7, "n": 2},
    ),
    "a schema": Checked(
        expecting(json_schema=PRICED), {"price": 3}, {"price": 3}, {"price": 0}
    ),
    "a pattern in a schema": Checked(
        expecting(json_schema=PRICED), {"price": 3, "code": "A"},
        {"price": 3, "code": "A"}, {"price": 3, "code": "a"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTATIONS)
def test_an_expectation_catches_two_apps_that_are_wrong_alike(name: str) -> None:
    fields, reference, accepted, mutant, field = EXPECTATIONS[name]
    asked = Case("one", Request(), **fields)
    run = compare(responding(reference), responding(accepted), [asked])
    assert [c.verdict for c in run] == ["identical"]
    (wrong,) = compare(responding(mutant), responding(mutant), [asked])
    assert wrong.verdict == "failed"
    assert {f.field for f in wrong.expectation.failures} == {field}
