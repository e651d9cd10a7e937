"""Each rule and expectation accepts what it is for, and catches a wrong response."""

from pathlib import Path
from typing import Any, NamedTuple

import flask
import pytest

from comparison import Case, Expect, Request, UsageError, compare
from comparison.models import Matching, NormalisationRules

pytestmark = pytest.mark.mutant


class Checked(NamedTuple):
    """The rules of a case, responses that it accepts on both sides, and a mutant.

    A response is a body, as JSON unless it is a text, or a tuple as a view returns it.
    """

    fields: dict[str, Any]
    reference: Any
    accepted: Any
    mutant: Any
    field: str = "body"


def responding(response: Any) -> flask.Flask:
    app = flask.Flask("small")
    app.add_url_rule("/", "view", lambda: response)
    return app


def expecting(**fields: Any) -> dict[str, Any]:
    return {"expect": Expect(**fields)}


PRICED = {
    "$defs": {"price": {"type": "integer", "minimum": 1}},
    "properties": {"price": {"$ref": "#/$defs/price"}, "code": {"pattern": "^[A-Z]+$"}},
    "required": ["price"],
}
EXPECTATIONS = {
    "one of some statuses": Checked(
        expecting(status=(200, 201)), ("", 201), ("", 201), ("", 202), "status"
    ),
    "a regular expression": Checked(
        expecting(matches="<b>[0-9]+</b>"), "<b>7</b>", "<b>7</b>", "<b>x</b>"
    ),
    "a kind at a place": Checked(
        expecting(match={"/rows/*/n": "number"}),
        {"rows": [{"n": 1}, {"n": 2}]}, {"rows": [{"n": 1}, {"n": 2}]},
        {"rows": [{"n": 1}, {"n": "x"}]},
    ),
    "a place that must exist": Checked(
        expecting(match={"/n": "number"}), {"n": 1}, {"n": 1}, {"m": 1}
    ),
    "json apart from a place": Checked(
        expecting(json={"id": 0, "n": 1}, match={"/id": "number"}),
        {"id": 7, "n": 1}, {"id": 7, "n": 1}, {"id": 7, "n": 2},
    ),
    "a schema": Checked(
        expecting(json_schema=PRICED), {"price": 3}, {"price": 3}, {"price": 0}
    ),
    "a pattern in a schema": Checked(
        expecting(json_schema=PRICED), {"price": 3, "code": "A"},
        {"price": 3, "code": "A"}, {"price": 3, "code": "a"},
    ),
}  # fmt: skip


def ruled(**rules: Any) -> dict[str, Any]:
    return {"normalisations": NormalisationRules(**rules)}


