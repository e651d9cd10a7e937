"""YAML and JSON documents as plain data, with the lines of their parts."""

from typing import Any

import pytest

from comparison.cases.sources.markup import Markup
from comparison.core.errors import DocumentError


def data_of(text: str | bytes) -> Any:
    content = text if isinstance(text, bytes) else text.encode()
    return Markup("api.yaml", content).data


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("1", 1), ("-2.5", -2.5), ("1e3", 1000.0), ("true", True), ("FALSE", False),
        ("null", None), ("~", None), ("", None),
        # Values of other types in YAML 1.1 are text, as in YAML 1.2.
        ("yes", "yes"), ("012", "012"), ("1_000", "1_000"), ("2026-01-31", "2026-01-31"),
        (".5", ".5"), ("+1", "+1"), ("-x", "-x"), ("NaN", "NaN"), ("-Infinity", "-Infinity"),
        ("'1'", "1"), ('"true"', "true"), ("'~'", "~"), ("9" * 400, "9" * 400),
    ],
)  # fmt: skip
def test_a_plain_scalar_is_what_it_is_in_json(scalar: str, value: Any) -> None:
    found = data_of(f"a: {scalar}\n")["a"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}", {"b": 3, "c": 2}),
        ("a: &x {b: 1, c: 2}\nd: {b: 4, <<: *x}", {"b": 4, "c": 2}),
        ("a: &x {b: 1, c: 2}\nd: {<<: [*x, {c: 9, z: 1}]}", {"b": 1, "c": 2, "z": 1}),
        ("d: {'<<': 1}", {"<<": 1}),
        ("d: [1, {e: x}]", [1, {"e": "x"}]),
        ("\ufeffd: 1", 1),
        ('\t{"d":\t1}', 1),
        ('{d: "1"}', "1"),
        ('{"d": 1,}', 1),
    ],
)
def test_documents_become_plain_data(text: str, data: Any) -> None:
    assert data_of(text)["d"] == data


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1: is empty"),
        ("  \n", "1: is empty"),
        ("a: 1\nb: {<<: 1}", "2: `<<` wants a mapping"),
        ("a: 1\n? [a]\n: 1", "2: a key is not a text"),
        ("a: 1\nb: c: d", "2: is not YAML: mapping values are not allowed"),
        ('{\n"a": 1', "2: is not JSON: Expecting ',' delimiter"),
        (b"a: 1\nb: \xff", "2: is not UTF-8"),
        ("a: &x [*x]", "1: is nested too deeply"),
        ("[" * 102 + "]" * 102, "1: is nested too deeply"),
    ],
)
def test_a_malformed_document_is_reported_with_its_line(
    text: str | bytes, message: str
) -> None:
    with pytest.raises(DocumentError) as raised:
        data_of(text)
    assert f"api.yaml:{message}" in str(raised.value)


def test_a_document_may_be_nested_a_hundred_times() -> None:
    data = data_of("[" * 101 + "]" * 101)
    for _ in range(100):
        (data,) = data
    assert data == []


def test_each_place_has_its_line_or_the_line_around_it() -> None:
    markup = Markup("api.yaml", b"a:\n  - b\n  - c: 1\n    d: 2\n7: x\n")
    places: list[tuple[Any, ...]] = [
        (), ("a",), ("a", 0), ("a", 1), ("a", 1, "d"), ("a", 1, "e"), ("a", 2),
        ("a", "c"), (7,), ("z",),
    ]  # fmt: skip
    assert [markup.line(each) for each in places] == [1, 1, 2, 3, 4, 3, 1, 1, 5, 1]
