"""The null server: the same bytes for every request, so that the client is all there is."""

import asyncio
import re
import socket
import sys

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
END = b"\r\n\r\n"


def response_of(size: int) -> bytes:
    """A whole response with a body of so many bytes."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {size}"
    return head.encode() + END + b"." * size


class Null(asyncio.Protocol):
    """Answers each request as soon as it is whole (RFC 9112), without looking at it."""

    def __init__(self, response: bytes) -> None:
        self.response = response
        self.head = response[: response.index(END) + len(END)]
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember whom to answer."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer the requests that are whole now."""
        self.buffer += data
        while (end := self.buffer.find(END)) >= 0:
            found = LENGTH.search(self.buffer, 0, end)
            whole = end + len(END) + (int(found.group(1)) if found else 0)
            if len(self.buffer) < whole:
                return
            bodiless = self.buffer.startswith(b"HEAD ")
            self.buffer = self.buffer[whole:]
            self.transport.write(self.head if bodiless else self.response)


def main() -> None:
    """Serve on a port of its own, which it tells, until standard input ends."""
    response = response_of(int(sys.argv[1]))
    asyncio.run(_serve(response))


async def _serve(response: bytes) -> None:
    loop = asyncio.get_running_loop()
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    server = await loop.create_server(lambda: Null(response), sock=listener)
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await loop.run_in_executor(None, sys.stdin.buffer.read)
