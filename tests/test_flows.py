"""Sequences of requests: each request has its expectation, and a dead flow fails."""

from collections.abc import Callable
from typing import Any

import flask
import pytest
import quart

from comparison import Case, Expect, Request
from comparison.models import Capture, Comparison, NormalisationRules
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


def compared(case: Case, *passwords: str) -> Comparison:
    reference, candidate = passwords or ("sesame", "sesame")
    return comparison_of(login("flask", reference), login("quart", candidate), case)


def flow(*setup: Request, **fields: Any) -> Case:
    return Case("flow", Request("GET", "/account"), setup=setup, **fields)


def text_of(comparison: Comparison) -> str:
    return block_text(case_block(comparison))


def test_a_flow_fails_if_its_login_fails_on_both_sides() -> None:
    found = compared(flow(Request("GET", "/login/wrong")))
    assert found.verdict == "failed"
    assert found.differences == ()
    assert "not as expected: status of request 1" in text_of(found)
    assert "expected of flask: request 1: status below 400, got 401" in text_of(found)


def test_a_flow_with_an_expected_setup_failure_passes() -> None:
    rejected = Request("GET", "/login/wrong", expect=Expect(status=401, text="wrong"))
    assert compared(flow(rejected)).verdict == "identical"


def test_the_first_request_that_fails_is_the_cause() -> None:
    found = compared(
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
    found = compared(flow(Request("GET", "/login/sesame")), "sesame", "other")
    assert found.verdict == "different"
    (failure,) = found.expectation.failures
    assert (failure.target, failure.request, failure.actual) == ("quart", 1, "401")


def test_a_setup_request_expects_what_earlier_ones_captured() -> None:
    first = Request("GET", "/account", capture={"word": Capture(regex="please")})
    good, bad = (
        Request("GET", "/account", expect=Expect(text="${capture:word} " + rest))
        for rest in ("log in", "go")
    )
    assert compared(flow(first, good)).verdict == "identical"
    assert compared(flow(first, bad)).expectation.failures[0].expected == "please go"


def test_the_last_request_has_its_expectation_in_the_case() -> None:
    with pytest.raises(ValueError, match=r"write \[case.expect\] for the last request"):
        Case("flow", Request(expect=Expect(status=200)))


# Redirects --------------------------------------------------------------------------


def redirecting(
    framework: str, location: str = "/end?a=1#top", status: int = 303
) -> App:
    """An app that redirects, and shows the method and the cookies of the next request."""
    app = new_app(framework)
    request = flask.request if framework == "flask" else quart.request

    def start() -> Any:
        headers = {"Location": location, "Set-Cookie": "seen=yes; Path=/"}
        return "", status, headers

    def end() -> str:
        return f"{request.method} {request.full_path} {request.cookies.get('seen')}"

    app.add_url_rule("/start", "start", start, methods=["POST"])
    app.add_url_rule("/deep/end", "deep", end, methods=["GET", "POST"])
    app.add_url_rule("/end", "end", end, methods=["GET", "POST"])
    return app


def followed(location: str = "/end?a=1#top", status: int = 303) -> Comparison:
    start = Request("POST", "/start", text="x", expect=Expect(status=status))
    case = Case("flow", Request(follow=True), setup=(start,))
    apps = [redirecting(framework, location, status) for framework in FRAMEWORKS]
    return comparison_of(*apps, case)


@pytest.mark.parametrize(
    ("location", "status", "answer"),
    [
        ("/end?a=1#top", 303, "GET /end?a=1 yes"),
        ("http://localhost/end", 302, "GET /end? yes"),
        ("deep/end", 301, "GET /deep/end? yes"),
        ("/end", 307, "POST /end? yes"),  # RFC 9110 section 15.4.8
    ],
)
def test_a_redirect_is_followed_as_a_separate_request(
    location: str, status: int, answer: str
) -> None:
    found = followed(location, status)
    assert found.verdict == "identical"
    recording = found.recordings["flask"]
    assert recording.setup[0].response is not None
    assert recording.setup[0].response.status == status
    assert recording.exchange.response is not None
    assert recording.exchange.response.body == answer
    assert "with cookie seen" in recording.table[1].action
    assert "cookie seen set" in recording.table[0].client_receives


def test_a_redirect_is_followed_on_the_host_of_the_request_before() -> None:
    named = (("Accept", "*/*"), ("Host", "shop.example"))
    start = Request("POST", "/start", headers=named, expect=Expect(status=303))
    case = Case("flow", Request(follow=True), setup=(start,))
    apps = [redirecting(framework, "/end", 303) for framework in FRAMEWORKS]
    for recording in comparison_of(*apps, case).recordings.values():
        assert ("Host", "shop.example") in recording.exchange.request.headers
        assert "Accept" not in dict(recording.exchange.request.headers)


@pytest.mark.parametrize(
    ("location", "status", "message"),
    [
        ("/end", 200, "no redirect to follow: status 200"),
        ("http://other.example/end", 302, "to http://other.example/end, another host"),
    ],
)
def test_a_response_without_a_redirect_fails_the_flow(
    location: str, status: int, message: str
) -> None:
    found = followed(location, status)
    assert found.verdict == "failed"
    failure = found.recordings["quart"].exchange.failure
    assert failure is not None
    assert failure.kind == "redirect"
    assert f"request 1 (POST /start): {message}" in str(failure) or message in str(
        failure
    )


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"follow": True}, "follow needs a request before it"),
        ({"follow": True, "path": "/a"}, "leave out path"),
        ({"follow": True, "text": "a"}, "leave out text"),
    ],
)
def test_an_invalid_follow_option_is_rejected(
    request_: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Case("flow", Request(**request_))


# Captured values ---------------------------------------------------------------------

Page = Callable[[str, str], str]


def form_of(token: str, method: str) -> str:
    escaped = token.replace("&", "&amp;").replace('"', "&#34;")
    return f'<form><input name="csrf" value="{escaped}"></form><p>{method}</p>'


def guarded(framework: str, token: str, page: Page = form_of) -> App:
    """An app whose forms have a token, which its session cookie has too."""
    app = new_app(framework)
    app.secret_key = "only for the test"
    session = flask.session if framework == "flask" else quart.session
    request = flask.request if framework == "flask" else quart.request

    def show() -> Any:
        session["csrf"] = token
        return page(token, request.method)

    def check(given: str) -> Any:
        if given != session["csrf"]:
            return "wrong token", 400
        return {"token": session["csrf"]}, 201, {"Location": f"/orders?of={given}"}

    app.add_url_rule("/form", "show", show)
    app.add_url_rule("/send/<given>", "check", check, methods=["POST"])
    return app


TOKEN = Capture(css="input[name=csrf]", attribute="value")
FORM = Request("GET", "/form", capture={"token": TOKEN})


def sent(reference: str, candidate: str, **fields: Any) -> Comparison:
    page = fields.pop("page", form_of)
    case = Case("c", Request("POST", "/send/${capture:token}"), setup=(FORM,), **fields)
    return comparison_of(
        guarded("flask", reference, page), guarded("quart", candidate, page), case
    )


def test_captured_tokens_are_equal_in_responses_and_requests() -> None:
    found = sent("aaa-111", "bbb-222", expect=Expect(status=201))
    # Quart 0.22 varies a session that is only read in another way: that is known.
    fields = {d.field for d in found.differences} - {"header:vary"}
    assert fields == set()
    assert "captured:token" in found.normalised
    bodies = [r.setup[0].response.body for r in found.recordings.values()]  # type: ignore[union-attr]
    assert "aaa-111" in bodies[0]
    assert "bbb-222" in bodies[1]


def test_a_token_is_the_same_in_html_as_captured() -> None:
    case = Case("c", FORM)
    (one, other) = (
        guarded(*pair) for pair in zip(FRAMEWORKS, ('aaa"&1', 'bbb"&2'), strict=True)
    )
    found = comparison_of(one, other, case)
    assert found.recordings["flask"].exchange.captured == {"token": 'aaa"&1'}
    assert found.verdict == "identical"


WRONG = {
    "the token of the other side": lambda token, method: form_of("aaa-111", method),
    "a token within another word": lambda token, method: (
        f"{form_of(token, method)}x{token}"
    ),
    "another value beside it": lambda token, method: form_of(token, method + token[0]),
}


@pytest.mark.parametrize("name", WRONG)
def test_values_that_were_not_captured_still_differ(name: str) -> None:
    case = Case("c", FORM)
    one = guarded("flask", "aaa-111")
    other = guarded("quart", "bbb-222", WRONG[name])
    found = comparison_of(one, other, case)
    assert found.verdict == "different"
    # The page with the other side's token is the same: the session shows the mistake.
    fields = {d.field for d in found.differences}
    assert fields & {"body", "header:set-cookie"}


def test_captured_values_and_rules_apply_together() -> None:
    def page(token: str, method: str) -> str:
        return f'{{"token": "{token}", "at": "{token[0]}{method}"}}'

    apps = [
        guarded(*pair, page)
        for pair in zip(FRAMEWORKS, ("aaa-111", "bbb-222"), strict=True)
    ]
    request = Request("GET", "/form", capture={"token": Capture(json="$.token")})
    assert comparison_of(*apps, Case("c", request)).verdict == "different"
    rules = NormalisationRules(ignore=("/at",))
    found = comparison_of(*apps, Case("c", request, normalisations=rules))
    assert found.verdict == "identical"
    assert {"ignore:/at", "captured:token"} <= set(found.normalised)


def numbered(framework: str, number: str, body: str, media: str) -> App:
    """An app whose newest order has its own number."""
    app = new_app(framework)
    text = body.replace("N", number)
    headers = {
        "Content-Type": media,
        "X-Order": number,
        "Location": f"/orders/{number}",
    }
    app.add_url_rule("/new", "new", lambda: (text, 201, headers))
    return app


def orders(body: str, capture: Capture, media: str = "application/json") -> set[str]:
    """The fields in which two apps differ whose newest orders are 7 and 12."""
    apps = (
        numbered(*pair, body, media)
        for pair in zip(FRAMEWORKS, ("7", "12"), strict=True)
    )
    request = Request("GET", "/new", capture={"order": capture})
    found = comparison_of(*apps, Case("c", request, expect=Expect(status=201)))
    return {d.field for d in found.differences} - {"header:content-length"}


NUMBER = Capture(json="$.id")
FROM_PAGE = Capture(css="input[name=number]", attribute="value")
WHOLE = {
    "a member of the name in the path": ('{"id": N}', NUMBER),
    "a text": ('{"id":"N"}', NUMBER),
    "at another place": ('{"id":N,"rows":[{"id":N}]}', NUMBER),
    "a member of the capture's name": ('{"id":N,"order":N}', NUMBER),
    "in the path of a link": ('{"id":N,"self":"/orders/N/lines"}', NUMBER),
    "in the query of a link": ('{"id":N,"self":"/orders?id=N"}', NUMBER),
    "in HTML": ('<input name=number value="N"><a href=/orders/N>', FROM_PAGE),
    "the text of an element": ("<b>N</b><a href=/orders/N>", Capture(css="b")),
    "in the header that has it": ("", Capture(header="X-Order")),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_short_captured_value_is_the_same_as_a_whole_value(name: str) -> None:
    body, capture = WHOLE[name]
    media = "text/html" if body.startswith("<") else "application/json"
    fields = orders(body, capture, media)
    # The header has another name than the capture, and it is not where that looks.
    assert fields <= {"header:x-order"}
    assert ("header:x-order" in fields) is not bool(capture.header)


BY_CHANCE = {
    "a number of something else": ('{"id":N,"rows":N}', NUMBER),
    "a list": ('{"id":N,"rows":[N,N]}', NUMBER),
    "a part of a text": ('{"id":N,"text":"N rows"}', NUMBER),
    "a part of a number": ('{"id":N,"order":N.5}', NUMBER),
    "a date": ('{"id":N,"day":"3/N"}', NUMBER),
    "a part of the text of an element": ("<b>N</b><i>N rows</i>", Capture(css="b")),
    "another attribute": ("<input name=number value=N size=N>", FROM_PAGE),
}


@pytest.mark.parametrize("name", BY_CHANCE)
def test_a_short_captured_value_elsewhere_still_differs(name: str) -> None:
    body, capture = BY_CHANCE[name]
    assert "body" in orders(body, capture, "text/html")


@pytest.mark.parametrize(
    ("capture", "message"),
    [
        ({"css": "a["}, "css is not a selector: 'a\\['"),
        ({"attribute": "href"}, "give css too"),
        ({"css": "a", "json": "$.a"}, "not in json and css"),
    ],
)
def test_an_invalid_selector_is_rejected(capture: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Capture(**capture)


def test_a_selector_without_matches_reports_the_response_body() -> None:
    other = Request("GET", "/form", capture={"t": Capture(css="input.other")})
    case = Case("c", Request("GET", "/${capture:t}"), setup=(other,))
    found = comparison_of(guarded("flask", "a"), guarded("quart", "a"), case)
    failure = str(found.recordings["flask"].exchange.failure)
    assert "found nothing at css input.other: status 200, body <form>" in failure
