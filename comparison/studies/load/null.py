"""Serve the same bytes for every request, to measure the client alone."""

import asyncio
import json
import re
import socket

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
END = b"\r\n\r\n"


def response_of(size: int) -> bytes:
    """Return a complete response with a body of `size` bytes."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {size}"
    return head.encode() + END + b"." * size


class Null(asyncio.Protocol):
    """A server that responds to each complete request (RFC 9112) without parsing it."""

    def __init__(self, response: bytes) -> None:
        self.response = response
        self.head = response[: response.index(END) + len(END)]
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the transport for the responses."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Respond to the requests that are complete now."""
        self.buffer += data
        while (end := self.buffer.find(END)) >= 0:
            found = LENGTH.search(self.buffer, 0, end)
            whole = end + len(END) + (int(found.group(1)) if found else 0)
            if len(self.buffer) < whole:
                return
            bodiless = self.buffer.startswith(b"HEAD ")
            self.buffer = self.buffer[whole:]
            self.transport.write(self.head if bodiless else self.response)


def main(argument: str) -> None:
    """Serve on a free port until the socket closes.

    The argument has the descriptor of the socket, which gets the number of the port, and
    the size of the response.
    """
    descriptor, size = json.loads(argument)
    with socket.socket(fileno=descriptor) as connection:
        asyncio.run(_serve(response_of(size), connection))


async def _serve(response: bytes, connection: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    server = await loop.create_server(lambda: Null(response), sock=listener)
    connection.sendall(b"%d\n" % listener.getsockname()[1])
    async with server:
        await loop.run_in_executor(None, connection.recv, 1)
