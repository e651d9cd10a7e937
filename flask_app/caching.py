"""Validators, conditional requests, and directives for caches."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

blueprint = Blueprint("caching", __name__)

WRITTEN = datetime(2022, 1, 1, tzinfo=UTC)


@blueprint.get("/caching/hashed")
def hashed() -> Any:
    """An entity tag made from the body."""
    response = Response("Hello")
    response.add_etag()
    return response


@blueprint.get("/caching/kept")
def existing_etag() -> Any:
    """An existing entity tag stays unchanged."""
    response = Response("Hello")
    response.set_etag("v1")
    response.add_etag()
    return response


@blueprint.get("/caching/hashed-stream")
def hashed_stream() -> Any:
    """An entity tag for a stream, which has to be read for it."""
    response = Response(piece for piece in ("Hel", "lo"))
    response.add_etag()
    return response


@blueprint.route("/caching/tagged", methods=["GET", "POST"])
def tagged() -> Any:
    """A response that is compared with what the client has, by its entity tag."""
    response = Response("Hello", headers={"Vary": "Accept", "Content-Language": "en"})
    response.set_etag("v1")
    response.cache_control.max_age = 60
    return response.make_conditional(request)


@blueprint.get("/caching/dated")
def dated() -> Any:
    """A response that is compared with what the client has, by its date."""
    response = Response("Hello")
    response.last_modified = WRITTEN
    return response.make_conditional(request)


@blueprint.get("/caching/both")
def both() -> Any:
    """A response with an entity tag and a date."""
    response = Response("Hello")
    response.set_etag("v1")
    response.last_modified = WRITTEN
    return response.make_conditional(request)


@blueprint.get("/caching/neither")
def neither() -> Any:
    """A response with nothing to compare."""
    return Response("Hello").make_conditional(request)


@blueprint.get("/caching/streamed")
def streamed() -> Any:
    """A stream that is compared with what the client has."""
    response = Response(piece for piece in ("Hel", "lo"))
    response.set_etag("v1")
    return response.make_conditional(request)


@blueprint.get("/caching/directives")
def directives() -> ResponseReturnValue:
    """Cache-Control, put together from attributes."""
    response = Response("Hello")
    response.cache_control.private = True
    response.cache_control.max_age = 60
    response.cache_control.must_revalidate = True
    return response


@blueprint.get("/caching/extension")
def extension() -> Any:
    """A directive of newer date, and one removed again."""
    response: Any = Response("Hello")
    response.cache_control.stale_while_revalidate = 30
    response.cache_control.public = True
    response.cache_control.public = None
    return response


@blueprint.get("/caching/vary")
def vary() -> ResponseReturnValue:
    """The request headers that the response depends on, each name once."""
    response = Response("Hello")
    response.vary.add("Accept-Language")
    response.vary.update(["Accept", "accept-language"])
    return response


@blueprint.get("/caching/times")
def times() -> Any:
    """Times as dates, and an age in seconds."""
    response: Any = Response("Hello")
    response.expires = WRITTEN
    response.last_modified = 0
    response.age = 30
    response.retry_after = 120
    return response
