"""A lean httpx transport for many requests on one connection: HTTP/1.1 on asyncio streams.

The transport of httpx needs about a millisecond of processor time a request. Most apps
answer faster. A client for load tests must need much less. This one parses only the fields
that delimit a response (RFC 9112 section 6).
"""

import asyncio
import ssl
from types import TracebackType
from typing import Self

import httpx

from comparison.targets.http import allows_body, request_target

from .connection import Address, tls_context
from .reader import size_of

MAX_HEAD = 64 * 1024  # bytes


class StreamTransport(httpx.AsyncBaseTransport):
    """One connection to one server, for one request at a time. It reconnects if closed.

    Raises httpx.ConnectError if it cannot connect, httpx.ReadTimeout for a late answer, and
    httpx.ReadError if the connection ends before an answer. Raises
    httpx.RemoteProtocolError if the answer is malformed or not whole.
    """

    def __init__(self, address: Address, timeout: float) -> None:
        self.address = address
        self.timeout = timeout
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None
        self.tls: ssl.SSLContext | None = tls_context() if address.secure else None
        self.sending: tuple[httpx.Request | None, bytes] = (None, b"")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connection at once, even if data is in flight."""
        if self.writer is not None:
            self.writer.transport.abort()
        self.reader = self.writer = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read the whole response."""
        try:
            async with asyncio.timeout(self.timeout):
                reader, writer = await self._connection()
                writer.write(self._encoded(request))
                return await self._response(request.method, reader)
        except TimeoutError:
            await self.aclose()
            raise httpx.ReadTimeout(f"no answer within {self.timeout:g} s") from None
        except BaseException:
            await self.aclose()
            raise

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.reader is None or self.writer is None or self.reader.at_eof():
            await self.aclose()
            try:
                self.reader, self.writer = await asyncio.open_connection(
                    self.address.host, self.address.port, limit=MAX_HEAD, ssl=self.tls
                )
            except OSError as error:
                raise httpx.ConnectError(str(error)) from None
        return self.reader, self.writer

    def _encoded(self, request: httpx.Request) -> bytes:
        # A worker sends the same request many times, so we encode it once.
        if self.sending[0] is not request:
            target = request_target(request)
            lines = [b"%s %s HTTP/1.1" % (request.method.encode("ascii"), target)]
            lines += [b"%s: %s" % field for field in request.headers.raw]
            body = b"".join(request.stream)  # type: ignore[arg-type]
            self.sending = (request, b"\r\n".join([*lines, b"", body]))
        return self.sending[1]

    async def _response(
        self, method: str, reader: asyncio.StreamReader
    ) -> httpx.Response:
        try:
            status, headers = await _head(reader)
            while 100 <= status < 200:
                status, headers = await _head(reader)
        except (ConnectionError, asyncio.IncompleteReadError):
            raise httpx.ReadError("the connection ended before an answer") from None
        except asyncio.LimitOverrunError:
            raise httpx.RemoteProtocolError("a head without an end") from None
        try:
            body, reusable = await _body(method, status, headers, reader)
        except (ConnectionError, asyncio.IncompleteReadError):
            raise httpx.RemoteProtocolError("the body is not whole") from None
        except asyncio.LimitOverrunError:
            raise httpx.RemoteProtocolError("a line without an end") from None
        except ValueError as error:
            raise httpx.RemoteProtocolError(str(error)) from None
        if not reusable or b"close" in headers.get(b"connection", b"").lower():
            await self.aclose()
        return httpx.Response(status, stream=httpx.ByteStream(body))


Head = tuple[int, dict[bytes, bytes]]


async def _head(reader: asyncio.StreamReader) -> Head:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
    version, _, rest = first.partition(b" ")
    if not version.startswith(b"HTTP/1.") or not rest[:3].isdigit():
        raise httpx.RemoteProtocolError("not a status line")
    headers = {}
    for line in lines:
        name, _, value = line.partition(b":")
        headers[name.lower()] = value.strip()
    if version == b"HTTP/1.0":
        headers.setdefault(b"connection", b"close")
    return int(rest[:3]), headers


async def _body(
    method: str, status: int, headers: dict[bytes, bytes], reader: asyncio.StreamReader
) -> tuple[bytes, bool]:
    """Read the body; return it, and whether the connection can be used again.

    Raises ValueError for a malformed size.
    """
    if not allows_body(method, status):
        return b"", True
    if headers.get(b"transfer-encoding", b"").lower().endswith(b"chunked"):
        return await _chunks(reader), True
    length = headers.get(b"content-length")
    if length is None:
        return await reader.read(), False
    return await reader.readexactly(size_of(length)), True


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while True:
        line = await reader.readuntil(b"\r\n")
        size = size_of(line.partition(b";")[0].rstrip(), 16)
        if not size:
            break
        parts.append((await reader.readexactly(size + 2))[:-2])
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass
    return b"".join(parts)
