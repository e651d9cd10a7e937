"""Variants of values: boundaries, other types, missing fields."""

import json
from typing import Any

import pytest

from comparison.cases.sources.openapi import OpenApi
from comparison.cases.sources.samples import Sampler
from comparison.cases.sources.variants import Variants

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
    lists: Any = [[[[[[1]]]]]]
    found = dict(variants.of(lists, {}, ()))
    assert found[f"body{' item' * 4} empty"] == [[[[[]]]]]
    assert f"body{' item' * 5} empty" not in found
