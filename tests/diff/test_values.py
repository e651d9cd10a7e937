"""Values of fields, places in JSON and functions of a case, written by hand."""

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from comparison import Expect
from comparison.core.errors import UsageError
from comparison.diff.cookies import same_but_captured, same_but_order, same_but_when
from comparison.diff.expectations import unmet
from comparison.diff.functions import differing_by
from comparison.diff.hiding import hides
from comparison.diff.markup import canonical_xml, html_tokens
from comparison.diff.patterns import fits, parts
from comparison.diff.signed import content_of, content_of_signed
from comparison.diff.streams import left_by_time, starts_alike, stream_value
from comparison.diff.wildcards import Wildcard, agree, encoded
from comparison.models import (
    Failure,
    Interim,
    Matching,
    NormalisationRules,
    Piece,
)
from tests.diff.making import exchange, response

EVENTS = (("Content-Type", "text/event-stream"),)
LEFT = "unfinished after 1 s"


def test_a_field_of_a_stream_has_its_value() -> None:
    pieces = (Piece(5, 0.0), Piece(3, 1250.0))
    plain = exchange(
        response(
            body="12345678",
            pieces=pieces,
            interim=(Interim(103, (("Link", "a"), ("Date", "b"), ("SERVER", "c"))),),
            trailers=(("X-Sum", "1"), ("Date", "b")),
        )
    )
    events = exchange(
        response(
            body="data: 1\n\ndata: 2\n\n",
            headers=EVENTS,
            pieces=(Piece(9, 0.0), Piece(9, 1250.0)),
        )
    )
    for field, value in (
        ("timing", ("5 bytes after 0.0 s", "3 bytes after 1.2 s")),
        ("interim", ("103, link: a",)),
        ("trailers", ("x-sum: 1",)),
        ("other", None),
    ):
        assert stream_value(plain, field) == value
    for field, text in (
        ("timing", ("event 1 after 0.0 s", "event 2 after 1.2 s")),
        ("event:1", "data: 1\n\n"),
        ("event:2", "data: 2\n\n"),
        ("event:3", None),
        ("interim", None),
        ("trailers", None),
    ):
        assert stream_value(events, field) == text
    assert stream_value(exchange(response()), "timing") is None
    assert stream_value(exchange(Failure("closed", "no")), "event:1") is None


@pytest.mark.parametrize(
    ("one", "other", "left"),
    [
        ((LEFT, "a"), (LEFT, "ab"), True),
        ((LEFT, ""), (LEFT, ""), True),
        ((LEFT, ""), (LEFT, "ab"), False),
        ((LEFT, "a"), ("chunked", "ab"), False),
        ((LEFT, "a"), ("unfinished after 5 bytes", "ab"), False),
    ],
)
def test_a_client_leaves_both_by_its_clock(
    one: tuple[str, str], other: tuple[str, str], left: bool
) -> None:
    first, second = (response(framing=f, body=body) for f, body in (one, other))
    assert left_by_time(first, second) is left
    assert starts_alike(first, second)
    assert not starts_alike(response(body="ab"), response(body="cbd"))


@pytest.mark.parametrize(
    ("expected", "body", "met"),
    [
        (1, "1.0", True),
        (1, "true", False),
        (True, "1", False),
        ([1, True], "[1, true]", True),
        ([1, True], "[true, 1]", False),
        ({"a": {"b": 0}}, '{"a": {"b": false}}', False),
        (None, "null", True),
        ("a", '"a"', True),
        ("a", "a", False),
    ],
)
def test_numbers_and_booleans_differ_in_expected_json(
    expected: Any, body: str, met: bool
) -> None:
    found = list(unmet(Expect(json=expected), "flask", exchange(response(body=body))))
    assert [each.field for each in found] == ([] if met else ["body"])
    if not met:
        assert found[0].expected == json.dumps(expected)


