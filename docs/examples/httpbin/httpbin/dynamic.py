"""Responses that a program makes: bytes, streams, delays, ranges, any status."""

import base64
import json
import random
import time
import uuid

from flask import Blueprint, Response, jsonify, redirect, request, url_for

from .description import description
from .inspection import METHODS

bp = Blueprint("dynamic", __name__)
OCTETS = "application/octet-stream"
MOST = 100 * 1024  # bytes of a body
IMAGES = ["image/webp", "image/svg+xml", "image/jpeg", "image/png", "image/*"]
SPECIAL = {
    401: ("", {"WWW-Authenticate": 'Basic realm="httpbin"'}),
    402: ("Pay first.", {"Content-Type": "text/plain"}),
    406: (json.dumps({"accept": IMAGES}), {"Content-Type": "application/json"}),
    407: ("", {"Proxy-Authenticate": 'Basic realm="httpbin"'}),
    418: ("I am a teapot.\n", {"Content-Type": "text/plain"}),
    **dict.fromkeys((204, 304), (None, {})),
    **dict.fromkeys((301, 302, 303, 305, 307), ("", {"Location": "/redirect/1"})),
}


@bp.route("/status/<codes>", methods=METHODS)
def show_status(codes):
    """Several codes may have weights, as 200:3,500:1; one of them is drawn."""
    pairs = [each.partition(":") for each in codes.split(",")]
    try:
        numbers = [int(code) for code, _, _ in pairs]
        weights = [float(weight or 1) for _, _, weight in pairs]
    except ValueError:
        return "Invalid status code", 400
    (status,) = random.choices(numbers, weights)
    body, headers = SPECIAL.get(status, ("", {}))
    return Response(body, status, headers)


@bp.get("/base64/<value>")
def decode(value):
    try:
        return base64.urlsafe_b64decode(value).decode()
    except ValueError:
        return "This is no base64, such as SFRUUEJJTiBpcyBhd2Vzb21l", 400


def random_bytes(n):
    numbers = random.Random(request.args.get("seed", type=int))
    return numbers.randbytes(min(n, MOST))


@bp.get("/bytes/<int:n>")
def show_bytes(n):
    return Response(random_bytes(n), mimetype=OCTETS)


@bp.get("/stream-bytes/<int:n>")
def stream_bytes(n):
    data = random_bytes(n)
    size = max(1, request.args.get("chunk_size", 10 * 1024, type=int))
    parts = (data[start : start + size] for start in range(0, len(data), size))
    return Response(parts, mimetype=OCTETS)


@bp.get("/stream/<int:n>")
def stream(n):
    described = description("args", "headers", "origin", "url")

    def lines():
        for number in range(min(n, 100)):
            yield json.dumps({**described, "id": number}) + "\n"

    return Response(lines(), mimetype="application/json")


@bp.route("/delay/<delay>", methods=METHODS)
def wait(delay):
    time.sleep(min(float(delay), 10))
    return jsonify(
        description("args", "data", "files", "form", "headers", "origin", "url")
    )


@bp.get("/drip")
def drip():
    args = request.args
    size = min(args.get("numbytes", 10, type=int), 10 * 1024 * 1024)
    if size <= 0:
        return "numbytes must be positive", 400
    pause = args.get("duration", 2, type=float) / size
    time.sleep(args.get("delay", 2, type=float))

    def drops():
        for _ in range(size):
            yield b"*"
            time.sleep(pause)

    response = Response(
        drops(), status=args.get("code", 200, type=int), mimetype=OCTETS
    )
    response.content_length = size
    return response


@bp.get("/range/<int:size>")
def show_range(size):
    """Letters, of which the client may request a range (RFC 9110, section 14)."""
    headers = {"ETag": f"range{size}", "Accept-Ranges": "bytes"}
    if not 0 < size <= MOST:
        return "", 404, headers
    letters = bytes(ord("a") + number % 26 for number in range(size))
    part = request.range.range_for_length(size) if request.range else (0, size)
    if part is None:
        return "", 416, {**headers, "Content-Range": f"bytes */{size}"}
    first, end = part
    if request.range:
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{size}"
    chunk = max(1, request.args.get("chunk_size", 10 * 1024, type=int))
    pause = request.args.get("duration", 0, type=float) * chunk / size

    def chunks():
        for start in range(first, end, chunk):
            time.sleep(pause)
            yield letters[start : min(start + chunk, end)]

    response = Response(chunks(), status=206 if request.range else 200, headers=headers)
    response.mimetype = OCTETS
    response.content_length = end - first
    return response


@bp.get("/links/<int:n>")
def first_links(n):
    return redirect(url_for("dynamic.links", n=n, offset=0))


@bp.get("/links/<int:n>/<int:offset>")
def links(n, offset):
    every = (url_for("dynamic.links", n=n, offset=each) for each in range(min(n, 200)))
    parts = (
        str(number) if number == offset else f"<a href='{url}'>{number}</a>"
        for number, url in enumerate(every)
    )
    return f"<title>Links</title>{' '.join(parts)}"


@bp.get("/uuid")
def show_uuid():
    return jsonify(uuid=str(uuid.uuid4()))
