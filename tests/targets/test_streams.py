"""The lean transport: where responses end, and what is none."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from comparison.models import Request
from comparison.targets.http import build_request
from comparison.targets.http1.connection import Address
from comparison.targets.http1.streams import StreamTransport

KEPT = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@asynccontextmanager
async def answering(
    *answers: bytes, timeout: float = 5.0
) -> AsyncIterator[tuple[httpx.AsyncClient, list[bytes]]]:
    """A client of a server that gives these answers; an empty one ends the connection.

    The requests that the server gets come with it, a `|` for each new connection.
    """
    left = list(answers)
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(b"|")
        try:
            while True:
                seen.append(await reader.readuntil(b"\r\n\r\n"))
                answer = left.pop(0)
                writer.write(answer)
                await writer.drain()
                if not answer or b"close" in answer.lower():
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    transport = StreamTransport(Address("127.0.0.1", port), timeout)
    async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
        yield client, seen
    server.close()
    await server.wait_closed()


async def send(client: httpx.AsyncClient, **fields: object) -> httpx.Response:
    request = Request(**fields)  # type: ignore[arg-type]
    return await client.send(build_request(request, "http://shop.test"))


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (KEPT, b"one"),
        (
            CHUNKED + b"3 ; x=1\r\none\r\n0A\r\n0123456789\r\n0 \r\n\r\n",
            b"one0123456789",
        ),
        (CHUNKED + b"3;x=1\r\none\r\n2\r\ntw\r\n0\r\nX: 1\r\n\r\n", b"onetw"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n" + KEPT, b"one"),
    ],
)
async def test_a_response_ends_at_its_length_and_the_connection_stays_open(
    answer: bytes, body: bytes
) -> None:
    async with answering(answer, KEPT) as (client, seen):
        assert (await send(client)).content == body
        assert (await send(client)).content == b"one"
    assert seen.count(b"|") == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\none",
        b"HTTP/1.1 200 OK\r\nConnection: Close\r\n\r\none",
        b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\none",
    ],
)
async def test_a_closed_connection_is_reopened(answer: bytes) -> None:
    async with answering(answer, KEPT) as (client, seen):
        assert (await send(client)).content == b"one"
        assert (await send(client)).content == b"one"
    assert seen.count(b"|") == 2


async def test_the_request_is_sent_as_the_case_defines_it() -> None:
    async with answering(KEPT) as (client, seen):
        await send(
            client, method="POST", path="/a%2Fb?q=1", headers=(("X-Who", "Ada"),)
        )
    _, head = seen
    assert head.startswith(b"POST /a%2Fb?q=1 HTTP/1.1\r\nHost: shop.test\r\n")
    assert b"\r\nX-Who: Ada\r\n" in head


async def test_a_response_to_head_has_no_body() -> None:
    async with answering(KEPT.removesuffix(b"one"), KEPT) as (client, _):
        assert (await send(client, method="HEAD")).content == b""
        assert (await send(client)).content == b"one"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", httpx.ReadError),
        (b"nonsense\r\n\r\n", httpx.RemoteProtocolError),
        (b"HTTP/1.1 OK\r\n\r\n", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n" % (b"1" * 5000),
         httpx.RemoteProtocolError),
        (CHUNKED + b"zz\r\n", httpx.RemoteProtocolError),
        (CHUNKED + b"-5\r\none", httpx.RemoteProtocolError),
        (CHUNKED + b"0x3\r\none\r\n0\r\n\r\n", httpx.RemoteProtocolError),
        (CHUNKED + b"0_3\r\none\r\n0\r\n\r\n", httpx.RemoteProtocolError),
        (CHUNKED + b" 3\r\none\r\n0\r\n\r\n", httpx.RemoteProtocolError),
        (CHUNKED + b"3;" + b"x" * 70_000, httpx.RemoteProtocolError),
        (KEPT[:-1], httpx.ReadTimeout),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nX: close\r\n\r\none",
         httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000, httpx.RemoteProtocolError),
    ],
)  # fmt: skip
async def test_an_incomplete_response_is_an_error_but_the_next_is_not(
    answer: bytes, error: type[httpx.TransportError]
) -> None:
    timeout = 0.2 if error is httpx.ReadTimeout else 60
    async with answering(answer, KEPT, timeout=timeout) as (client, seen):
        with pytest.raises(error):
            await send(client)
        assert (await send(client)).content == b"one"
    assert seen.count(b"|") == 2


async def test_a_refused_connection_is_a_connect_error(
    unused_tcp_port_factory: Callable[[], int],
) -> None:
    transport = StreamTransport(Address("127.0.0.1", unused_tcp_port_factory()), 1)
    async with httpx.AsyncClient(transport=transport) as client:
        with pytest.raises(httpx.ConnectError):
            await send(client)
