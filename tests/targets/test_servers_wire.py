"""The client on a plain socket, against servers that say exactly what a test wants."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Literal

import pytest

from comparison import Case, Request, TargetError, UsageError, compare
from comparison.models import Exchange, Failure, Response
from comparison.targets import build_request, resolve_target
from comparison.targets.http1 import keeper, probing
from comparison.targets.http1 import reader as reading
from comparison.targets.http1.connection import Address, Connection
from comparison.targets.http1.probing import confirmed
from comparison.targets.session import Answer
from comparison.targets.url import parse_url

Serve = Callable[..., Address]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PIECES = b"2;x=y\r\nab\r\n1\r\nc\r\n0\r\nTrailer: 1\r\n\r\n"


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server that answers the requests of each connection with these bytes.

    After the last answer the connection stays open until the client closes it, or is
    closed at once where `close` is given. `late` is sent before the second answer, or when
    the client closes its half. The first connection gets the answers `first`, if there are
    any, and is closed then. The requests are in `serve.received`.
    """
    listeners: list[socket.socket] = []
    received: list[bytes] = []

    def start(
        *answers: bytes,
        close: bool = False,
        late: bytes = b"",
        first: tuple[bytes, ...] = (),
    ) -> Address:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def respond(connection: socket.socket, given: tuple[bytes, ...]) -> bool:
            """Respond to each request; return whether there was one."""
            for number, answer in enumerate(given):
                data = connection.recv(65536)
                connection.sendall(late if number and given is answers else b"")
                if not data:
                    return number > 0
                received.append(data)
                connection.sendall(answer)
            if not close and given is answers:
                connection.recv(65536)
            return True

        def work() -> None:
            given = first or answers
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    if respond(connection, given):
                        given = answers

        threading.Thread(target=work, daemon=True).start()
        return Address("127.0.0.1", listener.getsockname()[1])

    start.received = received  # type: ignore[attr-defined]
    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def send(address: Address, method: str = "GET", timeout: float = 30, **fields: object):
    request = build_request(Request(method, "/", **fields))  # type: ignore[arg-type]
    with Connection(address, timeout) as connection:
        return connection.exchange(request, (), timeout)


def send_to_url(address: Address, *requests: Request, path: str = "") -> Exchange:
    """Send requests in one session; return the last exchange."""
    target = resolve_target(f"http://127.0.0.1:{address.port}{path}")
    session = target.session(5)
    raw = [session.run(Case("case", each), build_request(each)) for each in requests]
    return raw[-1].recording().exchange


def test_the_response_head_is_recorded_verbatim(serve: Serve) -> None:
    head = b"HTTP/1.1 299 Fine  thanks\r\nX-oDD:  a \r\nx-odd: b\r\nContent-Length: 2\r\n\r\n"
    response, _ = send(serve(head + b"ok"))
    assert response is not None
    assert response.status_line == "HTTP/1.1 299 Fine  thanks"
    assert (response.status, response.reason) == (299, "Fine  thanks")
    assert response.headers[:2] == (("X-oDD", "a"), ("x-odd", "b"))


