"""Case files drafted from Postman collections."""

import json
from pathlib import Path
from typing import Any

import pytest

from comparison.models import Case
from comparison.models.request import Part
from tests.cases.imported import drafted, secrets

__all__ = ["secrets"]


def pairs(**values: str) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in values.items()]


def requesting(name: str, **request: Any) -> dict[str, Any]:
    return {"name": name, "request": request}


COLLECTION = {
    "info": {
        "name": "Shop",
        "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    },
    "auth": {"type": "bearer", "bearer": pairs(token="{{token}}")},
    "variable": pairs(version="v1", path="{{version}}/orders"),
    "item": [
        {
            "name": "Orders",
            "event": [{"listen": "test", "script": {"exec": []}}],
            "item": [
                {
                    **requesting(
                        "Show an order",
                        url={
                            "raw": "{{base}}/{{path}}/:number?all=1",
                            "variable": pairs(number="7"),
                        },
                        header=[*pairs(Accept="text/html"), {"key": "X-Off", "disabled": True}],
                    ),
                    "response": [
                        {
                            "code": 200, "body": "{}",
                            "header": pairs(**{"Content-Type": "application/json"}),
                        }
                    ],
                },
                requesting(
                    "Add an order", method="POST", url="{{base}}/orders",
                    auth={"type": "apikey", "apikey": pairs(key="X-Key", value="{{x_key}}")},
                    body={
                        "mode": "raw", "raw": '{"name": "{{$guid}}"}',
                        "options": {"raw": {"language": "json"}},
                    },
                ),
            ],
        },
        requesting(
            "Form", method="POST", url="{{base}}/form", auth={"type": "noauth"},
            body={"mode": "urlencoded", "urlencoded": pairs(a="1", b="x y")},
        ),
        requesting(
            "Upload", method="POST", url="{{base}}/upload", auth={"type": "digest"},
            body={"mode": "formdata", "formdata": [{"key": "f", "type": "file", "src": "notes.txt"}]},
        ),
        requesting(
            "Query", method="POST", url="{{base}}/graphql", auth={"type": "noauth"},
            body={"mode": "graphql", "graphql": {"query": "{ a }", "variables": '{"n": 1}'}},
        ),
    ],
}  # fmt: skip


def test_each_request_of_a_postman_collection_is_a_case(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = drafted("import-postman", json.dumps(COLLECTION), "--expect")
    show, add, form, upload, query = found.values()
    assert (show.title, show.request.path) == ("Show an order", "/v1/orders/7?all=1")
    assert show.request.headers == {
        "Accept": "text/html", "Authorization": "Bearer token-value",
    }  # fmt: skip
    assert show.expect is not None
    assert (show.expect.status, show.expect.json) == (200, {})
    assert add.request.json == {"name": add.unique}
    assert add.request.headers == {"X-Key": "x_key-value"}
    assert form.request.form == {"a": "1", "b": "x y"}
    assert not form.request.headers
    assert upload.request.multipart == (
        Part("f", file="notes.txt", filename="notes.txt"),
    )
    assert query.request.json == {"query": "{ a }", "variables": {"n": 1}}
    message = capsys.readouterr().err
    assert "left out: 1 with scripts, which are not carried over" in message
    assert "left out: 1 authorization of type digest" in message
    assert "to be set: TOKEN, X_KEY" in message


SHARED: dict[str, Any] = {"info": {"name": "S", "schema": "/collection/v2.0.0/"}}


def collected(*items: dict[str, Any], **more: Any) -> list[Case]:
    text = json.dumps({**SHARED, "item": items, **more})
    return list(drafted("import-postman", text).values())


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("{{base}}/a", "/a"),
        ("shop.example", "/"),
        ("/only/path", "/only/path"),
        ("http://shop.example/a#part", "/a"),
        ({"host": ["shop", "example"], "path": ["a", {"value": 1}][:1]}, "/a"),
        ({"host": "shop.example", "path": "/a/b", "query": [
            {"key": "q", "value": "x y&"}, {"key": "n"}, {"key": "off", "disabled": True}]}, "/a/b?q=x%20y%26&n="),
        ({"host": "shop.example"}, "/"),
        ({"raw": "shop.example/:id/:idea", "variable": pairs(id="7")}, "/7/:idea"),
        ({"raw": "shop.example/:id?a=:id", "variable": [{"key": "id"}]}, "/id?a=:id"),
    ],
)  # fmt: skip
def test_a_postman_url_has_a_path_and_a_query(url: Any, path: str) -> None:
    (case,) = collected(requesting("one", url=url))
    assert case.request.path == path


