"""The line from which two apps diverge, by traces of lines that are written by hand."""

from typing import Any

import pytest
from msgspec.structs import replace

from comparison.causes.combine import fields_left, independent, join, layered
from comparison.causes.divergence import divergence, first_divergence
from comparison.models import Comparison, Difference, Event, Finding, Value
from tests.diff.making import judged, response


def line(source: str, number: int = 1, *, name: str = "view", **changed: str) -> Event:
    values = {each: Value("str", repr(text)) for each, text in changed.items()}
    return Event("line", name=name, file="a.py", line=number, source=source, changed=values)  # fmt: skip


def differing(one: Any, other: Any, field: str = "body") -> Difference:
    return Difference(target="quart", field=field, reference=one, candidate=other)


def found_in(ours: list[Event], theirs: list[Event], *differences: Difference) -> Any:
    pair = {"flask": ours, "quart": [replace(e, file="b.py") for e in theirs]}
    found = first_divergence(pair, differences)
    return found and (found.line, found.source)


def test_the_first_line_with_another_value_is_found() -> None:
    ours = [
        line("a = load()", 1, a="x"),
        line("b = a + 1", 2, b="xy"),
        line("return b", 3),
    ]
    theirs = [
        line("a = load()", 1, a="z"),
        line("b = a + 1", 2, b="zy"),
        line("return b", 3),
    ]
    assert found_in(ours, theirs) == (1, "a = load()")
    # A value that the result does not use is not a cause.
    ours[0], theirs[0] = line("c = load()", 1, c="x"), line("c = load()", 1, c="z")
    assert found_in(ours, theirs) == (2, "b = a + 1")


def test_a_condition_that_leads_to_other_lines_is_found() -> None:
    ours = [line("a = 1", 1, a="1"), line("if a:", 2), line("return 'x'", 3)]
    theirs = [line("a = 1", 1, a="1"), line("if a:", 2), line("return 'y'", 5)]
    pair = {"flask": ours, "quart": theirs}
    found = first_divergence(pair, [])
    assert found is not None and found.line == 2
    assert found.summary == "After `if a:` quart runs other lines than flask."
    assert found.remedy == (
        "Find out why the condition of `if a:` has another value in quart."
    )
    assert found.evidence == ("flask: if a: (a.py:2)",)
    # Its variable has another value, so that line is the origin.
    theirs[0] = line("a = 1", 1, a="0")
    assert found_in(ours, theirs) == (1, "a = 1")


def test_equal_traces_do_not_diverge() -> None:
    ours = [line("a = 1", 1, a="1"), line("return a", 2)]
    assert found_in(ours, ours) is None
    assert found_in([], ours) is None
    assert found_in([Event("view_called")], [Event("view_called")]) is None


def test_a_value_that_the_difference_shows_is_related() -> None:
    ours = [
        line("a = load()", 1, a="tea"),
        line("c = load()", 2, c="salt"),
        line("end()", 3),
    ]
    theirs = [
        line("a = load()", 1, a="coffee"),
        line("c = load()", 2, c="oil"),
        line("end()", 3),
    ]
    assert found_in(ours, theirs, differing("salt here", "oil here")) == (
        2,
        "c = load()",
    )
    assert found_in(ours, theirs, differing("bread", "butter")) is None


FOUND = Finding(target="quart", summary="s", fields=("body",))


def compared(body: str = "other", **more: Any) -> Comparison:
    return judged(response(), response(body=body, **more))


def with_lines(comparison: Comparison) -> Comparison:
    recordings = {
        name: replace(each, trace=(line("a = load()", 1, a=name), line("return a", 2)))
        for name, each in comparison.recordings.items()
    }
    return replace(comparison, recordings=recordings)


@pytest.mark.parametrize(
    ("finding", "again", "diverges"),
    [
        (FOUND, compared(), True),
        (replace(FOUND, cause="known"), compared(), False),
        (replace(FOUND, layer="server"), compared(), False),
        (replace(FOUND, fields=("body", "status")), compared(), False),
        (FOUND, compared("Hello", status=404), False),
        (replace(FOUND, fields=("status",)), compared(status=404), True),
    ],
)
def test_a_finding_without_a_cause_diverges_if_the_case_differs_again(
    finding: Finding, again: Comparison, diverges: bool
) -> None:
    found = divergence(compared(), with_lines(again), finding)
    assert (found is not None) is diverges
    if found is not None:
        assert (found.source, found.fields) == ("a = load()", finding.fields)


# What findings account for -------------------------------------------------------------


def test_fields_that_no_finding_accounts_for_are_left() -> None:
    assert fields_left(["body", "status"], [FOUND]) == ["status"]
    length = "header:content-length"
    assert independent([length, "status"], ["body", length]) == ["status"]
    assert independent([length, "status"], [length]) == [length, "status"]
    assert independent(["body"], ["body"]) == ["body"]


def test_findings_at_one_place_are_joined() -> None:
    here = replace(FOUND, file="a.py", line=3)
    findings: list[Finding] = [FOUND]
    join(findings, here)
    join(findings, replace(here, fields=("status", "body"), summary="t"))
    join(findings, replace(here, line=4))
    join(findings, FOUND)
    assert [(each.place, each.fields) for each in findings] == [
        ("", ("body",)), ("a.py:3", ("body", "status")), ("a.py:4", ("body",)), ("", ("body",)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("difference", "layer"),
    [
        (differing("a", "b"), "client"),
        (differing("a", "b", "status"), "app"),
        (replace(differing("a", "b"), request=2), "app"),
        (replace(differing("a", "b"), known="entry"), "framework"),
        (replace(differing("a", "b"), layer="server"), "server"),
    ],
)
def test_a_difference_has_the_layer_of_its_finding(
    difference: Difference, layer: str
) -> None:
    assert layered(difference, [replace(FOUND, layer="client")]).layer == layer
