"""Flashed messages: one request stores them, and the next shows them."""

from typing import Any

from flask import (
    Blueprint,
    Flask,
    flash,
    get_flashed_messages,
    jsonify,
    redirect,
    render_template_string,
    request,
    url_for,
)
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue

blueprint = Blueprint("flashing", __name__)

PAGE = (
    "{% for category, message in get_flashed_messages(with_categories=true) %}"
    "[{{ category }}: {{ message }}]{% else %}no messages{% endfor %}"
)


def stopped(signer: Any) -> Any:
    """Derive a signer with a fixed time, so that its cookie never changes."""
    return type(
        "StoppedSigner", (signer,), {"get_timestamp": lambda self: 1_700_000_000}
    )


class StoppedSessions(SecureCookieSessionInterface):
    """Store the session in a cookie that is signed with a fixed time."""

    def get_signing_serializer(self, app: Any) -> Any:
        """Replace the signer by one with a fixed time."""
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = stopped(serializer.signer)
        return serializer


@blueprint.get("/flashing/leave/<message>")
def leave(message: str) -> ResponseReturnValue:
    """Leave a message for the next request."""
    flash(message)
    return "Left"


@blueprint.get("/flashing/leave-several")
def leave_several() -> ResponseReturnValue:
    """Leave messages of several categories."""
    flash("Saved", "info")
    flash("Almost full", "warning")
    flash("Sent", "info")
    return "Left"


@blueprint.post("/flashing/save")
def save() -> ResponseReturnValue:
    """Leave a message, and redirect to the page that shows it."""
    form = request.form
    flash(f"Saved {form['name']}")
    return redirect(url_for(".page"))


@blueprint.get("/flashing/show")
def show() -> ResponseReturnValue:
    """Return the messages."""
    return jsonify(get_flashed_messages())


@blueprint.get("/flashing/categories")
def categories() -> ResponseReturnValue:
    """Return the messages with their categories."""
    return jsonify(get_flashed_messages(with_categories=True))


@blueprint.get("/flashing/warnings")
def warnings() -> ResponseReturnValue:
    """Return the messages of one category, and drop the others."""
    return jsonify(get_flashed_messages(category_filter=["warning"]))


@blueprint.get("/flashing/page")
def page() -> ResponseReturnValue:
    """Show the messages in a template."""
    return render_template_string(PAGE)


@blueprint.get("/flashing/at-once")
def at_once() -> ResponseReturnValue:
    """Leave a message, and show it in the same request."""
    flash("Now")
    return jsonify(get_flashed_messages())


@blueprint.get("/flashing/twice")
def read_two_times() -> ResponseReturnValue:
    """Read the messages two times: they stay until the request ends."""
    return jsonify(first=get_flashed_messages(), second=get_flashed_messages())


@blueprint.get("/flashing/late")
def late() -> ResponseReturnValue:
    """Leave a message after reading: it waits for the next request."""
    get_flashed_messages()
    flash("Late")
    return jsonify(get_flashed_messages())


@blueprint.get("/flashing/markup")
def markup() -> ResponseReturnValue:
    """Leave a message with markup in it."""
    flash("<b>Bold</b>")
    return "Left"


def init_app(app: Flask) -> None:
    """Sign cookies with a fixed time if the setting FLASHING says so."""
    if app.config.get("FLASHING") == "stopped clock":
        app.session_interface = StoppedSessions()
