"""Descriptions are read whole, or refused with the field that is wrong."""

import json
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest

from comparison import Case, Request, compare
from comparison.schemas import schema_text
from comparison.views import DescriptionError, view_from_json, view_to_json
from tests.apps import specs_of_twins
from tests.views.described import VIEWS

TEXT = {"kind": "text", "content": "Hello"}
DEEP: Any = []
for _ in range(30):
    DEEP = [DEEP]


@pytest.mark.parametrize("view", VIEWS, ids=view_to_json)
def test_a_view_survives_the_round_trip_through_json(view: Any) -> None:
    assert view_from_json(view_to_json(view)) == view


# The description, the field that the model names, and the one that the endpoint names.
MALFORMED = [
    ({}, "body", "view"),
    ([], "", "view"),
    ({"body": TEXT, "bodi": 1}, "bodi", "view.bodi"),
    ({"body": {"kind": "txt"}}, "body.kind", "view.body.kind"),
    ({"body": {"kind": "text"}}, "body.content", "view.body.content"),
    ({"body": {"kind": "int", "content": True}}, "body.content", "view.body.content"),
    ({"body": {"kind": "bytes", "content": "€"}}, "body.content", "view.body.content"),
    ({"body": {"kind": "error", "content": 299}}, "body.content", "view.body.content"),
    ({"body": {"kind": "generator", "content": [1]}}, "body.content", "view.body.content"),
    ({"body": {"kind": "list", "content": DEEP}}, "", "view"),
    ({"body": TEXT, "made": "by hand"}, "made", "view.made"),
    ({"body": TEXT, "shape": "tuple"}, "shape", "view.shape"),
    ({"body": TEXT, "status": {"kind": "enum", "content": 299},
      "shape": "body-status"}, "status.content", "view.status.content"),
    ({"body": TEXT, "headers": {"kind": "list", "fields": [["X-A"]]},
      "shape": "body-headers"}, "headers.fields", "view.headers.fields"),
    ({"body": TEXT, "headers": {"kind": "dict", "fields": [["X-A", None]]},
      "shape": "body-headers"}, "headers.fields", "view.headers.fields"),
    ({"body": TEXT, "changes": [{"change": "body", "text": ""}]},
     "changes", "view.changes"),
    ({"body": TEXT, "made": "Response", "changes": [{"change": "undo"}]},
     "changes.change", "view.changes[0].change"),
    ({"body": TEXT, "made": "Response", "changes": [{"change": "set-header"}]},
     "changes", "view.changes[0]"),
    ({"body": TEXT, "made": "Response",
      "changes": [{"change": "set-cookie", "name": "a", "value": "b", "secure": 1}]},
     "changes.secure", "view.changes[0]"),
    ({"raises": {"kind": "abort", "code": "404"}}, "raises.code", "view.raises"),
    ({"raises": {"kind": "error", "name": "SystemExit"}}, "raises.name", "view.raises"),
]  # fmt: skip


@pytest.mark.parametrize(("described", "field", "_"), MALFORMED)
def test_the_invalid_field_is_reported(described: Any, field: str, _: str) -> None:
    with pytest.raises(DescriptionError) as raised:
        view_from_json(json.dumps(described))
    assert raised.value.field == field


# The model rejects these; the endpoint accepts them.
REFUSED = [
    ({"body": TEXT, "shape": "body-status"}, "status"),
    ({"body": TEXT, "status": {"kind": "int", "content": 202}}, "status"),
    ({"body": TEXT, "raises": {"kind": "abort", "code": 404}}, "raises"),
    ({"body": TEXT, "made": "make_response", "style": "sync"}, "made"),
    ({"body": {"kind": "text", "content": "a" * 1001}}, "body.content"),
    ({"body": {"kind": "text", "content": "€" * 500}}, ""),
    ({"body": {"kind": "dict", "content": {"a": "a" * 2000}}}, ""),
    ({"body": {"kind": "none", "content": None}}, "body.content"),
    ({"body": TEXT, "shape": "body-headers", "headers":
      {"kind": "dict", "fields": [["A", "1"], ["A", "2"]]}}, "headers.fields"),
]  # fmt: skip


@pytest.mark.parametrize(("described", "field"), REFUSED)
def test_excessive_or_meaningless_values_are_rejected(
    described: Any, field: str
) -> None:
    with pytest.raises(DescriptionError) as raised:
        view_from_json(json.dumps(described, ensure_ascii=False))
    assert raised.value.field == field


@pytest.mark.parametrize("text", ["", "{", "[" * 1500, "\ud800", "NaN", b"\xff"])
def test_invalid_json_is_rejected(text: Any) -> None:
    with pytest.raises(DescriptionError):
        view_from_json(text)


def test_an_unknown_field_suggests_the_nearest() -> None:
    with pytest.raises(DescriptionError, match='did you mean "body"'):
        view_from_json('{"bodi": {"kind": "text", "content": "Hello"}}')


def test_both_twins_reject_a_malformed_description() -> None:
    texts = {f"asked-{n}": json.dumps(d) for n, (d, _, _) in enumerate(MALFORMED)}
    texts |= {"long": "a" * 2001, "no-json": "{", "deep": "[" * 1999, "other": "1"}
    cases = [
        Case(id=name, request=Request(path=f"/composed{place}?view={quote(text)}"))
        for name, text in texts.items()
        for place in ("", "/handled", "/sync", "/async")
    ]
    fields = [field for _, _, field in MALFORMED] + ["view"] * 4
    answers = []
    for comparison in compare(*specs_of_twins("composed").values(), cases):
        assert comparison.verdict == "identical", comparison.case.request.path
        response = comparison.recordings["flask_app"].exchange.response
        assert response is not None and response.status == 400
        answers.append(response.body.partition(": ")[0])
    assert answers == [field for field in fields for _ in range(4)]


def test_the_schema_agrees_with_the_model() -> None:
    checker = jsonschema.Draft202012Validator(json.loads(schema_text("view")))
    for view in VIEWS:
        checker.validate(json.loads(view_to_json(view)))
    assert not checker.is_valid({"body": {"kind": "txt"}})
    assert not checker.is_valid({"body": TEXT, "bodi": 1})
