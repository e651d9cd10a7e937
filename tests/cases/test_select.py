"""Selecting cases by an expression, as pytest's `-k`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparison import Case, NoCaseSelected, Request, UsageError
from comparison.cases import find_case, select_cases

CASES = [
    Case("json-get", Request(), title="Reads", topic="bodies"),
    Case("json-head", Request("HEAD"), title="Looks", topic="methods"),
    Case("status-404", Request(), title="Not Found", topic="statuses"),
]


@pytest.mark.parametrize(
    ("expression", "chosen"),
    [
        (None, "json-get json-head status-404"),
        ("", "json-get json-head status-404"),
        ("json", "json-get json-head"),
        ("JSON", "json-get json-head"),
        ("json and not head", "json-get"),
        ("get or status", "json-get status-404"),
        ("not (get or status)", "json-head"),
        ("status-404", "status-404"),
        ("404", "status-404"),
        ("bodies", "json-get"),
        ("Found", "status-404"),
        ("'not found'", "status-404"),
        ("json-get or json-head", "json-get json-head"),
    ],
)
def test_words_match_id_topic_and_title(expression: str | None, chosen: str) -> None:
    assert [case.id for case in select_cases(CASES, expression)] == chosen.split()


@pytest.mark.parametrize(
    ("expression", "chosen"),
    [
        ("async", "async-view class-view"),
        ("ASYNC and not class", "async-view"),
        ("'async' and class", "class-view"),
        ("async-view or import", "async-view"),
        ("in", "plain"),
    ],
)
def test_a_python_keyword_is_an_ordinary_word(expression: str, chosen: str) -> None:
    cases = [
        Case("async-view", Request()),
        Case("class-view", Request(), tags=("async",)),
        Case("plain", Request()),
    ]
    assert [case.id for case in select_cases(cases, expression)] == chosen.split()


@pytest.mark.parametrize(
    "expression",
    [
        "and",
        "json and",
        "(json",
        "json head",
        "json + head",
        "f(x)",
        "1.5",
        "json if get",
    ],
)
def test_an_invalid_expression_is_a_usage_error(expression: str) -> None:
    with pytest.raises(UsageError, match="not an expression"):
        select_cases(CASES, expression)


def test_an_expression_without_matches_suggests_the_nearest_id() -> None:
    with pytest.raises(NoCaseSelected, match=r'did you mean "json-head"\?'):
        select_cases(CASES, "json-haed")


def test_selecting_from_no_cases_is_an_error() -> None:
    with pytest.raises(NoCaseSelected, match="there is no case"):
        select_cases([], None)


def test_a_case_is_found_by_its_id() -> None:
    assert find_case(CASES, "json-get") is CASES[0]


def test_an_unknown_case_id_suggests_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no case 'json-gte', did you mean"):
        find_case(CASES, "json-gte")


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@given(st.text(alphabet="abjson()'\"\\ -andort10.\n", max_size=20))
def test_any_expression_selects_cases_or_is_rejected(expression: str) -> None:
    try:
        chosen = select_cases(CASES, expression)
        assert chosen == [case for case in CASES if case in chosen] != []
    except (UsageError, NoCaseSelected) as error:
        assert error.exit_code in (2, 5)
