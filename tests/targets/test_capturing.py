"""Values of one response in the requests after it, and in what is expected."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from comparison import Case, Expect, Request, compare
from comparison.cases import load_cases
from comparison.core.errors import DocumentError
from comparison.models import Capture, Comparison, NormalisationRules
from comparison.models.captures import filled_request
from comparison.redaction import redacted
from comparison.targets import resolve_target
from tests.apps import app_of

from . import ordering

ORDER = Request("POST", "/orders", json={"article": "tea"})
LOOSE = NormalisationRules(
    presence=("location", "set-cookie", "x-captured"), ignore=("/order/id", "/token")
)


@pytest.fixture(autouse=True)
def in_folder_of_apps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


def compared(case: Case) -> Comparison:
    (found,) = compare(ordering.make_flask(), ordering.make_quart(), [case])
    return found


def ordering_case(
    capture: dict[str, Capture], request: Request, expect: Expect | None = None
) -> Case:
    order = Request("POST", "/orders", json={"article": "tea"}, capture=capture)
    loosening = LOOSE.joined(NormalisationRules(match={"/id": "number"}))
    return Case("c", request, setup=(order,), expect=expect, normalisations=loosening)


FOUND = {
    "json": (Capture(json="$.order.id"), 1, 100),
    "first": (Capture(json="$..tags[*]"), "new", "new"),
    "filter": (Capture(json="$.order.tags[?@ == 'new']"), "new", "new"),
    "whole": (Capture(json="$.order.tags"), ["new"], ["new"]),
    "header": (
        Capture(header="LOCATION"),
        "/orders/1?from=flask",
        "/orders/100?from=quart",
    ),
    "cookie": (Capture(cookie="basket"), "b1", "b100"),
    "regex": (Capture(regex=r'"token": ?"(\w+)"'), "t1", "t100"),
    "all": (Capture(regex=r'"tok\w+'), '"token', '"token'),
    "part": (Capture(header="Location", regex=r"\d+"), "1", "100"),
    "number": (Capture(json="$.order.id", regex=r"^(\d)"), "1", "1"),
}


@pytest.mark.parametrize("name", FOUND)
def test_a_value_is_captured_from_the_configured_place(name: str) -> None:
    capture, *expected = FOUND[name]
    comparison = compared(ordering_case({"x": capture}, Request("GET", "/echo")))
    found = [r.setup[0].captured.get("x") for r in comparison.recordings.values()]
    assert found == expected


def test_each_target_receives_its_own_captured_values() -> None:
    comparison = compared(
        ordering_case(
            {"number": Capture(json="$.order.id"), "name": Capture(cookie="basket")},
            Request("GET", "/orders/${capture:number}?a=${capture:name}"),
            Expect(status=200, json={"id": "${capture:number}", "article": "tea"}),
        )
    )
    paths = [r.exchange.request.path for r in comparison.recordings.values()]
    assert paths == ["/orders/1?a=b1", "/orders/100?a=b100"]
    assert comparison.verdict == "identical"


def test_a_captured_value_can_be_a_complete_path() -> None:
    capture = {"next": Capture(header="Location")}
    comparison = compared(
        ordering_case(capture, Request("GET", "${capture:next}"), Expect(status=200))
    )
    assert comparison.verdict == "identical"


def test_json_bodies_receive_typed_values_and_texts_receive_strings() -> None:
    request = Request(
        "POST", "/echo", {"X-Captured": "no. ${capture:n}"},
        json={"n": "${capture:n}", "${capture:t}": ["is ${capture:n}"], "kept": "$${capture:n}"},
    )  # fmt: skip
    capture = {"n": Capture(json="$.order.id"), "t": Capture(json="$.order.tags[0]")}
    comparison = compared(ordering_case(capture, request))
    reference = comparison.recordings["flask"].exchange
    assert json.loads(reference.request.body or "") == {
        "n": 1, "new": ["is 1"], "kept": "${capture:n}",
    }  # fmt: skip
    assert reference.response is not None
    assert reference.response.header("x-captured") == ("no. 1",)


def test_a_capture_of_the_last_response_can_be_used_in_expectations() -> None:
    order = Request(
        "POST", "/orders", json={"article": "tea"},
        capture={"number": Capture(json="$.order.id")},
    )  # fmt: skip
    expect = Expect(headers={"set-cookie": "basket=b${capture:number}; Path=/"})
    case = Case("c", order, expect=expect, normalisations=LOOSE)
    assert compared(case).verdict == "identical"


NOTHING = {
    "json": (Capture(json="$.order.nr"), 'json $.order.nr: status 201, body {"order"'),
    "header": (Capture(header="X-Id"), "header X-Id: status 201, headers: "),
    "cookie": (Capture(cookie="sid"), "cookie sid: status 201, cookies: basket"),
    "regex": (Capture(regex="<b>(.*)</b>"), "regex <b>(.*)</b>: status 201, body {"),
    "part": (
        Capture(header="Location", regex="x{9}"),
        "header Location, regex x{9}: status 201, /orders/1?from=flask",
    ),
}


@pytest.mark.parametrize("name", NOTHING)
def test_a_capture_that_finds_nothing_fails_the_case(
    name: str,
) -> None:
    capture, reason = NOTHING[name]
    comparison = compared(
        ordering_case({"mine": capture}, Request("GET", "/orders/${capture:mine}"))
    )
    assert comparison.verdict == "failed"
    recording = comparison.recordings["flask"]
    assert recording.exchange.failure is not None
    assert recording.exchange.failure.kind == "capture"
    message = recording.exchange.failure.message
    assert message.startswith(
        "request 1 (POST /orders): capture 'mine' found nothing at "
    )
    assert reason in message
    assert len(recording.setup) == 1
    assert "does not send GET" in recording.table[1].action


def test_a_failed_capture_of_the_last_response_is_an_unmet_expectation() -> None:
    request = Request("GET", "/echo", capture={"id": Capture(json="$.id")})
    comparison = compared(Case("c", request))
    assert comparison.verdict == "failed"
    failures = comparison.expectation.failures
    assert [(f.target, f.field, f.expected) for f in failures] == [
        ("flask", "capture:id", "a value at json $.id"),
        ("quart", "capture:id", "a value at json $.id"),
    ]
    assert "which is not JSON: (empty)" in failures[0].actual


def test_a_capture_missing_in_one_target_is_a_difference() -> None:
    apps = [
        app_of("flask", lambda body=body: body) for body in ({"id": 1}, {"other": 1})
    ]
    first = Request("GET", "/", capture={"id": Capture(json="$.id")})
    case = Case("c", Request("GET", "/?${capture:id}"), setup=(first,))
    (comparison,) = compare(*apps, [case])
    (failure, *_) = comparison.differences
    assert (failure.field, failure.reference) == ("failure", None)
    assert "capture 'id' found nothing at json $.id" in str(failure.candidate)
    assert comparison.verdict == "failed"


def test_a_failed_request_provides_no_captures() -> None:
    def fail() -> str:
        raise SystemExit("gone")

    first = Request("GET", "/", capture={"id": Capture(json="$.id")})
    case = Case("c", Request("GET", "/?${capture:id}"), setup=(first,))
    (comparison,) = compare(app_of("flask", fail), app_of("flask", fail), [case])
    failure = next(iter(comparison.recordings.values())).exchange.failure
    assert failure is not None
    assert failure.message.startswith("request 1 (GET /): nothing to capture id from: ")


@pytest.mark.parametrize("value", ["a\nb", "no path"])
def test_captured_values_that_make_an_invalid_request_fail_the_case(value: str) -> None:
    def view() -> dict[str, str]:
        return {"id": value}

    first = Request("GET", "/", capture={"id": Capture(json="$.id")})
    bad = Request("GET", "${capture:id}", {"X-Id": "${capture:id}"})
    case = Case("c", bad, setup=(first,))
    (comparison,) = compare(app_of("flask", view), app_of("flask", view), [case])
    failure = next(iter(comparison.recordings.values())).exchange.failure
    assert failure is not None
    assert "the captured values make an invalid request" in failure.message


def test_a_captured_line_break_cannot_inject_a_header() -> None:
    def view() -> dict[str, str]:
        return {"id": "a\r\nX-More: b"}

    first = Request("GET", "/", capture={"id": Capture(json="$.id")})
    case = Case("c", Request("GET", "/", {"X": "${capture:id}"}), setup=(first,))
    (comparison,) = compare(app_of("flask", view), app_of("flask", view), [case])
    failure = next(iter(comparison.recordings.values())).exchange.failure
    assert failure is not None
    assert "makes an invalid header X" in failure.message


def test_captured_secrets_are_redacted_in_reports() -> None:
    def view() -> str:
        return "the number is 4711-0815"

    first = Request("GET", "/", capture={"token": Capture(regex=r"[\d-]+$")})
    case = Case("c", Request("GET", "/?q=${capture:token}"), setup=(first,))
    (comparison,) = compare(app_of("flask", view), app_of("flask", view), [case])
    shown = str(redacted(comparison))
    assert "4711-0815" in str(comparison)
    assert "4711-0815" not in shown
    assert "/?q=‹secret 1›" in shown


@pytest.fixture(params=["server", "url"])
def reached(request: pytest.FixtureRequest) -> Iterator[list[Any]]:
    """Start both apps on servers; yield them as stacks and as foreign URLs."""
    served = [resolve_target(f"ordering:make_{name}()@") for name in ("flask", "quart")]
    if request.param == "server":
        yield served
    else:
        urls = []
        for target in served:
            address = target.running().address  # type: ignore[attr-defined]
            urls.append(f"http://{address.host}:{address.port}")
        yield urls
    for target in served:
        target.close()


def test_captures_work_over_sockets(reached: list[Any]) -> None:
    case = ordering_case(
        {"number": Capture(json="$.order.id")},
        Request("GET", "/orders/${capture:number}"),
        Expect(status=200, json={"id": "${capture:number}", "article": "tea"}),
    )
    run = compare(*reached, [case], known=[])
    (comparison,) = run
    paths = [r.exchange.request.path for r in comparison.recordings.values()]
    assert paths == ["/orders/1", "/orders/100"]
    assert comparison.expectation.met


FILE = """
[[case]]
id = "order"
parameters = [{ article = "tea" }]
[[case.setup]]
method = "POST"
path = "/orders"
json = { article = "${article}" }
capture = { number = { json = "$.order.id" } }
[case.request]
path = "/orders/${capture:number}"
[case.expect]
json = { id = "${capture:number}", article = "${article}" }
[case.normalisations]
match = { "/id" = "number" }
"""


def loaded(tmp_path: Path, text: str) -> Case:
    path = tmp_path / "cases.toml"
    path.write_text(text, encoding="utf-8")
    (case,) = load_cases(path)
    return case


def test_captures_and_parameters_work_together(tmp_path: Path) -> None:
    case = loaded(tmp_path, FILE)
    comparison = compared(case)
    assert comparison.expectation.met
    assert {d.request for d in comparison.differences} == {1}


def test_an_escaped_placeholder_is_literal_with_and_without_captures(
    tmp_path: Path,
) -> None:
    kept = FILE.replace("/orders/${capture:number}", "/$${capture:number}")
    case = loaded(tmp_path, kept)
    assert filled_request(case.request, {"number": 1}).path == "/${capture:number}"
    plain = '[[case]]\nid = "a"\nrequest = { path = "/$${capture:number}" }\n'
    assert loaded(tmp_path, plain).request.path == "/${capture:number}"


NUMBER = {"number": Capture(json="$.order.id")}
ESCAPED = Request("GET", "/echo?q=$${capture:number}")


@pytest.mark.parametrize("before", [(ESCAPED, ORDER), (ORDER, ESCAPED), (ESCAPED,), ()])
def test_an_escaped_placeholder_is_literal_before_any_capture(
    before: tuple[Request, ...],
) -> None:
    asking = tuple(
        msgspec.structs.replace(request, capture=NUMBER)
        if request is ORDER
        else request
        for request in before
    )
    last = msgspec.structs.replace(ESCAPED, capture={"q": Capture(regex=".+")})
    recording = compared(Case("c", last, setup=asking)).recordings["flask"]
    sent = [
        exchange.request.path
        for exchange in (*recording.setup, recording.exchange)
        if exchange.request.method == "GET"
    ]
    assert set(sent) == {"/echo?q=${capture:number}"}


PROBLEMS = {
    '{ json = "$.order.[" }': "json is not a JSONPath: '$.order.['",
    '{ json = "order.id" }': "json is not a JSONPath: 'order.id': a JSONPath begins with $",
    '{ regex = "(" }': "regex is not a regular expression",
    '{ json = "$.a", header = "b" }': "a value is in one place, not in json and header",
    "{}": "a capture has json, css, header, cookie or regex",
    '{ jsn = "$.a" }': 'unknown field, did you mean "json"?',
}


@pytest.mark.parametrize("capture", PROBLEMS)
def test_an_invalid_capture_is_reported_with_its_location(
    tmp_path: Path, capture: str
) -> None:
    wrong = FILE.replace('{ json = "$.order.id" }', capture)
    with pytest.raises(DocumentError) as caught:
        loaded(tmp_path, wrong)
    (problem,) = caught.value.problems
    assert "cases.toml:9: setup.capture" in problem
    assert PROBLEMS[capture] in problem


def test_an_unknown_capture_name_suggests_the_nearest(tmp_path: Path) -> None:
    wrong = FILE.replace("/orders/${capture:number}", "/orders/${capture:nunber}")
    with pytest.raises(DocumentError, match=r'captured as .nunber. .* mean "number"'):
        loaded(tmp_path, wrong)
    without = '[[case]]\nid = "a"\nrequest = { path = "/${capture:x}" }\n'
    with pytest.raises(DocumentError, match=r"cases.toml:1: nothing is captured that"):
        loaded(tmp_path, without)


@pytest.mark.parametrize(
    ("value", "reason"),
    [("/shop/", "200"), ("/", "path must begin with the mount '/shop', not be '/'")],
)
def test_a_captured_path_must_be_below_the_mount(value: str, reason: str) -> None:
    def view() -> dict[str, str]:
        return {"link": value}

    first = Request("GET", "/", capture={"link": Capture(json="$.link")})
    then = Request("GET", "${capture:link}", mount="/shop")
    case = Case("c", then, setup=(first,))
    (comparison,) = compare(app_of("flask", view), app_of("flask", view), [case])
    exchange = next(iter(comparison.recordings.values())).exchange
    response = exchange.response
    assert reason in str(exchange.failure if response is None else response.status)
