"""Variants of the requests of an OpenAPI document: one other value each."""

import json
from pathlib import Path
from typing import Any

import pytest

from comparison.models import Case

from .test_openapi import imported, written

API = """
openapi: 3.1.0
info: {title: Parcels, version: "1"}
paths:
  /parcels:
    get:
      parameters:
        - {name: page, in: query, schema: {type: integer, minimum: 1, maximum: 9}}
        - {name: sort, in: query, required: true, schema: {enum: [age, size]}}
        - {name: X-Limit, in: header, required: true, schema: {type: integer}}
      responses: {"200": {}}
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [code, sizes]
              properties:
                code: {type: string, pattern: "^[A-Z]{2}$", minLength: 2, maxLength: 2}
                sizes: {type: array, minItems: 2, maxItems: 3, items: {type: integer}}
                sender: {type: object, required: [town], properties: {town: {type: string}}}
                fragile: {type: boolean}
      responses: {"201": {}}
"""
WHOLE = {"code": "AA", "sizes": [1, 1], "sender": {"town": "town"}, "fragile": True}


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    file = written(tmp_path_factory.mktemp("api") / "api.yaml", API)
    return imported(file, "--variants", "--all-methods", "--expect")


def body_of(case: Case) -> Any:
    text = case.request.text
    return json.loads(text) if isinstance(text, str) else case.request.json


@pytest.mark.parametrize(
    ("label", "changed"),
    [
        ("without-code", {"code": ...}),
        ("without-fragile", {"fragile": ...}),
        ("without-optional-fields", {"sender": ..., "fragile": ...}),
        ("with-another-field", {"variant": "variant"}),
        ("code-null", {"code": None}),
        ("code-empty", {"code": ""}),
        ("code-of-type-integer", {"code": 42}),
        ("code-below-minlength", {"code": "A"}),
        ("code-above-maxlength", {"code": "AAA"}),
        ("code-against-its-pattern", {"code": "!AA"}),
        ("code-not-ascii", {"code": "ä€😀"}),
        ("sizes-empty", {"sizes": []}),
        ("sizes-below-minitems", {"sizes": [1]}),
        ("sizes-at-maxitems", {"sizes": [1, 1, 1]}),
        ("sizes-above-maxitems", {"sizes": [1, 1, 1, 1]}),
        ("sizes-item-9223372036854775808", {"sizes": [2**63, 1]}),
        ("sizes-item-of-type-string", {"sizes": ["text", 1]}),
        ("sender-without-town", {"sender": {}}),
        ("sender-town-null", {"sender": {"town": None}}),
        ("fragile-false", {"fragile": False}),
        ("fragile-of-type-integer", {"fragile": 2}),
    ],
)
def test_a_variant_has_one_other_value(
    label: str, changed: dict[str, Any], cases: dict[str, Case]
) -> None:
    whole = {k: v for k, v in {**WHOLE, **changed}.items() if v is not ...}
    assert body_of(cases["post-parcels"]) == WHOLE
    assert body_of(cases[f"post-parcels-{label}"]) == whole


@pytest.mark.parametrize(
    ("label", "query"),
    [
        ("with-page", "sort=age&page=1"),
        ("page-beyond-minimum", "sort=age&page=0"),
        ("page-at-maximum", "sort=age&page=9"),
        ("page-beyond-maximum", "sort=age&page=10"),
        ("page-of-type-string", "sort=age&page=text"),
        ("sort-size", "sort=size"),
        ("sort-not-listed", "sort=variant"),
        ("sort-twice", "sort=age&sort=age"),
        ("with-another-parameter", "sort=age&variant=variant"),
    ],
)
def test_parameters_vary_too(label: str, query: str, cases: dict[str, Case]) -> None:
    path, _, found = cases[f"get-parcels-{label}"].request.path.partition("?")
    assert path == "/parcels"
    assert sorted(found.split("&")) == sorted(query.split("&"))


def test_a_required_header_is_left_out_or_wrong(cases: dict[str, Case]) -> None:
    assert cases["get-parcels"].request.headers == {"X-Limit": "1"}
    assert not cases["get-parcels-without-x-limit"].request.headers
    wrong = cases["get-parcels-x-limit-of-type-string"].request
    assert wrong.headers == {"X-Limit": "text"}


def test_a_body_is_missing_or_not_json(cases: dict[str, Case]) -> None:
    missing = cases["post-parcels-without-a-body"].request
    assert not missing.headers and not isinstance(missing.text, str)
    assert cases["post-parcels-body-that-is-not-json"].request.text == "{"
    other = cases["post-parcels-body-of-another-media-type"].request
    assert other.headers == {"Content-Type": "text/plain"}


def test_only_the_valid_request_expects_a_status(cases: dict[str, Case]) -> None:
    assert {case_id for case_id, case in cases.items() if case.expect} == {
        "get-parcels",
        "post-parcels",
    }


def test_each_choice_of_a_schema_is_a_variant(tmp_path: Path) -> None:
    size = {"anyOf": [{"const": 1}, {"const": 2}, False, {"const": 1}]}
    given = {"name": "size", "in": "query", "required": True, "schema": size}
    paths = {"/": {"get": {"parameters": [given]}}}
    file = written(tmp_path / "a.json", {"openapi": "3.1.0", "paths": paths})
    found = imported(file, "--variants")
    assert found["get"].request.path == "/?size=1"
    chosen = {name: c.request.path for name, c in found.items() if "choice" in name}
    assert chosen == {"get-size-choice-2": "/?size=2"}


def test_variants_are_only_drafted_on_request(tmp_path: Path) -> None:
    file = written(tmp_path / "api.yaml", API)
    assert len(imported(file, "--all-methods")) == 2
