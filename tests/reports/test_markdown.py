"""Markdown: short enough for a comment on a pull request."""

import pytest

from .making import cases, reported

pytestmark = pytest.mark.slow

COMMENT = 65_536  # characters that GitHub takes


def test_a_report_of_many_cases_fits_into_a_comment() -> None:
    answers = iter(range(1000))
    many = cases(200)
    # Each differs in another field, so each has its own block.
    text = reported(
        "md", lambda: ("same", {f"X-{next(answers)}": "x" * 500}), lambda: "same", many
    )
    assert len(text) < COMMENT
    assert "# DIFFERENT: 200 cases" in text
    assert "more do not fit into a comment in full" in text


def test_identical_cases_are_omitted_before_different_ones() -> None:
    answers = iter([*["same"] * 1399, "other"])
    text = reported("md", lambda: next(answers), lambda: "same", cases(1400))
    assert len(text) < COMMENT
    assert "≠ different | `case-1400`" in text
    assert "1399 more are omitted, the identical ones first" in text


def test_few_cases_are_all_listed() -> None:
    text = reported("md", lambda: "same", lambda: "same", cases(20))
    assert text.count("= identical") == 20
    assert "omitted" not in text