@pytest.mark.parametrize(
    ("answer", "close", "framing", "body"),
    [
        (OK, False, "content-length", "ok"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok", False, "content-length", "ok"),
        (CHUNKED + PIECES, False, "chunked", "abc"),
        (CHUNKED + b"2 ; x\r\nok\r\n0 \r\n\r\n", False, "chunked", "ok"),
        (b"HTTP/1.0 200 OK\r\n\r\nall of it", True, "close", "all of it"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", False, "no body", ""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", False, "no body", ""),
    ],
)  # fmt: skip
def test_body_framing_follows_http(
    serve: Serve, answer: bytes, close: bool, framing: str, body: str
) -> None:
    response, failure = send(serve(answer, close=close))
    assert failure is None
    assert response is not None
    assert (response.framing, response.body) == (framing, body)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"HTTP/1.1 99999 HUGE\r\n\r\n", "not a status line: 'HTTP/1.1 99999 HUGE'"),
        (b"HTTP/1.1 -1 UNKNOWN\r\n\r\n", "not a status line: 'HTTP/1.1 -1 UNKNOWN'"),
        (b"hello\n", "not a status line: 'hello'"),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "not a header field: 'no colon'"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "a Content-Length of 'x'"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok", "a Content-Length of '+2'"),
        (b"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nok", "a Content-Length of ''"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2, 1\r\n\r\n", "a Content-Length of '1, 2'"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n" % (b"1" * 5000),
            f"a Content-Length of '{'1' * 80}'",
        ),
        (CHUNKED + b"zz\r\n", "not the size of a chunk: b'zz'"),
        (CHUNKED + b"-5\r\nhello", "not the size of a chunk: b'-5'"),
        (CHUNKED + b"0x2\r\nok\r\n0\r\n\r\n", "not the size of a chunk: b'0x2'"),
        (CHUNKED + b"0_2\r\nok\r\n0\r\n\r\n", "not the size of a chunk: b'0_2'"),
        (CHUNKED + b" 2\r\nok\r\n0\r\n\r\n", "not the size of a chunk: b' 2'"),
        (CHUNKED + b"\r\nok\r\n0\r\n\r\n", "not the size of a chunk: b''"),
    ],
)  # fmt: skip
def test_invalid_http_is_a_protocol_failure(
    serve: Serve, answer: bytes, message: str
) -> None:
    response, failure = send(serve(answer))
    assert response is None
    assert str(failure) == f"protocol: {message}"


def test_a_connection_closed_before_the_response_is_a_failure(serve: Serve) -> None:
    _, failure = send(serve(b"", close=True))
    message = "closed: the server closed the connection before it answered"
    assert str(failure) == message


def test_a_truncated_body_is_incomplete_and_recorded(serve: Serve) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"
    _, failure = send(serve(answer, close=True))
    assert failure is not None
    assert failure.kind == "incomplete"
    assert failure.message.endswith("after 4 of 9 bytes")
    assert failure.partial is not None
    assert failure.partial.body == "half"


def test_silence_is_a_timeout(serve: Serve) -> None:
    _, failure = send(serve(b""), timeout=0.2)
    assert str(failure) == "timeout: no answer within 0.2 s"


def test_an_interim_response_is_followed_by_the_final_one(serve: Serve) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    response, _ = send(serve(early + OK))
    assert response is not None
    assert response.status == 200


def test_an_interim_response_alone_is_a_failure(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "AFTER_INTERIM", 0.05)
    _, failure = send(serve(b"HTTP/1.1 102 Processing\r\n\r\n"))
    assert str(failure) == "interim: status 102 came, and no final response"


def test_the_client_adds_no_headers(serve: Serve) -> None:
    send(serve(OK), headers=(("X-One", "1"), ("x-one", "2")))
    (received,) = serve.received  # type: ignore[attr-defined]
    assert received == (
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-One: 1\r\nx-one: 2\r\n\r\n"
    )


def test_chunks_are_sent_as_chunks(serve: Serve) -> None:
    send(serve(OK), method="POST", chunks=("ab", "c"))
    (received,) = serve.received  # type: ignore[attr-defined]
    assert received.endswith(b"\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")


@pytest.mark.parametrize(
    ("first", "second", "close", "found"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", OK, False, "kept"),
        (b"HTTP/1.1 204 No Content\r\n\r\nhello", OK, False, "corrupted"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b"", True, "closed without notice"),
        (
            b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", None, True,
            "closed as announced",
        ),
    ],
)  # fmt: skip
def test_the_connection_is_probed_after_the_response(
    serve: Serve, first: bytes, second: bytes | None, close: bool, found: str
) -> None:
    answers = (first,) if second is None else (first, second)
    exchange = send_to_url(serve(*answers, close=close), Request())
    assert exchange.response is not None
    assert exchange.response.connection == found


