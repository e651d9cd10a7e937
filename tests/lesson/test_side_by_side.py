"""Side by side: equal, different, not compared, and what is known of it."""

import pytest

from comparison.known import BUNDLED, load_known
from comparison.lesson.side_by_side import notes, side_by_side
from tests.apps import app_of, comparison_of

KNOWN = load_known([BUNDLED])


def test_each_field_has_its_mark() -> None:
    one = app_of("flask", lambda: ("Hello", 200, {"X-One": "1"}))
    other = app_of("quart", lambda: ("Hallo", 200))
    rows = {row.field: row for row in side_by_side(comparison_of(one, other))}
    assert rows["status"].mark == "="
    assert (rows["body"].mark, rows["body"].values) == ("≠", ("Hello", "Hallo"))
    assert rows["header:x-one"].values == ("1", "(absent)")
    assert rows["header:x-one"].mark == "≠"


def test_an_empty_value_is_not_called_absent() -> None:
    one = app_of("flask", lambda: ("", 200, {"X-One": ""}))
    other = app_of("quart", lambda: ("", 200))
    rows = {row.field: row for row in side_by_side(comparison_of(one, other))}
    assert rows["body"].values == ("(empty)", "(empty)")
    assert rows["header:x-one"].values == ("(empty)", "(absent)")
    assert rows["header:x-one"].mark == "≠"


def test_the_date_header_is_marked_as_not_compared() -> None:
    one = app_of("flask", lambda: ("Hello", 200, {"Date": "one day"}))
    other = app_of("quart", lambda: ("Hello", 200, {"Date": "another"}))
    rows = {row.field: row for row in side_by_side(comparison_of(one, other))}
    assert rows["header:date"].mark == "·"


@pytest.mark.usefixtures("quiet")
def test_a_failure_is_a_field() -> None:
    def leaving() -> None:
        raise SystemExit

    found = comparison_of(app_of("flask", leaving), app_of("quart", lambda: "Hello"))
    rows = {row.field: row for row in side_by_side(found)}
    assert rows["failure"].values[1] == "(absent)"
    assert rows["failure"].values[0].startswith("raised: SystemExit")


def test_an_unexplained_difference_has_its_layer() -> None:
    found = comparison_of(
        app_of("flask", lambda: "one"), app_of("quart", lambda: "two")
    )
    (note,) = [n for n in notes(found, KNOWN) if n.field == "body"]
    assert (note.layer, note.known) == ("app", "")
