"""Content codings and images."""

import gzip
import zlib
from pathlib import Path

from flask import Blueprint, Response, jsonify, request

from .description import description

bp = Blueprint("formats", __name__)
FOLDER = Path(__file__).parent / "images"
IMAGES = {
    "image/png": "dot.png",
    "image/jpeg": "dot.jpeg",
    "image/webp": "dot.webp",
    "image/svg+xml": "dot.svg",
}


def encoded(coding, name, encode):
    described = description("headers", "method", "origin")
    response = jsonify({name: True, **described})
    response.set_data(encode(response.get_data()))
    response.headers["Content-Encoding"] = coding
    return response


@bp.get("/gzip")
def as_gzip():
    return encoded("gzip", "gzipped", lambda data: gzip.compress(data, mtime=0))


@bp.get("/deflate")
def as_deflate():
    return encoded("deflate", "deflated", zlib.compress)


@bp.get("/brotli")
def as_brotli():
    return encoded("br", "brotli", stored_brotli)


def stored_brotli(data):
    """Return data as Brotli (RFC 7932) in one block that is not compressed."""
    # The bits from the lowest: the window 0; a block that is not the last, 0; its length
    # in four nibbles, 00; the length less one; not compressed, 1.
    head = (len(data) - 1) << 4 | 1 << 20
    return head.to_bytes(3, "little") + data + b"\x03"  # the last block, empty


@bp.get("/image")
def show_image():
    """The best image for the Accept header."""
    if "Accept" not in request.headers:
        return image("image/png")
    best = request.accept_mimetypes.best_match(IMAGES)
    return image(best) if best else (jsonify(accept=list(IMAGES)), 406)


@bp.get("/image/png", defaults={"mimetype": "image/png"})
@bp.get("/image/jpeg", defaults={"mimetype": "image/jpeg"})
@bp.get("/image/webp", defaults={"mimetype": "image/webp"})
@bp.get("/image/svg", defaults={"mimetype": "image/svg+xml"})
def image(mimetype):
    return Response((FOLDER / IMAGES[mimetype]).read_bytes(), mimetype=mimetype)
