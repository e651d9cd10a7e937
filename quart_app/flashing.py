"""Flashed messages: one request stores them, and the next shows them."""

from typing import Any

from quart import (
    Blueprint,
    Quart,
    flash,
    get_flashed_messages,
    jsonify,
    redirect,
    render_template_string,
    request,
    url_for,
)
from quart.sessions import SecureCookieSessionInterface
from quart.typing import ResponseReturnValue

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
async def leave(message: str) -> ResponseReturnValue:
    """Leave a message for the next request."""
    await flash(message)
    return "Left"


@blueprint.get("/flashing/leave-several")
async def leave_several() -> ResponseReturnValue:
    """Leave messages of several categories."""
    await flash("Saved", "info")
    await flash("Almost full", "warning")
    await flash("Sent", "info")
    return "Left"


@blueprint.post("/flashing/save")
async def save() -> ResponseReturnValue:
    """Leave a message, and redirect to the page that shows it."""
    form = await request.form
    await flash(f"Saved {form['name']}")
    return redirect(url_for(".page"))


@blueprint.get("/flashing/show")
async def show() -> ResponseReturnValue:
    """Return the messages."""
    return jsonify(get_flashed_messages())


@blueprint.get("/flashing/categories")
async def categories() -> ResponseReturnValue:
    """Return the messages with their categories."""
    return jsonify(get_flashed_messages(with_categories=True))


@blueprint.get("/flashing/warnings")
async def warnings() -> ResponseReturnValue:
    """Return the messages of one category, and drop the others."""
    return jsonify(get_flashed_messages(category_filter=["warning"]))


@blueprint.get("/flashing/page")
async def page() -> ResponseReturnValue:
    """Show the messages in a template."""
    return await render_template_string(PAGE)


@blueprint.get("/flashing/at-once")
async def at_once() -> ResponseReturnValue:
    """Leave a message, and show it in the same request."""
    await flash("Now")
    return jsonify(get_flashed_messages())


@blueprint.get("/flashing/twice")
async def read_two_times() -> ResponseReturnValue:
    """Read the messages two times: they stay until the request ends."""
    return jsonify(first=get_flashed_messages(), second=get_flashed_messages())


@blueprint.get("/flashing/late")
async def late() -> ResponseReturnValue:
    """Leave a message after reading: it waits for the next request."""
    get_flashed_messages()
    await flash("Late")
    return jsonify(get_flashed_messages())


@blueprint.get("/flashing/markup")
async def markup() -> ResponseReturnValue:
    """Leave a message with markup in it."""
    await flash("<b>Bold</b>")
    return "Left"


def init_app(app: Quart) -> None:
    """Sign cookies with a fixed time if the setting FLASHING says so."""
    if app.config.get("FLASHING") == "stopped clock":
        app.session_interface = StoppedSessions()
