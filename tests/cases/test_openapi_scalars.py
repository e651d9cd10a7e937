"""Numbers and texts within the bounds, formats and patterns of their schemas."""

import json
from typing import Any

import pytest

from comparison.cases.sources.openapi import ABSENT, OpenApi
from comparison.cases.sources.samples import Sampler
from comparison.cases.sources.scalars import bounds, matches, matching, number, text


@pytest.mark.parametrize(
    ("schema", "low", "high", "found"),
    [
        ({}, None, None, 1.5),
        ({"minimum": 5}, 5, None, 5),
        ({"minimum": 1.5}, 1.5, None, 1.5),
        ({"minimum": 1.2, "maximum": 1.4}, 1.2, 1.4, 1.4),
        ({"minimum": 3, "exclusiveMinimum": True}, 3.5, None, 3.5),
        ({"maximum": 1, "exclusiveMaximum": True}, None, 0.5, 0.5),
        ({"exclusiveMinimum": 1, "exclusiveMaximum": 1.2}, 1.5, 0.7, 1.1),
        ({"minimum": 1, "exclusiveMaximum": 1.2}, 1, 0.7, 1.1),
        ({"multipleOf": 0.01, "minimum": 3.005}, 3.005, None, 3.01),
        ({"multipleOf": 0.25}, None, None, 1.5),
    ],
)
def test_a_number_is_within_its_bounds(
    schema: Any, low: Any, high: Any, found: float
) -> None:
    assert bounds(schema, integer=False) == (low, high)
    assert number(schema, integer=False) == found


@pytest.mark.parametrize(
    ("schema", "low", "high", "found"),
    [
        ({}, None, None, 1),
        ({"minimum": 1}, 1, None, 1),
        ({"maximum": 1}, None, 1, 1),
        ({"maximum": -5}, None, -5, -5),
        ({"minimum": 2, "maximum": 2}, 2, 2, 2),
        ({"minimum": 1, "exclusiveMinimum": False}, 1, None, 1),
        ({"exclusiveMinimum": True}, None, None, 1),
        ({"exclusiveMinimum": 5, "minimum": 9}, 9, None, 9),
        ({"exclusiveMinimum": 5, "minimum": 3}, 6, None, 6),
        ({"exclusiveMaximum": 5, "maximum": 2}, None, 2, 1),
        ({"exclusiveMaximum": 1}, None, 0, 0),
        ({"multipleOf": 7}, None, None, 7),
        ({"multipleOf": 3, "minimum": 4, "maximum": 10}, 4, 10, 6),
        # Numbers that are too large to count with, and what is not a number.
        ({"minimum": 2**53}, None, None, 1),
        ({"minimum": 2**53 - 1}, 2**53 - 1, None, 2**53 - 1),
        ({"minimum": True}, None, None, 1),
        ({"minimum": float("nan")}, None, None, 1),
        ({"minimum": "4"}, None, None, 1),
    ],
)
def test_an_integer_is_within_its_bounds(
    schema: Any, low: Any, high: Any, found: int
) -> None:
    assert bounds(schema, integer=True) == (low, high)
    assert number(schema, integer=True) == found


@pytest.mark.parametrize(
    ("schema", "name", "found"),
    [
        ({}, "name", "name"),
        ({}, "", "text"),
        ({"minLength": 6}, "", "textte"),
        ({"minLength": 4}, "text", "text"),
        ({"minLength": 5, "maxLength": 5}, "ab", "ababa"),
        ({"maxLength": 3}, "name", "nam"),
        ({"maxLength": 0}, "name", ""),
        ({"minLength": -1}, "n", "n"),
        ({"minLength": 2000}, "n", "n" * 1000),
        ({"minLength": "x"}, "n", "n"),
        ({"format": "ipv4"}, "n", "192.0.2.1"),
        ({"format": "ipv4", "maxLength": 9}, "n", "192.0.2.1"),
        ({"format": "ipv4", "maxLength": 8}, "n", "n"),
        ({"format": "ipv4", "minLength": 10}, "n", "n" * 10),
        ({"format": "ipv4", "pattern": "^x"}, "xn", "xn"),
        ({"format": ["ipv4"]}, "n", "n"),
        ({"format": "unheard"}, "n", "n"),
        ({"pattern": "^a"}, "abc", "abc"),
        ({"pattern": "^b$"}, "abc", "b"),
        ({"pattern": "^[0-9]{3}$", "minLength": 3}, "abc", "000"),
        ({"pattern": "^0+$", "maxLength": 1}, "abc", "0"),
        ({"pattern": "(?=a)b"}, "abc", "abc"),
        ({"pattern": 4}, "n", "n"),
    ],
)
def test_a_text_has_its_format_length_and_pattern(
    schema: Any, name: str, found: str
) -> None:
    assert text(schema, name) == found


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        # Patterns are of ECMA-262, which writes some things otherwise.
        (r"^\p{L}+$", "aB", "a1"),
        (r"^\p{Lu}$", "A", "a"),
        (r"^\p{Ll}$", "a", "A"),
        (r"^\p{N}$", "7", "a"),
        (r"^\p{Nd}$", "7", "a"),
        (r"^\p{Alpha}$", "a", "1"),
        (r"^\p{Letter}$", "a", "1"),
        (r"^[\p{Lu}\p{N}_]+$", "A1_", "a"),
        (r"^[\]\p{L}]+$", "a]", "1"),
        (r"^\p{L}a\/b$", "xa/b", "xab"),
        (r"^\p{L}[^]$", "a\n", "a"),
        (r"^(?<year>\d{4})$", "2026", "20"),
        (r"^\p{L}(?<=a)b$", "ab", "bb"),
        (r"^\p{L}(?<!a)b$", "bb", "ab"),
        (r"^[\w-.]+$", "a-.b", "!"),
        (r"^[\d-x]+$", "1-x", "X"),
        ("b", "abc", "a"),
    ],
)
def test_a_pattern_is_read_as_it_is_written_in_schemas(
    pattern: str, matching: str, other: str
) -> None:
    assert matches(pattern, matching)
    assert not matches(pattern, other)


