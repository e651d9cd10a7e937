"""Redirects and cookies."""

from quart import Blueprint, Response, jsonify, redirect, request, url_for

from .inspection import METHODS

bp = Blueprint("redirects", __name__)


def to_next(name, n, absolute):
    if n == 1:
        return redirect(url_for("inspection.show_get", _external=absolute))
    return redirect(url_for(f"redirects.{name}", n=n - 1, _external=absolute))


@bp.get("/redirect/<int:n>")
async def several(n):
    absolute = request.args.get("absolute", "").lower() == "true"
    return to_next("absolute" if absolute else "relative", n, absolute)


@bp.get("/relative-redirect/<int:n>")
async def relative(n):
    return to_next("relative", n, absolute=False)


@bp.get("/absolute-redirect/<int:n>")
async def absolute(n):
    return to_next("absolute", n, absolute=True)


@bp.route("/redirect-to", methods=METHODS)
async def redirect_to():
    values = await request.values
    status = values.get("status_code", 302, type=int)
    headers = {"Location": values["url"]}
    return Response(status=status if 300 <= status < 400 else 302, headers=headers)


def to_cookies():
    return redirect(url_for("redirects.show_cookies"))


@bp.get("/cookies")
async def show_cookies():
    return jsonify(cookies=request.cookies)


@bp.get("/cookies/set/<name>/<value>")
async def set_cookie(name, value):
    response = to_cookies()
    response.set_cookie(name, value)
    return response


@bp.get("/cookies/set")
async def set_cookies():
    response = to_cookies()
    for name, value in request.args.items():
        response.set_cookie(name, value)
    return response


@bp.get("/cookies/delete")
async def delete_cookies():
    response = to_cookies()
    for name in request.args:
        response.delete_cookie(name)
    return response
