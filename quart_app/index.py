"""The page at ``/``: all topics, with a link to a first URL of each."""

from quart import Blueprint, render_template
from quart.typing import ResponseReturnValue

from .topics import CHAPTERS

blueprint = Blueprint("index", __name__)


@blueprint.get("/")
async def show_topics() -> ResponseReturnValue:
    """List the topics in the order in which to learn them."""
    return await render_template("index.html", chapters=CHAPTERS)
