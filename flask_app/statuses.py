"""Ways to write a status code, and all status codes."""

from enum import IntEnum
from http import HTTPStatus
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

blueprint = Blueprint("statuses", __name__)


class JobStatus(IntEnum):
    """Status codes under names that the app defines."""

    DONE = 200
    WAITING = 202


@blueprint.get("/status/int")
def plain_int() -> ResponseReturnValue:
    """A number."""
    return "Accepted", 202


@blueprint.get("/status/http-status")
def http_status() -> ResponseReturnValue:
    """A member of the standard library's HTTPStatus."""
    return "Accepted", HTTPStatus.ACCEPTED


@blueprint.get("/status/int-enum")
def int_enum() -> ResponseReturnValue:
    """A member of any IntEnum."""
    return "Waiting", JobStatus.WAITING


@blueprint.get("/status/text")
def text() -> Any:
    """A string of digits."""
    return "Not here", "404"


@blueprint.get("/status/text-with-reason")
def text_with_reason() -> Any:
    """A string with a reason phrase, as it would stand in the status line."""
    return "Short and stout", "418 I'M A TEAPOT"


@blueprint.get("/status/<int(signed=True):code>")
def any_code(code: int) -> ResponseReturnValue:
    """The number in the path."""
    return f"Status {code}", code
