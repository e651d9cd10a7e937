"""Remedies name settings of servers: each does what its explanation says."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from comparison.causes import load_explanations
from tests.ports import free_port
from tests.targets.waiting import needs, until

APPS = """
import flask, quart

def look(request, url):
    seen = [request.headers.get("X-Note"), request.scheme, request.remote_addr, url]
    return seen, {"Server": "shop", "Date": "Sun, 06 Nov 1994 08:49:37 GMT"}

flask_app = flask.Flask("apps")
quart_app = quart.Quart("apps")

@flask_app.route("/", methods=["GET", "POST", "BREW"])
def index():
    flask.request.get_data()
    return look(flask.request, flask.url_for("index", _external=True))

@flask_app.route("/plain")
def plain():
    return "plain"

@quart_app.route("/", methods=["GET", "POST", "BREW"])
async def index():
    await quart.request.get_data()
    return look(quart.request, quart.url_for("index", _external=True))
"""

SERVERS = {
    "gunicorn-sync": ("gunicorn", ["-b", "{address}"], "apps:flask_app"),
    "waitress": ("waitress", ["--listen={address}"], "apps:flask_app"),
    "uvicorn-h11": ("uvicorn", ["--port={port}", "--http=h11"], "apps:quart_app"),
    "hypercorn": ("hypercorn", ["-b", "{address}"], "apps:quart_app"),
    "hypercorn-wsgi": ("hypercorn", ["-b", "{address}"], "wsgi:apps:flask_app"),
    "daphne": ("daphne", ["-p", "{port}"], "apps:quart_app"),
    "granian": (
        "granian",
        ["--interface", "asgi", "--port", "{port}"],
        "apps:quart_app",
    ),
}
"""The module of each server, the options with its address, and its app."""


class Setting(NamedTuple):
    """A setting that a remedy names, a request, and what the response must have.

    `lacks` is what it has without the setting.
    """

    explanation: str
    server: str
    options: Sequence[str]
    has: str
    lacks: str
    fields: Sequence[str] = ()
    target: str = "/"
    method: str = "GET"
    body: bytes = b""


NOTE = "X-Note: " + "k" * 9000
LONG = "X-Note: " + "k" * 70_000
LONGER = "X-Note: " + "k" * 300_000
MANY = [f"N{number}: k" for number in range(120)]
SECURE = "X-Forwarded-Proto: https"
FROM = "X-Forwarded-For: 203.0.113.7"
OK = " 200"

SETTINGS = [
    Setting("gunicorn-field-too-long", "gunicorn-sync", ["--limit-request-field_size=16000"], OK, " 431", [NOTE]),
    Setting("gunicorn-too-many-fields", "gunicorn-sync", ["--limit-request-fields=200"], OK, " 431", MANY),
    Setting("gunicorn-line-too-long", "gunicorn-sync", ["--limit-request-line=8000"], OK, " 414", (), "/?" + "k" * 5000),
    Setting("folded-line-rejected", "gunicorn-sync", ["--permit-obsolete-folding"], OK, " 400", ["Note: a\r\n b"]),
    Setting("method-too-long-for-gunicorn", "gunicorn-sync", ["--permit-unconventional-http-method"], " 405", " 400", method="TRANSPORT-CAREFULLY-AND-DRY"),
    Setting("underscore-dropped", "gunicorn-sync", ["--header-map=dangerous"], '"kept"', "null", ["X_Note: kept"]),
    Setting("forwarded-scheme-elsewhere", "gunicorn-sync", ["--forwarded-allow-ips="], '"http"', '"https"', [SECURE]),
    Setting("mounted-by-request-field", "gunicorn-sync", ["--forwarder-headers="], " 404", OK, ["SCRIPT_NAME: /shop"], "/shop/"),
    Setting("mounted-by-request-field", "waitress", ["--url-prefix=/shop"], "/shop/", " 404", (), "/shop/"),
    Setting("mounted-by-request-field", "hypercorn", ["--root-path=/shop"], "/shop/", " 404", (), "/shop/"),
    Setting("mounted-by-request-field", "daphne", ["--root-path=/shop"], "/shop/", " 404", (), "/shop/"),
    Setting("mounted-by-request-field", "granian", ["--url-path-prefix=/shop"], "/shop/", " 404", (), "/shop/"),
    Setting("mounted-by-request-field", "uvicorn-h11", ["--root-path=/shop"], "/shop/", 'localhost/"'),
    Setting("via-by-waitress", "waitress", ["--ident=shop"], "Server: shop", "Server: waitress", (), "/plain"),
    Setting("waitress-head-too-long", "waitress", ["--max-request-header-size=400000"], OK, " 431", ["X-Note: " + "k" * 270_000]),
    Setting("forwarded-scheme-on-waitress", "waitress", ["--trusted-proxy=127.0.0.1", "--trusted-proxy-headers=x-forwarded-proto"], '"https"', '"http"', [SECURE]),
    Setting("forwarded-field-removed", "waitress", ["--trusted-proxy=127.0.0.1", "--trusted-proxy-count=1", "--trusted-proxy-headers=x-forwarded-for"], "203.0.113.7", "127.0.0.1", [FROM]),
    Setting("forwarded-address", "uvicorn-h11", ["--no-proxy-headers"], "127.0.0.1", "203.0.113.7", [FROM]),
    Setting("server-field-twice", "uvicorn-h11", ["--no-server-header"], "server: shop", "server: uvicorn"),
    Setting("date-field-twice", "uvicorn-h11", ["--no-date-header"], "dates: 1", "dates: 2"),
    Setting("uvicorn-head-too-long", "uvicorn-h11", ["--h11-max-incomplete-event-size=500000"], OK, " 400", [LONGER]),
    Setting("hypercorn-head-too-long", "hypercorn", ["h11_max_incomplete_size = 200000"], OK, " 431", [LONG]),
    Setting("server-field-twice", "hypercorn", ["include_server_header = false"], "server: shop", "server: hypercorn"),
    Setting("date-field-twice", "hypercorn", ["include_date_header = false"], "dates: 1", "dates: 2"),
    Setting("hypercorn-wsgi-body-too-long", "hypercorn-wsgi", ["wsgi_max_body_size = 40000000"], OK, " 400", ["Content-Length: 17000000"], "/", "POST", b"k" * 17_000_000),
]  # fmt: skip


@contextmanager
def _running(name: str, options: Sequence[str], folder: Path) -> Iterator[int]:
    """Start a server with these options, and yield its port."""
    module, address, app = SERVERS[name]
    (folder / "apps.py").write_text(APPS)
    port = free_port()
    if any(" = " in option for option in options):
        (folder / "server.toml").write_text("\n".join(options))
        options = ["-c", "server.toml"]
    given = [each.format(port=port, address=f"127.0.0.1:{port}") for each in address]
    server = subprocess.Popen(
        [sys.executable, "-m", module, *given, *options, app],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until(lambda: server.poll() is not None or _connects(port))
        assert server.poll() is None, "the server does not know the setting"
        yield port
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="module")
def without_settings(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], int]]:
    """Return the port of a server without settings, which starts when it is needed."""
    ports: dict[str, int] = {}
    with ExitStack() as stack:

        def port_of(name: str) -> int:
            if name not in ports:
                folder = tmp_path_factory.mktemp("plain")
                ports[name] = stack.enter_context(_running(name, (), folder))
            return ports[name]

        yield port_of


def _connects(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def _send(setting: Setting, port: int) -> str:
    head = [
        f"{setting.method} {setting.target} HTTP/1.1",
        "Host: localhost",
        "Connection: close",
        *setting.fields,
    ]
    request = "\r\n".join([*head, "", ""]).encode() + setting.body
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        try:
            # A server may respond and close before it has all.
            connection.sendall(request)
            while piece := connection.recv(65536):
                received += piece
        except ConnectionError:
            pass
    text = received.decode("latin-1")
    dates = text.lower().count("\r\ndate:")
    return f"dates: {dates}\r\n{text}" if text else ""


@pytest.mark.slow
@pytest.mark.parametrize(
    "setting", SETTINGS, ids=[f"{s.explanation}-{s.server}" for s in SETTINGS]
)
def test_a_setting_of_a_remedy_works(
    setting: Setting, tmp_path: Path, without_settings: Callable[[str], int]
) -> None:
    needs(setting.server.removesuffix("-wsgi"))
    remedy = load_explanations()[setting.explanation].remedy
    for option in setting.options:
        name = option.partition("=")[0].strip()
        words = name.lstrip("-").replace("-", "_")
        assert words in remedy.replace("-", "_"), name
    without = _send(setting, without_settings(setting.server))
    # A server may close the connection instead of responding.
    assert setting.lacks in without or not without
    with _running(setting.server, setting.options, tmp_path) as port:
        answer = _send(setting, port)
    assert setting.has in answer
    assert setting.lacks not in answer
