"""Texts that people and servers write: cookies, queries, selectors, expressions, TOML."""

from typing import Any

import msgspec
import pytest

from comparison.core import css, json_path, json_schema, regexp, surrogates, toml_writer
from comparison.core.errors import UsageError
from comparison.core.http_date import moment
from comparison.core.set_cookie import parse_set_cookie


@pytest.mark.parametrize(
    ("attributes", "deletes"),
    [
        ("", False),
        ("; Max-Age=0", True), ("; max-age=-1", True), ("; Max-Age = 1", False),
        ("; Max-Age=00", True), ("; Max-Age=-0", True), ("; Max-Age=10", False),
        # Max-Age overrides Expires if it is a number.
        ("; Max-Age=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", False),
        ("; Max-Age=0; Expires=Thu, 01 Jan 2099 00:00:00 GMT", True),
        ("; Max-Age=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT", True),
        ("; Max-Age=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", True),
        ("; Expires=Thu, 01 Jan 2099 00:00:00 GMT", False), ("; Expires=never", False),
        # Texts with digits that are not numbers.
        ("; Max-Age=--1", False), ("; Max-Age=\u00b2", False), ("; Max-Age=1.5", False),
        (f"; Max-Age={'9' * 5000}", False), (f"; Max-Age=-{'9' * 5000}", True),
    ],
)  # fmt: skip
def test_a_cookie_that_has_expired_is_deleted(attributes: str, deletes: bool) -> None:
    assert parse_set_cookie(f"id=7{attributes}").deletes is deletes


def test_a_cookie_has_its_name_value_and_attributes() -> None:
    found = parse_set_cookie(" id = a=b ; Path = /x=y; Secure ;")
    assert (found.name, found.value) == ("id", "a=b")
    assert found.attributes == {"path": "/x=y", "secure": "", "": ""}
    assert parse_set_cookie("id").name == "id" and not parse_set_cookie("id").value


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Thu, 01 Jan 1970 00:01:00 GMT", 60.0),
        ("Thursday, 01-Jan-70 00:01:00 GMT", 60.0),
        ("Thu Jan  1 00:01:00 1970", 60.0),
        ("", None), ("soon", None), ("Thu, 99 Jan 1970 00:01:00 GMT", None),
    ],
)  # fmt: skip
def test_the_dates_of_http_are_parsed(text: str, seconds: float | None) -> None:
    assert moment(text) == seconds


# Queries -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "body", "found"),
    [
        ("$", [1], [[1]]),
        ("$.a", {"a": None}, [None]),
        ("$.b", {"a": None}, []),
        ("$[?match(@.a, 'x+')].b", [{"a": "axx", "b": 1}, {"a": "xx", "b": 2}], [2]),
        ("$[?search(@.a, 'x+')].b", [{"a": "axx", "b": 1}], [1]),
        ("$[?search(@.a, 'x')].b", [{"a": 1, "b": 1}], []),
        ("$[?search(@.a, @.c)].b", [{"a": "x", "b": 1, "c": 1}], []),
        ("$[?search(@.a, '(')].b", [{"a": "(", "b": 1}], []),
        ("$[?match(@.a, '(')].b", [{"a": "(", "b": 1}], []),
    ],
)
def test_the_first_node_of_a_query_is_found(
    query: str, body: Any, found: list[Any]
) -> None:
    assert json_path.first(query, body) == found


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("order", "json is not a JSONPath: 'order': a JSONPath begins with $"),
        ("$.[", "json is not a JSONPath: '$.[': expected a shorthand selector"),
    ],
)
def test_a_text_that_is_not_a_query_is_rejected(query: str, message: str) -> None:
    with pytest.raises(ValueError, match="is not a JSONPath") as raised:
        json_path.check(query)
    assert str(raised.value).startswith(message)


def test_a_query_that_visits_too_many_nodes_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json_path, "NODES", 1000)
    body = [0] * 998
    assert json_path.first("$[?@ == 1]", body) == []
    with pytest.raises(json_path.QueryTooSlow, match=r"visits more than 1,000 nodes"):
        json_path.first("$..*..x", [[0] * 30] * 30)
    # Each query has its own limit.
    assert json_path.first("$[?@ == 1]", body) == []


@pytest.mark.parametrize(
    ("selector", "attribute", "page", "found"),
    [
        ("p", "", "<p a=1> x <b>y</b> <p>z", "x y"),
        ("p", "a", "<p a=1>x<p a=2>y", "1"),
        ("p", "b", "<p a=1>x", None),
        ("p", "b", "<p b>x", ""),
        ("i", "", "<p a=1>x", None),
        ("p", "", "", None), ("p", "", " \n", None), ("p", "", "<!-- p -->", None),
        ("p", "", "<p>\u00e4\u20ac", "\u00e4\u20ac"),
        ("P", "", "<p>x", "x"),
    ],
)  # fmt: skip
def test_the_first_element_of_a_selector_is_found(
    selector: str, attribute: str, page: str, found: str | None
) -> None:
    assert css.first(selector, attribute, page) == found


def test_a_text_that_is_not_a_selector_is_rejected() -> None:
    css.check("p[a]")
    with pytest.raises(ValueError, match=r"^css is not a selector: 'p\[': "):
        css.check("p[")