@pytest.mark.parametrize(
    ("auth", "headers", "path"),
    [
        ({"type": "basic", "basic": {"username": "ann", "password": "b"}}, {"Authorization": "Basic authorization-value"}, "/a"),
        ({"type": "bearer", "bearer": {"token": "t1t1t1t1"}}, {"Authorization": "Bearer authorization-value"}, "/a"),
        ({"type": "apikey", "apikey": pairs(key="page", value="3", **{"in": "query"})}, {}, "/a?page=3"),
        ({"type": "apikey", "apikey": {"key": "X-Page", "value": 3}}, {"X-Page": "3"}, "/a"),
        ({"type": "noauth"}, {}, "/a"),
        ({}, {}, "/a"),
    ],
)  # fmt: skip
def test_postman_authorization_is_sent(
    auth: dict[str, Any], headers: dict[str, str], path: str
) -> None:
    (case,) = collected(requesting("one", url="shop.example/a", auth=auth))
    assert dict(case.request.headers) == headers
    assert case.request.path == path


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"mode": "raw", "raw": "a"}, {"text": "a", "headers": {"Content-Type": "text/plain"}}),
        ({"mode": "raw", "raw": "<a/>", "options": {"raw": {"language": "xml"}}}, {"text": "<a/>", "headers": {"Content-Type": "application/xml"}}),
        ({"mode": "raw", "raw": "a", "disabled": True}, {"method": "PUT", "headers": ()}),
        ({"mode": "raw", "raw": ""}, {"method": "PUT", "headers": ()}),
        ({"mode": "file", "file": {"src": "notes.txt"}}, {"file": "notes.txt"}),
        ({"mode": "file", "file": {}}, {"headers": ()}),
        ({"mode": "graphql", "graphql": {"query": "{ a }", "variables": "{"}}, {"json": {"query": "{ a }", "variables": {}}}),
        ({"mode": "urlencoded", "urlencoded": [*pairs(a="1"), {"key": "b", "value": 2}, {"key": "c", "disabled": True}, {"value": "d"}]}, {"form": {"a": "1", "b": "2"}}),
        ({"mode": "formdata", "formdata": [
            {"key": "a", "value": "1", "contentType": "text/x"}, {"key": "f", "type": "file", "src": ["notes.txt", "notes.txt"]}]},
         {"multipart": (Part("a", "1", type="text/x"), *[Part("f", file="notes.txt", filename="notes.txt")] * 2)}),
    ],
)  # fmt: skip
def test_a_postman_body_has_its_mode(body: dict[str, Any], fields: Any) -> None:
    (case,) = collected(
        requesting("one", method="PUT", url="shop.example/a", body=body)
    )
    assert {name: getattr(case.request, name) for name in fields} == fields


def test_other_forms_of_a_collection_are_read() -> None:
    headers = "Accept: text/html\nX-Colon: a:b"
    items = [
        {"name": "plain", "request": "shop.example/plain"},
        requesting("headers", url="shop.example/headers", header=headers),
    ]
    text = json.dumps({"collection": {**SHARED, "item": items}})
    plain, other = drafted("import-postman", text).values()
    assert (plain.request.method, plain.request.path) == ("GET", "/plain")
    assert other.request.headers == {"Accept": "text/html", "X-Colon": "a:b"}
    # The authorization of a collection holds unless an item has another.
    auth = {"type": "apikey", "apikey": pairs(key="X-A", value="1")}
    folder = {
        "name": "f",
        "item": [requesting("in", url="s/a")],
        "auth": {"type": "noauth"},
    }
    Path("cases.toml").unlink()
    one, two = collected(requesting("own", url="s/a"), folder, auth=auth)
    assert (dict(one.request.headers), dict(two.request.headers)) == ({"X-A": "1"}, {})