@pytest.mark.parametrize(
    ("match", "body", "found"),
    [
        ({"/at": "number"}, '{"at": 4.5}', None),
        ({"/at": "number"}, '{"at": "4"}', None),
        ({"/at": "number"}, '{"at": true}', "true"),
        ({"/at": "number"}, '{"at": null}', "null"),
        ({"/at": "number"}, '{"at": [4]}', "[4]"),
        ({"/at": "number"}, '{"at": "x"}', "x"),
        ({"/at": "number"}, '{"a": 4}', '{"a": 4}'),
        ({"/at": "number"}, "4", "4"),
        ({"/at": "number"}, "x", "x"),
        ({"/*/at": "number"}, '[{"at": 1}, {"at": "x"}, {"at": "y"}]', "x"),
        ({"/at": Matching("^a+$")}, '{"at": "aa"}', None),
        ({"/at": Matching("^a+$")}, '{"at": "ab"}', "ab"),
    ],
)
def test_a_place_in_json_has_a_value_of_its_kind(
    match: Any, body: str, found: str | None
) -> None:
    got = list(unmet(Expect(match=match), "flask", exchange(response(body=body))))
    assert [each.actual for each in got] == ([] if found is None else [found])
    (pointer, kind), *_ = match.items()
    shown = kind.matches if isinstance(kind, Matching) else kind
    assert all(each.expected == f"{pointer} like {shown}" for each in got)


def test_a_matched_place_need_not_be_equal_in_json() -> None:
    expect = Expect(json={"at": 1, "b": 2}, match={"/at": "number"})
    for body, met in (('{"at": 9, "b": 2}', True), ('{"at": 9, "b": 3}', False)):
        assert (not [*unmet(expect, "flask", exchange(response(body=body)))]) is met
    assert expect.json == {"at": 1, "b": 2}


# Markup --------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["<a>", "<a/><b/>", "", "a"])
def test_text_that_is_not_xml_has_no_canonical_form(text: str) -> None:
    with pytest.raises(ValueError, match=r"line 1|no element"):
        canonical_xml(text)


def test_html_without_elements_and_with_nul_is_rejected() -> None:
    for text, message in (("<p>a\0b", "stops at NUL"), ("<!-- a -->", "empty")):
        with pytest.raises(ValueError, match=message):
            html_tokens(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("<p class='b a'>", "<p class=' a  b '>", True),
        ("<p title='b a'>", "<p title='a b'>", False),
        ("<p b=1 a=2>", "<p a=2 b=1>", True),
        ("<p>a<!-- x -->b", "<p>ab", True),
        ("<p>a  b", "<p>a b", True),
        ("<p> a </p>", "<p>a</p>", True),
        ("<p>a<br> b", "<p>a<br>b", True),
        ("<pre>a <b>c</b> </pre>", "<pre>a <b>c</b></pre>", False),
        ("<ul><li>a</ul>", "<ul><li>a</li></ul>", True),
    ],
)
def test_pages_are_equal_as_browsers_read_them(
    one: str, other: str, same: bool
) -> None:
    assert (html_tokens(one) == html_tokens(other)) is same


# Wildcards -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1.0, True), (1, True, False), (0, False, False), (1.5, 1.5, True),
        (float("nan"), float("nan"), None), ("3 ms", "4 ms", True), ("3 ms", "4 s", False),
        ([1, "a"], [1, "b"], False), ({"a": 1}, {"a": 1.0}, True), (None, None, True),
    ],
)  # fmt: skip
def test_values_are_compared_as_json(one: Any, other: Any, same: bool | None) -> None:
    kinds: Any = ["number"] if isinstance(one, str) else []
    if same is None:
        with pytest.raises(ValueError, match="NaN is equal to nothing"):
            agree(one, other, kinds, set())
    else:
        assert agree(one, other, kinds, set()) is same


