"""Signals that the framework sends, and their order."""

from typing import Any

from quart import (
    Blueprint,
    Quart,
    abort,
    appcontext_popped,
    appcontext_pushed,
    appcontext_tearing_down,
    before_render_template,
    current_app,
    flash,
    g,
    get_flashed_messages,
    got_request_exception,
    jsonify,
    message_flashed,
    render_template_string,
    request,
    request_finished,
    request_started,
    request_tearing_down,
    stream_template_string,
    template_rendered,
)
from quart.typing import ResponseReturnValue

blueprint = Blueprint("signals", __name__)


class HandledError(Exception):
    """An error with a handler."""


@blueprint.errorhandler(HandledError)
async def handle(error: HandledError) -> ResponseReturnValue:
    """Answer an exception of a view."""
    return "handled", 409


@blueprint.get("/signals/view")
async def view() -> ResponseReturnValue:
    """Return the signals that came before the view."""
    return jsonify(g.get("heard", []))


@blueprint.get("/signals/template")
async def template() -> ResponseReturnValue:
    """Render a template that a receiver adds a value to."""
    body = await render_template_string("{{ added }}")
    return jsonify(body=body, heard=g.heard)


@blueprint.get("/signals/stream")
async def stream() -> Any:
    """Stream a template."""
    return await stream_template_string("{{ added }}")


@blueprint.get("/signals/flash")
async def flash_message() -> ResponseReturnValue:
    """Leave a message and read it, so that none is left for the next request."""
    await flash("Saved", "info")
    get_flashed_messages()
    return jsonify(g.heard)


@blueprint.get("/signals/missing")
async def missing() -> ResponseReturnValue:
    """Abort."""
    abort(404)


@blueprint.get("/signals/handled")
async def handled() -> ResponseReturnValue:
    """Raise an exception that has a handler."""
    raise HandledError


@blueprint.get("/signals/fail")
async def fail() -> ResponseReturnValue:
    """Raise an exception that has no handler."""
    raise LookupError("The view failed")


@blueprint.get("/signals/connect")
async def connect() -> ResponseReturnValue:
    """Connect a plain receiver: later requests will call it."""
    appcontext_pushed.connect(on_pushed_plain, current_app.extensions["signals.app"])
    return "Connected"


async def read_diary() -> ResponseReturnValue:
    """Return all signals so far, each once."""
    return jsonify(sorted(set(current_app.extensions["signals.diary"])))


def hear(line: str) -> None:
    """Note a signal for this request."""
    g.setdefault("heard", []).append(line)


async def on_started(sender: Any, **extra: Any) -> None:
    """Note that a request has started."""
    hear(f"started {request.path} {sender == current_app}")
    if request.args.get("fail") == "started":
        abort(403)


async def on_finished(sender: Any, response: Any, **extra: Any) -> None:
    """Note that a response exists, and change it."""
    response.headers["X-Heard"] = "; ".join(
        [*g.get("heard", []), f"finished {response.status_code}"]
    )
    if request.args.get("fail") == "finished":
        raise RuntimeError("A receiver failed")


async def on_exception(sender: Any, exception: BaseException, **extra: Any) -> None:
    """Note an exception that has no handler."""
    hear(f"exception {type(exception).__name__}")


async def on_torn_down(sender: Any, exc: Any = None, **extra: Any) -> None:
    """Note that a request is over."""
    sender.extensions["signals.diary"].append(
        f"request torn down: {type(exc).__name__}"
    )


async def on_render(sender: Any, template: Any, context: Any, **extra: Any) -> None:
    """Note that a template will be rendered, and add a value to it."""
    context["added"] = "added by a receiver"
    hear(f"before render {template.name}")


async def on_rendered(sender: Any, template: Any, context: Any, **extra: Any) -> None:
    """Note that a template was rendered."""
    hear(f"rendered {sorted(set(context) & {'added', 'request', 'g'})}")


async def on_flashed(sender: Any, message: str, category: str, **extra: Any) -> None:
    """Note that a message was left."""
    hear(f"flashed {category} {message}")


async def on_pushed(sender: Any, **extra: Any) -> None:
    """Note that an app context was pushed."""
    sender.extensions["signals.diary"].append(f"pushed {sorted(extra)}")


def on_pushed_plain(sender: Any, **extra: Any) -> None:
    """Note, without async, that an app context was pushed."""
    sender.extensions["signals.diary"].append("pushed")


def on_started_plain(sender: Any, **extra: Any) -> None:
    """Note, without async, that a request has started."""
    hear("started")


async def on_popped(sender: Any, **extra: Any) -> None:
    """Note that an app context was popped."""
    sender.extensions["signals.diary"].append("popped")


async def on_app_torn_down(sender: Any, exc: Any = None, **extra: Any) -> None:
    """Note that an app context is over."""
    sender.extensions["signals.diary"].append(f"app torn down: {type(exc).__name__}")


RECEIVERS: dict[str, list[tuple[Any, Any]]] = {
    "request": [
        (request_started, on_started),
        (request_finished, on_finished),
        (got_request_exception, on_exception),
        (before_render_template, on_render),
        (template_rendered, on_rendered),
        (message_flashed, on_flashed),
    ],
    "teardown": [
        (request_tearing_down, on_torn_down),
        (appcontext_tearing_down, on_app_torn_down),
    ],
    "pushed": [(appcontext_pushed, on_pushed)],
    "popped": [(appcontext_popped, on_popped)],
    "started-plain": [(request_started, on_started_plain)],
}


def init_app(app: Quart) -> None:
    """Connect the receivers that the setting SIGNALS names, to this app alone."""
    app.add_url_rule("/signals/diary", "signals_diary", read_diary)
    app.extensions["signals.app"] = app
    app.extensions["signals.diary"] = []
    for signal, receiver in RECEIVERS.get(app.config.get("SIGNALS", ""), []):
        signal.connect(receiver, app)
