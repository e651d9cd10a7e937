"""Cookies that differ only in when they were made."""

from typing import Any

import pytest
from flask import Flask
from itsdangerous import TimestampSigner

from comparison.diff.cookies import same_but_when
from tests.diff.making import judged, response

EARLY = "Wed, 25 Nov 2026 23:00:59 GMT"
LATE = "Wed, 25 Nov 2026 23:01:00 GMT"


def session(
    monkeypatch: pytest.MonkeyPatch, at: int, value: Any = 7, key: str = "key"
) -> str:
    """The Set-Cookie field of a session that is signed at this time."""
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda signer: at)
    app = Flask("mine")
    app.secret_key = key
    with app.test_request_context():
        kept = app.session_interface.open_session(
            app, app.test_request_context().request
        )
        assert kept is not None
        kept["n"] = value
        answer = app.response_class()
        app.session_interface.save_session(app, kept, answer)
    return answer.headers["Set-Cookie"]


def test_a_session_signed_a_second_later_is_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other = (session(monkeypatch, at) for at in (1_800_000_000, 1_800_000_001))
    assert one != other
    assert same_but_when((one,), (other,))
    judged_ = judged(
        response(headers=(("Set-Cookie", one),)),
        response(headers=(("Set-Cookie", other),)),
    )
    assert judged_.verdict == "identical"


@pytest.mark.parametrize(
    ("at", "value", "key"),
    [
        (1_800_000_001, 8, "key"),
        (1_800_000_061, 7, "key"),
        (1_800_000_000, 7, "another"),  # signed at the same time by another key
    ],
)
def test_a_session_with_other_content_differs(
    at: int, value: int, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = session(monkeypatch, 1_800_000_000)
    assert not same_but_when((one,), (session(monkeypatch, at, value, key),))


def test_a_baseline_ignores_when_a_session_was_signed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other = (session(monkeypatch, at) for at in (1_800_000_000, 1_900_000_000))
    assert same_but_when((one,), (other,), float("inf"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (f"a=b; Expires={EARLY}; Max-Age=1", f"a=b; Expires={LATE}; Max-Age=1", True),
        (f"a=b; expires={EARLY}", f"a=c; expires={LATE}", False),
        (f"a=b; Expires={EARLY}; Max-Age=1", f"a=b; Expires={LATE}; Max-Age=2", False),
        (f"a=b; Expires={EARLY}", "a=b; Expires=Wed, 25 Nov 2026 23:02:00 GMT", False),
        (f"a=b; Expires={EARLY}", "a=b; Expires=never", False),
        (f"a=b; Expires={EARLY}", "a=b", False),
        ("a=b; Path=/", "a=b; Path=/a", False),
    ],
)
def test_cookies_are_equal_if_only_the_expiry_moved(
    one: str, other: str, same: bool
) -> None:
    assert same_but_when((one,), (other,)) is same
