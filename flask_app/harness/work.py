"""Four kinds of work, each in a view without async and in a view with async.

`comparison load` sends requests to them: wait, compute, write JSON, and stream.
"""

import asyncio
import time
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

blueprint = Blueprint("work", __name__)

PIECES = 20
PIECE = f"{'.' * 63}\n"
RECORDS = [
    {"id": number, "title": f"Article {number}", "price": number / 4, "sold": False}
    for number in range(100)
]


def compute(milliseconds: int) -> None:
    """Compute for this much processor time of the thread."""
    end = time.thread_time() + milliseconds / 1000
    while time.thread_time() < end:
        sum(range(100))


@blueprint.get("/work/sync/sleep/<int(max=1000):milliseconds>")
def sleep(milliseconds: int) -> ResponseReturnValue:
    """Wait and block the thread, as a query with a blocking driver does."""
    time.sleep(milliseconds / 1000)
    return jsonify(slept=milliseconds)


@blueprint.get("/work/async/sleep/<int(max=1000):milliseconds>")
async def sleep_async(milliseconds: int) -> ResponseReturnValue:
    """Wait and let other requests run, as a query with an async driver does."""
    await asyncio.sleep(milliseconds / 1000)
    return jsonify(slept=milliseconds)


@blueprint.get("/work/sync/cpu/<int(max=100):milliseconds>")
def cpu(milliseconds: int) -> ResponseReturnValue:
    """Compute in a view without async."""
    compute(milliseconds)
    return jsonify(computed=milliseconds)


@blueprint.get("/work/async/cpu/<int(max=100):milliseconds>")
async def cpu_async(milliseconds: int) -> ResponseReturnValue:
    """Compute in a view with async, which stops other requests."""
    compute(milliseconds)
    return jsonify(computed=milliseconds)


@blueprint.get("/work/sync/json")
def json() -> ResponseReturnValue:
    """Write a hundred records as JSON."""
    return jsonify(records=RECORDS)


@blueprint.get("/work/async/json")
async def json_async() -> ResponseReturnValue:
    """Write a hundred records as JSON in a view with async."""
    return jsonify(records=RECORDS)


@blueprint.get("/work/sync/stream")
def stream() -> Any:
    """Stream twenty pieces by a generator without async."""

    def generate() -> Any:
        for _ in range(PIECES):
            yield PIECE

    return generate()


@blueprint.get("/work/async/stream")
async def stream_async() -> Any:
    """Stream twenty pieces by the kind of generator that the framework expects."""

    def generate() -> Any:
        for _ in range(PIECES):
            yield PIECE

    return generate()
