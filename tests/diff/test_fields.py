"""Each field of an exchange is compared, and what is ignored is ignored by name."""

from typing import Any

import pytest

from comparison import KnownDifferences
from comparison.diff.normalise import RULES, described
from comparison.models import Failure, NormalisationRules, Pairs, Response
from comparison.verdict import Comparator
from tests.diff.making import SIDES, judged, recording, response, targets

TYPE = ("Content-Type", "text/plain")


def fields(one: Any, other: Any) -> dict[str, tuple[Any, Any]]:
    return {d.field: (d.reference, d.candidate) for d in judged(one, other).differences}


def headers(one: Pairs, other: Pairs) -> dict[str, tuple[Any, Any]]:
    return fields(response(headers=one), response(headers=other))


def rules(one: Response | Failure, other: Response | Failure) -> dict[str, int]:
    comparator = Comparator(targets(SIDES), KnownDifferences())
    from comparison import Case, Request

    sides = {"flask": recording(one), "quart": recording(other)}
    comparator.compare(Case("small", Request()), sides)
    return {rule.name: rule.applied for rule in comparator.applied.summary()}


def test_equal_responses_have_no_differences() -> None:
    assert fields(response(), response()) == {}


@pytest.mark.parametrize(
    ("field", "one", "other", "expected"),
    [
        ("status", {}, {"status": 202}, (200, 202)),
        ("body", {}, {"body": "hello"}, ("Hello", "hello")),
        ("body", {}, {"body": "", "body_base64": "/w=="}, ("Hello", "base64:/w==")),
        ("framing", {}, {"framing": "no length"}, ("content-length", "no length")),
        ("reason", {"reason": "OK"}, {"reason": "Fine"}, ("OK", "Fine")),
    ],
)
def test_a_difference_has_the_value_of_each_side(
    field: str, one: Any, other: Any, expected: tuple[Any, Any]
) -> None:
    assert fields(response(**one), response(**other)) == {field: expected}


def test_every_different_field_is_reported() -> None:
    other = response(404, (("X-A", "1"),), "Bye", "no length")
    assert set(fields(response(), other)) == {
        "status", "header:content-type", "header:x-a", "body", "framing",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((("X-A", "1"),), (), ("1", None)),
        ((), (("X-A", "1"),), (None, "1")),
        ((("X-A", "1"),), (("X-A", "2"),), ("1", "2")),
        ((("X-A", "a"),), (("X-A", "A"),), ("a", "A")),
        ((("X-A", ""),), (), ("", None)),
        ((("X-A", "1"),), (("X-A", "1"), ("X-A", "1")), ("1", ("1", "1"))),
        (
            (("X-A", "1"), ("X-A", "2")),
            (("X-A", "2"), ("X-A", "1")),
            (("1", "2"), ("2", "1")),
        ),
        ((("X-A", "1"), ("X-A", "2")), (("X-A", "1, 2"),), (("1", "2"), "1, 2")),
        ((("Set-Cookie", "a"), ("Set-Cookie", "b")), (("Set-Cookie", "b"),), None),
    ],
)
def test_headers_are_compared_with_all_their_values_in_order(
    one: Pairs, other: Pairs, expected: Any
) -> None:
    ((field, values),) = headers(one, other).items()
    assert field in ("header:x-a", "header:set-cookie")
    assert expected is None or values == expected


@pytest.mark.parametrize(
    ("rule", "one", "other"),
    [
        ("date-value", (("Date", "now"),), (("Date", "then"),)),
        ("server-value", (("Server", "a"),), (("server", "b"),)),
        ("header-name-case", (("X-Aa", "1"),), (("x-aa", "1"),)),
        ("header-order", (("X-A", "1"), ("X-B", "2")), (("X-B", "2"), ("X-A", "1"))),
        ("allow-as-set", (("Allow", "GET, HEAD"),), (("Allow", "HEAD,GET"),)),
        ("allow-as-set", (("Allow", "GET, HEAD"),), (("Allow", "HEAD"), ("Allow", "GET"))),
    ],
)  # fmt: skip
def test_noise_is_ignored_and_its_rule_is_reported(
    rule: str, one: Pairs, other: Pairs
) -> None:
    assert headers(one, other) == {}
    assert rules(response(headers=one), response(headers=other))[rule] == 1


def test_header_names_in_another_case_are_reported_beside_a_difference() -> None:
    one, other = (("X-Aa", "1"), ("X-B", "1")), (("x-aa", "1"), ("X-B", "2"))
    assert headers(one, other) == {"header:x-b": ("1", "2")}
    applied = rules(response(headers=one), response(headers=other))
    assert applied["header-name-case"] == 1
    assert "header-order" not in applied


@pytest.mark.parametrize("lacks", [0, 1])
def test_a_missing_header_does_not_apply_rules_of_names_and_order(lacks: int) -> None:
    both = [(("X-A", "1"), ("X-B", "1")), (("X-B", "1"),)]
    one, other = both[lacks], both[1 - lacks]
    assert list(headers(one, other)) == ["header:x-a"]
    applied = rules(response(headers=one), response(headers=other))
    assert not {"header-name-case", "header-order"} & applied.keys()


