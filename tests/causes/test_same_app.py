"""The same app on two servers: what it relies on is named, and nothing else."""

from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec import UNSET

from comparison import Case, Request
from comparison.causes.load import load_explanations
from comparison.models import Comparison
from comparison.runner.run import compare
from tests.targets.waiting import needs

from . import served_on_two_servers

APPS = "tests.causes.served_on_two_servers"
HANDSHAKE = (
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
)
WEBSOCKETS = ("/feed", "/socket", "/other-socket")


class Alike(NamedTuple):
    """A request by its path, the cause of the difference, and the comment at its line."""

    path: str
    cause: str
    at: str = ""


PAIRS: dict[tuple[str, str, str], list[Alike]] = {
    ("flask_app", "gunicorn-sync", "werkzeug"): [
        Alike("/sqlite", "sqlite-connection-of-another-thread", "sqlite"),
        Alike("/signal", "signal-in-thread", "signal"),
        Alike("/loop", "no-event-loop-in-thread", "loop"),
        Alike("/local", "thread-local-of-another-thread", "local"),
        Alike("/other-error", ""),
        Alike("/other-key", ""),
        Alike("/aborted", "worker-timeout-of-gunicorn", "aborted"),
        Alike("/quits", "exit-in-app", "quits"),
        Alike("/passed", "text-passed-through", "passed"),
        Alike("/text", "body-not-bytes", "text"),
        Alike("/small", "body-left-unread"),
        Alike("/itself", "request-to-itself", "itself"),
        Alike("/other-timeout", ""),
        Alike("/number", "field-not-text", "number"),
        # The worker is busy until the timeout of the view, so it is the last.
        Alike("/itself-in-time", "request-to-itself-in-time", "itself-in-time"),
    ],
    ("flask_app", "gunicorn-sync", "waitress"): [
        Alike("/environ", "environ-key-of-server", "environ"),
        Alike("/other-key", ""),
        Alike("/asked", "environ-key-asked-for", "asked"),
        Alike("/other-asked", ""),
        Alike("/lines", "object-of-server", "lines"),
        Alike("/file", "connection-error-in-gunicorn", "file"),
        Alike("/counted", "length-of-chunked-body", "counted"),
        Alike("/other-length", ""),
        Alike("/socket", "wsgi-websocket-without-socket", "socket"),
        Alike("/other-socket", ""),
    ],
    ("flask_app", "gunicorn-sync", "granian"): [
        Alike("/late", "start-response-while-iterating", "late"),
        Alike("/write", "write-callable-missing", "write"),
        Alike("/gone", "length-of-bodyless-status"),
        Alike("/other-call", ""),
    ],
    ("flask_app", "gunicorn-sync", "hypercorn"): [
        Alike("/length", "hypercorn-wsgi-body-too-long"),
        Alike("/port", "environ-port-is-a-number", "port"),
        Alike("/address", "environ-port-is-a-number", "address"),
        Alike("/other-number", "environ-key-asked-for"),
        Alike("/environ#here", "fragment-in-target"),
        Alike("/other-error", ""),
    ],
    ("quart_app", "hypercorn", "daphne"): [
        Alike("/pool", "startup-function-not-run", "pool"),
        Alike("/other-attribute", "environ-key-asked-for"),
        Alike("/feed", "websocket-denial-on-daphne", "feed"),
        Alike("/tenant", "exception-outside-the-framework", "tenant"),
        Alike("/skipped", "no-response", "skipped"),
    ],
    ("quart_app", "uvicorn-h11", "daphne"): [
        Alike("/state", "scope-key-of-server", "state"),
        Alike("/shelf", "field-not-bytes", "shelf"),
        Alike("/twice", "second-length-in-middleware", "twice"),
        Alike("/other-attribute", "environ-key-asked-for"),
    ],
}


def _request(path: str) -> Request:
    if path in ("/length", "/small"):
        return Request("POST", path, text="k" * 17_000_000)
    if path == "/lines":
        return Request("POST", path, text="keep\ndry\n")
    if path in ("/counted", "/other-length"):
        chunks = ("keep ", "dry") if path == "/counted" else UNSET
        return Request("POST", path, chunks=chunks)
    if "#" in path:
        return Request(raw_path=path)
    return Request(path=path, headers=HANDSHAKE if path in WEBSOCKETS else ())


def _line(comment: str) -> int:
    lines = Path(served_on_two_servers.__file__).read_text().splitlines()
    (line,) = (n for n, text in enumerate(lines, 1) if text.endswith(f"# {comment}"))
    return line


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_server_behaviour_that_an_app_relies_on_is_identified(
    pair: tuple[str, str, str],
) -> None:
    app, *servers = pair
    needs(*servers)
    cases = [Case(each.path, _request(each.path)) for each in PAIRS[pair]]
    specs = [f"{APPS}:{app}@{server}" for server in servers]
    found = {each.case.id: each for each in compare(*specs, cases, timeout=5.0)}
    wrong = [
        problem for each in PAIRS[pair] if (problem := _problem(each, found[each.path]))
    ]
    assert wrong == []


def _problem(alike: Alike, found: Comparison) -> str:
    """Say what is wrong with the findings, if anything is."""
    if found.verdict not in ("different", "failed"):
        return f"{alike.path}: {found.verdict}"
    shipped = load_explanations()
    causes = [f.cause for f in found.findings if f.cause in shipped]
    if causes != ([alike.cause] if alike.cause else []):
        return f"{alike.path}: {causes}"
    line = next((f.line for f in found.findings if f.cause), 0)
    if alike.at and line != _line(alike.at):
        return f"{alike.path}: line {line}"
    return ""
