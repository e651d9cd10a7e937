"""The recording on servers has what a WSGI body does while the server reads it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from comparison import Case, Request, compare
from comparison.models import Event, Recording
from comparison.targets import build_request, resolve_target
from comparison.targets.session import Target

from . import served_bodies
from .waiting import needs

APP = "tests.targets.served_bodies:flask_app"
SERVERS = [
    "werkzeug",
    *(
        pytest.param(name, marks=pytest.mark.slow)
        for name in ("gunicorn-gthread", "waitress", "hypercorn", "granian")
    ),
]
SendRequest = Callable[..., Recording]


@pytest.fixture(scope="module")
def send_request() -> Iterator[SendRequest]:
    """Send a request to the app on a server, which starts when a test first needs it."""
    with ExitStack() as stack:
        targets: dict[str, Target] = {}

        def send(server: str, path: str, timeout: float = 30) -> Recording:
            if server not in targets:
                targets[server] = resolve_target(f"{APP}@{server}")
                stack.callback(targets[server].close)
            session = targets[server].session(timeout)
            case = Case("case", Request(path=path))
            try:
                return session.run(case, build_request(case.request)).recording()
            finally:
                session.close()

        yield send


def events(recording: Recording, kind: str) -> list[Event]:
    return [event for event in recording.trace if event.event == kind]


def line_of(text: str) -> int:
    lines = Path(served_bodies.__file__).read_text().splitlines()
    return next(n for n, line in enumerate(lines, 1) if text in line)


@pytest.mark.parametrize("server", SERVERS)
def test_an_exception_in_the_body(server: str, send_request: SendRequest) -> None:
    needs(server)
    recording = send_request(server, "/raises")
    (event,) = events(recording, "app_raised")
    assert (event.detail, event.name) == ("ValueError: row 2 is broken", "")
    assert event.line == line_of("row 2 is broken")


@pytest.mark.parametrize("server", SERVERS)
def test_an_exception_in_close(server: str, send_request: SendRequest) -> None:
    needs(server)
    recording = send_request(server, "/closes")
    (event,) = events(recording, "app_raised")
    assert event.detail == "LookupError: cannot commit"
    assert event.line == line_of("cannot commit")


@pytest.mark.parametrize("server", SERVERS)
def test_the_body_arrives_unchanged(server: str, send_request: SendRequest) -> None:
    needs(server)
    for path, body in (
        ("/whole", "whole"),
        ("/context", "tea"),
        ("/file", Path(served_bodies.__file__).read_text()),
    ):
        recording = send_request(server, path)
        response = recording.exchange.response
        assert response is not None
        assert response.body == body
        assert not events(recording, "app_raised")
        assert not events(recording, "protocol_broken")


def test_the_trace_includes_events_of_the_response_body(
    send_request: SendRequest,
) -> None:
    logged = events(send_request("werkzeug", "/context"), "logged")
    assert [event.detail for event in logged] == ["streaming tea"]


def test_the_trace_of_a_body_that_hangs(send_request: SendRequest) -> None:
    recording = send_request("werkzeug", "/hangs", timeout=1)
    assert recording.exchange.failure is not None
    assert recording.exchange.failure.kind == "timeout"
    assert [event.name for event in events(recording, "view_called")] == ["hangs"]


def test_a_response_that_starts_late(send_request: SendRequest) -> None:
    details = {
        path: [each.detail for each in events(send_request("werkzeug", path), started)]
        for started in ("response_handed_over",)
        for path in ("/late", "/whole")
    }
    assert details == {"/late": ["after the app had returned"], "/whole": [""]}


def test_the_trace_includes_protocol_violations(send_request: SendRequest) -> None:
    broken = {
        path: [
            each.detail
            for each in events(send_request("werkzeug", path), "protocol_broken")
        ]
        for path in ("/text", "/nothing")
    }
    assert broken == {
        "/text": ["the body has a piece of type str, not bytes"],
        "/nothing": ["the app returned without calling start_response"],
    }


def test_the_same_exception_in_both_apps_is_one_finding() -> None:
    (found,) = compare(f"{APP}@", f"{APP}@", [Case("pair", Request(path="/raises"))])
    assert found.verdict == "failed"
    (finding,) = found.findings
    assert finding.place.endswith(f"served_bodies.py:{line_of('row 2 is broken')}")
    assert finding.summary == "ValueError is raised in both apps."


def test_an_exception_in_close_of_one_app() -> None:
    calm = f"{APP.partition(':')[0]}:calm_app@"
    (found,) = compare(calm, f"{APP}@", [Case("pair", Request(path="/closes"))])
    assert [d.field for d in found.unexpected] == ["effect"]
    (finding,) = found.findings
    assert finding.line == line_of("cannot commit")
    assert finding.evidence == ("LookupError: cannot commit",)
