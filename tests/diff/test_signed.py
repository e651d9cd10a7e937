"""Signed values and the cookies that have them."""

import base64
import json
import zlib
from typing import Any

import pytest

from comparison.diff.cookies import same_but_captured, same_but_order, same_but_when
from comparison.diff.signed import content_of, content_of_signed


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
