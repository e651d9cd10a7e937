"""Request headers as a view sees them: raw, joined, and parsed."""

from typing import Any

from quart import Blueprint, jsonify, request
from quart.typing import ResponseReturnValue

blueprint = Blueprint("negotiation", __name__)


def elements(value: str | None) -> list[str]:
    """Split a comma-separated field value into its elements."""
    return [part.strip() for part in (value or "").split(",")]


@blueprint.get("/negotiation/names")
async def names() -> ResponseReturnValue:
    """The names of the header fields that came with the request."""
    return jsonify(sorted(request.headers.keys()))


@blueprint.get("/negotiation/tags")
async def tags() -> ResponseReturnValue:
    """A field that came twice means the same as its values joined by a comma."""
    return jsonify(elements(request.headers.get("X-Tag")))


@blueprint.get("/negotiation/note")
async def note() -> ResponseReturnValue:
    """A field value, decoded byte by byte."""
    return jsonify(note=request.headers.get("X-Note"))


@blueprint.get("/negotiation/required")
async def required() -> ResponseReturnValue:
    """Indexing a field that isn't there is a bad request."""
    return jsonify(token=request.headers["X-Token"])


@blueprint.get("/negotiation/changed")
async def changed() -> ResponseReturnValue:
    """Request headers are read-only."""
    request.headers["X-Token"] = "changed"
    return jsonify(token=request.headers.get("X-Token"))


@blueprint.get("/negotiation/best")
async def best() -> ResponseReturnValue:
    """best_match picks what the client likes most."""
    accepted = request.accept_mimetypes
    return jsonify(best=accepted.best_match(["text/html", "application/json"]))


@blueprint.get("/negotiation/language")
async def language() -> ResponseReturnValue:
    """A language also matches its regional variants, and the reverse."""
    return jsonify(best=request.accept_languages.best_match(["en", "de", "pt-BR"]))


@blueprint.get("/negotiation/authorization")
async def authorization() -> ResponseReturnValue:
    """Authorization is parsed by its scheme: a name and password, or a token."""
    given = request.authorization
    if given is None:
        return jsonify(None)
    return jsonify(type=given.type, username=given.username, token=given.token)


@blueprint.get("/negotiation/conditions")
async def conditions() -> ResponseReturnValue:
    """Conditional fields, parsed into tags and dates."""
    since = request.if_modified_since
    return jsonify(
        strong="a" in request.if_none_match,
        weak=request.if_none_match.contains_weak("b"),
        since=since and since.isoformat(),
    )


@blueprint.get("/negotiation/range")
async def byte_range() -> ResponseReturnValue:
    """A range is parsed into half-open intervals."""
    wanted = request.range
    return jsonify(wanted and [wanted.units, wanted.ranges])


@blueprint.get("/negotiation/caching")
async def caching() -> ResponseReturnValue:
    """Cache-Control directives are attributes."""
    wishes = request.cache_control
    return jsonify(no_cache=bool(wishes.no_cache), max_age=wishes.max_age)


@blueprint.get("/negotiation/cookies")
async def cookies() -> ResponseReturnValue:
    """Every cookie, repeated names too."""
    return jsonify(list(request.cookies.items(multi=True)))


@blueprint.get("/negotiation/address")
async def address() -> ResponseReturnValue:
    """The address of the client, and of the proxies on the way."""
    return jsonify(peer=request.remote_addr, route=request.access_route)


@blueprint.post("/negotiation/type")
async def content_type() -> ResponseReturnValue:
    """The content type, and its two halves."""
    return jsonify(
        content_type=request.content_type,
        mimetype=request.mimetype,
        params=request.mimetype_params,
    )


@blueprint.get("/negotiation/environ")
async def environ() -> ResponseReturnValue:
    """WSGI servers pass the WSGI environment."""
    current: Any = request
    return jsonify(protocol=current.environ["SERVER_PROTOCOL"])


@blueprint.get("/negotiation/remote-user")
async def remote_user() -> ResponseReturnValue:
    """The user name that the server has set."""
    current: Any = request
    return jsonify(user=current.remote_user)