def test_two_names_that_become_equal_are_rejected() -> None:
    with pytest.raises(ValueError, match="a name is there twice"):
        encoded({"a 1": 1, "a 2": 2}, ["number"])
    assert encoded({"b": 1, "a": None}, [])[0] == '{"a": null, "b": 1}'


@pytest.mark.parametrize(
    ("one", "other", "tolerance", "matches"),
    [
        (1, 1.01, 0.01, True), (1.01, 1, 0.01, True), (1, 1.02, 0.01, False),
        (1, 99, None, True), (float("inf"), float("inf"), 1, False),
    ],
)  # fmt: skip
def test_a_wildcard_matches_within_its_tolerance(
    one: float, other: float, tolerance: float | None, matches: bool
) -> None:
    first, second = (Wildcard("r", value, tolerance) for value in (one, other))
    assert first.matches(second) is matches


@pytest.mark.parametrize(
    ("kind", "text", "whole"),
    [
        ("number", "-1.5e+3", True), ("number", "1.", False), ("number", "x1", False),
        ("uuid", "01234567-89ab-CDEF-0123-456789abcdef", True),
        ("uuid", "0123456789abcdef0123456789abcdef", True), ("uuid", "0123", False),
        ("timestamp", "2026-01-31", True), ("timestamp", "2026-01-31 12:00", True),
        ("timestamp", "2026-01-31T12:00:00.5Z", True),
        ("timestamp", "2026-01-31T12:00:00+0100", True),
        ("timestamp", "Wed, 25 Nov 2026 23:00:59 GMT", True),
        ("timestamp", "2026-1-31", False), ("timestamp", "Xyz, 25 Nov 2026 23:00:59 GMT", False),
    ],
)  # fmt: skip
def test_a_whole_text_is_of_a_kind(kind: Any, text: str, whole: bool) -> None:
    assert bool(fits(kind)(text)) is whole


def test_a_text_is_split_by_the_first_kind_that_matches() -> None:
    assert parts("on 2026-01-31: 7", ["timestamp", "number"]) == [
        (None, "on "), ("timestamp", "2026-01-31"), (None, ": "), ("number", "7"), (None, ""),
    ]  # fmt: skip
    # A match without characters splits nothing.
    assert parts("ab", [Matching("x*")]) == [(None, "ab")]


# Signed values and cookies -------------------------------------------------------------


def payload(value: Any, *, small: bool = False) -> str:
    data = json.dumps(value).encode()
    data = zlib.compress(data) if small else data
    return ("." if small else "") + base64.urlsafe_b64encode(data).decode().rstrip("=")


def cookie(value: Any, at: int = 1000, key: str = "x", **options: Any) -> str:
    time = base64.urlsafe_b64encode(at.to_bytes(4, "big")).decode().rstrip("=")
    return f"session={payload(value, **options)}.{time}.{key * 27}; Path=/"


def test_the_content_of_a_signed_value_is_decoded() -> None:
    for small in (False, True):
        text = cookie({"a": 1}, small=small).partition("=")[2].partition(";")[0]
        assert content_of_signed(text) == {"a": 1}
    for broken in ("a", ".e30", "!!!!"):
        assert content_of(broken) is None
    assert content_of_signed("a.b.c") is None


