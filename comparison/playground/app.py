"""Create the playground's app: its pages, templates, headers and error handlers."""

import logging
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import StrictUndefined
from quart import (
    Quart,
    Response,
    abort,
    render_template,
    request,
    send_from_directory,
)
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    MisdirectedRequest,
)
from werkzeug.routing import PathConverter

from comparison.core.errors import ComparisonError
from comparison.redaction import without_secrets
from comparison.reports import lesson_page
from comparison.reports.values import expected_values
from comparison.reports.wording import MARKS, SEVERITIES, environment_line, target_line

from . import (
    case_page,
    catalogue,
    differences,
    pasted,
    run_pages,
    start,
    studies,
    try_it,
)
from .addresses import case_address, topic_address
from .guard import MAX_REQUEST, Busy, protect, reject_foreign
from .pool import in_thread
from .state import Missing, Playground, playground

HERE = Path(__file__).parent
LONGEST_NAME = 100  # characters of a file's name; a system may refuse longer ones
STATIC = (HERE / "static", lesson_page.STATIC)
PAGES = (start, catalogue, run_pages, case_page, differences, studies, try_it, pasted)


class Pages(Quart):
    """A Quart app whose templates trim blank lines and reject undefined variables."""

    jinja_options = {  # noqa: RUF012, as in the framework
        "trim_blocks": True,
        "lstrip_blocks": True,
        "undefined": StrictUndefined,
        "finalize": lesson_page.visible_part,
    }


class AnyId(PathConverter):
    """Accept any text as the id of a case or a known difference."""

    regex = r"[\s\S]+?"
    part_isolating = False


def create_app(state: Playground) -> Quart:
    """Create the app that serves a playground."""
    app = Pages(__package__ or "", static_folder=None, template_folder="templates")
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST
    app.extensions["playground"] = state
    app.logger.handlers = [logging.StreamHandler(sys.stderr)]
    app.logger.propagate = False
    app.before_request(reject_foreign)
    app.before_request(reload_apps)
    app.after_request(protect)
    app.context_processor(shared)
    # The id of a case may contain two slashes in a row.
    app.url_map.merge_slashes = False
    app.url_map.converters["id"] = AnyId
    app.add_url_rule("/static/<path:name>", "static", static)
    app.jinja_env.globals |= {
        "case_address": case_address, "topic_address": topic_address, "marks": MARKS,
        "severity": SEVERITIES, "environment_line": environment_line,
        "expected_values": expected_values, "target_line": target_line,
    }  # fmt: skip
    app.jinja_env.filters |= {"prose": lesson_page.prose, "python": lesson_page.python}
    app.add_url_rule("/changes", "changes", changes)
    for page in PAGES:
        app.register_blueprint(page.blueprint)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(MisdirectedRequest, misdirected)
    app.register_error_handler(Missing, missing)
    app.register_error_handler(ComparisonError, target_error)
    app.register_error_handler(Busy, busy)
    return app


async def shared() -> dict[str, Any]:
    """Return the variables that every template uses."""
    state = playground()
    return {
        "header": state.header(state.command("serve")),
        "changes": "" if state.watch is None else f"/changes?since={state.version}",
    }


async def reload_apps() -> None:
    """Load own apps again before a page shows them, if their files have changed."""
    state = playground()
    if state.watch is not None and request.endpoint not in ("static", "changes"):
        await in_thread(state.refresh)


async def changes() -> tuple[str, int]:
    """Answer 200 if a file of own apps has changed since a page was made, else 204."""
    watch = playground().watch
    if watch is None:
        return "", 204
    version = await in_thread(watch.version)
    changed = request.args.get("since", type=int) != version
    return ("changed", 200) if changed else ("", 204)


async def static(name: str) -> Response:
    """Send a style sheet, script or picture from this package or from the reports."""
    here, theirs = STATIC
    if len(name) > LONGEST_NAME:
        abort(404)
    folder = here if (here / name).is_file() else theirs
    response = await send_from_directory(folder, name)
    response.headers["Cache-Control"] = "no-cache"
    return response


async def error_page(
    status: int,
    title: str,
    message: str,
    nearest: str | None = None,
    address: str = "",
    retry: bool = False,
) -> tuple[str, int]:
    """Render a page that says what went wrong, and suggests what to do.

    That is the `nearest` page, or to send the same request again (`retry`).
    """
    form = await request.form if retry else MultiDict[str, str]()
    page = await render_template(
        "error.html",
        title=title,
        message=message,
        nearest=nearest,
        address=address,
        retry=retry,
        method=request.method,
        where=address_of_request(),
        form=form,
    )
    return page, status


def address_of_request() -> str:
    """Return the path and the query of the request, as a link can have them."""
    query = request.query_string.decode("latin-1")
    return f"{quote(request.path)}?{query}" if query else quote(request.path)


async def http_error(error: HTTPException) -> tuple[str, int]:
    """Render the page for an HTTP error."""
    message = error.description or ""
    if isinstance(error, InternalServerError):
        message = "This page failed. The terminal shows the traceback."
    return await error_page(error.code or 500, error.name, message)


async def misdirected(error: MisdirectedRequest) -> tuple[str, int, dict[str, str]]:
    """Answer a request for another host in plain text, without any of our pages."""
    return f"{error.description}\n", 421, {"Content-Type": "text/plain; charset=utf-8"}


async def missing(error: Missing) -> tuple[str, int]:
    """Render the page for an unknown id, with the nearest id."""
    return await error_page(404, "Not found", f"{error}.", error.name, error.address)


async def target_error(error: ComparisonError) -> tuple[str, int]:
    """Render the page for a target that does not respond, or cannot be loaded."""
    message = without_secrets(error, f"{error}")
    return await error_page(502, "An app does not load or respond", message, retry=True)


async def busy(error: Busy) -> tuple[str, int, dict[str, str]]:
    """Render the page for a visitor who sends too many requests."""
    message = f"{error}. Try again in a moment."
    page, status = await error_page(429, "Busy", message, retry=True)
    return page, status, {"Retry-After": "2"}
