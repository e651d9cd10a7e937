"""Drafts of requests: styles of parameters, variants, url maps, and recorded traffic."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import pytest

from comparison.cases.sources.discover import drafts
from comparison.cases.sources.har import (
    Content,
    Entry,
    EntryRequest,
    EntryResponse,
    Named,
)
from comparison.cases.sources.openapi import OpenApi
from comparison.cases.sources.samples import Sampler
from comparison.cases.sources.styles import in_header, in_path, in_query, in_querystring
from comparison.cases.sources.traffic import Traffic
from comparison.cases.sources.variants import Variants
from comparison.core.errors import UsageError

POINT = {"x": 1, "y ä": "a/b"}


@pytest.mark.parametrize(
    ("value", "style", "explode", "written"),
    [
        ("a b/ä", None, False, "a%20b%2F%C3%A4"), (True, None, False, "true"), (None, None, False, "null"),
        ([3, "a b"], None, True, "3,a%20b"), ([3, 4], "simple", False, "3,4"),
        (POINT, None, False, "x,1,y%20%C3%A4,a%2Fb"), (POINT, None, True, "x=1,y%20%C3%A4=a%2Fb"),
        (5, "label", False, ".5"), ([3, 4], "label", False, ".3,4"), ([3, 4], "label", True, ".3.4"),
        (POINT, "label", False, ".x,1,y%20%C3%A4,a%2Fb"), (POINT, "label", True, ".x=1.y%20%C3%A4=a%2Fb"),
        (5, "matrix", False, ";p%20q=5"), (5, "matrix", True, ";p%20q=5"), ([3, 4], "matrix", False, ";p%20q=3,4"),
        ([3, 4], "matrix", True, ";p%20q=3;p%20q=4"), (POINT, "matrix", False, ";p%20q=x,1,y%20%C3%A4,a%2Fb"),
        (POINT, "matrix", True, ";x=1;y%20%C3%A4=a%2Fb"),
    ],
)  # fmt: skip
def test_a_path_parameter_has_its_style(
    value: Any, style: str | None, explode: bool, written: str
) -> None:
    assert in_path("p q", value, style, explode) == written


@pytest.mark.parametrize(
    ("value", "style", "explode", "written"),
    [
        ("a&b", None, None, "p%20q=a%26b"), ([], None, None, ""), ([], "form", False, "p%20q="),
        ([3, 4], None, None, "p%20q=3&p%20q=4"), ([3, 4], "form", None, "p%20q=3&p%20q=4"),
        ([3, 4], "form", False, "p%20q=3,4"), ([3, 4], "spaceDelimited", None, "p%20q=3%204"),
        ([3, 4], "pipeDelimited", False, "p%20q=3%7C4"), ([3, 4], "pipeDelimited", True, "p%20q=3&p%20q=4"),
        (POINT, None, None, "x=1&y%20%C3%A4=a%2Fb"), (POINT, "form", False, "p%20q=x,1,y%20%C3%A4,a%2Fb"),
        (POINT, "deepObject", None, "p%20q%5Bx%5D=1&p%20q%5By%20%C3%A4%5D=a%2Fb"),
        (POINT, "spaceDelimited", None, "p%20q=x%201%20y%20%C3%A4%20a%2Fb"),
    ],
)  # fmt: skip
def test_a_query_parameter_has_its_style(
    value: Any, style: str | None, explode: bool | None, written: str
) -> None:
    assert in_query("p q", value, style, explode) == written


def test_headers_and_whole_queries_have_their_styles() -> None:
    for value, explode, written in (
        (POINT, False, "x,1,y ä,a/b"), (POINT, True, "x=1,y ä=a/b"), (["a", 1], False, "a,1"),
        (["a", 1], True, "a,1"), (None, False, "null"), ("a b", False, "a b"),
    ):  # fmt: skip
        assert in_header(value, explode) == written
    assert in_querystring([1, "a"]) == "%5B1%2C%20%22a%22%5D"
    assert in_querystring({"a": [1, 2], "b": "c"}) == "a=1&a=2&b=c"


# Variants ------------------------------------------------------------------------------

TEXTS = [("empty", ""), ("blank", " "), ("not ASCII", "ä€😀"), ("with markup", "<b>'\"&%s{{1}}\\")]  # fmt: skip
NUMBERS = [("0", 0), ("-1", -1), (str(2**63), 2**63)]
NULL = ("null", None)
NO_STRING = [NULL, ("of type integer", 42), ("of type array", ["text"])]
NO_INTEGER = [NULL, ("of type string", "text"), ("of type number", 1.5), ("of type boolean", True)]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "schema", "varied"),
    [
        (3, {"type": "integer"}, [*NUMBERS, *NO_INTEGER]),
        (3, {"type": "integer", "minimum": 1, "maximum": 9, "multipleOf": 3}, [
            ("at minimum", 1), ("beyond minimum", -2), ("at maximum", 9), ("beyond maximum", 12), *NUMBERS,
            ("no multiple", 2.5), *NO_INTEGER]),
        (3, {"type": "integer", "multipleOf": 4}, [*NUMBERS, ("no multiple", 2.0), *NO_INTEGER]),
        (1.5, {"type": "number", "exclusiveMinimum": 1}, [
            ("at minimum", 1.5), ("beyond minimum", 0.5), *NUMBERS, NULL, ("of type string", "text"), ("of type boolean", True)]),
        ("ab", {"type": "string"}, [*TEXTS, *NO_STRING]),
        ("ab", {"minLength": 2, "maxLength": 4, "pattern": "^[a-z]+$", "format": "x"}, [
            ("at minLength", "ab"), ("below minLength", "a"), ("at maxLength", "abab"), ("above maxLength", "ababa"),
            ("against its pattern", "!ab"), ("against its format", "text"), *TEXTS, *NO_STRING]),
        ("a", {"pattern": "."}, [*TEXTS, *NO_STRING]),
        ("a", {"maxLength": 2001}, [*TEXTS, *NO_STRING]),
        ("a", {"enum": ["a", "b", "c"]}, [("b", "b"), ("c", "c"), ("not listed", "variant"), *NO_STRING]),
        ("a", {"const": "a"}, [("not listed", "variant"), *TEXTS, *NO_STRING]),
        (1, {"type": "integer", "enum": [1, 2]}, [("2", 2), ("not listed", 987_654), *NUMBERS, *NO_INTEGER]),
        (True, {"type": "boolean"}, [("false", False), NULL, ("of type string", "text"), ("of type integer", 2)]),
        (False, {"type": "boolean"}, [("true", True), NULL, ("of type string", "text"), ("of type integer", 2)]),
        (None, {"type": "null"}, [NULL]),
        (3, True, []),
        ([], {"type": "array", "minItems": 2, "maxItems": 3}, [NULL, ("of type string", "text"), ("of type object", {})]),
        ([4, 5], {"type": "array", "minItems": 2, "maxItems": 5, "items": {"const": 4}}, [
            ("empty", []), ("below minItems", [4]), ("at maxItems", [4, 5, 4, 5, 4]), ("above maxItems", [4, 5, 4, 5, 4, 5]),
            ("with an item twice", [4, 5, 5]), ("item not listed", [987_654, 5]),
            *((f"item {n}", [v, 5]) for n, v in NUMBERS), *((f"item {n}", [v, 5]) for n, v in NO_STRING),
            NULL, ("of type string", "text"), ("of type object", {})]),
        ([4], {"type": "array", "maxItems": 0, "minItems": 1, "items": True}, [
            ("empty", []), ("at maxItems", []), ("above maxItems", [4]), ("with an item twice", [4, 4]),
            NULL, ("of type string", "text"), ("of type object", {})]),
        (3, {"oneOf": [{"const": 3}, {"const": 4}, False], "type": "integer"}, [("choice 2", 4), *NUMBERS, *NO_INTEGER]),
    ],
)  # fmt: skip
def test_a_value_varies_in_one_place(value: Any, schema: Any, varied: Any) -> None:
    api = OpenApi("api.json", json.dumps({"openapi": "3.1.0", "paths": {}}).encode())
    found = list(Variants(api, Sampler(api)).of(value, schema, (), "n"))
    assert found == [(f"n {label}", other) for label, other in varied]


def test_an_object_varies_in_its_fields() -> None:
    api = OpenApi("api.json", json.dumps({"openapi": "3.1.0", "paths": {}}).encode())
    variants = Variants(api, Sampler(api))
    value = {"a": True, "b": True, "c": True}
    schema = {
        "type": "object",
        "required": ["a"],
        "properties": {name: {"type": "boolean"} for name in "abc"},
    }
    found = dict(variants.of(value, schema, ()))
    assert found["without a"] == {"b": True, "c": True}
    assert found["without optional fields"] == {"a": True}
    assert found["without fields"] == {}
    assert found["with another field"] == {**value, "variant": "variant"}
    assert found["b false"] == {**value, "b": False}
    assert found["body of type array"] == []
    assert len(found) == 6 + 3 * 4 + 3
    one = dict(variants.of({"a": True, "b": True}, schema, ()))
    assert "without optional fields" not in one
    assert [label for label, _ in variants.of({}, {"type": "object"}, (), "n")] == [
        "n with another field", "n null", "n of type string", "n of type array",
    ]  # fmt: skip
    deep: Any = {"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}}
    labels = [label for label, _ in variants.of(deep, {}, ())]
    assert "a a a a without a" in labels and "a a a a a without a" not in labels


# Url maps ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "path", "choose", "rejected"),
    [
        ("/a", "/a", "", None),
        ("/<int:n>", "/1", "n (int)", "/x"),
        ("/<int(min=5):n>", "/5", "n (int(min=5))", "/x"),
        ("/<int(max=0):n>", "/0", "n (int(max=0))", "/x"),
        ("/<int(max=9):n>", "/1", "n (int(max=9))", "/x"),
        ("/<float:n>", "/1.0", "n (float)", "/x"),
        ("/<uuid:n>", "/00000000-0000-4000-8000-000000000001", "n (uuid)", "/x"),
        ("/<any(b, a):n>", "/a", "n (any(b, a))", "/x"),
        ("/<path:n>/end", "/n/n/end", "n (path)", None),
        ("/<n>", "/n", "n (string)", None),
        ("/<string(length=3):n>", "/nnn", "n (string(length=3))", "/x"),
        ("/<string(minlength=2):word>", "/word", "word (string(minlength=2))", "/x"),
        ("/<string(maxlength=2):word>", "/wo", "word (string(maxlength=2))", "/99999999999999999999"),
        ("/<a>/<int:n>", "/a/1", "a (string), n (int)", "/a/x"),
    ],
)  # fmt: skip
def test_a_rule_has_a_sample_path_and_one_that_it_rejects(
    rule: str, path: str, choose: str, rejected: str | None
) -> None:
    app = flask.Flask("shop", static_folder=None)
    app.add_url_rule(rule, "view", lambda **values: "")
    found = list(drafts(app))
    first = found[0]
    assert (first.method, first.path, first.choose) == ("GET", path, choose)
    others = [each.path for each in found if each.id.endswith("-rejected")]
    assert others == ([] if rejected is None else [rejected])
    if rejected is not None:
        value = rejected.rpartition("/")[2]
        assert found[-1].title.startswith("GET /")
        assert found[-1].title.endswith(f" with {value}")
        assert found[-1].choose == ""


def test_methods_and_hosts_of_rules_are_drafted(tmp_path: Path) -> None:
    (tmp_path / "menu.txt").write_text("tea")
    app = flask.Flask("shop", static_folder=str(tmp_path), static_url_path="/static")
    app.config["SERVER_NAME"] = "shop.example"
    app.subdomain_matching = True
    app.add_url_rule("/a", "view", lambda: "", methods=["GET", "POST"])
    app.add_url_rule("/b", "sub", lambda: "", subdomain="<city>")
    found = {(each.method, each.path): each for each in drafts(app)}
    assert found["GET", "/a"].off == "" and found["POST", "/a"].off != ""
    assert found["GET", "/static/menu.txt"].choose == ""
    assert found["GET", "/b"].headers == (("Host", "city.shop.example"),)
    assert all(each.off == "" for each in drafts(app, all_methods=True))
    (tmp_path / "menu.txt").unlink()
    (static,) = [each for each in drafts(app) if "static" in each.path]
    assert static.off == "There is no static file to request."


# Traffic -------------------------------------------------------------------------------


def entry(
    url: str = "http://shop.example/a", status: int = 200, **fields: Any
) -> Entry:
    method, headers = fields.pop("method", "GET"), fields.pop("headers", ())
    made = EntryRequest(method, url, headers, **fields.pop("request", {}))
    response = EntryResponse(status, content=Content("text/plain", "Hi"))
    return Entry(made, fields.pop("response", response), **fields)


def traffic(*entries: Entry, hosts: Any = (), **options: Any) -> Traffic:
    def read(path: Path) -> Iterator[Entry]:
        yield from entries

    return Traffic(Path("recorded.har"), hosts, entries=read, **options)


SOCKET = EntryResponse(101)


@pytest.mark.parametrize(
    ("other", "reason", "keep"),
    [
        (entry("ws://shop.example/a"), "for WebSocket connections", ""),
        (entry(response=SOCKET), "for WebSocket connections", ""),
        (entry("data:text/plain,a"), "without an HTTP URL", ""),
        (entry("ftp://shop.example/a"), "without an HTTP URL", ""),
        (entry(method="CONNECT"), "for a proxy (CONNECT)", ""),
        (entry("http://cdn.example/a"), "to cdn.example", ""),
        (entry("http://shop.example/a.css"), "for static files", "static"),
        (entry("http://shop.example/b", 0), "that got no response", "unanswered"),
        (entry("http://shop.example/b", 99), "that got no response", "unanswered"),
        (entry("http://shop.example/first"), "repeated", "repeated"),
    ],
)  # fmt: skip
def test_an_entry_that_becomes_no_case_is_counted(
    other: Entry, reason: str, keep: str
) -> None:
    first = entry("http://shop.example/first")
    found = traffic(first, other)
    assert [draft.path for draft in found] == ["/first"]
    option = f"--keep {keep}" if keep else "--host" if "cdn" in reason else ""
    (line,) = found.left_out
    assert line.startswith(f"1 {reason}")
    assert line == f"1 {reason}" if not option else f" ({option}" in line
    if keep:
        kept = list(traffic(first, other, keep=[keep]))
        assert len(kept) == 2


def test_the_hosts_decide_which_requests_are_drafted() -> None:
    both = (entry(), entry("http://API.example:81/b"))
    assert [d.path for d in traffic(*both, hosts=["api.example:81"])] == ["/b"]
    assert [
        d.path for d in traffic(*both, hosts=["SHOP.example", "api.example:81"])
    ] == ["/a", "/b"]
    with pytest.raises(UsageError, match="recorded.har: no request to 'shop.exampl', did you mean \"shop.example\""):  # fmt: skip
        list(traffic(*both, hosts=["shop.exampl"]))


def test_a_draft_has_the_parts_of_its_entry() -> None:
    cookies = (Named("sid", "12345678"), Named("b", "2"))
    found = traffic(
        entry("http://shop.example/a?x=1", 404, method="PUT", comment="A title",
              request={"http_version": "http/1.0", "cookies": cookies}),
        entry("http://shop.example/b", 404),
        expect=True,
    )  # fmt: skip
    first, second = found
    assert (first.method, first.path, first.title) == ("PUT", "/a?x=1", "A title")
    assert (first.id, first.http_version) == ("put-a", "1.0")
    assert ("Cookie", "sid=${env:COOKIE_SID}; b=${env:COOKIE_B}") in first.headers
    assert (second.title, second.http_version) == ("GET /b", "")
    assert dict(second.expect)["status"] == 404
    assert set(found.variables) == {"COOKIE_SID", "COOKIE_B"}


def test_a_sequence_is_one_case_that_ends_with_the_last_request() -> None:
    entries = (
        entry("http://shop.example/a"),
        entry("http://shop.example/b", 404),
        entry("http://shop.example/a", 500),
    )
    (draft,) = traffic(*entries, sequence=True)
    assert [each.path for each in draft.setup] == ["/a", "/b"] and draft.path == "/a"
    assert (draft.id, draft.title) == ("recorded", "recorded")
    # A request that fails in the recording must not end the sequence.
    assert [each.expect for each in draft.setup] == [(), (("status", 404),)]
    assert draft.expect == ()
    (draft,) = traffic(*entries, sequence=True, expect=True)
    assert dict(draft.expect)["status"] == 500
    assert list(traffic(sequence=True)) == []


@pytest.mark.parametrize(
    ("text", "mime", "expected", "left_out"),
    [
        ('{"a": "${b}"}', "application/json", {"json": {"a": "$${b}"}}, []),
        ('{"a": NaN}', "application/json", {"text": '{"a": NaN}'}, []),
        ('{"a": 1, "a": 2}', "application/json", {"text": '{"a": 1, "a": 2}'}, []),
        ("Hi ${b}", "text/plain; charset=utf-8", {"text": "Hi $${b}"}, []),
        (None, "text/plain", {}, []),
        ("", "text/plain", {}, []),
        ("<p>", "text/html", {}, ["response bodies: 1 text/html"]),
        ("x", None, {}, ["response bodies: 1 without a media type"]),
        ('{"password": "hunter22x"}', "application/json", {}, ["response bodies: 1 with secrets"]),
    ],
)  # fmt: skip
def test_the_body_of_a_recorded_response_is_expected(
    text: str | None, mime: str | None, expected: Any, left_out: list[str]
) -> None:
    response = EntryResponse(200, content=Content(mime, text))
    found = traffic(entry(response=response), expect=True)
    (draft,) = found
    fields = dict(draft.expect)
    assert {k: v for k, v in fields.items() if k in ("json", "text")} == expected
    assert list(found.left_out) == left_out


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("Content-Type", "text/html", "text/html"), ("Set-Cookie", "a=b", True), ("Location", "/a?b=1", "/a?b=1"),
        ("Location", "http://shop.example/a", True), ("Location", "//shop.example/a", True),
        ("Location", "/a?code=1&state=2", True), ("X-A", "1", None),
    ],
)  # fmt: skip
def test_few_headers_of_a_recorded_response_are_expected(
    name: str, value: str, expected: Any
) -> None:
    response = EntryResponse(302, headers=(Named(name, value),))
    (draft,) = traffic(entry(response=response), expect=True)
    headers = dict(draft.expect).get("headers", {})
    assert headers == ({} if expected is None else {name.lower(): expected})


def test_a_response_before_the_last_one_has_no_expectation() -> None:
    for status, expected in ((199, False), (200, True)):
        (draft,) = traffic(entry(status=status), expect=True)
        assert bool(draft.expect) is expected


ADDED = [
    "host",
    "accept-encoding",
    "user-agent",
    "referer",
    "priority",
    "dnt",
    "sec-gpc",
    "sec-fetch-mode",
    "upgrade-insecure-requests",
    "cache-control",
    "pragma",
    "connection",
    "proxy-connection",
    "keep-alive",
    "te",
    "trailer",
    "upgrade",
    "http2-settings",
    "expect",
    "if-none-match",
    "if-modified-since",
    "if-match",
    "if-unmodified-since",
    "if-range",
]
"""What a browser, its cache or a connection adds by itself."""


@pytest.mark.parametrize("name", ADDED)
def test_a_header_that_a_browser_adds_is_left_out(name: str) -> None:
    sent = entry(headers=(Named(name.title(), "x"), Named("X-A", "1")))
    found = traffic(sent)
    (draft,) = found
    assert draft.headers == (("X-A", "1"),)
    assert list(found.left_out) == [f"headers (--keep headers): 1 {name}"]
    (kept,) = traffic(sent, keep=["headers"])
    assert [each for each, _ in kept.headers] == [name.title(), "X-A"]


@pytest.mark.parametrize(
    ("name", "value", "sent", "left_out"),
    [
        ("Accept", "*/*", False, ["headers (--keep headers): 1 accept"]),
        ("Accept", "text/html", True, []),
        (
            "Origin",
            "http://shop.example",
            False,
            ["headers (--keep headers): 1 origin"],
        ),
        ("Origin", "http://other.example", True, []),
        (":authority", "a", False, []),
        ("Content-Length", "3", False, ["bodies: 1 missing in the file"]),
        ("Transfer-Encoding", "chunked", False, ["bodies: 1 chunked before"]),
        ("X-Sec", "1", True, []),
    ],
)
def test_a_header_of_a_request_is_sent_or_not(
    name: str, value: str, sent: bool, left_out: list[str]
) -> None:
    found = traffic(entry(headers=(Named(name, value),)))
    (draft,) = found
    assert bool(draft.headers) is sent
    assert list(found.left_out) == left_out


def test_a_sequence_sends_only_the_cookies_that_responses_set() -> None:
    login = EntryResponse(200, headers=(Named("Set-Cookie", " sid =1; Path=/"),))
    cookies = (Named("Cookie", "sid=1; theme=dark"),)
    found = traffic(
        entry("http://shop.example/a", response=login),
        entry("http://shop.example/b", headers=cookies),
        sequence=True,
    )
    (draft,) = found
    assert draft.headers == ()
    reason = "cookies that no response sets (--keep headers)"
    assert list(found.left_out) == [f"{reason}: 1 theme"]


def test_a_conditional_request_has_no_expectation_without_its_conditions() -> None:
    conditional = entry(status=304, headers=(Named("If-None-Match", "a"),))
    (draft,) = traffic(conditional, expect=True)
    assert draft.expect == ()
    (draft,) = traffic(conditional, expect=True, keep=["headers"])
    assert dict(draft.expect)["status"] == 304
    (draft,) = traffic(entry(status=304), expect=True)
    assert dict(draft.expect)["status"] == 304
