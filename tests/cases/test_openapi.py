"""Cases from OpenAPI documents: what they give, what is made up, what is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from comparison.cases import load_cases
from comparison.cases.sources.openapi import ABSENT, OpenApi
from comparison.cases.sources.samples import Sampler
from comparison.cli import main
from comparison.models import Case
from tests.project import Project, project

__all__ = ["project"]

SHOP = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: "https://{where}.example/v{n}/", variables: {n: {default: 2}}}]
paths:
  /orders:
    get:
      operationId: listOrders
      summary: All orders
      parameters:
        - {name: page, in: query, schema: {type: integer}}
        - {name: size, in: query, schema: {type: integer, default: 20}}
        - {name: tag, in: query, example: [a, b c], schema: {type: array}}
        - {$ref: "#/components/parameters/Trace"}
      responses: {"200": {}, "404": {}}
    post:
      requestBody:
        content:
          application/xml: {}
          application/json:
            schema: {$ref: "#/components/schemas/Order"}
            examples:
              one: {value: {article: -7, on: 2026-01-31}}
              free: {$ref: "#/components/examples/Free"}
      responses: {"201": {}, 400: {}}
  /orders/{number}:
    parameters:
      - {name: number, in: path, required: true, schema: {type: integer, minimum: 5}}
    get: {responses: {default: {}}}
    put:
      requestBody:
        content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}
      responses: {"204": {}}
components:
  parameters:
    Trace: {name: X-Trace, in: header, required: true, schema: {format: uuid}}
  examples:
    Free: {value: {article: -8, note: "${free}"}}
  schemas:
    Order:
      type: object
      properties:
        number: {type: integer, readOnly: true}
        article: {type: integer, maximum: 0}
        note: {type: [string, "null"], minLength: 6}
        colour: {enum: [red, green]}
        part: {$ref: "#/components/schemas/Order"}
        parts: {type: array, items: {$ref: "#/components/schemas/Order"}}
"""


def written(path: Path, document: str | dict[str, Any]) -> Path:
    text = document if isinstance(document, str) else json.dumps(document)
    path.write_text(text, encoding="utf-8")
    return path


def imported(path: Path, *options: str) -> dict[str, Case]:
    out = path.parent / "drafted.toml"
    arguments = [str(path), "--output", str(out), "--force", *options]
    assert main(["import-openapi", *arguments]) == 0
    return {case.id: case for case in load_cases(out)}


def document(operation: dict[str, Any], path: str = "/", **more: Any) -> dict[str, Any]:
    return {"openapi": "3.0.3", "paths": {path: {"get": operation}}, **more}


def target(tmp_path: Path, parameters: list[Any], path: str = "/") -> str:
    file = written(tmp_path / "api.json", document({"parameters": parameters}, path))
    (case,) = imported(file).values()
    return case.request.path


# Operations that become cases -----------------------------------------------------------


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return written(tmp_path / "shop.yaml", SHOP)


def test_examples_are_used_unchanged(shop: Path) -> None:
    cases = imported(shop, "--all-methods")
    assert cases["list-orders"].title == "All orders"
    assert cases["list-orders"].request.path == "/v2/orders?size=20&tag=a&tag=b%20c"
    assert cases["post-orders-one"].request.json == {"article": -7, "on": "2026-01-31"}
    assert cases["post-orders-free"].request.json["note"] == "${free}"


def test_values_without_an_example_are_generated_and_marked(shop: Path) -> None:
    cases = imported(shop, "--all-methods")
    made_up = {"article": 0, "note": "noteno", "colour": "red", "parts": []}
    assert cases["put-orders-number"].request.json == made_up
    lines = (shop.parent / "drafted.toml").read_text("utf-8").splitlines()
    assert 'path = "/v2/orders/5"  # choose number (integer)' in lines
    (body,) = (line for line in lines if "noteno" in line)
    assert body.endswith("  # choose article (integer), note (string)")


def test_generated_values_are_marked_on_their_line(tmp_path: Path) -> None:
    needed = [
        {"name": name, "in": place, "required": True, "schema": {"type": "string"}}
        for name, place in (
            ("number", "query"), ("X-Shop", "header"), ("seen", "cookie")
        )
    ]  # fmt: skip
    api = document({"parameters": needed})
    imported(written(tmp_path / "api.json", api))
    lines = (tmp_path / "drafted.toml").read_text().splitlines()
    assert 'path = "/?number=number"  # choose number (string)' in lines
    headers = next(line for line in lines if line.startswith("headers = "))
    assert headers.endswith("}  # choose X-Shop (string), seen (string)")


def test_cases_with_unsafe_methods_are_commented_out(shop: Path) -> None:
    assert list(imported(shop)) == ["list-orders", "get-orders-number"]
    assert "# POST may change" in (shop.parent / "drafted.toml").read_text("utf-8")


