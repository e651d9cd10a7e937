"""Patches of ASGI servers."""

from typing import Any

from .registry import removes


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


@removes("gunicorn-awaits-an-app-that-awaits", "quart+gunicorn-asgi")
def close_before_the_app_returns() -> None:
    import asyncio

    from gunicorn.asgi.protocol import ASGIProtocol, _relay_result

    async def serve(protocol: Any, *request: Any) -> Any:
        complete = asyncio.get_running_loop().create_future()
        call = protocol._handle_http_request(*request, complete)
        task = asyncio.create_task(call)
        task.add_done_callback(lambda task: _relay_result(task, complete))
        return await complete

    ASGIProtocol._serve_http_request = serve
