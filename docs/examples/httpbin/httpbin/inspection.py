"""Methods, and what a request and its response have."""

import uuid

from flask import Blueprint, jsonify, request
from werkzeug.http import http_date

from .description import BODY, description, flat, origin

bp = Blueprint("inspection", __name__)
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "TRACE"]


@bp.get("/get")
def show_get():
    return jsonify(description("args", "headers", "origin", "url"))


@bp.post("/post")
@bp.put("/put")
@bp.patch("/patch")
@bp.delete("/delete")
def show_body():
    return jsonify(description(*BODY))


@bp.route("/anything", methods=METHODS)
@bp.route("/anything/<path:anything>", methods=METHODS)
def show_anything(anything=""):
    return jsonify(description("method", *BODY))


@bp.get("/headers")
def show_headers():
    return jsonify(description("headers"))


@bp.get("/ip")
def show_ip():
    return jsonify(origin=origin())


@bp.get("/user-agent")
def show_user_agent():
    return {"user-agent": request.headers.get("User-Agent")}


@bp.get("/cache")
def cache():
    """A client that has a copy need not get it again."""
    if "If-Modified-Since" in request.headers or "If-None-Match" in request.headers:
        return "", 304
    response = show_get()
    response.headers["Last-Modified"] = http_date()
    response.headers["ETag"] = uuid.uuid4().hex
    return response


@bp.get("/cache/<int:seconds>")
def cache_for(seconds):
    response = show_get()
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    return response


@bp.get("/etag/<etag>")
def show_etag(etag):
    if request.if_none_match:
        if etag in request.if_none_match:
            return "", 304, {"ETag": etag}
    elif request.if_match and etag not in request.if_match:
        return "", 412
    response = show_get()
    response.headers["ETag"] = etag
    return response


@bp.route("/response-headers", methods=["GET", "POST"])
def show_response_headers():
    """The query says which headers the response has; its body lists them too."""
    response = jsonify(flat(request.args))
    for name, value in request.args.items(multi=True):
        response.headers.add(name, value)
    return response
