"""Markdown: short enough for a comment on a pull request."""

import pytest

from .making import cases, reported

pytestmark = pytest.mark.slow

COMMENT = 65_536  # characters that GitHub takes


def test_a_report_of_many_cases_fits_into_a_comment() -> None:
    answers = iter(range(1000))
    many = cases(600)
    # Each differs in another field, so each has a block of its own.
    text = reported(
        "md", lambda: ("same", {f"X-{next(answers)}": "x" * 500}), lambda: "same", many
    )
    assert len(text) < COMMENT
    assert "# DIFFERENT: 600 cases" in text
    assert "more do not fit into a comment in full" in text


def test_identical_cases_are_omitted_before_different_ones() -> None:
    answers = iter([*["same"] * 1999, "other"])
    text = reported("md", lambda: next(answers), lambda: "same", cases(2000))
    assert len(text) < COMMENT
    assert "≠ different | `case-2000`" in text
    assert "1999 more are omitted, the identical ones first" in text


def test_few_cases_are_all_listed() -> None:
    text = reported("md", lambda: "same", lambda: "same", cases(20))
    assert text.count("= identical") == 20
    assert "omitted" not in text
