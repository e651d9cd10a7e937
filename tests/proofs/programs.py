"""Run one program as a Flask app and as a Quart app, by plain WSGI and ASGI calls.

A program is written for Quart. Without `async` and `await` it is the program for Flask.
It finds all public names of its framework, and an app called `app`.
"""

import asyncio
import gc
import io
import re
import traceback
import types
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import flask
import flask.views
import quart
import quart.views
from msgspec import Struct, field

NEVER_AWAITED = re.compile(r"coroutine '([^']*)' was never awaited")
FILES = Path(__file__).parent / "files"
"""The root path of every program: a folder with `static/note.txt` and templates."""


class Sent(Struct, frozen=True, forbid_unknown_fields=True):
    """One request.

    `chunks` are the pieces of a body without a Content-Length; the client stalls for so
    many seconds before each further one. It may hang up after 5 milliseconds.
    """

    path: str = "/"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    octets: str = ""  # a body in hexadecimal
    query: str = ""  # a query in hexadecimal
    chunks: tuple[str, ...] = ()
    version: str = "1.1"
    host: str = "localhost"  # "" for none
    mount: str = ""
    stalls: float = 0
    hangs_up: bool = False
    patience: float = 60
    strict: bool = False

    @property
    def target(self) -> tuple[bytes, bytes]:
        """The path, without percent-encoding, and the query."""
        path, _, query = self.path.partition("?")
        return unquote_to_bytes(path), bytes.fromhex(self.query) or query.encode()

    @property
    def pieces(self) -> list[bytes]:
        """The pieces of the body, as they arrive."""
        if self.chunks:
            return [chunk.encode("utf-8") for chunk in self.chunks]
        return [bytes.fromhex(self.octets) or self.body.encode("utf-8")]

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The header fields, in lower case, with a length for a body that has one."""
        given = [(name.lower(), value) for name, value in self.headers]
        host = [("host", self.host)] if self.host else []
        counted = not self.chunks and any(self.pieces)
        named = {name for name, _ in given}
        length = len(self.pieces[0])
        if counted and "content-length" not in named:
            given.append(("content-length", str(length)))
        return [*host, *given]


class Seen(Struct):
    """A response as a server sees it.

    `sent` is the number of bytes of the body. `error` is the exception that the app logged,
    `failure` the one that left the app, `outer` the type of the group around it.
    """

    status: int | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str | None = None
    sent: int | None = None
    error: str = ""
    failure: str = ""
    outer: str = ""
    unawaited: str = ""

    def value(self, name: str) -> Any:
        """Return a field by name. `header:x` is a value, a list, or None."""
        kind, _, header = name.partition(":")
        if not header:
            return getattr(self, name)
        found = [v for n, v in self.headers if n.lower() == header]
        if kind == "has":
            return bool(found)
        return found[0] if len(found) == 1 else found or None


def for_flask(program: str) -> str:
    """Return a program for Quart as a program for Flask."""
    return program.replace("async ", "").replace("await ", "")


def app_of(framework: types.ModuleType, program: str) -> Any:
    """Return the app that a program makes, and the list of the exceptions it logs."""
    make = framework.Flask if framework is flask else framework.Quart
    module = types.ModuleType("proof")
    names = vars(module)
    names.update({n: v for n, v in vars(framework).items() if not n.startswith("_")})
    app = make("proof", root_path=str(FILES), static_folder=None)
    names |= {"App": make, "FILES": FILES, "app": app, "steps": steps}
    exec(compile(program, f"<program for {framework.__name__}>", "exec"), names)
    return names["app"]


def exchange(app: Any, sent: Iterable[Sent], unawaited: bool = False) -> list[Seen]:
    """Send requests to an app, one after the other, and return what came back.

    With `unawaited`, the last has the names of coroutines that the app never awaited.
    """
    errors: list[BaseException] = []
    app.log_exception = lambda *args: errors.append(args[-1][1])
    if unawaited:
        gc.collect()  # so that those of an earlier exchange do not warn in this one
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if isinstance(app, quart.Quart):
            seen = asyncio.run(_all_asgi(app, sent, errors))
        else:
            seen = [_logged(_wsgi(app, each), errors) for each in sent]
        while errors:
            # Its frames hold coroutines, which warn when they go.
            traceback.clear_frames(errors.pop().__traceback__)
        if unawaited:
            gc.collect()
    names = NEVER_AWAITED.findall("\n".join(str(each.message) for each in caught))
    seen[-1].unawaited = ", ".join(dict.fromkeys(names)) if unawaited else ""
    return seen


def _logged(seen: Seen, errors: list[BaseException]) -> Seen:
    seen.error = f"{type(errors[-1]).__name__}: {errors[-1]}" if errors else ""
    return seen


def _failed(error: BaseException, started: bool) -> Seen:
    outer = type(error).__name__
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    how = "aborted" if started else "raised"
    return Seen(failure=f"{how}: {type(error).__name__}: {error}", outer=outer)


def reject_nul(value: str, sent: Sent) -> None:
    """Raise ValueError for a NUL in a header, if the interface is strict."""
    if sent.strict and "\0" in value:
        raise ValueError("a header has a NUL")


def environ_of(sent: Sent) -> dict[str, Any]:
    """Return the environ of a request (PEP 3333)."""
    path, query = sent.target
    environ: dict[str, Any] = {
        "REQUEST_METHOD": sent.method,
        "SCRIPT_NAME": sent.mount.encode("utf-8").decode("latin-1"),
        "PATH_INFO": path.decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "SERVER_NAME": "server.test",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": f"HTTP/{sent.version}",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(b"".join(sent.pieces)),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if sent.chunks:
        environ["wsgi.input_terminated"] = True
    for name, value in sent.fields:
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        text = value.encode("utf-8").decode("latin-1")
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ


def _wsgi(app: Callable[..., Any], sent: Sent) -> Seen:
    seen, pieces = Seen(), list[bytes]()

    def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        seen.status, seen.headers = int(status.partition(" ")[0]), headers
        for name, value in headers:
            (name + value).encode("latin-1")  # as PEP 3333 demands
            reject_nul(value, sent)

    try:
        body = app(environ_of(sent), start)
        try:
            for piece in body:
                if not isinstance(piece, bytes):
                    raise TypeError(f"a piece is {type(piece).__name__}, not bytes")
                pieces.append(piece)
        finally:
            getattr(body, "close", lambda: None)()
    except Exception as error:
        # A WSGI server sends the status together with the first piece.
        return _failed(error, started=bool(pieces))
    data = b"".join(pieces)
    seen.body, seen.sent = data.decode("utf-8", "replace"), len(data)
    return seen


def scope_of(sent: Sent) -> dict[str, Any]:
    """Return the scope of a request (ASGI 3.0)."""
    path, query = sent.target
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": sent.version,
        "method": sent.method,
        "scheme": "http",
        "path": sent.mount + path.decode("utf-8"),
        "raw_path": quote(sent.mount).encode() + quote(path).encode(),
        "query_string": query,
        "root_path": sent.mount,
        "headers": [(n.encode(), v.encode("utf-8")) for n, v in sent.fields],
        "client": ("127.0.0.1", 50000),
        "server": ("server.test", 80),
    }


async def steps(number: int) -> None:
    """Let the event loop run as often, however long that takes."""
    for _ in range(number):
        await asyncio.sleep(0)


async def _all_asgi(
    app: Any, sent: Iterable[Sent], errors: list[BaseException]
) -> list[Seen]:
    try:
        await app.startup()
    except Exception as error:
        return [_failed(error, started=False)]
    # As on a server, each request has its own task.
    return [
        _logged(await asyncio.create_task(_asgi(app, each)), errors) for each in sent
    ]


async def _asgi(app: Any, sent: Sent) -> Seen:
    seen, pieces, ended = Seen(), list[bytes](), asyncio.Event()
    waiting: Sequence[bytes] = sent.pieces

    async def receive() -> dict[str, Any]:
        nonlocal waiting
        if waiting:
            if len(waiting) < len(sent.pieces):
                await asyncio.sleep(sent.stalls)
            piece, waiting = waiting[0], waiting[1:]
            more = bool(waiting)
            return {"type": "http.request", "body": piece, "more_body": more}
        if sent.hangs_up:
            await steps(50)
        else:
            await ended.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            seen.status = message["status"]
            seen.headers = [
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in message["headers"]
            ]
            for _, value in seen.headers:
                reject_nul(value, sent)
        elif message["type"] == "http.response.body":
            piece = message.get("body", b"")
            if not isinstance(piece, bytes):
                raise TypeError(f"a piece is {type(piece).__name__}, not bytes")
            pieces.append(piece)
            if not message.get("more_body", False):
                ended.set()

    try:
        await asyncio.wait_for(app(scope_of(sent), receive, send), sent.patience)
    except Exception as error:
        return _failed(error, started=seen.status is not None)
    data = b"".join(pieces)
    seen.body, seen.sent = data.decode("utf-8", "replace"), len(data)
    return seen
