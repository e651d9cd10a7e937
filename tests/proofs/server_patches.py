"""Patches of servers, each of which removes one cause. A server applies them to itself."""

import io
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

PATCHES: dict[str, Callable[[], None]] = {}
STACKS: dict[str, tuple[str, ...]] = {}
"""The stacks whose server each patch changes."""


def removes(cause: str, *stacks: str) -> Callable[..., Callable[[], None]]:
    """Register a function as the patch that removes a cause from the servers of stacks."""

    def register(patch: Callable[[], None]) -> Callable[[], None]:
        PATCHES[cause] = patch
        STACKS[cause] = stacks
        return patch

    return register


def _environ(change: Callable[[dict[str, Any]], None]) -> None:
    """Change each environ that Hypercorn makes."""
    from hypercorn import app_wrappers

    build = app_wrappers._build_environ

    def build_changed(*args: Any) -> dict[str, Any]:
        environ = build(*args)
        change(environ)
        return environ

    app_wrappers._build_environ = build_changed


@removes("hypercorn-passes-whole-urls", "flask+hypercorn")
def pass_paths() -> None:
    def cut(environ: dict[str, Any]) -> None:
        environ["PATH_INFO"] = urlsplit(environ["PATH_INFO"]).path

    _environ(cut)


@removes("hypercorn-says-not-that-bodies-end", "flask+hypercorn")
def say_that_bodies_end() -> None:
    _environ(lambda environ: environ.update({"wsgi.input_terminated": True}))


@removes("hypercorn-needs-a-body-of-wsgi-apps", "flask+hypercorn")
def send_a_piece_of_nothing() -> None:
    from hypercorn.app_wrappers import WSGIWrapper

    run_app = WSGIWrapper.run_app

    def run(wrapper: Any, environ: Any, send: Any) -> None:
        app = wrapper.app

        def with_a_piece(*args: Any) -> Any:
            body = app(*args)
            pieces = list(body) or [b""]
            body.close()
            return pieces

        run_app(
            type("Wrapper", (), {"app": staticmethod(with_a_piece)})(), environ, send
        )

    WSGIWrapper.run_app = run


@removes("hypercorn-accepts-h2c", "flask+hypercorn", "quart+hypercorn")
def ignore_h2c() -> None:
    from hypercorn.protocol.h11 import H11Protocol

    async def check(*_: Any) -> None: ...

    H11Protocol._check_protocol = check


@removes("hypercorn-sends-no-reason", "flask+hypercorn", "quart+hypercorn")
def send_reasons() -> None:
    from http import HTTPStatus

    import h11
    from hypercorn.protocol.h11 import H11Protocol

    send = H11Protocol._send_h11_event

    async def send_event(protocol: Any, event: Any) -> None:
        if isinstance(event, h11.Response) and event.status_code in set(HTTPStatus):
            event = h11.Response(
                status_code=event.status_code,
                headers=list(event.headers.raw_items()),
                reason=HTTPStatus(event.status_code).phrase.encode(),
            )
        await send(protocol, event)

    H11Protocol._send_h11_event = send_event


@removes("hypercorn-adds-a-date", "flask+hypercorn", "quart+hypercorn")
def follow_the_advice_on_dates() -> None:
    from hypercorn.config import Config

    Config.include_date_header = False


@removes("granian-makes-up-an-empty-host", "flask+granian")
def make_up_no_host() -> None:
    from granian.server import mp

    wrap = mp._wsgi_call_wrap

    def wrap_without(app: Any, *options: Any) -> Any:
        def without(environ: dict[str, Any], start_response: Any) -> Any:
            if environ["HTTP_HOST"] == "":
                del environ["HTTP_HOST"]
            return app(environ, start_response)

        return wrap(without, *options)

    mp._wsgi_call_wrap = wrap_without


@removes("werkzeug-continues-twice", "flask+werkzeug")
def continue_once() -> None:
    BaseHTTPRequestHandler.handle_expect_100 = lambda _: True


@removes("werkzeug-reads-no-trailers", "flask+werkzeug")
def read_trailers() -> None:
    from werkzeug.serving import DechunkedInput

    read_chunk_len = DechunkedInput.read_chunk_len

    def read_length(stream: Any) -> int:
        length = read_chunk_len(stream)
        if length == 0:
            while stream._rfile.readline().strip():
                pass
            stream._rfile = io.BytesIO(b"\r\n")
        return length

    DechunkedInput.read_chunk_len = read_length


