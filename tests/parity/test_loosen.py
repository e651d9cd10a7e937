"""What cases ask not to be compared, and how often that was needed."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import json as encoded

from comparison import Case, Request, compare
from comparison.cases import load_cases
from comparison.errors import DocumentError
from comparison.model import Loosening
from tests.apps import app_of

HEADERS = {"Content-Type": "application/json"}


def run_of(one: Any, other: Any, **loosening: Any) -> Any:
    bodies = [
        b if isinstance(b, str) else encoded.encode(b).decode() for b in (one, other)
    ]
    apps = [
        app_of(framework, lambda body=body: (body, 200, HEADERS))
        for framework, body in zip(("flask", "quart"), bodies, strict=True)
    ]
    case = Case("c", Request("GET", "/"), normalisations=Loosening(**loosening))
    return compare(*apps, [case])


def fields(run: Any) -> list[str]:
    (found,) = run
    return [difference.field for difference in found.differences]


def applied(run: Any) -> dict[str, int]:
    return {rule.name: rule.applied for rule in run.normalisations if ":" in rule.name}


ALIKE = [
    ('{"a": 1, "b": 2}', '{"b":2,"a":1}', {"json": True}),
    ("[1, 2]", "[1.0,2]", {"json": True}),
    ({"a": 1, "at": 2}, {"a": 1, "at": 33}, {"ignore": ("/at",)}),
    ({"a": 1, "at": 2}, {"a": 1}, {"ignore": ("/at",)}),
    ([{"i": 1, "x": 5}, {"x": 6}], [{"i": 1, "x": 7}, {"x": 8}], {"ignore": ("/*/x",)}),
    ({"a/b": 1}, {"a/b": 22}, {"ignore": ("/a~1b",)}),
    ([1, 2], [1, 33], {"ignore": ("/1",)}),
    ({"l": [3, 1, 2]}, {"l": [1, 2, 3]}, {"unordered": ("/l",)}),
    ([[2, 1], [4, 3]], [[1, 2], [3, 4]], {"unordered": ("/*",)}),
    ([{"a": 1}, {"a": 2}], [{"a": 2}, {"a": 1}], {"unordered": ("",)}),
    ("at 2026-11-22", "at 2025-01-02T03:04:05Z", {"patterns": ("timestamp",)}),
    (
        "id 0b5a3c1e-1111-4222-8333-444455556666",
        "id 9b5a3c1e-1111-4222-8333-444455556667",
        {"patterns": ("uuid",)},
    ),
    ("took 3 ms", "took 41.5 ms", {"patterns": ("number",)}),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "loosening"), ALIKE)
def test_bodies_are_alike_where_the_case_asks_for_it(
    one: Any, other: Any, loosening: dict[str, Any]
) -> None:
    assert fields(run_of(one, other, **loosening)) == []
    assert "body" in fields(run_of(one, other))


DIFFERENT = [
    ('{"a": 1}', '{"a": 2}', {"json": True}),
    ("[true]", "[1]", {"json": True}),
    ("not JSON", "not json", {"json": True}),
    ({"a": 1, "at": 2}, {"a": 3, "at": 4}, {"ignore": ("/at",)}),
    ({"l": [1, 2]}, {"l": [1, 1]}, {"unordered": ("/l",)}),
    ({"l": [1, 2], "m": [1, 2]}, {"l": [2, 1], "m": [2, 1]}, {"unordered": ("/l",)}),
    ("at 2026-11-22", "at noon", {"patterns": ("timestamp",)}),
    ("a b", "a c", {"patterns": ("uuid", "number")}),
]


@pytest.mark.parametrize(("one", "other", "loosening"), DIFFERENT)
def test_everything_else_still_differs(
    one: Any, other: Any, loosening: dict[str, Any]
) -> None:
    assert "body" in fields(run_of(one, other, **loosening))


def test_each_rule_is_reported_with_how_often_it_was_needed() -> None:
    run = run_of({"at": 1}, {"at": 22}, ignore=("/at", "/never"))
    assert applied(run) == {"ignore:/at": 1, "ignore:/never": 0}


def test_a_length_is_compared_where_bodies_were_equal_anyway() -> None:
    names = [rule.name for rule in run_of("a", "a", json=True).normalisations]
    assert "length-of-equal-bodies" not in names


def test_deep_bodies_are_no_trouble() -> None:
    deep = "[" * 100_000
    assert "body" in fields(run_of(deep, deep + "]", json=True))


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("ignore = ['at']", "a place begins with \"/\", not 'at'"),
        ("unordered = ['l']", "a place begins with \"/\", not 'l'"),
        ("patterns = ['uid']", "invalid enum value 'uid'"),
        ("jason = true", 'unknown field, did you mean "json"?'),
    ],
)
def test_what_is_written_wrong_is_named(
    tmp_path: Path, written: str, problem: str
) -> None:
    path = tmp_path / "cases.toml"
    path.write_text(
        f'[[case]]\nid = "a"\nrequest = {{}}\n[case.normalisations]\n{written}'
    )
    with pytest.raises(
        DocumentError, match="cases.toml:[45]: normalisations"
    ) as caught:
        load_cases(path)
    assert problem in str(caught.value)
