"""The ASGI transport, judged by an app that insists on the specification."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import quart

from comparison.models import Failure, Request, Response
from comparison.targets import build_request
from comparison.targets.in_process.asgi import call_app
from comparison.targets.in_process.limit import Limit

from .test_wsgi import REQUESTS

TIMEOUT = 5.0
SCOPE = {
    "type": str,
    "asgi": dict,
    "http_version": str,
    "method": str,
    "scheme": str,
    "path": str,
    "raw_path": bytes,
    "query_string": bytes,
    "root_path": str,
    "headers": list,
    "client": tuple,
    "server": tuple,
}


def check_scope(scope: Any) -> None:
    """ASGI HTTP specification 2.4, "HTTP Connection Scope"."""
    assert type(scope) is dict
    assert {key: type(value) for key, value in scope.items()} == SCOPE
    assert scope["type"] == "http"
    assert scope["asgi"] == {"version": "3.0", "spec_version": "2.4"}
    assert scope["method"] == scope["method"].upper()
    assert scope["path"].startswith("/")
    assert scope["path"].startswith(scope["root_path"])
    assert b"?" not in scope["raw_path"]
    for name, value in scope["headers"]:
        assert type(name) is bytes and type(value) is bytes
        assert name == name.lower()
    for host, port in (scope["client"], scope["server"]):
        assert type(host) is str and type(port) is int


async def read(receive: Callable[[], Any]) -> bytes:
    """ "Request - receive event": the whole body."""
    body = b""
    while True:
        message = await receive()
        assert set(message) == {"type", "body", "more_body"}
        assert message["type"] == "http.request"
        assert type(message["body"]) is bytes
        body += message["body"]
        if message["more_body"] is False:
            return body


async def strict(scope: Any, receive: Any, send: Any) -> None:
    """Check the scope, and echo the body."""
    check_scope(scope)
    body = await read(receive)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def sending(*messages: Any) -> Any:
    """An app that sends these messages; an exception among them is raised."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            if isinstance(message, BaseException):
                raise message
            await send(message)

    return app


START: dict[str, Any] = {"type": "http.response.start", "status": 200}
BODY: dict[str, Any] = {"type": "http.response.body", "body": b"abc"}
PART = BODY | {"more_body": True}


async def answer(
    app: Any, request: Request | None = None, timeout: float = TIMEOUT
) -> tuple[Response | None, Failure | None]:
    sent = build_request(request or Request())
    return await call_app(app, sent, lambda status: None, Limit(timeout))


async def response_of(app: Any, request: Request | None = None) -> Response:
    response, failure = await answer(app, request)
    assert failure is None
    assert response is not None
    return response


async def failure_of(app: Any, timeout: float = TIMEOUT) -> Failure:
    response, failure = await answer(app, timeout=timeout)
    assert response is None
    assert failure is not None
    return failure


async def scope_of(request: Request) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    async def look(scope: Any, receive: Any, send: Any) -> None:
        seen.update(scope)
        await strict(scope, receive, send)

    await response_of(look, request)
    return seen


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS.keys())
async def test_every_kind_of_request_satisfies_the_specification(
    request_: Request,
) -> None:
    assert (await response_of(strict, request_)).status == 200


async def test_the_path_is_decoded_and_the_raw_path_is_not() -> None:
    scope = await scope_of(Request(path="/grüße%2F?q=%41"))
    assert scope["path"] == "/grüße/"
    assert scope["raw_path"] == b"/gr%C3%BC%C3%9Fe%2F"
    assert scope["query_string"] == b"q=%41"


@pytest.mark.parametrize(
    ("path", "mount", "root_path", "whole"),
    [
        ("/shop/a?x=1", "/shop", "/shop", "/shop/a"),
        ("/shop", "/shop", "/shop", "/shop"),
        ("/caf%C3%A9/a", "/café", "/café", "/café/a"),
        ("/two%20words/a", "/two%20words", "/two words", "/two words/a"),
        ("/shop/a", "", "", "/shop/a"),
    ],
)
async def test_the_mount_is_the_root_path_and_the_path_includes_it(
    path: str, mount: str, root_path: str, whole: str
) -> None:
    scope = await scope_of(Request(path=path, mount=mount))
    assert (scope["root_path"], scope["path"]) == (root_path, whole)
    assert scope["raw_path"] == path.partition("?")[0].encode()


async def test_an_http_1_0_request_has_no_host_header() -> None:
    scope = await scope_of(Request(http_version="1.0"))
    assert (scope["http_version"], scope["headers"]) == ("1.0", [])
    assert (await scope_of(Request()))["http_version"] == "1.1"


async def test_a_quart_view_is_given_a_non_ascii_path() -> None:
    app = quart.Quart("small")
    app.add_url_rule("/<name>", view_func=lambda name: name, endpoint="view")
    assert (await response_of(app, Request(path="/東京"))).body == "東京"


async def test_repeated_headers_are_separate_and_in_order() -> None:
    request = Request(headers=(("X-A", "1"), ("X-B", "0"), ("x-a", "2")))
    headers = (await scope_of(request))["headers"]
    assert [value for name, value in headers if name == b"x-a"] == [b"1", b"2"]


