"""Values of fields of streams, and JSON that is expected."""

import json
from typing import Any

import pytest

from comparison import Expect
from comparison.diff.expectations import unmet
from comparison.diff.streams import left_by_time, starts_alike, stream_value
from comparison.models import (
    Failure,
    Interim,
    Matching,
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