@pytest.mark.parametrize(
    ("one", "other", "when", "order"),
    [
        (cookie({"a": 1}), cookie({"a": 1}, 1059, "y"), True, True),
        (cookie({"a": 1}), cookie({"a": 1}, 1060, "y"), False, False),
        (cookie({"a": 1}), cookie({"a": 1}, 1000, "y"), False, False),
        (cookie({"a": 1}), cookie({"a": 2}), False, False),
        (cookie({"a": 1, "b": 2}), cookie({"b": 2, "a": 1}, key="y"), False, True),
        (cookie({"a": 1}), cookie({"a": 1}).replace("Path=/", "Path=/a"), False, False),
        ("a=b", "a=c", False, False),
        ("a=b; Path=/", "a=b", False, False),
        ("a=b; Expires=Wed, 25 Nov 2026 23:00:00 GMT", "a=b; expires=Wed, 25 Nov 2026 23:00:59 GMT", True, True),
        ("a=b; Expires=Wed, 25 Nov 2026 23:00:00 GMT", "a=b; Expires=Wed, 25 Nov 2026 23:01:00 GMT", False, False),
        ("a=b; Max-Age=1", "a=b; Max-Age=2", False, False),
    ],
)  # fmt: skip
def test_cookies_differ_only_in_time_or_order(
    one: str, other: str, when: bool, order: bool
) -> None:
    assert same_but_when((one,), (other,)) is when
    assert same_but_order((one,), (other,)) is order
    assert same_but_when((one, one), (other,)) is False
    assert same_but_order((one,), (one,)) is False


def test_a_session_with_a_captured_value_is_equal_within_the_time() -> None:
    from tests.diff.test_captured import values_of

    captured = values_of("token-one-1", "token-two-2")
    assert captured is not None

    def same(other: str, rules: set[str]) -> bool:
        one = cookie({"csrf": "token-one-1", "b": 1})
        return same_but_captured((one,), (other,), captured, rules)

    rules: set[str] = set()
    assert same(cookie({"b": 1, "csrf": "token-two-2"}, 1059, "y"), rules)
    assert rules == {"captured:token"}
    untouched: set[str] = set()
    for other in (
        cookie({"b": 1, "csrf": "token-two-2"}, 1060, "y"),
        cookie({"b": 2, "csrf": "token-two-2"}, 1000, "y"),
        cookie({"b": 1, "csrf": "token-2"}, 1000, "y"),
        cookie({"b": 1, "csrf": "token-two-2"}).replace("session=", "other="),
        "session=plain; Path=/",
    ):
        assert not same(other, untouched)
    assert not untouched


# Rules that would hide a difference ----------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "noise", "apps", "hidden"),
    [
        # The place varies in one app too.
        ({"ignore": ("/at",)}, ('{"at": 1}', '{"at": 2}'), ('{"at": 1}', '{"at": 3}'), False),
        ({"match": {"/at": "number"}}, ('{"at": 1}', '{"at": 2}'), ('{"at": 1}', '{"at": 3}'), False),
        ({"ignore": ("/*/at",)}, ('[{"at": 1}]', '[{"at": 2}]'), ('[{"at": 1}]', '[{"at": 3}]'), False),
        # It does not, or the other app has a value of another kind there.
        ({"ignore": ("/at",)}, ('{"at": 1, "b": 1}', '{"at": 1, "b": 2}'), ('{"at": 1}', '{"at": 3}'), True),
        ({"ignore": ("/at",)}, ('{"at": 1}', '{"at": 2}'), ('{"at": 1}', '{"at": "3"}'), True),
        ({"ignore": ("/at",)}, ('{"at": 1}', '{"at": 2}'), ('{"at": 1}', '{"at": true}'), True),
        ({"ignore": ("/at",)}, ('{"at": 1}', '{"at": 2}'), ('{"at": 1}', "{}"), True),
        ({"ignore": ("/at",)}, ('{"at": 1}', "{}"), ('{"at": 1}', '{"at": 3}'), True),
        ({"ignore": ("/at",)}, ('{"at": [1]}', '{"at": [2]}'), ('{"at": [1, 4]}', '{"at": [3, 5]}'), True),
        ({"ignore": ("/at",)}, ('{"at": 1}', '{"at": 2}'), ('{"at": []}', '{"at": {}}'), True),
        ({"match": {"/at": "number"}}, ('{"at": 1, "b": 1}', '{"at": 1, "b": 2}'), ('{"at": 1}', '{"at": 3}'), True),
        # A kind matches only its like.
        ({"match": {"/at": "number"}}, ('{"at": 1, "b": 1}', '{"at": 1, "b": 2}'), ('{"at": 1}', '{"at": "3"}'), False),
        # Another place, other rules, and what is not JSON.
        ({"ignore": ("/a",)}, ('{"at": 1}', '{"at": 1}'), ('{"at": 1}', '{"at": 3}'), False),
        ({"ignore": ("/at/b",)}, ('{"at": 1}', '{"at": 1}'), ('{"at": 1}', '{"at": 3}'), False),
        ({"unordered": ("/at",)}, ('{"at": 1}', '{"at": 1}'), ('{"at": 1}', '{"at": 3}'), False),
        ({"ignore": ("/at",)}, ("x", "y"), ('{"at": 1}', '{"at": 3}'), False),
        # Parts of a text.
        ({"patterns": ("number",)}, ("took 3 ms", "took 4 ms"), ("took 3 ms", "took 5 ms"), False),
        ({"patterns": ("number",)}, ("3 of 9", "4 of 9"), ("3 of 9", "4 of 8"), True),
        ({"patterns": ("number",)}, ("3 of 9", "4 of 9"), ("3 of 9", "4 of 8 of 7"), False),
    ],
)  # fmt: skip
def test_a_rule_hides_what_is_not_noise(
    rule: dict[str, Any], noise: tuple[str, str], apps: tuple[str, str], hidden: bool
) -> None:
    def pair(bodies: tuple[str, str]) -> Any:
        return tuple(exchange(response(body=body)) for body in bodies)

    assert hides(NormalisationRules(**rule), pair(noise), pair(apps)) is hidden


