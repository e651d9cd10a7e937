"""Range requests: a client requests a part of a response."""

from io import BytesIO
from typing import Any

from flask import Blueprint, Response, request, send_file

blueprint = Blueprint("ranges", __name__)

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@blueprint.route("/ranges/letters", methods=["GET", "POST"])
def letters() -> Any:
    """Twenty-six letters, of which a client may request some."""
    response = Response(LETTERS, mimetype="text/plain")
    response.set_etag("v1")
    response.headers["Last-Modified"] = "Sat, 01 Jan 2022 00:00:00 GMT"
    return response.make_conditional(
        request,
        accept_ranges=True,
        complete_length=26,
    )


@blueprint.get("/ranges/refused")
def refused() -> Any:
    """The letters, but no parts of them."""
    response = Response(LETTERS)
    return response.make_conditional(
        request,
        accept_ranges=False,
        complete_length=26,
    )


@blueprint.get("/ranges/unsized")
def unsized() -> Any:
    """The letters, without saying how many there are."""
    response = Response(LETTERS)
    return response.make_conditional(request, accept_ranges=True)


@blueprint.get("/ranges/empty")
def empty() -> Any:
    """No letters at all."""
    return Response("").make_conditional(
        request,
        accept_ranges=True,
        complete_length=0,
    )


@blueprint.get("/ranges/stream")
def stream() -> Any:
    """The letters in pieces."""
    response = Response(piece for piece in ("abcde", "fghij"))
    return response.make_conditional(
        request,
        accept_ranges=True,
        complete_length=10,
    )


@blueprint.get("/ranges/characters")
def characters() -> Any:
    """Characters of two bytes each, in pieces of text."""
    response = Response(piece for piece in ("\xe4\xf6", "\xfc\xdf"))
    return response.make_conditional(
        request,
        accept_ranges=True,
        complete_length=8,
    )


@blueprint.get("/ranges/in-memory")
def in_memory() -> Any:
    """The letters as a file in memory, sent with the function's own defaults."""
    return send_file(BytesIO(LETTERS.encode()), "text/plain")


@blueprint.get("/ranges/conditional")
def conditional() -> Any:
    """The letters as a file in memory, with conditions and ranges enabled."""
    return send_file(BytesIO(LETTERS.encode()), "text/plain", conditional=True)
