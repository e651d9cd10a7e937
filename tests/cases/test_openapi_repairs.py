"""Values are changed until their schema allows them, with few changes."""

import json
from typing import Any

import pytest

from comparison.cases.sources.changes import others
from comparison.cases.sources.openapi import OpenApi
from comparison.cases.sources.repairs import Repairs
from comparison.cases.sources.samples import Sampler
from comparison.cases.sources.schemas import distinct, kind_of

A_TEXT = {"properties": {"a": {"type": "string"}}}
B_TEXT = {"properties": {"b": {"type": "string"}}}


def repaired(value: Any, schema: Any) -> tuple[Any, str]:
    api = OpenApi("api.json", json.dumps({"openapi": "3.1.0", "paths": {}}).encode())
    return Repairs(api, Sampler(api), in_body=True).repaired(value, schema, ())


@pytest.mark.parametrize(
    ("schema", "value", "allowed"),
    [
        # Fields that are missing.
        ({"required": ["a", "b"], "properties": {"a": {"const": 1}}}, {"c": 2}, {"c": 2, "a": 1, "b": "b"}),
        ({"required": ["a"], "additionalProperties": {"const": 3}}, {}, {"a": 3}),
        ({"required": ["a", "b"]}, {"a": 7}, {"a": 7, "b": "b"}),
        ({"dependentRequired": {"a": ["b"], "x": ["y"]}}, {"a": 1}, {"a": 1, "b": "b"}),
        # Fields that are too many, or have a wrong name.
        ({"maxProperties": 2, "required": ["c"]}, {"a": 1, "b": 2, "c": 3}, {"a": 1, "c": 3}),
        ({"additionalProperties": False, "properties": {"a": {}}, "patternProperties": {"^x": {}}},
         {"a": 1, "b": 2, "x1": 3}, {"a": 1, "x1": 3}),
        ({"additionalProperties": False, "patternProperties": {"^x": {}, "^y": {}}}, {"x1": 1, "y1": 2, "z": 3}, {"x1": 1, "y1": 2}),
        ({"unevaluatedProperties": False, "allOf": [{"properties": {"a": {}}}]}, {"a": 1, "b": 2}, {"a": 1}),
        ({"properties": {"a": False}}, {"a": 1, "b": 2}, {"b": 2}),
        ({"properties": {"o": {"properties": {"a": False}}}}, {"o": {"a": 1, "b": 2}}, {"o": {"b": 2}}),
        ({"propertyNames": {"maxLength": 3}}, {"long": 1, "s": 2}, {"tex": 1, "s": 2}),
        ({"propertyNames": {"pattern": "^[a-z]{2}$"}}, {"LONG": 1}, {"aa": 1}),
        # Items.
        ({"minItems": 3, "items": {"const": 7}}, [7], [7, 7, 7]),
        ({"maxItems": 2}, [1, 2, 3], [1, 2]),
        ({"contains": {"const": 4}}, [1], [1, 4]),
        ({"prefixItems": [{"const": 1}], "items": False}, [1, 2, 3], [1]),
        ({"uniqueItems": True}, [1, 1, 2, 2], [1, 2, 3, 4]),
        ({"uniqueItems": True}, [True, True], [True, False]),
        ({"uniqueItems": True}, [[], []], [[]]),
        ({"uniqueItems": True}, [{"n": "x", "m": 1}] * 2, [{"n": "x", "m": 1}, {"n": "x2", "m": 1}]),
        ({"uniqueItems": True, "items": {"enum": ["a", "b"]}}, ["a", "a", "a"], ["a", "b"]),
        ({"uniqueItems": True, "items": {"maxLength": 2}}, ["a1", "a1"], ["a1", "a2"]),
        ({"items": {"items": {"type": "integer"}}}, [["x"], [1, "y"]], [[1], [1, 1]]),
        # A value that is not allowed.
        ({"not": {"type": "string"}}, "a", 1),
        ({"not": {"minimum": 5}}, 5, 4),
        ({"not": {"const": True}}, True, False),
        ({"not": {"maxItems": 2}, "type": "array"}, [1, 2], [1, 2, 1]),
        ({"not": {"required": ["a"]}, "type": "object"}, {"a": 1, "b": 2}, {"b": 2}),
        ({"not": {"minLength": 2}, "type": "string"}, "ab", "a"),
        # Choices.
        ({"oneOf": [{"const": 1}, {"const": 2}]}, 3, 1),
        ({"oneOf": [{"enum": [8, 9]}, {"enum": [9]}]}, 9, 8),
        ({"oneOf": [{"minimum": 5}, {"minimum": 3}], "type": "integer"}, 7, 3),
        ({"oneOf": [A_TEXT, B_TEXT]}, {"a": "x"}, {"b": 0, "a": "x"}),
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"a": 1, "b": 2}, {"a": "a"}),
        ({"anyOf": [{"required": ["a"], "properties": {"a": {"const": 1}}}]}, {"c": 3}, {"c": 3, "a": 1}),
        # One value for another.
        ({"pattern": "^[0-9]+$"}, "abc", "0"),
        ({"type": "integer", "maximum": 4}, 9, 1),
        ({"type": "string"}, 4, "text"),
        ({"properties": {"town": {"type": "string"}}}, {"town": 4}, {"town": "town"}),
        (True, 4, 4),
    ],
)  # fmt: skip
def test_a_value_is_changed_until_its_schema_allows_it(
    schema: Any, value: Any, allowed: Any
) -> None:
    found, problem = repaired(value, schema)
    assert (found, type(found)) == (allowed, type(allowed))
    assert not problem


