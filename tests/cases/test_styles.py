"""Parameters in the styles of OpenAPI."""

from typing import Any

import pytest

from comparison.cases.sources.styles import in_header, in_path, in_query, in_querystring

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
