"""Clients of apps in process that hang up."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from comparison import Request
from comparison.models import Client, Disconnect
from tests.targets.talking import run

SOON, LATER = 0.01, 0.4  # seconds; the second is enough to start on a busy machine


def slow_wsgi(environ: Any, start_response: Any) -> Iterator[bytes]:
    if environ["PATH_INFO"] == "/late":
        time.sleep(2 * SOON)
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"first"
    if environ["PATH_INFO"] == "/slow":
        time.sleep(LATER)
    yield b"second"
    if environ["PATH_INFO"] == "/fails":
        raise KeyError("shelf")


async def disconnected(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def slow_asgi(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        raise NotImplementedError
    if scope["path"] == "/late":
        await disconnected(receive)
    head = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    for part in (b"first", b"second"):
        more = {"type": "http.response.body", "body": part, "more_body": True}
        await send(more)
        if scope["path"] == "/slow":
            await disconnected(receive)
    await send({"type": "http.response.body", "body": b"third"})


@pytest.mark.parametrize("app", [slow_wsgi, slow_asgi])
def test_a_client_in_process_hangs_up_when_its_time_is_up(app: Any) -> None:
    leaving = Client(disconnect=Disconnect(seconds=LATER))
    response = run(app, Request(path="/slow", client=leaving)).exchange.response
    assert response is not None and response.status == 200
    assert (response.framing, response.body) == ("unfinished after 0.4 s", "first")
    leaving = Client(disconnect=Disconnect(seconds=SOON))
    failure = run(app, Request(path="/late", client=leaving)).exchange.failure
    assert failure is not None
    assert (failure.kind, failure.partial) == ("disconnected", None)
    assert failure.message.startswith("the client hung up after ")
    assert failure.message.endswith(", before a response")


@pytest.mark.parametrize("app", [slow_wsgi, slow_asgi])
def test_a_client_in_process_that_has_the_response_does_not_hang_up(app: Any) -> None:
    waiting = Client(disconnect=Disconnect(seconds=60))
    response = run(app, Request(client=waiting)).exchange.response
    assert response is not None and response.body.startswith("firstsecond")
    assert not response.framing.startswith("unfinished")


def test_a_client_in_process_hangs_up_after_the_head_and_within_a_part() -> None:
    for limit, body, framing in (
        (Disconnect(bytes=0), "", "unfinished after 0 bytes"),
        (Disconnect(bytes=1), "f", "unfinished after 1 byte"),
        (Disconnect(bytes=7), "firstse", "unfinished after 7 bytes"),
    ):
        client = Client(disconnect=limit)
        for app in (slow_wsgi, slow_asgi):
            response = run(app, Request(client=client)).exchange.response
            assert response is not None
            assert (response.body, response.framing) == (body, framing)


def test_what_the_app_raises_when_the_client_leaves_does_not_matter() -> None:
    client = Client(disconnect=Disconnect(bytes=5))
    response = run(slow_wsgi, Request(path="/fails", client=client)).exchange.response
    assert response is not None and response.body == "first"
    failure = run(slow_wsgi, Request(path="/fails")).exchange.failure
    assert failure is not None and failure.partial is not None
    assert (failure.kind, failure.partial.body) == ("aborted", "firstsecond")
