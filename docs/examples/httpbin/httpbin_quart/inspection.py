"""Methods, and what a request and its response have."""

import uuid

from quart import Blueprint, Response, jsonify, request
from werkzeug.http import http_date

from .description import BODY, description, flat, origin

bp = Blueprint("inspection", __name__)
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "TRACE"]


@bp.get("/get")
async def show_get():
    return jsonify(await description("args", "headers", "origin", "url"))


@bp.post("/post")
@bp.put("/put")
@bp.patch("/patch")
@bp.delete("/delete")
async def show_body():
    return jsonify(await description(*BODY))


@bp.route("/anything", methods=METHODS)
@bp.route("/anything/<path:anything>", methods=METHODS)
async def show_anything(anything=""):
    return jsonify(await description("method", *BODY))


@bp.get("/headers")
async def show_headers():
    return jsonify(await description("headers"))


@bp.get("/ip")
async def show_ip():
    return jsonify(origin=origin())


@bp.get("/user-agent")
async def show_user_agent():
    return {"user-agent": request.headers.get("User-Agent")}


@bp.get("/cache")
async def cache():
    """A client that has a copy need not get it again."""
    if "If-Modified-Since" in request.headers or "If-None-Match" in request.headers:
        return Response(status=304)
    response = await show_get()
    response.headers["Last-Modified"] = http_date()
    response.headers["ETag"] = uuid.uuid4().hex
    return response


@bp.get("/cache/<int:seconds>")
async def cache_for(seconds):
    response = await show_get()
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    return response


@bp.get("/etag/<etag>")
async def show_etag(etag):
    if request.if_none_match:
        if etag in request.if_none_match:
            return Response(status=304, headers={"ETag": etag})
    elif request.if_match and etag not in request.if_match:
        return "", 412
    response = await show_get()
    response.headers["ETag"] = etag
    return response


@bp.route("/response-headers", methods=["GET", "POST"])
async def show_response_headers():
    """The query says which headers the response has; its body lists them too."""
    response = jsonify(flat(request.args))
    for name, value in request.args.items(multi=True):
        response.headers.add(name, value)
    return response