def test_the_lowest_documented_status_is_expected_on_request(shop: Path) -> None:
    cases = imported(shop, "--expect", "--all-methods")
    statuses = {id_: case.expect and case.expect.status for id_, case in cases.items()}
    assert statuses == {
        "list-orders": 200,
        "post-orders-one": 201,
        "post-orders-free": 201,
        "get-orders-number": None,
        "put-orders-number": 204,
    }
    without = imported(shop, "--all-methods")
    assert {id_: case.expect for id_, case in without.items()} == dict.fromkeys(
        statuses
    )


def test_base_option_sets_the_path_prefix(shop: Path) -> None:
    cases = imported(shop, "--base", "/")
    assert cases["get-orders-number"].request.path == "/orders/5"


def test_an_invalid_base_path_is_rejected(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import-openapi", str(shop), "--base", "v1"]) == 2
    assert '--base v1: a path begins with "/"' in capsys.readouterr().err


def test_json_reads_as_the_same_document_in_yaml(tmp_path: Path) -> None:
    import yaml

    data = yaml.safe_load(SHOP.replace("on: 2026-01-31", '"on": "2026-01-31"'))
    as_json = imported(written(tmp_path / "shop.json", data), "--all-methods")
    as_yaml = imported(written(tmp_path / "shop.yaml", SHOP), "--all-methods")
    assert [c.request for c in as_json.values()] == [
        c.request for c in as_yaml.values()
    ]


def test_credentials_become_environment_variables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    schemes = {
        "shopKey": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "Login": {"type": "http", "scheme": "bearer"},
        "Session": {"type": "apiKey", "in": "cookie", "name": "sid"},
    }
    needed = {"components": {"securitySchemes": schemes}, "security": [{"Login": []}]}
    file = written(tmp_path / "a.json", document({}, "/a", **needed))
    monkeypatch.setenv("LOGIN", "canary")
    (case,) = imported(file).values()
    assert case.request.headers == {"Authorization": "Bearer canary"}
    assert "to be set: LOGIN" in capsys.readouterr().err

    both = {"security": [{"shopKey": [], "Session": []}]}
    monkeypatch.setenv("SHOP_KEY", "canary")
    monkeypatch.setenv("SESSION", "canary")
    (case,) = imported(written(file, document(both, "/a", **needed))).values()
    assert case.request.headers == {"X-Key": "canary", "Cookie": "sid=canary"}

    for open_to_all in ([], [{"shopKey": []}, {}]):
        file = written(file, document({"security": open_to_all}, "/a", **needed))
        (case,) = imported(file).values()
        assert not case.request.headers


@pytest.mark.parametrize(
    ("options", "value", "query"),
    [
        ({}, [1, 2], "p=1&p=2"),
        ({"explode": False}, [1, 2], "p=1,2"),
        ({"style": "pipeDelimited"}, ["a", "b"], "p=a%7Cb"),
        ({"style": "spaceDelimited"}, ["a", "b"], "p=a%20b"),
        ({}, {"x": 1, "y": True}, "x=1&y=true"),
        ({"explode": False}, {"x": 1, "y": 2}, "p=x,1,y,2"),
        ({"style": "deepObject"}, {"x": 1}, "p%5Bx%5D=1"),
        ({}, "ä & ${b}", "p=%C3%A4%20%26%20%24%7Bb%7D"),
    ],
)
def test_a_query_parameter_is_serialised_in_its_style(
    options: dict[str, Any], value: Any, query: str, tmp_path: Path
) -> None:
    given = {"name": "p", "in": "query", "example": value, **options}
    assert target(tmp_path, [given]) == f"/?{query}"


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({}, "/3,4/end"),
        ({"style": "label"}, "/.3,4/end"),
        ({"style": "label", "explode": True}, "/.3.4/end"),
        ({"style": "matrix"}, "/;p=3,4/end"),
        ({"style": "matrix", "explode": True}, "/;p=3;p=4/end"),
    ],
)
def test_a_path_parameter_is_serialised_in_its_style(
    options: dict[str, Any], path: str, tmp_path: Path
) -> None:
    given = {"name": "p", "in": "path", "example": [3, 4], "required": True, **options}
    assert target(tmp_path, [given], "/{p}/end") == path


