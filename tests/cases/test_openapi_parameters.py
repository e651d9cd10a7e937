"""Parameters of OpenAPI documents: the values that a drafted request has for each."""

from pathlib import Path
from typing import Any

import pytest

from .test_openapi import imported, written

INTEGER = {"type": "integer"}


def drafted(
    tmp_path: Path, *parameters: Any, path: str = "/a", item: Any = (), **operation: Any
) -> Any:
    get = {"parameters": list(parameters), **operation}
    paths = {path: {"parameters": list(item), "get": get}}
    file = written(tmp_path / "api.json", {"openapi": "3.1.0", "paths": paths})
    (case,) = imported(file).values()
    return case


def query(name: str = "p", **fields: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", **fields}


@pytest.mark.parametrize(
    ("given", "target"),
    [
        # An optional parameter without a value that its authors give is left out.
        (query(schema=INTEGER), "/a"),
        (query(), "/a"),
        (query(schema={"type": "object", "properties": {"x": INTEGER}}), "/a"),
        (query(required=True, schema=INTEGER), "/a?p=1"),
        (query(required=True), "/a?p=p"),
        (query(required=True, schema={"type": "string"}), "/a?p=p"),
        (query(required=True, schema=False), "/a?p=p"),
        (query(schema={**INTEGER, "default": 20}), "/a?p=20"),
        (query(schema={"enum": ["b", "a"]}), "/a?p=b"),
        (query(schema={"const": 4}), "/a?p=4"),
        # Examples, in the type of the schema.
        (query(example=7), "/a?p=7"),
        (query(example="7", schema=INTEGER), "/a?p=7"),
        (query(example="1.5", schema={"type": "number"}), "/a?p=1.5"),
        (query(example="true", schema={"type": "boolean"}), "/a?p=true"),
        (query(example="maybe", schema={"type": "boolean"}), "/a?p=true"),
        (query(example=7, schema={"type": "string"}), "/a?p=7"),
        (query(example=1.5, schema={"type": "string"}), "/a?p=1.5"),
        (query(example="x", schema={"type": "array"}), "/a?p=x"),
        (query(example="x", schema=True), "/a?p=x"),
        (query(examples={"one": {"value": 3}, "two": {"value": 4}}), "/a?p=3"),
        # Content of a media type.
        (query(content={"application/json": {"example": {"a": [1]}}}), "/a?p=%7B%22a%22%3A%20%5B1%5D%7D"),
        (query(content={"application/json": {"schema": {"const": "x"}}}), "/a?p=%22x%22"),
        (query(content={"application/json": {"example": None}}), "/a?p=null"),
        (query(required=True, content={"application/json": {"schema": INTEGER}}), "/a?p=1"),
        (query(required=True, content={"application/json": {"schema": False}}), "/a?p=p"),
        # Values that a query cannot have.
        (query(example=None), "/a"), (query(example=""), "/a"), (query(example=[]), "/a"), (query(example={}), "/a"),
        (query(required=True, example=None, schema=INTEGER), "/a?p=1"),
        (query(required=True, example="", schema={"type": "string"}), "/a?p=p"),
        (query(required=True, example=[], schema={"type": "array", "items": INTEGER}), "/a?p=1"),
        (query(required=True, example={}, schema={"type": "object"}), "/a?key=p"),
        (query(example="", allowEmptyValue=True), "/a?p="),
        (query(example=[], allowEmptyValue=True), "/a"),
        ({"name": "q", "in": "querystring", "required": True, "content": {"application/x-www-form-urlencoded": {"example": {"a": 1, "b": "c d"}}}}, "/a?a=1&b=c%20d"),
    ],
)  # fmt: skip
def test_a_parameter_of_the_query_has_a_value(
    given: Any, target: str, tmp_path: Path
) -> None:
    assert drafted(tmp_path, given).request.path == target


@pytest.mark.parametrize(
    ("path", "given", "target"),
    [
        ("/a/{p}", {"schema": INTEGER}, "/a/1"),
        ("/a/{p}", {}, "/a/p"),
        ("/a/{p}", {"example": ""}, "/a/p"),
        ("/a/{p}", {"example": "x/y ä"}, "/a/x%2Fy%20%C3%A4"),
        ("/a/{p}/{p}", {"example": 3}, "/a/3/3"),
        ("/a/{p}.{q}", {"example": 3}, "/a/3.q"),
        ("/ä b/{p}#part", {"example": 3}, "/%C3%A4%20b/3"),
        ("/a/{p}?fixed=1", {"example": 3}, "/a/3?fixed=1"),
        (
            "/a/{p}",
            {"example": [3, 4], "explode": True, "style": "matrix"},
            "/a/;p=3;p=4",
        ),
    ],
)
def test_a_parameter_of_the_path_always_has_a_value(
    path: str, given: Any, target: str, tmp_path: Path
) -> None:
    parameter = {"name": "p", "in": "path", "required": True, **given}
    assert drafted(tmp_path, parameter, path=path).request.path == target


def test_headers_and_cookies_are_sent(tmp_path: Path) -> None:
    case = drafted(
        tmp_path,
        {"name": "X-A", "in": "header", "example": {"a": 1, "b": 2}},
        {"name": "X-B", "in": "header", "example": {"a": 1}, "explode": True},
        {"name": "X-C", "in": "header", "required": True, "schema": INTEGER},
        {"name": "X-D", "in": "header", "schema": INTEGER},
        {"name": "${X}", "in": "header", "example": "${y}"},
        {"name": "sid", "in": "cookie", "example": "a b"},
        {"name": "n", "in": "cookie", "example": [1, 2]},
        query("q", example="a&b"),
        path="/a?fixed=1",
    )
    assert case.request.path == "/a?fixed=1&q=a%26b"
    assert dict(case.request.headers) == {
        "X-A": "a,1,b,2", "X-B": "a=1", "X-C": "1", "${X}": "${y}",
        "Cookie": "sid=a%20b; n=1,2",
    }  # fmt: skip


def test_an_operation_overrides_the_parameters_of_its_path(tmp_path: Path) -> None:
    item = (
        query(example=1),
        query("other", example=2),
        {"name": "p", "in": "header", "example": 3},
    )
    case = drafted(tmp_path, query(example=4), item=item)
    assert case.request.path == "/a?p=4&other=2"
    assert case.request.headers == {"p": "3"}


@pytest.mark.parametrize(
    ("operation", "id", "title"),
    [
        ({"operationId": "listAllOrders"}, "list-all-orders", "GET /a"),
        ({"summary": "All orders.\n More"}, "get-a", "All orders. More"),
        ({}, "get-a", "GET /a"),
    ],
)
def test_a_case_is_named_by_its_operation(
    operation: Any, id: str, title: str, tmp_path: Path
) -> None:
    case = drafted(tmp_path, **operation)
    assert case.id == id
    assert case.title == title


@pytest.mark.parametrize(
    ("given", "varied"),
    [
        (query(schema=INTEGER), {"with-p": "?p=1", "p-twice": "?p=1&p=1", "p-0": "?p=0", "p-of-type-string": "?p=text"}),
        (query(required=True, schema=INTEGER), {"without-p": "", "p-twice": "?p=1&p=1", "p-1-2": None}),
        (query(schema=False), {"with-p": None, "with-another-parameter": "?variant=variant"}),
        (query(required=True, schema={"type": "array", "items": INTEGER}), {"p-twice": None, "without-p": ""}),
        ({"name": "X-P", "in": "header", "required": True, "schema": {"type": "string"}}, {
            "without-x-p": "", "x-p-twice": None, "x-p-empty": "", "x-p-blank": None, "x-p-not-ascii": None}),
    ],
)  # fmt: skip
def test_each_parameter_has_variants(given: Any, varied: Any, tmp_path: Path) -> None:
    paths = {"/a": {"get": {"operationId": "v", "parameters": [given]}}}
    file = written(tmp_path / "api.json", {"openapi": "3.1.0", "paths": paths})
    found = imported(file, "--variants")
    for label, target in varied.items():
        assert (f"v-{label}" in found) is (target is not None)
        if target is not None:
            assert found[f"v-{label}"].request.path == f"/a{target}"
