"""Rules of cases for JSON bodies, and how often they were applied."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import json as encoded

from comparison import Case, Request, compare
from comparison.cases import load_cases
from comparison.core.errors import DocumentError
from comparison.models import Matching, NormalisationRules
from tests.apps import app_of

HEADERS = {"Content-Type": "application/json"}


def run_of(one: Any, other: Any, **options: Any) -> Any:
    bodies = [
        b if isinstance(b, str) else encoded.encode(b).decode() for b in (one, other)
    ]
    apps = [
        app_of(framework, lambda body=body: (body, 200, HEADERS))
        for framework, body in zip(("flask", "quart"), bodies, strict=True)
    ]
    case = Case("c", Request("GET", "/"), normalisations=NormalisationRules(**options))
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
    ({"a": 5, "b": 1}, '{"b":22,"a":-6.5e3}', {"patterns": ("number",), "json": True}),
    ({"n": 5, "at": "noon"}, {"n": 66, "at": "one"},
     {"patterns": ("number",), "ignore": ("/at",)}),
    (["id 1", "b", 3], ["b", 44, "id 22"], {"patterns": ("number",), "unordered": ("",)}),
    ({"c": "AB-1", "n": 1, "p": 1}, {"c": "AC-22", "n": 22, "p": 9},
     {"patterns": ("number",), "match": {"/c": Matching(r"^A.-\d")}, "tolerance": {"/p": 2}}),
    ({"of 2025": {"x": 1, "y": [1]}, "k": 1}, {"k": 1, "of 26": {"y": [], "x": 1}},
     {"patterns": ("number",), "ignore": ("/*/y",)}),
    ({"2025": {"x": 1}, "n": 1}, {"n": 33, "2025": {"x": 22}},
     {"patterns": ("timestamp", "number"), "ignore": ("/2025/x",)}),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "options"), ALIKE)
def test_rules_of_a_case_make_its_bodies_equal(
    one: Any, other: Any, options: dict[str, Any]
) -> None:
    assert fields(run_of(one, other, **options)) == []
    assert "body" in fields(run_of(one, other))


def test_more_fields_are_not_reported_where_there_are_none() -> None:
    run = run_of('{"a": 1, "b": [2]}', '{"b": [2], "a": 1}', more_fields=True)
    assert fields(run) == []
    assert applied(run) == {"more-fields:*": 0}


DIFFERENT = [
    ('{"a": 1}', '{"a": 2}', {"json": True}),
    ({"a": {"x": 1, "y": 1}}, {"a": {"x": 2, "y": 22}}, {"ignore": ("/a/x",)}),
    ("[true]", "[1]", {"json": True}),
    ("not JSON", "not json", {"json": True}),
    ({"a": 1, "at": 2}, {"a": 3, "at": 4}, {"ignore": ("/at",)}),
    ({"l": [1, 2]}, {"l": [1, 1]}, {"unordered": ("/l",)}),
    ({"l": [1, 2], "m": [1, 2]}, {"l": [2, 1], "m": [2, 1]}, {"unordered": ("/l",)}),
    ("at 2026-11-22", "at noon", {"patterns": ("timestamp",)}),
    ("a b", "a c", {"patterns": ("uuid", "number")}),
    ("<number>", "5", {"patterns": ("number",)}),
    ("a-5", "a0", {"patterns": ("number",)}),
    ("1 2", "1 2 3", {"patterns": ("number",)}),
    ("at 5", "at 2026-11-22", {"patterns": ("timestamp", "number")}),
    ({"a": "<number>"}, {"a": 5}, {"patterns": ("number",), "json": True}),
    ({"a": "1"}, {"a": 1}, {"patterns": ("number",), "json": True}),
    ({"a": [1], "b": 1}, '{"b":1,"a":[2,3]}', {"patterns": ("number",), "json": True}),
    ({"a": 1, "b": True}, '{"b":1,"a":2}', {"patterns": ("number",), "json": True}),
    ({"1": "a", "b": 1}, '{"b":1,"2":"c"}', {"patterns": ("number",), "json": True}),
    ({"1": "a", "2": "a", "b": 1}, '{"b":1,"3":"a"}',
     {"patterns": ("number",), "json": True}),
    ({"at": 1, "<ignored>": 1}, {"at": 2, "<ignored>": "x"}, {"ignore": ("/at",)}),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "options"), DIFFERENT)
def test_rules_of_a_case_ignore_nothing_else(
    one: Any, other: Any, options: dict[str, Any]
) -> None:
    assert "body" in fields(run_of(one, other, **options))


def test_each_rule_is_reported_with_how_often_it_applied() -> None:
    run = run_of({"at": 1}, {"at": 22}, ignore=("/at", "/never"))
    assert applied(run) == {"ignore:/at": 1, "ignore:/never": 0}


@pytest.mark.parametrize(
    ("one", "other", "json"),
    [
        ("id 7 on 2026-11-22", "id 88 on 2026-11-22", False),
        ({"id": 7, "on": "2026-11-22"}, {"on": "2026-11-22", "id": 88}, True),
        ({"id": 7, "on 2026-11-22": 1}, {"on 2026-11-22": 1, "id": 88}, True),
    ],
)
def test_a_pattern_applies_where_its_matches_differ(
    one: Any, other: Any, json: bool
) -> None:
    run = run_of(one, other, patterns=("timestamp", "number"), json=json)
    assert fields(run) == []
    assert applied(run) == {"pattern:timestamp": 0, "pattern:number": 1}


def test_a_pattern_does_not_apply_if_the_bodies_still_differ() -> None:
    run = run_of({"id": 7, "a": "b"}, {"id": 8, "a": "c"}, patterns=("number",))
    assert applied(run) == {"pattern:number": 0}


def test_content_length_is_compared_if_bodies_are_equal_without_rules() -> None:
    names = [rule.name for rule in run_of("a", "a", json=True).normalisations]
    assert "length-of-equal-bodies" not in names


def test_deeply_nested_bodies_are_compared() -> None:
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
def test_a_malformed_rule_is_reported(
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


ABOUT = {"tolerance": {"/p": 0.01}}
NEAR = [
    ({"p": 1.0}, {"p": 1.01}, ABOUT),
    ({"p": 1}, {"p": 1.01}, ABOUT),
    ({"l": [{"p": 1, "q": 5}]}, {"l": [{"p": 3, "q": 5}]}, {"tolerance": {"/l/*/p": 2}}),
    ([5, 7], [6, 6], {"tolerance": {"/*": 1}}),
    (7, 8, {"tolerance": {"": 1}}),
    (
        [{"p": 1.0, "q": "a"}, {"p": 2.0, "q": "b"}],
        [{"p": 2.1, "q": "b"}, {"p": 1.1, "q": "a"}],
        {"tolerance": {"/*/p": 0.5}, "unordered": ("",)},
    ),
    ([1, 5], [5.5, 0.5], {"tolerance": {"/*": 0.5}, "unordered": ("",)}),
    (
        {"id": "0b5a3c1e-1111-4222-8333-444455556666"},
        {"id": "9b5a3c1e-1111-4222-8333-444455556667"},
        {"match": {"/id": "uuid"}},
    ),
    ({"t": "2026-11-22T01:02:03Z"}, {"t": "2025-01-01"}, {"match": {"/t": "timestamp"}}),
    ({"n": 1}, {"n": "2"}, {"match": {"/n": "number"}}),
    ({"c": "AB-1"}, {"c": "AB-2"}, {"match": {"/c": Matching("^[A-Z]+-")}}),
    (["b1", "a"], ["a", "b2"], {"match": {"/*": Matching("^b")}, "unordered": ("",)}),
]  # fmt: skip
FAR = [
    ({"p": 1.0}, {"p": 1.011}, ABOUT),
    ({"p": 1.0, "o": 1.0}, {"p": 1.0, "o": 1.01}, ABOUT),
    ({"p": True}, {"p": 1}, ABOUT),
    ({"p": "1"}, {"p": 1}, ABOUT),
    ('{"p": NaN}', '{"p":NaN}', ABOUT),
    ('{"p": Infinity}', '{"p":Infinity}', ABOUT),
    ('{"p": 1e308}', f'{{"p": 1{"0" * 400}}}', ABOUT),
    ({"id": "7"}, {"id": "x"}, {"match": {"/id": "number"}}),
    ({"id": "a 7"}, {"id": "a 8"}, {"match": {"/id": "number"}}),
    ({"id": True}, {"id": False}, {"match": {"/id": Matching(".")}}),
    ({"id": 7}, {}, {"match": {"/id": "number"}}),
    ({"c": "AB-1"}, {"c": "ab-2"}, {"match": {"/c": Matching("^[A-Z]+-")}}),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "options"), NEAR)
def test_values_within_the_allowed_difference_are_equal(
    one: Any, other: Any, options: dict[str, Any]
) -> None:
    run = run_of(one, other, **options)
    assert fields(run) == []
    (name, *_) = NormalisationRules(
        tolerance=options.get("tolerance", {}), match=options.get("match", {})
    ).names()
    assert applied(run)[name] == 1
    assert "body" in fields(run_of(one, other))


@pytest.mark.parametrize(("one", "other", "options"), FAR)
def test_values_beyond_the_allowed_difference_differ(
    one: Any, other: Any, options: dict[str, Any]
) -> None:
    run = run_of(one, other, **options)
    assert "body" in fields(run)
    assert set(applied(run).values()) == {0}


def test_tolerance_and_match_rules_are_described_in_words() -> None:
    run = run_of(
        "a", "a", tolerance={"/a=b": 0.5}, match={"/id": "uuid", "": Matching("=x")}
    )
    described = {rule.name: rule.description for rule in run.normalisations}
    assert described["tolerance:/a=b=0.5"].endswith(
        "at /a=b in a body may differ by up to 0.5"
    )
    assert described["match:/id=uuid"].endswith(
        "at /id in a body matches any other like uuid"
    )
    assert described["match:==x"].endswith(
        "at the top in a body matches any other like =x"
    )


def test_the_more_specific_rule_for_a_path_wins() -> None:
    both = NormalisationRules(tolerance={"/a": 1, "/b": 1}).joined(
        NormalisationRules(tolerance={"/a": 2})
    )
    assert both.tolerance == {"/a": 2, "/b": 1}


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ('tolerance = { "a" = 1 }', 'a place begins with "/", not \'a\''),
        ('tolerance = { "/a" = -1 }', "tolerance: /a is a number from 0, not -1"),
        ('tolerance = { "/a" = nan }', "tolerance: /a is a number from 0, not nan"),
        ('match = { "/a" = "uid" }', "invalid enum value 'uid'"),
        ('match = { "/a" = { matches = "(" } }', "not a regular expression"),
    ],
)  # fmt: skip
def test_an_invalid_rule_value_is_reported(
    tmp_path: Path, rule: str, message: str
) -> None:
    path = tmp_path / "cases.toml"
    path.write_text(
        f'[[case]]\nid = "a"\nrequest = {{}}\n[case.normalisations]\n{rule}\n'
    )
    with pytest.raises(DocumentError, match="normalisations") as caught:
        load_cases(path)
    assert message in str(caught.value)


def test_an_object_with_a_duplicate_name_equals_no_other() -> None:
    assert fields(run_of('{"a":1,"a":2}', '{"a":2}', json=True)) != []