def test_a_json_parameter_is_serialised_as_json(tmp_path: Path) -> None:
    content = {"application/json": {"example": {"a": 1}}}
    given = {"name": "p", "in": "query", "content": content}
    assert target(tmp_path, [given]) == "/?p=%7B%22a%22%3A%201%7D"


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, 1),
        ({"type": "integer", "minimum": 7, "exclusiveMinimum": True}, 8),
        ({"type": "integer", "exclusiveMinimum": 7}, 8),
        ({"type": "integer", "maximum": -3}, -3),
        ({"type": "integer", "minimum": 7, "multipleOf": 5}, 10),
        ({"type": "number"}, 1.5),
        ({"type": "boolean"}, True),
        ({"type": "null"}, None),
        ({"type": "string", "maxLength": 2}, "te"),
        ({"type": "string", "format": "date-time"}, "2026-01-31T12:00:00Z"),
        ({"type": ["null", "integer"]}, 1),
        ({"const": 4}, 4),
        ({"enum": ["b", "a"]}, "b"),
        ({"enum": [1], "default": 2}, 2),
        ({"examples": [3], "default": 2}, 3),
        ({"example": 4, "default": 2}, 4),
        ({"type": "array", "items": {"enum": [1]}, "minItems": 2}, [1, 1]),
        ({"type": "array", "prefixItems": [{"const": 1}, {"const": 2}]}, [1, 2]),
        ({"type": "array", "prefixItems": [{"const": 1}], "minItems": 2,
          "items": {"const": 3}}, [1, 3]),
        ({"type": "array", "prefixItems": [{"const": 1}], "items": False}, [1]),
        ({"type": "array", "items": False}, []),
        ({"type": "object", "minProperties": 2, "propertyNames": {"enum": ["a", "b", "c"]},
          "additionalProperties": {"const": 1}}, {"a": 1, "b": 1}),
        ({"type": "object", "minProperties": 1, "propertyNames": {"maxLength": 2},
          "additionalProperties": {"const": 1}}, {"ke": 1}),
        ({"type": "object", "minProperties": 2, "additionalProperties": {"const": 1}},
         {"key": 1, "key2": 1}),
        ({"type": "object", "maxProperties": 2, "required": ["c"], "properties":
          {"a": {"const": 1}, "b": {"const": 2}, "c": {"const": 3}}}, {"a": 1, "c": 3}),
        ({"allOf": [{"properties": {"a": {"const": 1}}},
                    {"properties": {"b": {"const": 2}}}]}, {"a": 1, "b": 2}),
        ({"oneOf": [{"type": "null"}, {"const": 5}]}, 5),
        ({"properties": {"a": {"const": 1}},
          "anyOf": [{"properties": {"b": {"const": 2}}}]}, {"a": 1, "b": 2}),
        (True, "text"),
        (False, ABSENT),
    ],
)  # fmt: skip
def test_a_sample_conforms_to_its_schema(schema: Any, value: Any) -> None:
    api = OpenApi("api.json", json.dumps(document({})).encode())
    assert Sampler(api).sample(schema, ()) == value


@pytest.mark.parametrize(
    ("style", "sent"),
    [
        ({"style": "deepObject"}, {"p[x]": "1"}),
        # An object without a style is JSON (OpenAPI 3.1 section 4.8.15.1).
        ({}, {"p": '{"x": 1}'}),
    ],
)
def test_a_field_of_a_form_is_serialised_in_its_style(
    style: dict[str, Any], sent: dict[str, str], tmp_path: Path
) -> None:
    schema = {"type": "object", "properties": {"p": {"example": {"x": 1}}}}
    form = {"schema": schema, "encoding": {"p": style}}
    body = {"content": {"application/x-www-form-urlencoded": form}}
    file = written(tmp_path / "a.json", document({"requestBody": body}))
    (case,) = imported(file, "--all-methods").values()
    assert case.request.form == sent


def test_a_body_with_null_is_sent_as_it_is(tmp_path: Path) -> None:
    body = {"content": {"application/json": {"example": {"a": None}}}}
    paths = {"/": {"post": {"requestBody": body}}}
    file = written(tmp_path / "a.json", {"openapi": "3.1.0", "paths": paths})
    (case,) = imported(file, "--all-methods").values()
    assert case.request.text == '{"a": null}'
    assert case.request.headers == {"Content-Type": "application/json"}


def test_a_multipart_body_is_imported_as_parts(tmp_path: Path) -> None:
    properties = {"note": {"example": "Hello"}, "picture": {"format": "binary"}}
    body = {"content": {"multipart/form-data": {"schema": {"properties": properties}}}}
    paths = {"/": {"post": {"requestBody": body}}}
    file = written(tmp_path / "a.json", {"openapi": "3.1.0", "paths": paths})
    (case,) = imported(file, "--all-methods").values()
    assert isinstance(case.request.multipart, tuple)
    note, picture = case.request.multipart
    assert (note.name, note.text, note.filename) == ("note", "Hello", "")
    assert (picture.name, picture.filename) == ("picture", "picture.txt")
    assert not case.request.headers


def test_the_drafted_cases_run_without_changes(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = {
        "/orders/{number}": {"get": {"responses": {"200": {}}}},
        "/greeting": {"get": {"responses": {"200": {}}}},
    }
    paths["/orders/{number}"]["parameters"] = [  # type: ignore[assignment]
        {
            "name": "number",
            "in": "path",
            "required": True,
            "schema": {"type": "integer"},
        }
    ]
    api = {"openapi": "3.1.0", "info": {"title": "Shop"}, "paths": paths}
    imported(written(project.root / "api.json", api), "--expect")
    assert main(["run", "--cases", "drafted.toml"]) == 0
    assert "IDENTICAL: 2 cases" in capsys.readouterr().out
