"""Both bodies as lines: what differs is marked, and what is equal is folded."""

import json
import re
import time

import pytest
from markupsafe import Markup

from comparison.models import Difference
from comparison.reports.body_view import MAX_CHANGED, Fold, body_view

SECONDS = 20.0  # for the largest bodies, on a busy machine


def lines(reference: str | None, candidate: str | None) -> list[str]:
    """Every part as text: its mark and its text, or the number of folded lines."""
    difference = Difference(
        target="quart", field="body", reference=reference, candidate=candidate
    )
    return [
        f"({part.number})"
        if isinstance(part, Fold)
        else part.mark + unmarked(part.text)
        for part in body_view(difference).parts
    ]


def unmarked(text: Markup) -> str:
    return Markup(re.sub(r"</?mark>", "", text)).unescape()


def marked(reference: str, candidate: str) -> list[str]:
    difference = Difference(
        target="quart", field="body", reference=reference, candidate=candidate
    )
    parts = body_view(difference).parts
    texts = " ".join(str(part.text) for part in parts if not isinstance(part, Fold))
    return [
        Markup(found).unescape() for found in re.findall("<mark>(.*?)</mark>", texts)
    ]


def test_json_is_printed_with_the_changed_value_marked() -> None:
    left, right = '{"total":10.5,"items":[1,2]}', '{"total":10.05,"items":[1,2]}'
    assert lines(left, right) == [
        " {", '-  "total": 10.5,', '+  "total": 10.05,', '   "items": [', "     1,",
        "     2", "   ]", " }",
    ]  # fmt: skip
    assert marked(left, right) == ["0"]


def test_json_types_are_distinguished() -> None:
    assert lines('{"a":1}', '{"a":true}') == [" {", '-  "a": 1', '+  "a": true', " }"]


def test_a_member_that_one_side_lacks_is_printed_whole() -> None:
    assert lines("{}", '{"a":{"b":1}}') == [
        " {", '+  "a": {', '+    "b": 1', "+  }", " }",
    ]  # fmt: skip


def test_unchanged_lines_are_folded_and_counted() -> None:
    one = {f"k{n}": n for n in range(1000)}
    found = lines(json.dumps(one), json.dumps(one | {"k500": "x"}))
    assert found == [
        "(498)", '   "k497": 497,', '   "k498": 498,', '   "k499": 499,',
        '-  "k500": 500,', '+  "k500": "x",', '   "k501": 501,', '   "k502": 502,',
        '   "k503": 503,', "(497)",
    ]  # fmt: skip


def test_text_is_aligned_by_line() -> None:
    left, right = "a\nb\nc\nd\n", "a\nB\nc\nnew\nd\n"
    assert lines(left, right) == [" a", "-b", "+B", " c", "+new", " d"]


def test_other_line_ends_are_visible() -> None:
    assert lines("a\nb\n", "a\r\nb\n") == ["-'a\\nb\\n'", "+'a\\r\\nb\\n'"]


def test_bytes_begin_at_the_first_difference() -> None:
    difference = Difference(
        target="quart", field="body", reference="base64:AAECAw==", candidate="base64:AAEFAw=="
    )  # fmt: skip
    view = body_view(difference)
    assert view.note == "4 bytes and 4 bytes; the first difference is at byte 2"
    assert marked("base64:AAECAw==", "base64:AAEFAw==") == ["02", "05"]


def test_markup_in_a_body_is_escaped() -> None:
    difference = Difference(
        target="quart", field="body", reference="<b>one</b>", candidate="<b>two</b>"
    )
    parts = body_view(difference).parts
    assert parts
    for part in parts:
        assert not isinstance(part, Fold)
        assert "<b>" not in part.text


@pytest.mark.parametrize(
    ("reference", "candidate"),
    [
        ("x" * 3_000_000, "x" * 2_999_990 + "y" + "x" * 9),
        ("x" * 3_000_000, ""),
        ("\n".join(map(str, range(100_000))), "\n".join(map(str, range(1, 100_000)))),
        (
            json.dumps([{"id": n, "text": "a" * 90} for n in range(2_000)]),
            json.dumps([{"id": str(n), "text": "a" * 90} for n in range(2_000)]),
        ),
        ("[" * 5_000 + "]" * 5_000, "[" * 5_001 + "]" * 5_001),
    ],
    ids=["letter", "nothing", "lines", "json", "nested"],
)
def test_a_body_of_any_size_stays_small(reference: str, candidate: str) -> None:
    started = time.monotonic()
    found = lines(reference, candidate)
    assert time.monotonic() - started < SECONDS
    assert len(found) <= 6 * MAX_CHANGED
    assert max(map(len, found)) < 1_000