# Expressions ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("a.c", "xa\ncx", "a\nc"),
        ("/{id}", "a/{id}", "/{id}"), ("a{2}", "aaa", "aa"), ("a{,1}b", "aab", "ab"), ("a{e}", "a{e}", "a{e}"),
        ("[[:alpha:]]", "a]", "a]"), ("[[a]", "[", "["), (r"[\[a]", "[", "["), ("[]a]", "]", "]"),
        ("[^]a]", "]b", "b"), (r"\{x", "{x", "{x"), (r"\N{DIGIT ONE}", "1", "1"), ("a{}", "a{}", "a{}"),
        ("x", "y", None),
    ],
)  # fmt: skip
def test_a_pattern_means_the_same_as_in_python(
    pattern: str, text: str, found: str | None
) -> None:
    match = regexp.search(pattern, text)
    assert (match and match[0]) == found
    assert [each[0] for each in regexp.find_all(pattern, text)][:1] == (
        [] if found is None else [found]
    )


@pytest.mark.parametrize(
    "search", [regexp.search, lambda *a: list(regexp.find_all(*a))]
)
def test_a_search_that_takes_too_long_is_an_error(
    search: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regexp, "LIMIT", 0.01)
    pattern = "(a|aa)+$" + " " * 192
    with pytest.raises(regexp.SearchTooSlow) as raised:
        search(pattern + "|(a|aa)+$", "a" * 60 + "b")
    message = str(raised.value)
    assert message.startswith("the regular expression '(a|aa)+$ ")
    assert "…' takes longer than 0.01 s on 61 characters. Write it so" in message
    assert (message.count(" ") - 32) < 400


def test_an_expression_that_is_wrong_is_reported() -> None:
    with pytest.raises(ValueError, match=r"^not a regular expression: missing \)"):
        regexp.check("(")
    with pytest.raises(UsageError, match=r"^'\(' is not a regular expression: missing"):
        regexp.compiled("(")
    with (
        pytest.raises(UsageError, match="^cases.toml:3: bad"),
        regexp.searching(lambda: "cases.toml:3"),
    ):
        raise UsageError("bad")


# TOML and surrogates -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (None, "false"), (False, "false"), (True, "true"), (3, "3"), (2.5, "2.5"),
        (float("inf"), "inf"), (float("-inf"), "-inf"), (float("nan"), "nan"),
        ("a\n\x1b\u202e\ud800", '"a\\n\\u001b\\u202e?"'), ([1, ("a",)], '[1, ["a"]]'), ({}, "{}"),
        ({"a-b_1": 1, "c d": 2, "": 3, "\u00e4": 4}, '{ a-b_1 = 1, "c d" = 2, "" = 3, "\u00e4" = 4 }'),
    ],
)  # fmt: skip
def test_a_value_is_written_as_toml(given: Any, written: str) -> None:
    assert toml_writer.value(given) == written


@pytest.mark.parametrize(
    ("value", "writable"),
    [
        (2**63 - 1, True), (2**63, False), (-(2**63), True), (-(2**63) - 1, False),
        (None, False), ([1, None], False), ({"a": (1, 2**63)}, False), ({"a": ["x"]}, True),
    ],
)  # fmt: skip
def test_toml_has_no_null_and_no_long_integers(value: Any, writable: bool) -> None:
    assert toml_writer.writable(value) is writable


class Holder(msgspec.Struct):
    inner: Any


@pytest.mark.parametrize(
    ("what", "wrong"),
    [
        ("caf\u00e9", False), ("caf\udce9", True), (Holder(["caf\u00e9"]), False),
        (Holder({"a": "caf\udce9"}), True), (Holder(object()), False),
    ],
)  # fmt: skip
def test_a_lone_surrogate_is_reported(what: Any, wrong: bool) -> None:
    if not wrong:
        surrogates.check(what)
        return
    with pytest.raises(ValueError, match="has a lone surrogate") as raised:
        surrogates.check(what)
    assert "'\\udce9', which is not a character. Write a byte" in str(raised.value)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": 4}, "json_schema is no schema: $.type: 4 is not valid"),
        ({"anyOf": [{"pattern": "("}]}, "json_schema is no schema: $.anyOf[0].pattern: '(' is not a 'regex'"),
        ({"items": {"$ref": "#/$defs/a"}}, "json_schema: '#/$defs/a' is not in the schema; put it in $defs"),
        ({"$ref": "https://example.org/a"}, "json_schema: 'https://example.org/a' is not in"),
    ],
)  # fmt: skip
def test_a_schema_that_is_wrong_is_reported(schema: Any, message: str) -> None:
    with pytest.raises(ValueError, match="schema") as raised:
        json_schema.check(schema)
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ({"$defs": {"a": {"type": "integer"}}, "items": {"$ref": "#/$defs/a"}}, [1, "x"], "$[1]: 'x' is not of type 'integer'"),
        ({"pattern": "^a$"}, "b", "$: 'b' does not match '^a$'"),
        ({"pattern": "^a$"}, "a", None), ({"pattern": "^a$"}, 4, None), (True, 4, None),
        ({"$schema": "http://json-schema.org/draft-04/schema#", "exclusiveMinimum": True, "minimum": 3}, 3, "$: 3 is less than or equal to the minimum of 3"),
    ],
)  # fmt: skip
def test_a_value_against_its_schema_has_a_problem(
    schema: Any, value: Any, message: str | None
) -> None:
    if isinstance(schema, dict):
        json_schema.check(schema)
    assert json_schema.problem(schema, value) == message