def test_every_text_matches_a_pattern_that_cannot_be_read() -> None:
    assert matches("(", "x")
    assert matching("(") is None


@pytest.mark.parametrize(
    ("limits", "found"),
    [
        (("^a{5}$", 0, 3), None),
        (("^a{5}$", 0, 5), "aaaaa"),
        (("^a{5}$", 6, 9), None),
        (("^ab+$", 4, 4), "abbb"),
        (("^x$", 3, 2), None),
        (("a" * 1001,), None),
    ],
)
def test_a_text_for_a_pattern_has_the_length(limits: Any, found: str | None) -> None:
    assert matching(*limits) == found


def test_a_text_for_a_pattern_can_be_printed() -> None:
    found = matching("^[^ -~]$")
    assert found is not None and found.isprintable() and not found.isascii()


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        # Uniqueness, and what a list cannot hold.
        ({"type": "array", "uniqueItems": True, "minItems": 3, "items": {"type": "integer"}}, [1, 2, 3]),
        ({"type": "array", "uniqueItems": True, "minItems": 2, "items": {"enum": ["a", "b"]}}, ["a", "b"]),
        ({"type": "array", "minItems": 1, "items": False}, []),
        ({"type": "array", "minItems": 1, "items": {"enum": []}}, ["text"]),
        ({"type": "array", "prefixItems": [{"const": 1}, False], "minItems": 1}, [1]),
        ({"type": "array", "prefixItems": [{"const": 1}, False], "minItems": 2}, ABSENT),
        ({"type": "array", "prefixItems": [{"const": 1}], "minItems": 1, "items": {"const": 2}}, [1]),
        # Properties.
        ({"properties": {"a": {"const": 1, "readOnly": True}, "b": {"const": 2}}}, {"b": 2}),
        ({"properties": {"a": False, "b": {"const": 2}}, "required": ["b"]}, {"b": 2}),
        ({"properties": {"a": {"const": 1}}, "required": ["a", "x1"], "patternProperties": {"^x": {"const": 5}}}, {"a": 1, "x1": 5}),
        ({"required": ["y"], "patternProperties": {"^x": {"const": 5}}, "additionalProperties": {"const": 6}}, {"y": 6}),
        ({"required": ["y"], "additionalProperties": False}, {"y": "y"}),
        ({"required": [4, "y"]}, {"y": "y"}),
        ({"type": "object", "minProperties": 2, "additionalProperties": False, "patternProperties": {"^x$": {"const": 1}}}, {"x": 1, "x2": "x2"}),
        # Choices.
        ({"oneOf": [{"type": "null"}, False, {"const": 4}]}, 4),
        ({"anyOf": [{"properties": {"b": {"const": 2}}}], "properties": {"a": {"const": 1}}}, {"a": 1, "b": 2}),
        ({"oneOf": "x", "type": "boolean"}, True),
        ({"allOf": [{"minimum": 3}, {"type": "integer"}]}, 3),
        ({"allOf": [{"default": 3}, {"type": "integer"}]}, 3),
    ],
)  # fmt: skip
def test_a_sample_of_lists_objects_and_choices(schema: Any, value: Any) -> None:
    api = OpenApi("api.json", json.dumps({"openapi": "3.1.0", "paths": {}}).encode())
    assert Sampler(api).sample(schema, ()) == value


def test_generated_values_are_listed_with_their_format() -> None:
    api = OpenApi("api.json", json.dumps({"openapi": "3.1.0", "paths": {}}).encode())
    sampler = Sampler(api)
    properties = {
        "on": {"type": "string", "format": "date"},
        "n": {"type": "integer"},
        "given": {"const": 1},
        "none": {"type": "null"},
    }
    sampler.sample({"properties": properties}, ())
    sampler.sample({"type": "number"}, ())
    assert sampler.made_up == ["on (date)", "n (integer)", "the number"]


def test_a_sample_may_have_only_what_is_required() -> None:
    api = OpenApi("api.json", json.dumps({"openapi": "3.1.0", "paths": {}}).encode())
    inner = {"properties": {"c": {"const": 1}, "d": {"const": 2}}, "required": ["d"]}
    schema = {"properties": {"a": {"const": 1}, "b": inner}, "required": ["b"]}
    sampler = Sampler(api)
    assert sampler.sample(schema, (), only_required=True) == {"b": {"d": 2}}
    assert sampler.sample(schema, ()) == {"a": 1, "b": {"c": 1, "d": 2}}
