"""A client does more than send a request: on the wire, and in process."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import flask
import pytest
import quart
from msgspec import UNSET

from comparison import Request
from comparison.models import Client, Disconnect, Interim, Stall
from comparison.targets import build_request
from comparison.targets.http1.connection import Address, Connection
from comparison.targets.http1.keeper import ConnectionKeeper, exchange_together
from comparison.targets.http1.probing import Probe
from tests.targets.talking import TIMEOUT, run

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


Serve = Callable[[Callable[[socket.socket], None]], Address]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server that lets a function talk on each connection, on a thread."""
    listeners: list[socket.socket] = []

    def start(talk: Callable[[socket.socket], None]) -> Address:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def handle(connection: socket.socket) -> None:
            with connection:
                try:
                    talk(connection)
                except OSError:
                    return

        def work() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=handle, args=(connection,), daemon=True).start()

        threading.Thread(target=work, daemon=True).start()
        return Address("127.0.0.1", listener.getsockname()[1])

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def send_to(address: Address, method: str = "GET", **fields: Any):
    request = build_request(Request(method, **fields))
    with Connection(address, TIMEOUT) as connection:
        return connection.exchange(request, (), TIMEOUT)


def head_of(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        octet = connection.recv(1)
        if not octet:
            raise ConnectionError("the client has left")
        data += octet
    return data


@pytest.mark.parametrize(
    ("limit", "body"),
    [
        (Disconnect(bytes=0), ""),
        (Disconnect(bytes=4), "data"),
        (Disconnect(events=1), ": hi\n\ndata: 1\n\n"),
        (Disconnect(events=2, seconds=20), ": hi\n\ndata: 1\n\ndata: 2\r\n\r\n"),
    ],
    ids=str,
)
def test_a_client_hangs_up_at_the_first_limit(
    serve: Serve, limit: Disconnect, body: str
) -> None:
    ended = threading.Event()
    comment = b"" if limit.bytes else b": hi\n\n"

    def talk(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(STREAM + comment + b"data: 1\n\ndata: 2\r\n\r\ndata")
        connection.recv(1)
        ended.set()

    response, failure = send_to(serve(talk), client=Client(disconnect=limit))
    assert failure is None
    assert response is not None
    reached = str(limit).rpartition(" or ")[2]
    assert (response.body, response.framing) == (body, f"unfinished after {reached}")
    assert ended.wait(TIMEOUT)


def test_a_client_hangs_up_before_the_response(serve: Serve) -> None:
    def talk(connection: socket.socket) -> None:
        head_of(connection)
        connection.recv(1)

    limit = Client(disconnect=Disconnect(seconds=0.05))
    _, failure = send_to(serve(talk), client=limit)
    output = "disconnected: the client hung up after 0.05 s, before a response"
    assert str(failure) == output


def test_a_client_waits_for_100_before_it_sends_the_body(serve: Serve) -> None:
    bodies = []

    def talk(connection: socket.socket) -> None:
        assert b"Expect: 100-continue\r\n" in head_of(connection)
        connection.setblocking(False)
        with pytest.raises(BlockingIOError):
            connection.recv(1)
        connection.setblocking(True)
        connection.sendall(b"HTTP/1.1 100 Continue\r\nX: 1\r\n\r\n")
        bodies.append(connection.recv(5, socket.MSG_WAITALL))
        connection.sendall(OK)

    response, _ = send_to(
        serve(talk), "POST", text="hello", client=Client(wait_for_continue=True)
    )
    assert response is not None
    assert response.interim == (Interim(100, (("X", "1"),)),)
    assert bodies == [b"hello"]


def test_a_client_does_not_send_a_body_that_the_server_rejects(serve: Serve) -> None:
    rest, ended = [], threading.Event()

    def talk(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(OK.replace(b"200 OK", b"417 No"))
        rest.append(connection.recv(1))
        ended.set()

    waiting = Client(wait_for_continue=True)
    response, _ = send_to(serve(talk), "POST", text="hello", client=waiting)
    assert response is not None
    assert response.status == 417
    assert ended.wait(TIMEOUT)
    assert rest == [b""]


def test_a_client_closes_its_sending_half_and_reads(serve: Serve) -> None:
    def talk(connection: socket.socket) -> None:
        head_of(connection)
        assert connection.recv(1) == b""
        connection.sendall(OK)

    response, _ = send_to(serve(talk), client=Client(half_close=True))
    assert response is not None
    assert response.body == "ok"


def test_octets_and_trailers_are_sent_and_trailers_received(serve: Serve) -> None:
    seen = []

    def talk(connection: socket.socket) -> None:
        head = head_of(connection)
        body = b""
        while not body.endswith(b"\r\n\r\n"):
            body += connection.recv(1)
        seen.append((head.partition(b" HTTP")[0], body))
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"2\r\nok\r\n0\r\nX-Sum: 2\r\n\r\n"
        )

    response, _ = send_to(
        serve(talk), "POST", raw_path=r"/?q=\xff\\", chunks=("ab",),
        trailers={"X-Checksum": "1"},
    )  # fmt: skip
    sent = b"2\r\nab\r\n0\r\nX-Checksum: 1\r\n\r\n"
    assert seen == [(b"POST /?q=\xff\\", sent)]
    assert response is not None
    assert (response.body, response.trailers) == ("ok", (("X-Sum", "2"),))


def test_requests_are_in_flight_at_once(serve: Serve) -> None:
    lock, together = threading.Lock(), threading.Barrier(3)
    whole = []

    def talk(connection: socket.socket) -> None:
        data = head_of(connection)[:-1]
        with lock:
            whole.append(data)
        together.wait(TIMEOUT)  # a response to one does not come before all are there
        connection.sendall(OK)

    requests = [build_request(Request(path=f"/{n}")) for n in range(3)]
    answers = exchange_together(serve(talk), [(r, ()) for r in requests], TIMEOUT)
    assert [a.body for a, _ in answers if a is not None] == ["ok"] * 3
    assert len(whole) == 3


def test_a_request_reuses_the_connection_of_the_previous_request(serve: Serve) -> None:
    connections = []

    def talk(connection: socket.socket) -> None:
        connections.append(connection)
        while head_of(connection):
            connection.sendall(OK)

    reusing = Request(client=Client(reuse_connection=True))
    address = serve(talk)
    url = f"http://127.0.0.1:{address.port}"
    assert run(url, Request(), reusing).exchange.response is not None
    assert len(connections) == 1
    run(url, Request(), Request())
    assert len(connections) == 3


@pytest.mark.parametrize(
    ("after", "number"),
    [(b"", 1), (b"HTTP/1.1 200 OK\r\n", 3)],
    ids=["sound", "corrupted"],
)
def test_a_corrupted_connection_is_not_reused(
    serve: Serve, after: bytes, number: int
) -> None:
    connections = []

    def talk(connection: socket.socket) -> None:
        connections.append(connection)
        while head_of(connection):
            connection.sendall(OK + after)

    address, keeper = serve(talk), ConnectionKeeper(TIMEOUT)
    request = build_request(Request())
    try:
        for _ in range(3):
            response, _ = keeper.exchange(
                address, request, (), lambda: Probe(request), keep=True, reused=False
            )
            assert response is not None
            assert response.connection == ("corrupted" if after else "kept or closed")
    finally:
        keeper.close()
    assert len(connections) == number


def test_a_connection_that_the_server_closes_cannot_be_reused(serve: Serve) -> None:
    def talk(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(OK.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n", 1))

    reusing = Request(client=Client(reuse_connection=True))
    url = f"http://127.0.0.1:{serve(talk).port}"
    output = "closed: the server closed the connection before it answered"
    assert str(run(url, Request(), reusing).exchange.failure) == output


def flask_app(log: list[str]) -> flask.Flask:
    app = flask.Flask("clients")

    @app.post("/")
    def echo() -> Any:
        return flask.request.get_data()

    @app.get("/")
    def numbers() -> Any:
        def events() -> Any:
            try:
                for number in range(1000):
                    yield f"data: {number}\n\n"
            finally:
                log.append("closed")

        return flask.Response(events(), mimetype="text/event-stream")

    return app


def quart_app(log: list[str]) -> quart.Quart:
    app = quart.Quart("clients")

    @app.post("/")
    async def echo() -> Any:
        return await quart.request.get_data()

    @app.get("/")
    async def numbers() -> Any:
        async def events() -> Any:
            try:
                for number in range(1000):
                    yield f"data: {number}\n\n"
                    await asyncio.sleep(0.001)
            finally:
                log.append("closed")

        return quart.Response(events(), mimetype="text/event-stream")

    return app


@pytest.mark.parametrize("make", [flask_app, quart_app])
def test_an_app_in_process_receives_the_client_disconnect(
    make: Callable[[list[str]], Any],
) -> None:
    log: list[str] = []
    leaving = Request(client=Client(disconnect=Disconnect(events=2)))
    response = run(make(log), leaving).exchange.response
    assert response is not None
    assert (response.body, len(response.parts)) == ("data: 0\n\ndata: 1\n\n", 2)
    assert response.framing == "unfinished after 2 events"
    assert log == ["closed"]


@pytest.mark.parametrize("make", [flask_app, quart_app])
@pytest.mark.parametrize("body", [{"text": "hello"}, {"chunks": ("he", "llo")}])
def test_a_stalled_body_in_process_arrives_completely(
    make: Callable[[list[str]], Any], body: dict[str, Any]
) -> None:
    stalling = Client(stall=Stall(seconds=0.02, bytes=3))
    exchange = run(make([]), Request("POST", client=stalling, **body)).exchange
    assert exchange.response is not None
    assert exchange.response.body == "hello"
    assert exchange.elapsed_ms is not UNSET
    assert exchange.elapsed_ms >= 20


@pytest.mark.parametrize("make", [flask_app, quart_app])
def test_a_case_that_needs_a_connection_is_unsupported_in_process(
    make: Callable[[list[str]], Any],
) -> None:
    recording = run(make([]), Request(client=Client(half_close=True)))
    output = (
        "unsupported: client.half_close needs a connection: run the case on servers"
    )
    assert str(recording.exchange.failure) == output
