"""Two apps behind servers: a mail-order shop, once for Flask and once for Quart.

The apps do the same, except the views under `/differs` and `/dated`.
"""

import asyncio
import sys
from typing import Any

import flask
import quart

TOWN = "Łódź"

flask_app = flask.Flask("shop")
quart_app = quart.Quart("shop")


@flask_app.route("/parcel", methods=["GET", "POST", "BREW"])
def parcel() -> Any:
    request = flask.request
    return {
        "weight": len(request.get_data()),
        "seen": [request.remote_addr, request.url, request.headers.get("Tracking-Id")],
        "from": request.headers.get("Sender"),
        "odd": [request.headers.get("Tracking_Id"), request.cookies],
    }


@quart_app.route("/parcel", methods=["GET", "POST", "BREW"])
async def parcel_async() -> Any:
    request = quart.request
    return {
        "weight": len(await request.get_data()),
        "seen": [request.remote_addr, request.url, request.headers.get("Tracking-Id")],
        "from": request.headers.get("Sender"),
        "odd": [request.headers.get("Tracking_Id"), request.cookies],
    }


@flask_app.post("/differs/rejects")
def accepts() -> Any:
    return "accepted"


@quart_app.post("/differs/rejects")
async def rejects() -> Any:
    return "rejected", 400 if quart.request.args.get("status") is None else 431


@flask_app.get("/differs/scheme")
def scheme() -> Any:
    return "http"


@quart_app.get("/differs/scheme")
async def other_scheme() -> Any:
    return "https"


@flask_app.get("/differs/raises")
def calm() -> Any:
    return "calm"


@quart_app.get("/differs/raises")
async def raises() -> Any:
    return {"599": "last"}[600]  # type: ignore[index]


@flask_app.get("/differs/field")
def plain_field() -> Any:
    return "x", {"X-Town": "Lodz"}


@quart_app.get("/differs/field")
async def other_field() -> Any:
    return "x", {"X-Town": "Lublin"}


@flask_app.get("/dated")
def dated() -> Any:
    return "x", {"Date": "Sun, 06 Nov 1994 08:49:37 GMT"}


@quart_app.get("/dated")
async def not_dated() -> Any:
    return "x"


@flask_app.get("/label/<name>")
def label(name: str) -> Any:
    return _label(flask.Response, name)


@quart_app.get("/label/<name>")
async def label_async(name: str) -> Any:
    return _label(quart.Response, name)


def _label(response: Any, name: str) -> Any:
    if name == "exits":
        sys.exit(3)
    body = "" if name == "empty" else "label"
    status = {
        "sent-soon": 103, "beyond": 640, "empty": 204, "phrase": "290 Packed",
        "spoken": 204,
    }  # fmt: skip
    made = response(body, status.get(name, 200))
    fields = {
        "city": ("X-City", "Kassel-Süd"),
        "town": ("X-Town", TOWN),
        "padded": ("X-Town", "Kiel "),
        "coded": ("Transfer-Encoding", "chunked"),
        "upgrade": ("Upgrade", "label/2"),
        "bell": ("X-Town", "Kiel\a"),
        "named": ("Server", "shop"),
        "stamped": ("Date", "Sun, 06 Nov 1994 08:49:37 GMT"),
        "short": ("Content-Length", "2"),
        "long": ("Content-Length", "50"),
    }
    if name in fields:
        field, value = fields[name]
        made.headers[field] = value
    return made


@flask_app.get("/forwarded")
def forwarded() -> Any:
    return {"host": flask.request.headers.get("X-Forwarded-Host")}


@quart_app.get("/forwarded")
async def forwarded_async() -> Any:
    return {"host": quart.request.headers.get("X-Forwarded-Host")}


@flask_app.get("/wrapped")
def wrapped() -> Any:
    return "wrapped"


@quart_app.get("/wrapped")
async def wrapped_async() -> Any:
    # A server that ends the request when its client closes half of it does so earlier.
    await asyncio.sleep(2)
    return "wrapped"


@flask_app.get("/stream")
def stream() -> Any:
    def parts() -> Any:
        yield "one"
        if "breaks" in flask.request.args:
            raise OSError("no more paper")

    return flask.Response(flask.stream_with_context(parts()))


@quart_app.get("/stream")
async def stream_async() -> Any:
    breaks = "breaks" in quart.request.args

    async def parts() -> Any:
        yield "one"
        if breaks:
            raise OSError("no more paper")

    return quart.Response(parts())