async def test_a_body_with_a_length_is_one_message() -> None:
    assert (await response_of(strict, Request("POST", text="Grüße"))).body == "Grüße"


async def test_a_body_without_a_length_is_one_message_per_chunk() -> None:
    pieces = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["more_body"]:
            pieces.append(message["body"])
        await sending(START, BODY)(scope, receive, send)

    await response_of(app, Request("POST", chunks=("ab", "cd")))
    assert pieces == [b"ab", b"cd"]


async def test_the_app_cannot_read_beyond_the_content_length() -> None:
    lie = Request("POST", text="abcdef", headers=(("Content-Length", "3"),))
    assert (await response_of(strict, lie)).body == "abc"


@pytest.mark.parametrize("body", [{}, {"text": "ab"}, {"chunks": ("ab", "cd")}])
async def test_the_app_receives_http_disconnect_after_the_response(
    body: dict[str, Any],
) -> None:
    described = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await read(receive)
        await sending(START, BODY)(scope, receive, send)
        described.append(await receive())

    await response_of(app, Request("POST", **body))
    assert described == [{"type": "http.disconnect"}]


async def test_a_non_ascii_response_header_keeps_its_octets() -> None:
    start = START | {"headers": [(b"x-a", "é東".encode())]}
    (value,) = (await response_of(sending(start, BODY))).header("x-a")
    assert value.encode("latin-1").decode() == "é東"


async def test_an_asgi_response_has_no_reason_phrase() -> None:
    assert (await response_of(sending(START, BODY))).reason is None


async def test_the_body_of_a_head_response_is_counted_but_not_delivered() -> None:
    response = await response_of(sending(START, BODY), Request("HEAD"))
    assert (response.body, response.framing) == (
        "", "3 bytes sent where none is allowed",
    )  # fmt: skip


async def test_messages_after_the_end_are_ignored() -> None:
    app = sending(START, BODY, BODY)
    assert (await response_of(app)).body == "abc"


async def test_an_exception_before_the_start_gives_no_response() -> None:
    failure = await failure_of(sending(ValueError("early")))
    assert (failure.kind, failure.message) == ("raised", "ValueError: early")
    assert failure.partial is None


async def test_an_exception_after_the_start_gives_a_partial_response() -> None:
    failure = await failure_of(sending(START, PART, ValueError("late")))
    assert (failure.kind, failure.message) == ("aborted", "ValueError: late")
    assert failure.partial is not None
    assert failure.partial.body == "abc"


async def test_an_exception_after_the_end_does_not_affect_the_response() -> None:
    assert (await response_of(sending(START, BODY, ValueError("too late")))).body


@pytest.mark.parametrize("leaving", [SystemExit(3), asyncio.CancelledError()], ids=repr)
async def test_an_exit_exception_counts_as_raised(leaving: BaseException) -> None:
    assert (await failure_of(sending(leaving))).kind == "raised"


@pytest.mark.parametrize("messages", [(), (START,), (START, PART)], ids=len)
async def test_a_response_without_its_end_is_incomplete(
    messages: tuple[Any, ...],
) -> None:
    assert (await failure_of(sending(*messages))).kind == "incomplete"


@pytest.mark.parametrize("messages", [(), (START,), (START, PART)], ids=len)
async def test_an_app_that_never_ends_times_out(messages: tuple[Any, ...]) -> None:
    cancelled = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await sending(*messages)(scope, receive, send)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    failure = await failure_of(app, timeout=0.01)
    assert (failure.kind, failure.message) == ("timeout", "no answer within 0.01 s")
    assert (failure.partial is None) == (not messages)
    assert cancelled == [True]


async def test_each_request_has_the_full_timeout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now)
    sent = build_request(Request())
    limit = Limit(10)

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        nonlocal now
        now += 9
        await asyncio.sleep(0)
        await sending(START, BODY)(scope, receive, send)

    async def stuck(scope: Any, receive: Any, send: Any) -> None:
        nonlocal now
        while True:
            now += 9
            await asyncio.sleep(0)

    for _ in range(3):
        assert (await call_app(slow, sent, lambda status: None, limit))[1] is None
    _, failure = await call_app(stuck, sent, lambda status: None, limit)
    assert failure is not None
    assert failure.kind == "timeout"
    assert (await call_app(slow, sent, lambda status: None, limit))[1] is None


VIOLATIONS = {
    "body before the start": (BODY,),
    "started twice": (START, START),
    "text for a body": (START, BODY | {"body": "abc"}),
    "status that is text": (START | {"status": "200"},),
    "no status": ({"type": "http.response.start"},),
    "no type": ({},),
    "unknown message": ({"type": "http.response.trailer"},),
    "text for a header": (START | {"headers": [("x-a", "1")]},),
    "text for a header's name": (START | {"headers": [("x-a", b"1")]},),
    "text for a header's value": (START | {"headers": [(b"x-a", "1")]},),
    "line break in a header": (START | {"headers": [(b"x-a", b"1\r\nx-b: 2")]},),
}


@pytest.mark.parametrize("messages", VIOLATIONS.values(), ids=VIOLATIONS.keys())
async def test_a_violation_of_the_specification_is_a_failure(messages: Any) -> None:
    assert (await failure_of(sending(*messages))).kind == "protocol"