LONGER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok, and more"
CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
PLAIN = {
    "kept": ((OK, OK), b"", False, "kept or closed"),
    "longer": ((LONGER, OK), b"", False, "corrupted"),
    "more later": ((OK, OK), b"more", False, "corrupted"),
    "closed as announced": ((CLOSING,), b"", True, "kept or closed"),
    "announced, not closed": ((CLOSING,), b"", False, "stuck"),
    "closed, not announced": ((OK,), b"", True, "closed without notice"),
    "no next response": ((OK, b""), b"", False, "stuck"),
}


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Wait only a moment where the connection is expected to be stuck."""

    def limit(expected: str) -> None:
        if expected == "stuck":
            monkeypatch.setattr(probing, "PROBE_TIMEOUT", 0.3)
            monkeypatch.setattr(probing, "CLOSING", 0.3)

    return limit


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("name", PLAIN)
def test_a_connection_is_probed_after_a_plain_response(
    serve: Serve, patience: Callable[[str], None], name: str, method: str
) -> None:
    answers, late, close, found = PLAIN[name]
    patience(found)
    exchange = send_to_url(serve(*answers, late=late, close=close), Request(method))
    assert exchange.response is not None
    assert exchange.response.connection == found


@pytest.mark.parametrize(
    ("first", "name"),
    [
        ((OK, OK), "kept"),
        ((OK, OK), "longer"),
        ((OK, OK), "more later"),
        ((OK, OK), "closed as announced"),
        ((OK, OK), "announced, not closed"),
        ((CLOSING,), "kept"),
        ((CLOSING,), "longer"),
        ((CLOSING,), "more later"),
        ((CLOSING,), "closed as announced"),
        ((CLOSING,), "closed, not announced"),
        ((CLOSING,), "no next response"),
    ],
)
def test_each_later_connection_of_a_session_is_tested_too(
    serve: Serve,
    patience: Callable[[str], None],
    first: tuple[bytes, ...],
    name: str,
) -> None:
    answers, late, close, found = PLAIN[name]
    patience(found)
    address = serve(*answers, late=late, close=close, first=first)
    exchange = send_to_url(address, Request(), Request(path="/next"))
    assert exchange.response is not None
    assert exchange.response.connection == found


@pytest.mark.parametrize(
    ("first", "answers"), [((OK, OK), (OK,)), ((CLOSING,), (CLOSING,))]
)
def test_a_server_that_does_as_usual_gets_no_more_probes(
    serve: Serve, first: tuple[bytes, ...], answers: tuple[bytes, ...]
) -> None:
    address = serve(*answers, first=first)
    exchange = send_to_url(address, Request(), Request(path="/next"))
    assert exchange.response is not None
    assert exchange.response.connection == "kept or closed"
    received = serve.received  # type: ignore[attr-defined]
    assert [each.split()[1] for each in received[len(first) :]] == [b"/next"]


MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (Request("DELETE", "/next"), OK),
        (Request("GET", "/next", text="a body"), OK),
        (Request("GET", "/next"), MISSING),
    ],
    ids=["unsafe", "body", "error"],
)
def test_what_endangers_a_connection_is_followed_by_a_probe(
    serve: Serve, sent: Request, answer: bytes
) -> None:
    address = serve(answer, OK, first=(OK, OK))
    send_to_url(address, Request(), sent)
    received = serve.received  # type: ignore[attr-defined]
    _, probe = (each.split()[1] for each in received[2:])
    assert probe.startswith(b"/comparison-probe-")


def test_a_run_reports_bytes_that_come_while_the_next_case_runs(serve: Serve) -> None:
    addresses = serve(OK, OK), serve(OK, OK, late=b"more", first=(OK, OK))
    urls = [f"http://127.0.0.1:{address.port}" for address in addresses]
    cases = [Case(name, Request()) for name in ("first", "second", "third", "last")]
    found = {
        comparison.case.id: [(d.field, d.candidate) for d in comparison.differences]
        for comparison in compare(urls[0], urls[1], cases, jobs=1)
    }
    corrupted = [("connection", "corrupted")]
    assert found == {
        "first": [], "second": corrupted, "third": corrupted, "last": corrupted
    }  # fmt: skip


def test_a_server_that_ignores_the_end_of_clients_is_waited_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keeper, "PROBE_TIMEOUT", 0.5)
    requests = 30
    connections: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def work() -> None:
            for _ in range(requests):
                connections.append(listener.accept()[0])
                connections[-1].recv(65536)
                connections[-1].sendall(OK)
                if len(connections) == 1:  # a probe follows the first response
                    connections[-1].recv(65536)
                    connections[-1].sendall(OK)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        started = time.monotonic()
        address = Address("127.0.0.1", listener.getsockname()[1])
        exchange = send_to_url(address, *[Request()] * requests)
        seconds = time.monotonic() - started
        thread.join()
    for connection in connections:
        connection.close()
    assert exchange.response is not None
    assert exchange.response.connection == "kept or closed"
    assert seconds < requests / 2 * 0.5


@pytest.mark.parametrize(
    ("method", "seen", "outcome"),
    [
        ("GET", ["closed without notice", "kept"], "kept"),
        ("HEAD", ["corrupted", "corrupted"], "corrupted"),
        ("OPTIONS", ["stuck", "corrupted"], "corrupted"),
        ("GET", ["corrupted", None], "corrupted"),
        ("GET", ["kept"], "kept"),
        ("GET", ["closed as announced"], "closed as announced"),
        ("POST", ["corrupted"], "corrupted"),
    ],
)
def test_a_connection_problem_is_confirmed_by_a_second_attempt(
    method: str, seen: list[str | None], outcome: str
) -> None:
    left = list(seen)

    def send() -> Answer:
        found = left.pop(0)
        if found is None:
            return None, Failure("refused", "")
        response = Response(200, "", (), "", "no body", "HTTP/1.1", connection=found)
        return response, None

    request = build_request(Request(method))
    response, failure = confirmed(request, send(), send)
    assert response is not None and failure is None
    assert response.connection == outcome
    assert not left


def test_a_url_has_its_host_and_its_prefix(serve: Serve) -> None:
    address = serve(OK)
    send_to_url(address, Request(path="/jobs?x=1"), path="/api/")
    received, *_ = serve.received  # type: ignore[attr-defined]
    expected = f"GET /api/jobs?x=1 HTTP/1.1\r\nHost: 127.0.0.1:{address.port}\r\n\r\n"
    assert received == expected.encode()


def test_a_url_target_cannot_apply_settings(serve: Serve) -> None:
    target = resolve_target(f"http://127.0.0.1:{serve(OK).port}")
    case = Case("case", Request(), settings={"TESTING": True})
    recording = target.session(5).run(case, build_request(case.request)).recording()
    assert recording.exchange.failure is not None
    assert recording.exchange.failure.kind == "unsupported"


def test_a_request_is_sent_as_http_1_0(serve: Serve) -> None:
    address = serve(OK, close=True)
    exchange = send_to_url(address, Request(path="/jobs", http_version="1.0"))
    assert serve.received == [b"GET /jobs HTTP/1.0\r\n\r\n"]  # type: ignore[attr-defined]
    assert exchange.response is not None
    assert exchange.request.http_version == "1.0"


@pytest.mark.parametrize(
    ("version", "outcome"),
    [("1.0", "closed as announced"), ("1.1", "closed without notice")],
)
def test_an_http_1_0_request_expects_a_closed_connection(
    serve: Serve, version: Literal["1.0", "1.1"], outcome: str
) -> None:
    missing = serve(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", close=True)
    response = send_to_url(missing, Request(http_version=version)).response
    assert response is not None
    assert response.connection == outcome


@pytest.mark.parametrize(
    "case",
    [
        Case("case", Request(path="/shop/a", mount="/shop")),
        Case("case", Request(), setup=(Request(path="/shop/a", mount="/shop"),)),
    ],
    ids=["its own request", "one before it"],
)
def test_an_app_at_a_url_cannot_be_mounted(serve: Serve, case: Case) -> None:
    target = resolve_target(f"http://127.0.0.1:{serve(OK).port}")
    recording = target.session(5).run(case, build_request(case.request)).recording()
    assert str(recording.exchange.failure) == (
        "unsupported: the case needs the app mounted at /shop,"
        " which a target at a URL cannot have"
    )
    assert serve.received == []  # type: ignore[attr-defined]


def test_an_unreachable_url_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TargetError, match=f"port {port}: Connection refused"):
        resolve_target(f"http://127.0.0.1:{port}").info()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://host", "begins with http"),
        ("http://", "no host"),
        ("http://host:port", "[Pp]ort"),
        ("http://me:secret@host", "credentials"),
        ("http://host/?q", r"without \?"),
    ],
)
def test_an_unsupported_url_target_is_rejected_with_a_reason(
    url: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        parse_url(url)
