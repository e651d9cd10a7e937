"""Sequences of requests: each request has its expectation, and a dead flow fails."""

from typing import Any

import pytest

from comparison import Case, Expect, Request
from comparison.models import Capture, Comparison
from comparison.reports.case_block import block_text, case_block

from .apps import FRAMEWORKS, App, comparison_of, new_app


def login(framework: str, password: str = "sesame") -> App:
    """An app that answers everything else with its login page, as many do."""
    app = new_app(framework)

    def checked(given: str) -> Any:
        return ("welcome", 202) if given == password else ("wrong", 401)

    app.add_url_rule("/login/<given>", "login", checked)
    app.add_url_rule("/account", "account", lambda: "please log in")
    return app


def asked(case: Case, *passwords: str) -> Comparison:
    ours, theirs = passwords or ("sesame", "sesame")
    return comparison_of(login("flask", ours), login("quart", theirs), case)


def flow(*setup: Request, **fields: Any) -> Case:
    return Case("flow", Request("GET", "/account"), setup=setup, **fields)


def shown(comparison: Comparison) -> str:
    return block_text(case_block(comparison))


def test_a_flow_whose_login_fails_on_both_sides_does_not_pass() -> None:
    found = asked(flow(Request("GET", "/login/wrong")))
    assert found.verdict == "failed"
    assert found.differences == ()
    assert "not as expected: status of request 1" in shown(found)
    assert "expected of flask: request 1: status below 400, got 401" in shown(found)


def test_a_flow_with_a_setup_request_that_has_to_fail_passes() -> None:
    rejected = Request("GET", "/login/wrong", expect=Expect(status=401, text="wrong"))
    assert asked(flow(rejected)).verdict == "identical"


def test_the_first_request_that_fails_is_the_cause() -> None:
    found = asked(
        flow(
            Request("GET", "/login/sesame", expect=Expect(status=302)),
            Request("GET", "/login/wrong"),
            expect=Expect(text="welcome"),
        )
    )
    assert found.verdict == "failed"
    failures = found.expectation.failures
    assert [(f.request, f.target, f.field, f.expected, f.actual) for f in failures] == [
        (1, name, "status", "302", "202") for name in FRAMEWORKS
    ]


def test_a_setup_request_that_one_target_fails_is_reported_with_its_number() -> None:
    found = asked(flow(Request("GET", "/login/sesame")), "sesame", "other")
    assert found.verdict == "different"
    (failure,) = found.expectation.failures
    assert (failure.target, failure.request, failure.actual) == ("quart", 1, "401")


def test_a_setup_request_expects_what_earlier_ones_captured() -> None:
    first = Request("GET", "/account", capture={"word": Capture(regex="please")})
    good, bad = (
        Request("GET", "/account", expect=Expect(text="${capture:word} " + rest))
        for rest in ("log in", "go")
    )
    assert asked(flow(first, good)).verdict == "identical"
    assert asked(flow(first, bad)).expectation.failures[0].expected == "please go"


def test_the_last_request_has_its_expectation_in_the_case() -> None:
    with pytest.raises(ValueError, match=r"write \[case.expect\] for the last request"):
        Case("flow", Request(expect=Expect(status=200)))
