"""Sessions: signed cookies that carry a dictionary from request to request."""

from datetime import UTC, datetime

import itsdangerous
from flask import Blueprint, Flask, flash, get_flashed_messages, jsonify, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask.typing import ResponseReturnValue

blueprint = Blueprint("sessions", __name__)


@blueprint.post("/sessions/login")
def login() -> ResponseReturnValue:
    """Assigning to the session sets the cookie."""
    session["user"] = "ada"
    return jsonify(user=session["user"])


@blueprint.post("/sessions/remember")
def remember() -> ResponseReturnValue:
    """A permanent session outlives the browser."""
    session.permanent = True
    session["user"] = "ada"
    return jsonify(permanent=session.permanent)


@blueprint.get("/sessions/user")
def user() -> ResponseReturnValue:
    """Reading the session makes the response depend on the cookie."""
    return jsonify(user=session.get("user"))


@blueprint.post("/sessions/again")
def save_unchanged() -> ResponseReturnValue:
    """Marked as modified, the session is written again with what was read."""
    session.modified = True
    return jsonify(user=session.get("user"))


@blueprint.get("/sessions/untouched")
def untouched() -> ResponseReturnValue:
    """A view that leaves the session alone can be cached for everybody."""
    return jsonify(cacheable=True)


@blueprint.post("/sessions/logout")
def logout() -> ResponseReturnValue:
    """Clearing the session deletes the cookie."""
    session.clear()
    return jsonify(user=session.get("user"))


@blueprint.post("/sessions/basket")
def basket() -> ResponseReturnValue:
    """The session notices every new value."""
    session["basket"] = {"apples": 1}
    return jsonify(session["basket"])


@blueprint.post("/sessions/basket/add")
def add() -> ResponseReturnValue:
    """The session does not notice a change inside a value."""
    session["basket"]["apples"] += 1
    return jsonify(session["basket"])


@blueprint.post("/sessions/basket/add-noticed")
def add_noticed() -> ResponseReturnValue:
    """session.modified reports a change that the session does not notice."""
    session["basket"]["apples"] += 1
    session.modified = True
    return jsonify(session["basket"])


@blueprint.post("/sessions/typed")
def typed() -> ResponseReturnValue:
    """Tuples, bytes and dates survive, which plain JSON doesn't allow."""
    session["typed"] = [(1, 2), b"raw", datetime(2026, 1, 2, tzinfo=UTC)]
    return jsonify(saved=True)


@blueprint.get("/sessions/typed")
def show_typed() -> ResponseReturnValue:
    """The types that came back."""
    return jsonify([type(value).__name__ for value in session["typed"]])


@blueprint.post("/sessions/flash")
def leave_message() -> ResponseReturnValue:
    """A flashed message waits in the session for the next request."""
    flash("Saved", "success")
    return jsonify(flashed=True)


@blueprint.get("/sessions/flash")
def show_messages() -> ResponseReturnValue:
    """Reading the messages removes them."""
    return jsonify(get_flashed_messages(with_categories=True))


@blueprint.post("/sessions/failing")
def failing() -> ResponseReturnValue:
    """The session is saved although the view failed afterwards."""
    session["user"] = "ada"
    raise LookupError("after the session was changed")


class StoppedClock(itsdangerous.TimestampSigner):
    """Sign with a fixed time, so that cookies can be compared."""

    def get_timestamp(self) -> int:
        """Return the time for all cookies."""
        return 1_700_000_000


class StoppedSessions(SecureCookieSessionInterface):
    """The usual sessions, signed with a fixed time."""

    def get_signing_serializer(
        self, app: Flask
    ) -> itsdangerous.URLSafeTimedSerializer | None:
        """Sign as usual, with a fixed time."""
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = StoppedClock
        return serializer

    def get_expiration_time(self, app: Flask, session: SessionMixin) -> datetime | None:
        """Let permanent sessions expire on a fixed day."""
        return datetime(2030, 1, 2, tzinfo=UTC) if session.permanent else None


def init_app(app: Flask) -> None:
    """Sign cookies with a fixed time, if a setting says so."""
    if app.config.get("SESSIONS_STOPPED"):
        app.session_interface = StoppedSessions()
