"""Bodies that the app creates while it sends them."""

from decimal import Decimal, localcontext
from time import sleep
from typing import Any

from quart import Blueprint, Response, current_app, g, request, stream_with_context
from quart.typing import ResponseReturnValue

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
async def show_log() -> ResponseReturnValue:
    """The log as JSON."""
    return list(log())


@blueprint.get("/streaming/generator")
async def generator() -> Any:
    """A generator function of the kind that the framework expects."""

    async def lines() -> Any:
        yield "one\n"
        yield "two\n"

    return lines()


@blueprint.get("/streaming/mixed")
async def mixed() -> Any:
    """Text and bytes in one stream."""

    async def lines() -> Any:
        yield "caf\xe9\n"
        yield b"\x00\x01\n"

    return lines()


@blueprint.get("/streaming/gaps")
async def gaps() -> Any:
    """A stream with empty pieces in it."""

    async def lines() -> Any:
        yield ""
        yield "one\n"
        yield b""
        yield "two\n"

    return lines()


@blueprint.get("/streaming/nothing")
async def nothing() -> Any:
    """A stream that ends before it began."""

    async def lines() -> Any:
        return
        yield ""

    return lines()


@blueprint.get("/streaming/events")
async def events() -> Any:
    """Server-sent events are a stream of text with a special type."""

    async def lines() -> Any:
        yield "event: done\n"
        yield "data: report\n\n"

    return Response(lines(), mimetype="text/event-stream")


@blueprint.get("/streaming/length")
async def length() -> Any:
    """A stream with a known length."""

    async def lines() -> Any:
        yield "Hel"
        yield "lo"

    return Response(lines(), headers={"Content-Length": "5"})


@blueprint.get("/streaming/wrong-length")
async def wrong_length() -> Any:
    """A stream that ends before the length it promised."""

    async def lines() -> Any:
        yield "Hel"

    return Response(lines(), headers={"Content-Length": "5"})


@blueprint.get("/streaming/fails-first")
async def fails_first() -> Any:
    """A stream that fails before its first piece."""

    async def lines() -> Any:
        raise LookupError("no rows")
        yield ""

    return lines()


@blueprint.get("/streaming/fails-midway")
async def fails_midway() -> Any:
    """A stream that fails after its first piece."""

    async def lines() -> Any:
        yield "one\n"
        raise LookupError("no more rows")

    return lines()


@blueprint.get("/streaming/cleans-up")
async def cleans_up() -> Any:
    """A finally clause runs when the stream has been sent."""
    marks = log()

    async def lines() -> Any:
        try:
            yield "one\n"
        finally:
            marks.append("cleaned up")

    return lines()


@blueprint.get("/streaming/request")
async def request_inside() -> Any:
    """A stream that reads the request in its context."""

    @stream_with_context
    async def lines() -> Any:
        yield request.args["name"]
        yield "!"

    stream: Any = lines
    return stream()


@blueprint.get("/streaming/request-lost")
async def request_lost() -> Any:
    """A stream that reads the request after its end."""

    async def lines() -> Any:
        yield request.args["name"]

    return lines()


@blueprint.get("/streaming/wrapped")
async def wrapped() -> Any:
    """A generator that was already made, wrapped afterwards."""

    async def lines() -> Any:
        yield request.args["name"]

    body: Any = stream_with_context(lines())
    return Response(body)


@blueprint.get("/streaming/plain-with-context")
async def plain_with_context() -> Any:
    """A generator without async that reads the request."""

    @stream_with_context
    def lines() -> Any:
        yield request.args["name"]

    stream: Any = lines
    return Response(stream())


@blueprint.get("/streaming/g")
async def g_inside() -> Any:
    """A stream that reads what the view put into g."""
    g.user = "ada"

    @stream_with_context
    async def lines() -> Any:
        yield g.get("user", "nobody")

    stream: Any = lines
    return stream()


@blueprint.get("/streaming/resource")
async def resource() -> Any:
    """A stream that uses what is released when the request ends."""
    current.connection = ["open"]

    @stream_with_context
    async def lines() -> Any:
        yield current.connection[-1]

    stream: Any = lines
    return stream()


@blueprint.get("/streaming/torn-down")
async def torn_down() -> Any:
    """A stream in its request context, with a mark for each teardown."""
    current.marks = log()

    @stream_with_context
    async def lines() -> Any:
        yield "Hello"

    stream: Any = lines
    return stream()


@blueprint.teardown_request
async def release(error: BaseException | None) -> None:
    """Release what the request holds."""
    if hasattr(current, "connection"):
        current.connection.append("closed")
    if hasattr(current, "marks"):
        current.marks.append("torn down")


@blueprint.get("/streaming/on-close")
async def on_close() -> Any:
    """A function to call when the response has been sent."""
    response: Any = Response("Hello")
    response.call_on_close(lambda: None)
    return response


@blueprint.get("/streaming/cursor")
async def cursor() -> Any:
    """An iterable that has to be closed when the response has been sent."""
    return Response(Rows(log()))


@blueprint.get("/streaming/is-streamed")
async def is_streamed() -> Any:
    """A response reports that it is a stream."""
    response: Any = Response(piece for piece in ("Hel", "lo"))
    return str(response.is_streamed)


@blueprint.get("/streaming/precision")
async def precision() -> Any:
    """A generator without async that changes a context variable between pieces."""

    def lines() -> Any:
        with localcontext() as context:
            context.prec = 3
            yield f"{Decimal(1) / 3}\n"
            yield f"{Decimal(2) / 3}\n"

    return lines()


@blueprint.get("/streaming/unhurried")
async def unhurried() -> Any:
    """A response without a timeout."""

    def lines() -> Any:
        yield "one\n"
        sleep(0.04)
        yield "two\n"

    response: Any = Response(lines())
    response.timeout = None
    return response


@blueprint.get("/streaming/collected")
async def collected() -> Any:
    """A stream, read whole before it is sent."""

    async def lines() -> Any:
        yield "Hel"
        yield "lo"

    response: Any = Response(lines())
    response.headers["X-Length"] = str(len(await response.get_data()))
    return response
