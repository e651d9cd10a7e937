"""Views that wait: what happens between one await and the next."""

import asyncio

from quart import Blueprint, jsonify, request
from quart.typing import ResponseReturnValue

blueprint = Blueprint("asynchronous", __name__)


async def fetch(title: str) -> str:
    """Stand for a query that takes its time."""
    await asyncio.sleep(0)
    return f"{title} fetched"


async def fetch_twice(title: str) -> list[str]:
    """Stand for a function that awaits another, twice."""
    first = await fetch(f"first {title}")
    second = await fetch(f"second {title}")
    return [first, second]


@blueprint.get("/async/suspended")
async def suspended() -> ResponseReturnValue:
    """The view is suspended between two assignments, and resumed where it was."""
    message = "Waiting"
    await asyncio.sleep(0.005)
    message = f"{message} is over"
    return jsonify(message=message), 202


@blueprint.get("/async/yielding")
async def yielding() -> ResponseReturnValue:
    """Sleeping for no time still lets everybody else have a turn."""
    before = request.path
    await asyncio.sleep(0)
    return jsonify(same_request=before == request.path)


@blueprint.get("/async/nested")
async def nested() -> ResponseReturnValue:
    """An await within an await: the view waits for all of them."""
    return await fetch_twice("report")


@blueprint.get("/async/together")
async def together() -> ResponseReturnValue:
    """Two coroutines wait at the same time; their results keep the order."""
    return list(await asyncio.gather(fetch("report"), fetch("invoice")))


@blueprint.get("/async/failing")
async def failing() -> ResponseReturnValue:
    """An exception after an await is raised in the view, as if it never waited."""
    title = await fetch("report")
    raise RuntimeError(title)


@blueprint.get("/async/plain")
def plain() -> ResponseReturnValue:
    """A view that doesn't wait may be written without async in either app."""
    return jsonify(message="Hello"), 202