def test_a_rule_hides_nothing_of_a_failure_or_of_bytes() -> None:
    bodies = [exchange(response(body=f'{{"at": {n}}}')) for n in range(3)]
    rule = NormalisationRules(ignore=("/b",))
    made = msgspec.structs.replace(response(), body_base64="AAAA")
    for other in (exchange(Failure("closed", "no")), exchange(made)):
        assert not hides(rule, (bodies[0], bodies[1]), (bodies[0], other))


# Functions of a case -------------------------------------------------------------------

FUNCTIONS = """
def parts(one, other):
    yield "size", len(one.body), len(other.body)
    yield "end", one.body[-1:], other.body[-1:]

def nothing(one, other):
    return []

def pairs(one, other):
    return [(1, 2)]

def number(one, other):
    return 3

def raising(one, other):
    raise KeyError("a")

value = 3
"""


@pytest.fixture
def functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "judging_values.py").write_text(FUNCTIONS)
    (tmp_path / "judging_broken.py").write_text("1 / 0\n")


@pytest.mark.usefixtures("functions")
def test_a_function_of_the_case_compares_bodies() -> None:
    one, other = response(body="abc"), response(body="ab")
    assert differing_by("judging_values:parts", one, other) == (
        "size: 3\nend: c",
        "size: 2\nend: b",
    )
    assert differing_by("judging_values:nothing", one, other) is None


@pytest.mark.usefixtures("functions")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("judging_values:pairs", "compare: judging_values:pairs: ValueError: not enough values to unpack (expected 3, got 2); it yields differences as (where, reference, candidate)"),
        ("judging_values:number", "compare: judging_values:number: TypeError: 'int' object is not iterable; it yields"),
        ("judging_values:raising", "compare: judging_values:raising: KeyError: 'a'"),
        ("judging_values:part", "compare: judging_values has no function 'part', did you mean \"parts\"?"),
        ("judging_values:value", "compare: judging_values has no function 'value'"),
        ("judging_value:parts", "compare: no module 'judging_value', did you mean \"judging_values\"?"),
        ("judging_broken:parts", "compare: judging_broken cannot be imported: ZeroDivisionError: division by zero"),
    ],
)  # fmt: skip
def test_a_function_that_cannot_compare_is_reported(name: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        differing_by(name, response(), response())
    assert str(raised.value).startswith(message)
