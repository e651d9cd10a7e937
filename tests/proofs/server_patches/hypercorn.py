"""Patches of Hypercorn, and of Quart on it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from .registry import removes


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


@removes("hypercorn-and-half-closed", "quart+hypercorn")
def respond_after_the_end() -> None:
    import h11
    from hypercorn.events import Closed
    from hypercorn.protocol.h11 import H11Protocol

    handle = H11Protocol.handle
    received = {h11.DONE, h11.MUST_CLOSE, h11.CLOSED}

    async def handle_event(protocol: Any, event: Any) -> None:
        responding = protocol.stream is not None
        whole = protocol.connection.their_state in received
        if not (isinstance(event, Closed) and responding and whole):
            await handle(protocol, event)

    H11Protocol.handle = handle_event


@removes("hypercorn-and-the-end", "quart+hypercorn")
def notice_the_end() -> None:
    from hypercorn.asyncio.tcp_server import TCPServer
    from hypercorn.events import Closed, RawData

    async def read(server: Any) -> None:
        data = b"-"
        while data:
            try:
                data = await server.reader.read(2**16)
            except OSError:
                break
            await server.protocol.handle(RawData(data))
        await server.protocol.handle(Closed())

    TCPServer._read_data = read


@removes("wait-for-loses-cancellations")
def lose_no_cancellations() -> None:
    import asyncio

    async def wait_for(awaitable: Any, timeout: float | None) -> Any:
        async with asyncio.timeout(timeout):
            return await awaitable

    asyncio.wait_for = wait_for


@removes("bodies-that-are-no-bytes", "quart+hypercorn")
def send_a_number_as_its_byte() -> None:
    from hypercorn.protocol.http_stream import HTTPStream

    app_send = HTTPStream.app_send

    async def send(stream: Any, message: Any) -> None:
        if message is not None and isinstance(message.get("body"), int):
            message = {**message, "body": bytes([message["body"]])}
        await app_send(stream, message)

    HTTPStream.app_send = send
