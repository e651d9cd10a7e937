"""The page at ``/``: all topics, with a link to a first URL of each."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from .topics import CHAPTERS

blueprint = Blueprint("index", __name__)


@blueprint.get("/")
def show_topics() -> ResponseReturnValue:
    """List the topics in the order in which to learn them."""
    return render_template("index.html", chapters=CHAPTERS)
