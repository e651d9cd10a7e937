"""A run shows in which state each server leaves its connections."""

import pytest

from comparison import Case, Request, compare
from comparison.targets.servers.target import ServerTarget

MODULE = "tests.targets.served_connections"
PATHS = ("/plain", "/longer", "/more-later", "/raises", "/announced")
DROPPED = "closed without notice"

# Of these responses. On the other paths the connection is as it should be, or the response
# is broken.
STATES = {
    "daphne": {"/longer": "corrupted", "/more-later": "corrupted", "/announced": "stuck"},
    "granian": {"/longer": "corrupted"},
    "gunicorn-asgi": {"/raises": DROPPED, "/announced": "stuck"},
    "hypercorn": {"/more-later": DROPPED},
    "uvicorn-h11": {"/more-later": DROPPED, "/raises": DROPPED},
    "uvicorn-httptools": {"/more-later": DROPPED, "/raises": DROPPED},
}  # fmt: skip


def found(server: str, keep_alive: bool, *requests: Request) -> dict[str, str]:
    """Return the bad states of connections on a server, by method and path."""
    reference, candidate = (
        ServerTarget(interface, f"{MODULE}:{interface}@{name}", keep_alive)
        for interface, name in (("wsgi", "gunicorn-sync"), ("asgi", server))
    )
    # The first response of a session is always followed by a probe.
    cases = [Case("first", Request(path="/plain"))]
    cases += [Case(f"{r.method} {r.path}", r) for r in requests]
    return {
        comparison.case.id: str(difference.candidate)
        for comparison in compare(reference, candidate, cases, jobs=1)
        for difference in comparison.differences
        if difference.field == "connection"
    }


@pytest.mark.slow
@pytest.mark.parametrize("server", STATES)
def test_the_state_of_a_connection_is_found_after_a_response(server: str) -> None:
    requests = [Request(m, path) for path in PATHS for m in ("GET", "DELETE")]
    assert found(server, False, *requests) == {
        f"{method} {path}": state
        for path, state in STATES[server].items()
        for method in ("GET", "DELETE")
    }


def test_an_open_connection_reveals_bytes_after_the_response() -> None:
    assert found("daphne", True, Request(path="/longer"), Request(path="/plain")) == {
        "GET /longer": "corrupted"
    }
