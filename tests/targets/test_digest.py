"""Digest authentication, by the answers of a server that are written by hand."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from comparison.models import Failure, Response
from comparison.models.access import Login
from comparison.targets.digest import DigestLogin
from tests.diff.making import response

CHALLENGE = 'Digest realm="shop", nonce="n1", qop="auth", algorithm=SHA-256'


class Sending:
    """Answers requests, and notes them."""

    def __init__(self, *answers: Response | Failure) -> None:
        self.answers: Iterator[Response | Failure] = iter(answers)
        self.sent: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> tuple[Any, Any]:
        self.sent.append(request)
        answer = next(self.answers)
        return (None, answer) if isinstance(answer, Failure) else (answer, None)


def challenge(*fields: tuple[str, str]) -> Response:
    return response(401, (("WWW-Authenticate", CHALLENGE), *fields))


def requested(**options: Any) -> httpx.Request:
    return httpx.Request("GET", "http://shop.example/a%2fb?x=%41", **options)


def test_a_challenge_is_answered_and_later_requests_use_it() -> None:
    login = DigestLogin(Login("ann", "secret"))
    send = Sending(
        challenge(("Set-Cookie", "sid=1"), ("X-A", "2")), response(), response(201)
    )
    request = requested(headers={"X-B": "3", "Cookie": "old=1"})
    last, answer, first = login.exchange(request, send)
    assert answer == (response(), None)
    assert first is not None and first.response == challenge(
        ("Set-Cookie", "sid=1"), ("X-A", "2")
    )
    assert send.sent[0] is request and send.sent[1] is last
    credentials = last.headers["authorization"]
    assert credentials.startswith('Digest username="ann", realm="shop", nonce="n1"')
    # The digest covers the target as we send it.
    assert 'uri="/a%2fb?x=%41"' in credentials and "algorithm=SHA-256" in credentials
    assert last.headers["x-b"] == "3" and last.headers["cookie"] == "old=1; sid=1"
    assert (last.method, last.url) == (request.method, request.url)
    later_, answer, none = login.exchange(requested(), send)
    assert (answer, none) == ((response(201), None), None)
    assert "nc=00000002" in later_.headers["authorization"]


@pytest.mark.parametrize(
    ("answer", "kind", "text"),
    [
        (response(), None, ""), (response(403), None, ""), (Failure("closed", "no"), "closed", "no"),
        (response(401), None, ""), (response(401, (("WWW-Authenticate", "Basic x"),)), None, ""),
        (response(401, (("WWW-Authenticate", CHALLENGE.replace("SHA-256", "X")),)), "unsupported", "digest authentication: httpx has no algorithm X"),
        (response(401, (("WWW-Authenticate", CHALLENGE.replace('"auth"', '"auth-int"')),)), "unsupported", "digest authentication: "),
        (response(401, (("WWW-Authenticate", "Digest x"),)), "protocol", "digest authentication: the challenge is malformed"),
    ],
)  # fmt: skip
def test_only_a_challenge_that_we_can_answer_is_answered(
    answer: Any, kind: str | None, text: str
) -> None:
    send = Sending(answer)
    request = requested()
    last, (made, failure), first = DigestLogin(Login("ann", "b")).exchange(
        request, send
    )
    assert last is request and first is None and len(send.sent) == 1
    assert (failure.kind if failure else None) == kind
    assert (made is answer) is (kind is None)
    if failure:
        assert failure.message.startswith(text)


def test_a_request_with_its_own_credentials_is_sent_as_it_is() -> None:
    send = Sending(challenge())
    request = requested(headers={"Authorization": "Basic x"})
    found = DigestLogin(Login("a", "b")).exchange(request, send)
    assert found == (request, (challenge(), None), None)
