"""Mutants that only a client shows that leaves, stalls, or watches the clock."""

import asyncio
from typing import Any

from quart import Quart, Response, current_app, request

from .mutant import at_the_boundary, in_view, mutant

LENGTH = "header:content-length"


@mutant("connections-progress", "timing")
def stream_sent_at_once(app: Quart) -> None:
    """A middleware collects the stream and sends it at its end."""
    at_the_boundary(app, lambda answer: None)


@mutant("connections-endless-stream", "event:2")
def event_lost(app: Quart) -> None:
    """The second event of a stream is the third."""

    async def view() -> Any:
        async def events() -> Any:
            for number in (1, 3, 4, 5):
                yield f"data: {number}\n\n"
                await asyncio.sleep(0.01)

        return Response(events(), mimetype="text/event-stream")

    in_view(app, "connections.clock", view)


@mutant("connections-endless-stream", "event:2", "framing")
def stream_that_ends(app: Quart) -> None:
    """The stream ends after its first event, and the client waits for the second."""

    async def view() -> Any:
        async def events() -> Any:
            yield "data: 1\n\n"

        return Response(events(), mimetype="text/event-stream")

    in_view(app, "connections.clock", view)


@mutant("connections-hang-up", "body", LENGTH)
def log_of_a_cancelled_view(app: Quart) -> None:
    """The view notes that its client has left."""

    async def view() -> Any:
        log = current_app.extensions["connections"]
        log.append("begun")
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            log.append("left")
            raise

    view.__name__ = view.__qualname__ = "report"
    in_view(app, "connections.report", view)


@mutant("connections-stalled-body", "body", LENGTH)
def body_read_in_part(app: Quart) -> None:
    """The view takes the first piece of a body for all of it."""

    async def view() -> Any:
        return await anext(aiter(request.body))

    in_view(app, "connections.echo", view)
