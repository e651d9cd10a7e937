"""Values that a case captures from both targets count as equal, however they are written."""

import base64
import html
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

import markupsafe
import msgspec
import pytest

from comparison import Case, Request
from comparison.diff.captured import CapturedValues, captured_values
from comparison.models import Capture
from tests.diff.making import exchange, response

ONE, OTHER = "tøken 'one' & \"<1>\"/", "tøken 'two' & \"<2>\"/"
CASE = Case("c", Request(capture={"token": Capture(json="$.token")}))


def values_of(one: Any, other: Any, case: Case = CASE) -> CapturedValues | None:
    sides = (
        [msgspec.structs.replace(exchange(response()), captured={"token": value})]
        for value in (one, other)
    )
    return captured_values(case, *sides)


@pytest.mark.parametrize(
    "written",
    [
        str, html.escape, markupsafe.escape, json.dumps, quote, quote_plus,
        lambda text: json.dumps(text, ensure_ascii=False),
        lambda text: quote(text, safe=""),
    ],
)  # fmt: skip
def test_a_captured_value_is_found_as_html_json_and_urls_write_it(
    written: Callable[[str], str],
) -> None:
    values = values_of(ONE, OTHER)
    assert values is not None
    rules: set[str] = set()
    assert values.equal(f"a {written(ONE)} b", f"a {written(OTHER)} b", rules)
    assert rules == {"captured:token"}
    assert values.as_reference(f"a {written(OTHER)} b", rules) == f"a {written(ONE)} b"
    assert not values.equal(f"a {written(ONE)} b", f"c {written(OTHER)} b", set())
    assert not values.equal(f"a {written(ONE)} b", f"a {written(OTHER)}x b", set())
    assert not values.equal(written(OTHER), written(ONE), set())


@pytest.mark.parametrize(
    ("one", "other"), [("same", "same"), ("", "token-2"), ("token-1", ""), (None, "token-2"), (True, "token-2"), ([1], [2])]
)  # fmt: skip
def test_values_that_are_equal_or_no_texts_are_not_equated(
    one: Any, other: Any
) -> None:
    assert values_of(one, other) is None


@pytest.mark.parametrize(
    ("capture", "text"),
    [
        (Capture(json="$.order.id"), '{{"id": {}}}'),
        (Capture(json="$.order.id"), '{{"token":"{}"}}'),
        (Capture(header="X-Order"), "?x-order={}&a=1"),
        (Capture(cookie="basket"), "basket={}; Path=/"),
        (Capture(css="input", attribute="value"), '<input value="{}">'),
        (Capture(css="b"), "<b>{}</b>"),
        (Capture(css="b"), "/orders/{}"),
    ],
)
def test_a_short_value_counts_in_the_fields_of_its_capture(
    capture: Capture, text: str
) -> None:
    case = Case("c", Request(capture={"token": capture}))
    values = values_of(7, 12, case)
    assert values is not None
    assert values.equal(text.format(7), text.format(12), set())
    assert not values.equal(f"{text.format(7)} 7", f"{text.format(12)} 12", set())
    assert not values.equal('{"rows": 7}', '{"rows": 12}', set())


def test_text_between_tags_counts_only_for_a_capture_of_an_element() -> None:
    case = Case("c", Request(capture={"token": Capture(css="b", attribute="id")}))
    values = values_of(7, 12, case)
    assert values is not None
    assert not values.equal("<b>7</b>", "<b>12</b>", set())


def test_members_of_only_one_session_are_not_equated() -> None:
    def signed(content: dict[str, Any]) -> str:
        payload = base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
        return f"{payload.rstrip('=')}.ZVPxAA.{'x' * 27}"

    one = signed({"a": "token-one-1", "b": "only-here", "c": {"d": "token-one-2"}})
    other = signed({"a": "token-two-1", "e": "only-there", "c": {"d": "token-two-2"}})
    values = values_of(one, other)
    assert values is not None
    assert values.equal("token-one-1 token-one-2", "token-two-1 token-two-2", set())
    assert not values.equal("only-here", "only-there", set())
