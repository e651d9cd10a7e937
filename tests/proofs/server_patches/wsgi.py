"""Patches of WSGI servers."""

import io
from http.server import BaseHTTPRequestHandler
from typing import Any

from .registry import removes


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
