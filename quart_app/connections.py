"""Views whose client stalls, hangs up, or has several requests in flight."""

from asyncio import sleep
from itertools import count
from typing import Any

from quart import Blueprint, Quart, Response, current_app, request
from quart.typing import ResponseReturnValue

blueprint = Blueprint("connections", __name__)


def init_app(app: Quart) -> None:
    """Give the app an empty log, and a count of requests in flight."""
    app.extensions["connections"] = []
    app.extensions["in_flight"] = {"now": 0, "most": 0}


@blueprint.get("/connections/report")
async def report() -> ResponseReturnValue:
    """A view that takes a moment, and logs that it has begun and finished."""
    log = current_app.extensions["connections"]
    log.append("begun")
    await sleep(0.3)
    log.append("finished")
    return "report\n"


@blueprint.get("/connections/log")
async def log() -> ResponseReturnValue:
    """The log as JSON."""
    return list(current_app.extensions["connections"])


@blueprint.post("/connections/echo")
async def echo() -> ResponseReturnValue:
    """The body of the request."""
    return await request.get_data()


@blueprint.post("/connections/slow-echo")
async def slow_echo() -> ResponseReturnValue:
    """The body of the request, after a moment."""
    body = await request.get_data()
    await sleep(0.1)
    return body


@blueprint.post("/connections/unread")
async def unread() -> ResponseReturnValue:
    """A response that does not depend on the body."""
    return "not read\n", 413


@blueprint.get("/connections/query")
async def query() -> ResponseReturnValue:
    """A value of the query, as an ASCII literal."""
    return ascii(request.args.get("q"))


@blueprint.get("/connections/in-flight")
async def in_flight() -> ResponseReturnValue:
    """The most requests that were in this view at once."""
    requests = current_app.extensions["in_flight"]
    requests["now"] += 1
    requests["most"] = max(requests["most"], requests["now"])
    await sleep(0.15)
    requests["now"] -= 1
    return {"most": requests["most"]}


@blueprint.get("/connections/clock")
async def clock() -> Any:
    """An event stream that never ends."""

    async def events() -> Any:
        for number in count(1):
            yield f"data: {number}\n\n"
            await sleep(0.02)

    return Response(events(), mimetype="text/event-stream")


@blueprint.get("/connections/progress")
async def progress() -> Any:
    """An event stream with a pause in it."""

    async def events() -> Any:
        yield "event: step\ndata: one\n\n"
        await sleep(0.25)
        yield "event: step\ndata: two\n\n"

    return Response(events(), mimetype="text/event-stream")
