"""The block of a case: its cause, and what differs, in a few lines."""

from collections.abc import Callable
from typing import Any

import pytest

from comparison import Case, Request
from comparison.models import Comparison
from comparison.reports.case_block import MAX_DIFF, case_block
from tests.apps import app_of, case, comparison_of

from .making import cases, reported

JSON = {"Content-Type": "application/json"}


def block(one: Any, other: Any, *chosen: Case) -> list[str]:
    """The lines about a Flask app with one view against a Quart app with another."""
    made = (view if callable(view) else answering(view) for view in (one, other))
    output = reported("text", *made, chosen or None)
    return output[output.index("≠") :].partition("to do:")[0].splitlines()


def answering(value: Any) -> Callable[[], Any]:
    return lambda: value


def diff(lines: list[str]) -> list[str]:
    """The lines below the cause."""
    (cause,) = (n for n, line in enumerate(lines) if line.startswith("    cause"))
    return lines[cause + 1 :]


def test_json_differs_by_path() -> None:
    found = block(
        {"items": [{"price": 10.5, "name": "tea"}, {"odd key": 1}], "same": None},
        {"items": [{"price": 10.05, "name": "tea"}, {"odd key": "1"}], "new": [2]},
    )
    assert found[0] == "≠ case-1  GET /  body"
    assert diff(found) == [
        "    $.items[0].price  10.5 → 10.05",
        '    $.items[1]["odd key"]  1 → "1"',
        "    $.same  null → (absent)",
        "    $.new  (absent) → [2]",
    ]


def test_equal_json_with_different_formatting_is_printed_verbatim() -> None:
    found = block(('{"a": 1}', JSON), ('{"a":  1}', JSON))
    assert diff(found) == [
        "    body: the same JSON, written in another way",
        '    - body: {"a": 1}',
        '    + body: {"a":  1}',
    ]


def test_invalid_json_is_compared_as_text() -> None:
    # RFC 8259 section 6: NaN is not permitted.
    assert diff(block('{"a": NaN}', '{"a":  NaN}')) == [
        '    - body: {"a": NaN}',
        '    + body: {"a":  NaN}',
    ]


def test_deeply_nested_json_is_printed() -> None:
    deep = "[" * 20_000
    assert [line[:16] for line in diff(block(deep, deep + "["))] == [
        "    - body: …[[[",
        "    + body: …[[[",
    ]


def test_text_is_a_unified_diff() -> None:
    found = diff(block("one\ntwo\nthree\nfour\n", "one\n2\nthree\nfour\n"))
    assert found == ["    body, lines -1,3 +1,3", "    - two", "    + 2"]


@pytest.mark.parametrize("other", ["one\ntwo\nthree", "one\r\ntwo\r\nthree\r\n"])
def test_line_endings_differ_visibly(other: str) -> None:
    assert diff(block("one\ntwo\nthree\n", other)) == [
        "    - body: 'one\\ntwo\\nthree\\n'",
        f"    + body: {other!r}",
    ]


def test_a_header_differs_by_name() -> None:
    found = block(
        ("same", {"X-Shop": "one", "X-Gone": "1"}), ("same", {"X-Shop": "two"})
    )
    assert found[0] == "≠ case-1  GET /  header:x-shop, header:x-gone missing"
    assert "    header:x-shop  one → two" in found


def test_content_length_is_omitted_if_the_bodies_differ() -> None:
    found = block("one", "three")
    assert found[0] == "≠ case-1  GET /  body"
    assert not [line for line in found if "content-length" in line]


def test_content_length_is_printed_if_the_bodies_are_equal() -> None:
    # A response to HEAD has no body (RFC 9110 section 9.3.2).
    found = block("one", "three", case(method="HEAD"))
    assert found[0].startswith("≠ small  HEAD /  header:content-length")
    assert "    header:content-length  3 → 5" in found


def fail() -> str:
    raise KeyError("gone")


@pytest.mark.parametrize(
    ("one", "other", "answered"), [("fine", fail, "flask"), (fail, "fine", "quart")]
)
def test_a_failure_of_one_side_includes_the_response_of_the_other(
    one: Any, other: Any, answered: str
) -> None:
    found = block(one, other)
    statuses = "200 → 500" if other is fail else "500 → 200"
    assert found[0] == f"≠ case-1  GET /  status {statuses}"
    line = fail.__code__.co_firstlineno + 1
    place = f"tests/reports/test_case_block.py:{line}"
    assert found[1] == f'    {place}  raise KeyError("gone")'
    assert found[2] == "    KeyError: 'gone'"
    answer = f"    {answered} answered 200 text/html; charset=utf-8 fine"
    assert found[-1] == answer
    assert not [line for line in found if "Internal Server Error" in line]


@pytest.mark.parametrize("number", [MAX_DIFF, MAX_DIFF + 1])
def test_a_block_has_at_most_twelve_lines_of_differences(number: int) -> None:
    names = [f"key{n}" for n in range(number)]
    found = diff(block(dict.fromkeys(names, 1), dict.fromkeys(names, 2)))
    assert MAX_DIFF == 12
    assert [line for line in found if "→" in line] == [
        f"    $.{name}  1 → 2" for name in sorted(names)[:12]
    ]
    more = found[12:]
    assert more == (
        ["    … 1 more lines: comparison show case-1"] if number > 12 else []
    )


def test_a_framework_difference_has_its_cause_and_no_values() -> None:
    from flask import session as of_flask
    from quart import session as of_quart

    def flask_view() -> str:
        return str(of_flask.get("name"))

    async def quart_view() -> str:
        return str(of_quart.get("name"))

    # A response that depends on the session varies with the cookie.
    apps = app_of("flask", flask_view), app_of("quart", quart_view)
    for app in apps:
        app.secret_key = "known to nobody"
    found = comparison_of(*apps, case())
    if not found.differences:
        pytest.skip("this Quart tracks the access to its session")
    (finding,) = found.findings
    assert finding.layer == "framework"
    head, cause = (line.text for line in case_block(found))
    assert head == "≠ small  GET /  header:vary missing"
    assert cause.startswith("cause (framework): ")


def test_a_line_separator_in_a_body_starts_a_new_line() -> None:
    found = block("one\u2028\x1b[31mtwo\n\n", "one\u2028\x1b[32mtwo\n\n")
    # A line separator ends a line, as it does for `str.splitlines`.
    assert found[-2:] == ["    - \\x1b[31mtwo", "    + \\x1b[32mtwo"]


def compared(one: Any, other: Any, chosen: Case) -> Comparison:
    return comparison_of(app_of("flask", one), app_of("quart", other), chosen)


def test_a_difference_in_a_setup_request_names_the_request() -> None:
    ask = Request("GET", "/")
    answers = iter(["one", "same"])
    found = compared(lambda: next(answers), lambda: "same", case(setup=(ask,)))
    head, *lines = (line.text for line in case_block(found))
    assert head.endswith("  body of request 1")
    assert "body: one" in lines


def test_the_same_lines_are_in_every_format_that_has_blocks() -> None:
    views = lambda: {"price": 1}, lambda: {"price": 2}
    for name in ("text", "md", "html", "junit", "github"):
        output = reported(name, *views, cases(1))
        assert "$.price  1 → 2" in output, name
        assert "cause: No known cause matches: body." in output, name
