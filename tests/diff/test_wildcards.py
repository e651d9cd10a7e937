"""Markup, wildcards and patterns: what counts as equal."""

from typing import Any

import pytest

from comparison.diff.markup import canonical_xml, html_tokens
from comparison.diff.patterns import fits, parts
from comparison.diff.wildcards import Wildcard, agree, encoded
from comparison.models import (
    Matching,
)


@pytest.mark.parametrize("text", ["<a>", "<a/><b/>", "", "a"])
def test_text_that_is_not_xml_has_no_canonical_form(text: str) -> None:
    with pytest.raises(ValueError, match=r"line 1|no element"):
        canonical_xml(text)


def test_html_without_elements_and_with_nul_is_rejected() -> None:
    for text, message in (("<p>a\0b", "stops at NUL"), ("<!-- a -->", "empty")):
        with pytest.raises(ValueError, match=message):
            html_tokens(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("<p class='b a'>", "<p class=' a  b '>", True),
        ("<p title='b a'>", "<p title='a b'>", False),
        ("<p b=1 a=2>", "<p a=2 b=1>", True),
        ("<p>a<!-- x -->b", "<p>ab", True),
        ("<p>a  b", "<p>a b", True),
        ("<p> a </p>", "<p>a</p>", True),
        ("<p>a<br> b", "<p>a<br>b", True),
        ("<pre>a <b>c</b> </pre>", "<pre>a <b>c</b></pre>", False),
        ("<ul><li>a</ul>", "<ul><li>a</li></ul>", True),
    ],
)
def test_pages_are_equal_as_browsers_read_them(
    one: str, other: str, same: bool
) -> None:
    assert (html_tokens(one) == html_tokens(other)) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1.0, True), (1, True, False), (0, False, False), (1.5, 1.5, True),
        (float("nan"), float("nan"), None), ("3 ms", "4 ms", True), ("3 ms", "4 s", False),
        ([1, "a"], [1, "b"], False), ({"a": 1}, {"a": 1.0}, True), (None, None, True),
    ],
)  # fmt: skip
def test_values_are_compared_as_json(one: Any, other: Any, same: bool | None) -> None:
    kinds: Any = ["number"] if isinstance(one, str) else []
    if same is None:
        with pytest.raises(ValueError, match="NaN is equal to nothing"):
            agree(one, other, kinds, set())
    else:
        assert agree(one, other, kinds, set()) is same


def test_two_names_that_become_equal_are_rejected() -> None:
    with pytest.raises(ValueError, match="a name is there twice"):
        encoded({"a 1": 1, "a 2": 2}, ["number"])
    assert encoded({"b": 1, "a": None}, [])[0] == '{"a": null, "b": 1}'


@pytest.mark.parametrize(
    ("one", "other", "tolerance", "matches"),
    [
        (1, 1.01, 0.01, True), (1.01, 1, 0.01, True), (1, 1.02, 0.01, False),
        (1, 99, None, True), (float("inf"), float("inf"), 1, False),
    ],
)  # fmt: skip
def test_a_wildcard_matches_within_its_tolerance(
    one: float, other: float, tolerance: float | None, matches: bool
) -> None:
    first, second = (Wildcard("r", value, tolerance) for value in (one, other))
    assert first.matches(second) is matches


@pytest.mark.parametrize(
    ("kind", "text", "whole"),
    [
        ("number", "-1.5e+3", True), ("number", "1.", False), ("number", "x1", False),
        ("uuid", "01234567-89ab-CDEF-0123-456789abcdef", True),
        ("uuid", "0123456789abcdef0123456789abcdef", True), ("uuid", "0123", False),
        ("timestamp", "2026-01-31", True), ("timestamp", "2026-01-31 12:00", True),
        ("timestamp", "2026-01-31T12:00:00.5Z", True),
        ("timestamp", "2026-01-31T12:00:00+0100", True),
        ("timestamp", "Wed, 25 Nov 2026 23:00:59 GMT", True),
        ("timestamp", "2026-1-31", False), ("timestamp", "Xyz, 25 Nov 2026 23:00:59 GMT", False),
    ],
)  # fmt: skip
def test_a_whole_text_is_of_a_kind(kind: Any, text: str, whole: bool) -> None:
    assert bool(fits(kind)(text)) is whole


def test_a_text_is_split_by_the_first_kind_that_matches() -> None:
    assert parts("on 2026-01-31: 7", ["timestamp", "number"]) == [
        (None, "on "), ("timestamp", "2026-01-31"), (None, ": "), ("number", "7"), (None, ""),
    ]  # fmt: skip
    # A match without characters splits nothing.
    assert parts("ab", [Matching("x*")]) == [(None, "ab")]
