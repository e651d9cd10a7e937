"""Error handlers: which one answers, and what happens if it fails."""

from typing import Any, NoReturn

from quart import Blueprint, Quart, Response, abort, jsonify, request
from quart.typing import ResponseReturnValue
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import HTTPException, InternalServerError, ServiceUnavailable
from werkzeug.routing import RequestRedirect

blueprint = Blueprint("handlers", __name__)
annex = Blueprint("annex", __name__)


class PaperError(Exception):
    """The base of errors about paper."""


class EmptyTrayError(PaperError):
    """A paper error for which only the base has a handler."""


class JamError(PaperError):
    """A paper error with a separate handler."""


class SilentError(Exception):
    """An error whose handler returns nothing."""


class BrokenError(Exception):
    """An error whose handler raises."""


class AbortingError(Exception):
    """An error whose handler aborts."""


class ClosedError(HTTPException):
    """An HTTP exception with its own status and header."""

    code = 503
    description = "The shop is closed."

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        """Add one header to the usual ones."""
        return [*super().get_headers(*args, **kwargs), ("X-Opens", "9:00")]


class PlacedError(HTTPException):
    """An HTTP exception whose page names the place it was raised at."""

    code = 409

    def get_body(self, environ: Any = None, scope: Any = None) -> str:
        """Take the path from the environment, if Werkzeug passes it."""
        return f"Conflict at {environ['PATH_INFO'] if environ else 'an unknown place'}"


@blueprint.errorhandler(PaperError)
async def handle_paper(error: PaperError) -> ResponseReturnValue:
    """Answer for the class and for subclasses without a handler."""
    return jsonify(error="paper", kind=type(error).__name__), 503


@blueprint.errorhandler(JamError)
async def handle_jam(error: JamError) -> ResponseReturnValue:
    """Answer for the subclass alone: the closest class wins."""
    return jsonify(error="jam"), 503


@blueprint.errorhandler(SilentError)
async def handle_silently(error: SilentError) -> Any:
    """Forget to return."""


@blueprint.errorhandler(BrokenError)
async def handle_by_raising(error: BrokenError) -> NoReturn:
    """Raise an exception that has a handler, from within a handler."""
    raise PaperError("Raised by a handler")


@blueprint.errorhandler(AbortingError)
async def handle_by_aborting(error: AbortingError) -> NoReturn:
    """Abort from within a handler."""
    abort(404)


@blueprint.errorhandler(409)
async def handle_conflict(error: HTTPException) -> Any:
    """Return the exception itself, under another status and with a header."""
    return error, 423, {"X-Handler": "conflict"}


@blueprint.errorhandler(410)
async def handle_410(error: HTTPException) -> ResponseReturnValue:
    """Return a dictionary without a status."""
    return {"error": error.description}


@blueprint.errorhandler(ServiceUnavailable)
async def handle_unavailable(error: HTTPException) -> ResponseReturnValue:
    """Answer for a status by its exception class."""
    return f"By class: {error.code}", 503


@annex.errorhandler(HTTPException)
async def handle_any_in_annex(error: HTTPException) -> Any:
    """Answer for every HTTP exception of the inner blueprint."""
    return jsonify(annex=error.code), error.code


@annex.get("/handlers/annex/<int:code>")
async def abort_in_annex(code: int) -> NoReturn:
    """Abort in a blueprint within a blueprint."""
    abort(code)


@annex.errorhandler(500)
async def handle_annex_failure(error: InternalServerError) -> ResponseReturnValue:
    """Return the original exception."""
    return jsonify(original=repr(error.original_exception)), 500


@annex.get("/handlers/annex/unhandled")
async def unhandled_in_annex() -> NoReturn:
    """Raise an exception that only the handler for 500 answers."""
    raise LookupError("No such shelf")


@blueprint.get("/handlers/paper/<name>")
async def raise_paper(name: str) -> NoReturn:
    """Raise one of the module's exceptions."""
    errors = (
        EmptyTrayError,
        JamError,
        SilentError,
        BrokenError,
        AbortingError,
        ClosedError,
    )
    raise {error.__name__: error for error in errors}[name]


@blueprint.get("/handlers/placed")
async def placed() -> NoReturn:
    """Raise an HTTP exception that needs the request."""
    raise PlacedError


@blueprint.get("/handlers/code/<int:code>")
async def abort_with(code: int) -> NoReturn:
    """Abort with any number at all."""
    abort(code)


@blueprint.get("/handlers/response")
async def abort_with_response() -> NoReturn:
    """Abort with a finished response: no handler runs."""
    abort(Response("Taken", 410, {"X-Taken": "yes"}))


@blueprint.get("/handlers/unauthorized")
async def abort_unauthorized() -> NoReturn:
    """Arguments after the status go to the exception."""
    abort(401, www_authenticate=WWWAuthenticate("basic", {"realm": "Shop"}))


@blueprint.get("/handlers/markup")
async def abort_with_markup() -> NoReturn:
    """A description is escaped, and its line breaks stay."""
    abort(400, "Not <b>bold</b>\nbut two lines")


@blueprint.get("/handlers/later")
async def abort_later() -> NoReturn:
    """Some HTTP exceptions write headers from their arguments."""
    abort(429, retry_after=30)


@blueprint.get("/handlers/raised-redirect")
async def raised_redirect() -> NoReturn:
    """Raise what routing raises when a slash is missing."""
    raise RequestRedirect("/handlers/folder/")


@blueprint.get("/handlers/folder/")
async def folder() -> ResponseReturnValue:
    """Have a rule with a trailing slash."""
    return "A folder"


@blueprint.get("/handlers/unhandled")
async def unhandled() -> NoReturn:
    """Raise an exception without a handler."""
    raise LookupError("No such shelf")


@blueprint.get("/handlers/key")
async def query_key() -> ResponseReturnValue:
    """Read a query parameter that may be missing."""
    return request.args["title"]


async def report_error(error: HTTPException) -> Any:
    """Answer every HTTP exception of the app in JSON."""
    return jsonify(code=error.code, name=error.name), error.code


async def report_exception(error: Exception) -> ResponseReturnValue:
    """Answer for every exception, HTTP exceptions included."""
    return jsonify(caught=type(error).__name__), 500


async def report_failure(error: InternalServerError) -> ResponseReturnValue:
    """Return the original exception, if the view raised one."""
    return jsonify(original=repr(error.original_exception)), 500


async def fail_in_handler(error: InternalServerError) -> NoReturn:
    """Fail in a handler for 500."""
    raise ArithmeticError("The handler failed too")


async def say_nothing(error: InternalServerError) -> Any:
    """Return nothing from a handler for 500."""


APP_HANDLERS: dict[str, list[tuple[Any, Any]]] = {
    "codes": [
        (404, report_error),
        (405, report_error),
        (RequestRedirect, report_error),
    ],
    "http": [(HTTPException, report_error)],
    "exception": [(Exception, report_exception)],
    "failure": [(500, report_failure)],
    "failing": [(500, fail_in_handler)],
    "nothing": [(500, say_nothing)],
}


blueprint.register_blueprint(annex)


def init_app(app: Quart) -> None:
    """Register the handlers that the setting HANDLERS names, for the whole app."""
    for error, handler in APP_HANDLERS.get(app.config.get("HANDLERS", ""), []):
        app.register_error_handler(error, handler)