@pytest.mark.parametrize("name", ["Connection", "Keep-Alive", "Transfer-Encoding"])
@pytest.mark.parametrize("values", [("a", None), ("a", "b")])
def test_fields_of_one_connection_are_compared_only_in_process(
    name: str, values: tuple[str, str | None]
) -> None:
    pairs = [() if value is None else ((name, value),) for value in values]
    here = [response(headers=each) for each in pairs]
    served = [response(headers=h, status_line="HTTP/1.1 200 OK") for h in pairs]
    assert fields(*served) == {}
    assert rules(*served)["hop-by-hop"] == 1
    assert fields(*here) == {f"header:{name.lower()}": values}


@pytest.mark.parametrize("name", ["Date", "Server"])
def test_noise_must_be_present_on_both_sides_or_absent(name: str) -> None:
    field = f"header:{name.lower()}"
    assert headers(((name, "x"),), ()) == {field: ("x", None)}
    assert headers((), ((name, "x"),)) == {field: (None, "x")}


@pytest.mark.parametrize("name", ["Date", "Server"])
def test_a_duplicate_header_added_by_a_server_is_a_difference(name: str) -> None:
    once, twice = ((name, "x"),), ((name, "y"), (name, "z"))
    assert headers(twice, once) == {f"header:{name.lower()}": (("y", "z"), "x")}
    assert headers(twice, twice[::-1]) == {}


@pytest.mark.parametrize("name", ["Date", "Server"])
def test_headers_added_by_a_server_are_not_required_in_process(name: str) -> None:
    here = response(headers=())
    served = response(headers=((name, "x"),), status_line="HTTP/1.1 200 OK")
    assert fields(here, served) == {}
    assert rules(served, here)["fields-in-process"] == 1
    lost = response(headers=(), status_line="HTTP/1.1 200 OK")
    set_by_app = response(headers=((name, "x"),))
    assert fields(set_by_app, lost) == {f"header:{name.lower()}": ("x", None)}


@pytest.mark.parametrize(("framing", "same"), [("chunked", True), ("no body", False)])
def test_framing_added_by_a_server_is_not_required_in_process(
    framing: str, same: bool
) -> None:
    here = response(framing="no length")
    served = response(framing=framing, status_line="HTTP/1.1 200 OK")
    assert (fields(here, served) == {}) is same
    assert ("framing-in-process" in rules(here, served)) is same


def test_an_additional_method_in_allow_is_a_difference() -> None:
    assert "header:allow" in headers((("Allow", "GET"),), (("Allow", "GET, PUT"),))


def test_a_reason_phrase_that_was_never_sent_is_not_compared() -> None:
    one, other = response(reason="OK"), response()
    assert fields(one, other) == {}
    assert rules(one, other) == {"reason-in-process": 1}


def test_rules_that_did_not_apply_are_not_listed() -> None:
    assert rules(response(reason="OK"), response(reason="OK")) == {}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_description(rule: str) -> None:
    assert len(RULES[rule]) > 30


def test_only_the_failure_is_compared_if_one_side_failed() -> None:
    failure = Failure("raised", "ValueError: no")
    found = fields(response(404), failure)
    assert found == {"failure": (None, "raised: ValueError: no")}


def test_equal_failures_do_not_differ() -> None:
    failure = Failure("raised", "ValueError: no")
    assert fields(failure, failure) == {}


def test_failures_differ_by_their_message() -> None:
    one, other = Failure("raised", "ValueError: a"), Failure("raised", "ValueError: b")
    assert set(fields(one, other)) == {"failure"}


def test_setup_requests_are_compared_and_numbered_from_one() -> None:
    same = response()
    one = recording(same, same, response(body="a"))
    other = recording(same, same, response(body="b"))
    (found,) = judged(one, other).differences
    assert (found.field, found.request) == ("body", 2)


@pytest.mark.parametrize(
    "kinds", [("closed", "incomplete"), ("incomplete", "incomplete")]
)
def test_two_connections_that_broke_off_are_equal(kinds: tuple[str, str]) -> None:
    # When a connection breaks off, timing decides how much has arrived.
    one, other = (Failure(kind, f"{n} bytes") for n, kind in enumerate(kinds))
    assert fields(one, other) == {}
    assert rules(one, other)["broken-off"] == 1
    assert set(fields(one, Failure("protocol", "no"))) == {"failure"}


def test_each_rule_that_a_case_can_request_has_a_description() -> None:
    every = NormalisationRules(
        presence=("X-A",), json=True, ignore=("/a",), unordered=("/b", ""),
        tolerance={"/c": 0.5}, match={"/d": "uuid"}, patterns=("number",),
        effects=("hook *",), one_sided=("X-B",), more_fields=True, xml=True, html=True,
        compare="own:function", timing=0.25,
    )  # fmt: skip
    found = {name: described(name) for name in every.names()}
    assert len(set(found.values())) == len(every.names()) == 15
    for name, words in {
        "presence:x-a": "x-a must be present on both sides or absent on both",
        "ignore:/a": "the value at /a in a body is not compared",
        "unordered:/b": "the list at /b in a body is compared without order",
        "unordered:": "the list at the top in a body is compared without order",
        "tolerance:/c=0.5": "the number at /c in a body may differ by up to 0.5",
        "match:/d=uuid": "the value at /d in a body matches any other like uuid",
        "pattern:number": "any number in a body matches any other",
        "effect:hook *": "the effect hook * is not compared",
        "one-sided:x-b": "x-b may be on one side only",
        "more-fields:*": "the candidate may have more fields in the object at any place",
        "compare:own:function": "own:function compares the bodies",
        "timing:0.25": "it may differ by up to 0.25 seconds",
    }.items():
        assert words in found[name]
