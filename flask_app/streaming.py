"""Bodies that the app creates while it sends them."""

from decimal import Decimal, localcontext
from time import sleep
from typing import Any

from flask import Blueprint, Response, current_app, g, request, stream_with_context
from flask.typing import ResponseReturnValue

blueprint = Blueprint("streaming", __name__)

current: Any = request


class Rows:
    """Rows from a cursor that has to be closed."""

    def __init__(self, log: list[str]) -> None:
        """Store the log to write to."""
        self.log = log

    def __iter__(self) -> Any:
        """Two rows."""
        return iter(["one\n", "two\n"])

    def close(self) -> None:
        """Close the cursor."""
        self.log.append("closed")


def log() -> list[str]:
    """Return the log of this app."""
    entries: list[str] = current_app.extensions.setdefault("streaming", [])
    return entries


@blueprint.get("/streaming/log")
def show_log() -> ResponseReturnValue:
    """The log as JSON."""
    return list(log())


@blueprint.get("/streaming/generator")
def generator() -> Any:
    """A generator function of the kind that the framework expects."""

    def lines() -> Any:
        yield "one\n"
        yield "two\n"

    return lines()


@blueprint.get("/streaming/mixed")
def mixed() -> Any:
    """Text and bytes in one stream."""

    def lines() -> Any:
        yield "caf\xe9\n"
        yield b"\x00\x01\n"

    return lines()


@blueprint.get("/streaming/gaps")
def gaps() -> Any:
    """A stream with empty pieces in it."""

    def lines() -> Any:
        yield ""
        yield "one\n"
        yield b""
        yield "two\n"

    return lines()


@blueprint.get("/streaming/nothing")
def nothing() -> Any:
    """A stream that ends before it began."""

    def lines() -> Any:
        return
        yield ""

    return lines()


@blueprint.get("/streaming/events")
def events() -> Any:
    """Server-sent events are a stream of text with a special type."""

    def lines() -> Any:
        yield "event: done\n"
        yield "data: report\n\n"

    return Response(lines(), mimetype="text/event-stream")


@blueprint.get("/streaming/length")
def length() -> Any:
    """A stream with a known length."""

    def lines() -> Any:
        yield "Hel"
        yield "lo"

    return Response(lines(), headers={"Content-Length": "5"})


@blueprint.get("/streaming/wrong-length")
def wrong_length() -> Any:
    """A stream that ends before the length it promised."""

    def lines() -> Any:
        yield "Hel"

    return Response(lines(), headers={"Content-Length": "5"})


@blueprint.get("/streaming/fails-first")
def fails_first() -> Any:
    """A stream that fails before its first piece."""

    def lines() -> Any:
        raise LookupError("no rows")
        yield ""

    return lines()


@blueprint.get("/streaming/fails-midway")
def fails_midway() -> Any:
    """A stream that fails after its first piece."""

    def lines() -> Any:
        yield "one\n"
        raise LookupError("no more rows")

    return lines()


@blueprint.get("/streaming/cleans-up")
def cleans_up() -> Any:
    """A finally clause runs when the stream has been sent."""
    marks = log()

    def lines() -> Any:
        try:
            yield "one\n"
        finally:
            marks.append("cleaned up")

    return lines()


@blueprint.get("/streaming/request")
def request_inside() -> Any:
    """A stream that reads the request in its context."""

    @stream_with_context
    def lines() -> Any:
        yield request.args["name"]
        yield "!"

    stream: Any = lines
    return stream()


@blueprint.get("/streaming/request-lost")
def request_lost() -> Any:
    """A stream that reads the request after its end."""

    def lines() -> Any:
        yield request.args["name"]

    return lines()


@blueprint.get("/streaming/wrapped")
def wrapped() -> Any:
    """A generator that was already made, wrapped afterwards."""

    def lines() -> Any:
        yield request.args["name"]

    body: Any = stream_with_context(lines())
    return Response(body)


@blueprint.get("/streaming/plain-with-context")
def plain_with_context() -> Any:
    """A generator without async that reads the request."""

    @stream_with_context
    def lines() -> Any:
        yield request.args["name"]

    stream: Any = lines
    return Response(stream())


@blueprint.get("/streaming/g")
def g_inside() -> Any:
    """A stream that reads what the view put into g."""
    g.user = "ada"

    @stream_with_context
    def lines() -> Any:
        yield g.get("user", "nobody")

    stream: Any = lines
    return stream()


@blueprint.get("/streaming/resource")
def resource() -> Any:
    """A stream that uses what is released when the request ends."""
    current.connection = ["open"]

    @stream_with_context
    def lines() -> Any:
        yield current.connection[-1]

    stream: Any = lines
    return stream()


@blueprint.get("/streaming/torn-down")
def torn_down() -> Any:
    """A stream in its request context, with a mark for each teardown."""
    current.marks = log()

    @stream_with_context
    def lines() -> Any:
        yield "Hello"

    stream: Any = lines
    return stream()


@blueprint.teardown_request
def release(error: BaseException | None) -> None:
    """Release what the request holds."""
    if hasattr(current, "connection"):
        current.connection.append("closed")
    if hasattr(current, "marks"):
        current.marks.append("torn down")


@blueprint.get("/streaming/on-close")
def on_close() -> Any:
    """A function to call when the response has been sent."""
    response: Any = Response("Hello")
    response.call_on_close(lambda: None)
    return response


@blueprint.get("/streaming/cursor")
def cursor() -> Any:
    """An iterable that has to be closed when the response has been sent."""
    return Response(Rows(log()))


@blueprint.get("/streaming/is-streamed")
def is_streamed() -> Any:
    """A response reports that it is a stream."""
    response: Any = Response(piece for piece in ("Hel", "lo"))
    return str(response.is_streamed)


@blueprint.get("/streaming/precision")
def precision() -> Any:
    """A generator without async that changes a context variable between pieces."""

    def lines() -> Any:
        with localcontext() as context:
            context.prec = 3
            yield f"{Decimal(1) / 3}\n"
            yield f"{Decimal(2) / 3}\n"

    return lines()


@blueprint.get("/streaming/unhurried")
def unhurried() -> Any:
    """A response without a timeout."""

    def lines() -> Any:
        yield "one\n"
        sleep(0.04)
        yield "two\n"

    response: Any = Response(lines())
    response.timeout = None
    return response


@blueprint.get("/streaming/collected")
def collected() -> Any:
    """A stream, read whole before it is sent."""

    def lines() -> Any:
        yield "Hel"
        yield "lo"

    response: Any = Response(lines())
    response.headers["X-Length"] = str(len(response.get_data()))
    return response
