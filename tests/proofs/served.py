"""One program for both frameworks, served by every server.

`PROOF_PATCHES` in the environment has the causes whose patches the server gets.
"""

import os
from types import ModuleType
from typing import Any

import flask

from .programs import app_of, for_flask
from .server_patches import PATCHES

PROGRAM = """
import asyncio
import io
import time
from contextvars import ContextVar

pause = time.sleep if type(app).__name__ == "Flask" else asyncio.sleep
tenant = ContextVar("tenant", default="nobody")
in_flight = {"now": 0, "most": 0}
ran = []
app.config["MAX_CONTENT_LENGTH"] = 100

async def pieces(*texts):
    for text in texts:
        ran.append(text)
        yield text

async def failing():
    yield "one"
    raise LookupError("no more rows")

async def failing_at_once():
    raise LookupError("no rows")
    yield "one"

@app.route("/", methods=["GET", "POST"])
async def view():
    return "Hello"

@app.get("/length/<length>")
async def length(length):
    return Response(pieces("Hello"), headers={"Content-Length": length})

@app.get("/counted/<length>")
async def counted(length):
    return "Hello", {"Content-Length": length}

@app.post("/echo")
async def echo():
    return await request.get_data()

@app.post("/slow-echo")
async def slow_echo():
    body = await request.get_data()
    await pause(0.2)
    return body

@app.post("/unread")
async def unread():
    return "not read", 413

@app.post("/announced")
async def announced():
    return f"{request.content_length} {len(await request.get_data())}"

@app.get("/pauses")
async def pauses():
    await pause(0.5)
    return "paused"

@app.get("/in-flight")
async def flying():
    in_flight["now"] += 1
    in_flight["most"] = max(in_flight.values())
    await pause(1)
    in_flight["now"] -= 1
    return f"most {in_flight['most']}"

@app.post("/timed/<seconds>")
async def timed(seconds):
    request.body_timeout = float(seconds) or None
    return await request.get_data()

@app.get("/fails")
async def fails():
    return failing()

@app.get("/fails-at-once")
async def fails_at_once():
    return failing_at_once()

@app.get("/nothing")
async def nothing():
    return pieces()

@app.get("/stream")
async def stream():
    return pieces("one", "two")

@app.get("/bytearray")
async def array():
    return bytearray(b"Hello")

@app.get("/counted-bytearray")
async def counted_array():
    return Response(bytearray(b"Hello"), headers={"Content-Length": "5"})

@app.get("/counted-bytes")
async def counted_bytes():
    return Response(bytes(b"Hello"), headers={"Content-Length": "5"})

@app.get("/bytes")
async def array_of_bytes():
    return bytes(b"Hello")

@app.get("/number")
async def number():
    return Response(42)

class Ticks:
    left = 1

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.left:
            raise StopAsyncIteration
        self.left -= 1
        return "tick"

@app.get("/ticks")
async def ticks():
    return Response(Ticks())

@app.get("/pieces")
async def odd_pieces():
    return Response(["Hello", None])

@app.get("/named/<name>")
async def named(name):
    return "Hello", {name: "1"}

@app.get("/moved-on")
async def moved_on():
    note = io.BytesIO(b"A note.")
    note.read(2)
    return await send_file(note, "text/plain")

@app.get("/opened")
async def opened():
    return await send_file(open(FILES / "static" / "note.txt", "rb"), "text/plain")

@app.get("/sendfile")
async def sendfile():
    app.config["USE_X_SENDFILE"] = True
    try:
        return await send_file(FILES / "static" / "note.txt")
    finally:
        app.config["USE_X_SENDFILE"] = False

@app.get("/text/<status>")
async def text(status):
    return "Hello", int(status)

@app.get("/empty/<status>")
async def empty(status):
    return "", int(status)

@app.get("/streamed/<status>")
async def streamed(status):
    return Response(pieces("one", "two"), int(status))

@app.get("/zero")
async def zero():
    response = Response("Hello")
    response.status_code = 0
    return response

@app.get("/reason/<reason>")
async def reason(reason):
    return Response("Hello", f"404 {reason}")

@app.get("/dated")
async def dated():
    return "Hello", {"Date": "Sat, 01 Jan 2022 00:00:00 GMT"}

@app.get("/scheme")
async def scheme():
    return request.scheme

@app.get("/route")
async def route():
    return f"{request.remote_addr} {list(request.access_route)}"

@app.get("/host")
async def host():
    return request.host

@app.get("/cookies")
async def cookies():
    return str(sorted(request.cookies.items()))

@app.get("/note")
async def note():
    return ascii(request.headers.get("X-Note"))

@app.route("/field/<value>", methods=["GET", "POST"])
async def field(value):
    return "Hello", {"X-Name": value}

@app.post("/fields")
async def fields():
    return ascii(list((await request.form).items()))

@app.post("/files")
async def files():
    return str({name: len(file.read()) for name, file in (await request.files).items()})

@app.get("/set-tenant")
async def set_tenant():
    tenant.set("Alan")
    return tenant.get()

@app.get("/tenant")
async def get_tenant():
    return tenant.get()

@app.get("/own-tenant")
async def own_tenant():
    tenant.set("nobody")
    return tenant.get()
"""
RAISED = {"/raises": LookupError, "/oserror": OSError}


def app(framework: ModuleType) -> Any:
    """Return the app of a framework, after the patches.

    Two paths raise an exception out of the app, as broken middleware would.
    """
    for cause in os.environ.get("PROOF_PATCHES", "").split():
        PATCHES[cause]()
    if framework is flask:
        made = app_of(framework, for_flask(PROGRAM))
        wsgi_app = made.wsgi_app

        def raising(environ: Any, start_response: Any) -> Any:
            if environ["PATH_INFO"] in RAISED:
                raise RAISED[environ["PATH_INFO"]]
            return wsgi_app(environ, start_response)

        made.wsgi_app = raising
        return made
    made = app_of(framework, PROGRAM)
    asgi_app = made.asgi_app

    async def raising_later(scope: Any, receive: Any, send: Any) -> None:
        if scope.get("path") in RAISED:
            raise RAISED[scope["path"]]
        await asgi_app(scope, receive, send)

    made.asgi_app = raising_later
    return made