UUIDS = "0b5a3c1e-1111-4222-8333-444455556666", "9b5a3c1e-1111-4222-8333-444455556667"
PAGE = "<ul class='a b'><li>one<li>two <b>x</b> y</ul>"
SERVED = {"X-Served-By": "one"}
RULES = {
    "one-sided:x-served-by": Checked(
        ruled(one_sided=("X-Served-By",)), ("a", SERVED), "a", ("a", {"X-Other": "one"}),
        "header:x-other",
    ),
    "one-sided:x-served-by, on both sides": Checked(
        ruled(one_sided=("X-Served-By",)), ("a", SERVED), "a", ("a", {"X-Served-By": "2"}),
        "header:x-served-by",
    ),
    "more-fields:*": Checked(
        ruled(more_fields=True), {"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}], "d": 3},
        {"a": [{"c": 2}]},
    ),
    "more-fields:/a": Checked(
        ruled(more_fields=("/a",)), {"a": {"b": 1}}, {"a": {"b": 1, "c": 2}},
        {"a": {"b": 1}, "c": 2}, "body header:content-length",
    ),
    "xml": Checked(
        ruled(xml=True), '<a x="1" y="2"><b>t</b></a>',
        "<a y='2' x='1'>\n <b>t</b></a>", '<a x="1" y="2"><b>u</b></a>',
    ),
    "xml, of another namespace": Checked(
        ruled(xml=True), '<n:a xmlns:n="urn:1"/>', '<m:a xmlns:m="urn:1"></m:a>',
        '<n:a xmlns:n="urn:2"/>',
    ),
    "html": Checked(
        ruled(html=True), PAGE, "<ul class='b  a'>\n <li>one</li><li>two <b>x</b> y</ul>",
        PAGE.replace(" <b>", "<b>"), "body header:content-length",
    ),
    "html, with another attribute": Checked(
        ruled(html=True), "<a href='/a' id=b>x</a>", '<a id="b" href="/a">x</a>',
        "<a href='/c' id=b>x</a>",
    ),
    "html, in another order": Checked(
        ruled(html=True), PAGE, PAGE.replace("</ul>", "</li></ul>"),
        "<ul class='a b'><li>two <b>x</b> y<li>one</ul>",
    ),
    "pattern:t-[0-9]+": Checked(
        ruled(patterns=(Matching("t-[0-9]+"),)), "<i>t-1</i>", "<i>t-20</i>", "<i>t-x</i>"
    ),
    "pattern:t-[0-9]+, in JSON": Checked(
        ruled(json=True, patterns=(Matching("t-[0-9]+"),)), {"a": "t-1", "b": 1},
        {"b": 1, "a": "t-20"}, {"a": "t-1", "b": 2},
    ),
    "json": Checked(ruled(json=True), '{"a": 1, "b": 2}', '{"b":2,"a":1}', '{"a": 1, "b": 3}'),
    "ignore:/a/*/b": Checked(
        ruled(ignore=("/a/*/b",)), {"a": [{"b": 1, "c": 1}]}, {"a": [{"b": 2, "c": 1}]},
        {"a": [{"b": 1, "c": 2}]},
    ),
    "unordered:/a": Checked(
        ruled(unordered=("/a",)), {"a": [1, 2, 2]}, {"a": [2, 1, 2]}, {"a": [1, 1, 2]}
    ),
    "tolerance:/a=0.01": Checked(
        ruled(tolerance={"/a": 0.01}), {"a": 3.0}, {"a": 3.009}, {"a": 3.1}
    ),
    "match:/a=uuid": Checked(
        ruled(match={"/a": "uuid"}), {"a": UUIDS[0]}, {"a": UUIDS[1]}, {"a": "x" * 36}
    ),
    "match:/a=^[A-Z]-": Checked(
        ruled(match={"/a": Matching("^[A-Z]-")}), {"a": "A-1"}, {"a": "B-2"}, {"a": "b-2"}
    ),
    "pattern:timestamp": Checked(
        ruled(patterns=("timestamp",)), "at 2026-11-29", "at 2026-11-30", "at 2026-11-xx"
    ),
    "presence:etag": Checked(
        ruled(presence=("ETag",)), ("a", {"ETag": "1"}), ("a", {"ETag": "2"}), "a",
        "header:etag",
    ),
    "compare:tests.docs.sampled:as_sets": Checked(
        ruled(compare="tests.docs.sampled:as_sets"), "a b", "b  a", "a c"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RULES)
def test_a_rule_ignores_its_noise_and_nothing_else(name: str) -> None:
    fields, reference, accepted, mutant, field = RULES[name]
    sent = Case("one", Request(), **fields)
    run = compare(responding(reference), responding(accepted), [sent])
    (found,) = run
    assert found.verdict == "identical", found.differences
    applied = {rule.name: rule.applied for rule in run.normalisations}
    assert applied[name.partition(",")[0]] == 1
    (wrong,) = compare(responding(reference), responding(mutant), [sent])
    assert {d.field for d in wrong.differences} == set(field.split())


def test_json_fields_only_in_the_reference_are_a_difference() -> None:
    sent = Case("one", Request(), **ruled(more_fields=True))
    (found,) = compare(responding({"a": 1, "b": 2}), responding({"a": 1}), [sent])
    assert found.verdict == "different"


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("tests.docs.sample:as_sets", "compare: no module 'tests.docs.sample'"),
        ("tests.docs.sampled:as_set", "no function 'as_set', did you mean \"as_sets\""),
        ("operator:eq", "it yields differences as (where, reference, candidate)"),
        ("math:sqrt", "TypeError"),
    ],
)
def test_a_failing_compare_function_stops_the_run(function: str, message: str) -> None:
    sent = Case("one", Request(), origin="cases.toml:3", **ruled(compare=function))
    with pytest.raises(UsageError) as caught:
        list(compare(responding("a"), responding("b"), [sent]))
    assert str(caught.value).startswith("cases.toml:3: normalisations: compare: ")
    assert message.lower() in str(caught.value).lower()


def test_the_nearest_module_of_the_folder_is_suggested_for_a_compare_function(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "comparing.py").touch()
    monkeypatch.chdir(tmp_path)
    sent = Case("one", Request(), **ruled(compare="compering:as_set"))
    with pytest.raises(UsageError, match="'compering', did you mean \"comparing\""):
        list(compare(responding("a"), responding("b"), [sent]))


@pytest.mark.parametrize("name", EXPECTATIONS)
def test_an_expectation_detects_an_error_common_to_both_apps(name: str) -> None:
    fields, reference, accepted, mutant, field = EXPECTATIONS[name]
    sent = Case("one", Request(), **fields)
    run = compare(responding(reference), responding(accepted), [sent])
    assert [c.verdict for c in run] == ["identical"]
    (wrong,) = compare(responding(mutant), responding(mutant), [sent])
    assert wrong.verdict == "failed"
    assert {f.field for f in wrong.expectation.failures} == {field}