@pytest.mark.parametrize("least", [2, 4])
def test_an_object_gets_as_many_fields_as_it_needs(least: int) -> None:
    found, problem = repaired({"a": 1}, {"minProperties": least})
    assert found["a"] == 1 and len(found) >= least and not problem


@pytest.mark.parametrize(
    ("schema", "value", "problem"),
    [
        ({"minItems": 2, "items": False}, [], "[] is too short"),
        ({"type": "integer", "not": {}}, 4, "4 should not be valid under {}"),
        ({"properties": {"a": {"enum": []}}}, {"a": [1]}, "a: [1] is not one of []"),
    ],
)
def test_a_value_that_no_change_makes_valid_has_a_problem(
    schema: Any, value: Any, problem: str
) -> None:
    assert repaired(value, schema) == (value, problem)


def test_a_repair_does_not_change_the_value_that_it_is_given() -> None:
    value = {"a": {"b": "x"}, "c": [1, 1]}
    schema = {
        "properties": {
            "a": {"properties": {"b": {"type": "integer"}}},
            "c": {"uniqueItems": True},
        }
    }
    assert repaired(value, schema) == ({"a": {"b": 1}, "c": [1, 2]}, "")
    assert value == {"a": {"b": "x"}, "c": [1, 1]}


@pytest.mark.parametrize(
    ("item", "schema", "values"),
    [
        (True, {}, [True, False]),
        (1, {}, [1, 2, 3]),
        (1, True, [1, 2, 3]),
        (1.5, {"multipleOf": 0.5}, [1.5, 2.0, 2.5]),
        (8, {"maximum": 9}, [8, 9, 6]),
        ("a", {}, ["a", "a2", "a3"]),
        ("a", True, ["a", "a2", "a3"]),
        ("a9", {"maxLength": 2}, ["a9", "a0", "a1"]),
        ("Az", {"pattern": "."}, ["Az", "Aa", "Ab"]),
        ("AZ", {"pattern": "."}, ["AZ", "AA", "AB"]),
        ("z-", {"format": "x"}, ["z-", "a-", "b-"]),
        ("xäy", {"maxLength": 3}, ["xäy", "xäz", "xäa"]),
        ("--", {"maxLength": 2}, ["--", "--2", "--3"]),
        ({"a": [], "b": 1}, {}, [{"a": [], "b": 1}, {"a": [], "b": 2}, {"a": [], "b": 3}]),
        ({"b": "x"}, {"properties": {"b": {"enum": ["x", "y"]}}}, [{"b": "x"}, {"b": "y"}]),
        ({"a": 1}, True, [{"a": 1}, {"a": 2}, {"a": 3}]),
        ({"a": []}, {}, [{"a": []}]),
        ({}, {}, [{}]),
        ([1], {}, [[1]]),
        (None, {}, [None]),
        ("a", {"enum": [1, 2, 3, 4]}, [1, 2, 3]),
    ],
)  # fmt: skip
def test_different_values_are_like_the_first(
    item: Any, schema: Any, values: list[Any]
) -> None:
    assert list(distinct(item, schema, 3)) == values


@pytest.mark.parametrize(
    ("value", "nearest"),
    [
        (True, [False]),
        (3, [4, 2, 5, 0]),
        (1.5, [2.5, 0.5, 3.5, 0]),
        ("ab", ["ab2", "a", "a", "1", ""]),
        ([1, 2], [[], [1], [1, 2, 1]]),
        ({"a": 1, "b": 2}, [{"b": 2}, {"a": 1}, {}]),
        (None, []),
    ],
)
def test_other_values_are_near_and_then_of_each_type(
    value: Any, nearest: list[Any]
) -> None:
    assert list(others(value)) == [*nearest, "text", 1, True, None, {}, []]


@pytest.mark.parametrize(
    ("kind", "schemas"),
    [
        ("object", [
            {"properties": {}}, {"required": []}, {"minProperties": 1},
            {"patternProperties": {}}, {"propertyNames": {}}, {"dependentRequired": {}},
            {"additionalProperties": {}},
        ]),
        ("array", [
            {"items": {}}, {"prefixItems": []}, {"minItems": 1}, {"uniqueItems": True},
            {"contains": {}}, {"type": ["null", "array"]},
        ]),
        ("number", [{"minimum": 1}, {"maximum": 1}, {"multipleOf": 1}]),
        ("string", [{}, {"pattern": "a"}]),
        ("null", [{"type": ["null"]}, {"type": "null", "items": {}}]),
    ],
)  # fmt: skip
def test_a_schema_without_a_type_has_the_type_of_its_fields(
    kind: str, schemas: list[dict[str, Any]]
) -> None:
    assert [kind_of(schema) for schema in schemas] == [kind] * len(schemas)
