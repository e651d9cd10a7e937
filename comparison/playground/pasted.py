"""Serve a page that ports a pasted Flask view to Quart: text in, text out.

We read the code and never execute it.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from quart import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from comparison.core.errors import ComparisonError
from comparison.core.processes.call import call_in_child
from comparison.lesson.model import SampleLine
from comparison.lesson.sample import Source, align

from .pool import in_thread
from .recordings import Stored
from .state import playground

if TYPE_CHECKING:
    from comparison.porting import Ported

blueprint = Blueprint("pasted", __name__)

MAX_SOURCE = 20_000  # characters
SECONDS = 20.0  # to port a source
EXAMPLE = """from flask import Flask, jsonify, request

app = Flask(__name__)


@app.post("/orders")
def accept_order():
    order = request.get_json()
    if not order.get("article"):
        return jsonify(error="an order needs an article"), 400
    return jsonify(message="accepted"), 202
"""


class Pasted(NamedTuple):
    """A pasted source, and what is wrong with it or its port."""

    source: str
    problem: str = ""
    ported: "Ported | None" = None


_stored = Stored[Pasted]()


@blueprint.get("/port")
async def paste() -> str:
    """Show the form with an example."""
    return await page(Pasted(EXAMPLE))


@blueprint.post("/port")
async def port_source() -> WerkzeugResponse:
    """Port the source and redirect to the result."""
    playground().rate.take()
    source = (await request.form).get("source", "").replace("\r\n", "\n")
    token = _stored.add(await in_thread(ported_of, source))
    return redirect(url_for("pasted.result", token=token) + "#ported", 303)


@blueprint.get("/port/<token>")
async def result(token: str) -> str:
    """Show the port of a pasted source."""
    pasted = _stored.find(token)
    if pasted is None:
        abort(404, "The playground no longer has this source. Paste it again.")
    return await page(pasted)


def ported_of(source: str) -> Pasted:
    """Port a source, or say why we cannot."""
    if len(source) > MAX_SOURCE:
        problem = (
            f"has more than {MAX_SOURCE:,} characters; port a file with the command"
        )
        return Pasted(source[:MAX_SOURCE], problem)
    if find_spec("libcst") is None:
        extra = "flask-quart-comparison[port]"
        return Pasted(source, f"cannot be ported without LibCST: install {extra}")
    try:
        # Code that is nested deeply ends the process that parses it.
        made = call_in_child("it", "comparison.porting:port", source, seconds=SECONDS)
    except ComparisonError as error:
        return Pasted(source, f"cannot be ported: {error}")
    from comparison.porting import Ported

    return Pasted(source, ported=msgspec.convert(made, Ported))


async def page(pasted: Pasted) -> str:
    """Render the form, and the port beside the source."""
    state = playground()
    lines: tuple[SampleLine, ...] = ()
    if pasted.ported is not None:
        sides = (
            Source(text.splitlines(), [()] * len(text.splitlines()))
            for text in (pasted.source, pasted.ported.source)
        )
        lines = align(*sides)
    return await render_template(
        "port.html",
        pasted=pasted,
        lines=lines,
        header=state.header("comparison port app.py --dry-run"),
    )
