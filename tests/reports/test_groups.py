"""Differences that are the same, counted once."""

from pathlib import Path
from typing import Any

import pytest

from comparison import Case, Expect, Request

from .making import accept, cases, reported


def vary(value: str) -> Any:
    return lambda: ("same", 200, {"Vary": value})


def test_missing_headers_are_grouped_regardless_of_their_values() -> None:
    answers = iter(["Accept-Encoding", "Accept", "Origin"])
    output = reported("text", lambda: vary(next(answers))(), lambda: "same", cases(3))
    assert output.count("≠ case-") == 1
    assert "session" not in output  # which varies with Cookie
    assert "≠ case-1  GET /  header:vary missing\n" in output
    assert "[3 cases: case-1, case-2, case-3]" in output


def test_failures_are_grouped_regardless_of_memory_addresses() -> None:
    def fail() -> None:
        raise ValueError(object())

    output = reported("text", lambda: "same", fail, cases(3))
    assert output.count("≠ case-") == 1
    assert "[3 cases: case-1, case-2, case-3]" in output


def test_differences_in_different_fields_are_not_grouped() -> None:
    answers = iter([("other", 200), ("same", 201), ("other", 200)])
    output = reported("text", lambda: next(answers), lambda: "same", cases(3))
    assert "≠ case-1  GET /  body\n" in output
    assert "≠ case-2  GET /  status 201 → 200\n" in output
    assert "No known cause matches: body.  [2 cases: case-1, case-3]" in output
    assert "No known cause matches: status.  [1 case: case-2]" in output


@pytest.mark.parametrize("name", ["text", "md", "html"])
def test_only_the_first_case_of_a_group_is_printed_in_full(name: str) -> None:
    output = reported(name, lambda: "one", lambda: "two", cases(20))
    assert "20 cases: case-1, case-2, case-3, case-4 and 16 more" in output
    if name == "html":  # where each can be opened
        assert output.count(" open><summary>") == 1
    else:
        assert output.count("+ body: two") == 1


def test_an_unmet_expectation_is_reported_for_each_case() -> None:
    sent = [Case(c.id, c.request, expect=Expect(status=202)) for c in cases(2)]
    output = reported("text", lambda: "one", lambda: "two", sent)
    assert output.count("expected of flask: status 202, got 200") == 2


def test_one_entry_accepts_all_cases_of_a_difference_group(tmp_path: Path) -> None:
    answers = iter(["one", "two", "three"] * 2)
    apps = lambda: ("same", 200, {"X-Note": next(answers)}), lambda: "same"
    known = tmp_path / "known.toml"
    (entry,) = accept(known, *apps, cases(3))
    assert entry["cases"] == ["case-1", "case-2", "case-3"]
    assert "AS EXPECTED: 3 cases" in reported("text", *apps, cases(3), known=[known])


def test_each_request_that_differs_has_an_entry(tmp_path: Path) -> None:
    ask = Request("GET", "/")
    sent = [Case("case", ask, setup=(ask,))]
    answers = iter(["one", "two"] * 2)
    apps = lambda: next(answers), lambda: "same"
    known = tmp_path / "known.toml"
    entries = accept(known, *apps, sent)
    assert len(entries) == 2
    bodies = {e.get("request"): e["fields"]["body"] for e in entries}
    assert bodies[1] == {"flask": "one", "quart": "same"}
    assert bodies[None] == {"flask": "two", "quart": "same"}
    assert "AS EXPECTED: 1 case" in reported("text", *apps, sent, known=[known])


def test_a_combination_of_differences_gets_a_separate_entry(
    tmp_path: Path,
) -> None:
    # The third differs in what the first two differ in, one each.
    rows = [("a", 200), ("same", 404), ("a", 404)]
    answers = iter(rows * 2)
    apps = lambda: next(answers), lambda: "same"
    known = tmp_path / "known.toml"
    entries = accept(known, *apps, cases(3))
    assert [entry["cases"] for entry in entries] == [["case-1"], ["case-2"], ["case-3"]]
    assert "AS EXPECTED: 3 cases" in reported("text", *apps, cases(3), known=[known])


def test_an_accepted_entry_gets_an_unused_id(tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    known.write_text(
        '[[known]]\nid = "case-1-body"\ncause = "mine"\ncases = ["other"]\n'
        'fields = { body = { flask = "a", quart = "b" } }\n'
    )
    apps = lambda: "one", lambda: "two"
    (entry,) = accept(tmp_path / "new.toml", *apps)
    assert entry["id"] == "case-1-body"
    (entry,) = accept(tmp_path / "newer.toml", *apps, known=[known])
    assert entry["id"] == "case-1-body-2"


def test_one_entry_accepts_cases_that_are_reported_separately(tmp_path: Path) -> None:
    sent = [Case(c.id, c.request, expect=Expect(status=202)) for c in cases(3)]
    (entry,) = accept(tmp_path / "k.toml", lambda: "one", lambda: "two", sent)
    assert entry["cases"] == ["case-1", "case-2", "case-3"]