@removes("werkzeug-adds-a-date", "flask+werkzeug")
def add_no_date() -> None:
    from werkzeug.serving import WSGIRequestHandler

    send_header = WSGIRequestHandler.send_header

    def send(handler: Any, name: str, value: str) -> None:
        if name.lower() != "date" or not getattr(handler, "dated", False):
            handler.dated = name.lower() == "date" or getattr(handler, "dated", False)
            send_header(handler, name, value)

    WSGIRequestHandler.send_header = send


@removes(
    "gunicorn-takes-oserror-for-the-clients",
    "flask+gunicorn-sync",
    "flask+gunicorn-gthread",
)
def take_oserror_for_the_apps() -> None:
    from gunicorn.workers.gthread import ThreadWorker
    from gunicorn.workers.sync import SyncWorker

    for worker in (SyncWorker, ThreadWorker):
        handle_request = worker.handle_request

        def handle(*args: Any, handle_request: Any = handle_request) -> Any:
            try:
                return handle_request(*args)
            except OSError as error:
                raise RuntimeError from error

        worker.handle_request = handle


@removes("daphne-stops-watching-apps", "quart+daphne")
def finish_what_has_started() -> None:
    from daphne.http_protocol import WebRequest

    handle_exception = WebRequest.handle_exception

    def handle(request: Any, exception: Exception) -> None:
        if request._response_started:
            request.channel.loseConnection()
        else:
            handle_exception(request, exception)

    WebRequest.handle_exception = handle


@removes("daphne-sends-no-date", "quart+daphne")
def send_a_date() -> None:
    from daphne.http_protocol import WebRequest
    from twisted.web.http import datetimeToString

    reply = WebRequest.handle_reply

    def handle_reply(request: Any, message: Any) -> None:
        request.responseHeaders.setRawHeaders(b"date", [datetimeToString()])
        reply(request, message)

    WebRequest.handle_reply = handle_reply


@removes("daphne-and-forbidden-bodies", "quart+daphne")
def write_through_the_request() -> None:
    from daphne import http_protocol

    class Writing:
        def __getattr__(self, name: str) -> Any:
            return getattr(http, name)

        class Request(http_protocol.http.Request):  # type: ignore[misc]
            @staticmethod
            def write(request: Any, data: bytes) -> None:
                own = vars(request).get("write")
                (own or (lambda d: original(request, d)))(data)

    http = http_protocol.http
    original = http.Request.write
    http_protocol.http = Writing()


@removes("uvicorn-and-forbidden-bodies", "quart+uvicorn-h11", "quart+uvicorn-httptools")
def send_no_forbidden_bodies() -> None:
    from uvicorn.protocols.http import h11_impl, httptools_impl

    for module in (h11_impl, httptools_impl):
        cycle = module.RequestResponseCycle
        send = cycle.send

        async def send_allowed(self: Any, message: Any, send: Any = send) -> None:
            if message["type"] == "http.response.start":
                self.forbidden = message["status"] in (204, 304)
            elif self.forbidden:
                message = {**message, "body": b""}
            if getattr(self, "forbidden", False) and message.get("headers"):
                kept = [h for h in message["headers"] if h[0] != b"content-length"]
                message = {**message, "headers": kept}
            await send(self, message)

        cycle.send = send_allowed


@removes(
    "uvicorn-knows-no-status-above-599", "quart+uvicorn-h11", "quart+uvicorn-httptools"
)
def know_every_status() -> None:
    from uvicorn.protocols.http import h11_impl, httptools_impl

    h11_impl.STATUS_PHRASES[999] = b""
    httptools_impl.STATUS_LINE[999] = b"HTTP/1.1 999 \r\n"


@removes("tables-with-gaps", "quart+gunicorn-asgi", "quart+daphne")
def fill_the_gaps() -> None:
    from gunicorn.asgi import protocol
    from twisted.web import http

    protocol._REASON_PHRASES[423] = "Locked"
    http.RESPONSES[423] = b"Locked"


@removes(
    "servers-believe-proxies-on-loopback",
    "quart+uvicorn-h11",
    "quart+uvicorn-httptools",
)
def believe_no_proxy() -> None:
    from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

    async def call(middleware: Any, scope: Any, receive: Any, send: Any) -> None:
        await middleware.app(scope, receive, send)

    ProxyHeadersMiddleware.__call__ = call


@removes("waitress-buffers-requests", "flask+waitress")
def hide_the_length() -> None:
    from waitress.parser import HTTPRequestParser

    received = HTTPRequestParser.received

    def receive(parser: Any, data: bytes) -> Any:
        consumed = received(parser, data)
        if parser.completed and parser.chunked:
            parser.headers.pop("CONTENT_LENGTH", None)
        return consumed

    HTTPRequestParser.received = receive
