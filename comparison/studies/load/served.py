"""Start the processes of a load run, or find its servers at a URL.

They are servers without recording, the null server and the clients.
"""

import json
import os
import socket
from base64 import b64decode
from pathlib import Path

import msgspec

from comparison.core.errors import TargetError, UsageError
from comparison.core.processes.child import Child
from comparison.core.start_timeout import start_timeout
from comparison.targets.http import build_request
from comparison.targets.http1.connection import Address, Connection, reason
from comparison.targets.servers.process import ServerProcess, Turn
from comparison.targets.url import is_loopback, is_url, parse_url

from .client import CheckedRequest

ENDING = 1.0  # seconds until we know how a process has ended


class LoadProcess:
    """A child process that exchanges lines with us on a socket.

    It calls the `main` of a module of this package with a JSON list: the descriptor of its
    socket, then the arguments.
    """

    def __init__(self, module: str, *arguments: int) -> None:
        self.module = module
        entry = f"comparison.studies.load.{module}:main"
        self.connection, theirs = socket.socketpair()
        with theirs:
            argument = json.dumps([theirs.fileno(), *arguments])
            self.child = Child.start(entry, argument, descriptors=[theirs.fileno()])
        self.lines = self.connection.makefile("rb")

    def send(self, line: bytes) -> None:
        """Send a line to the process. Raises TargetError if it has ended."""
        try:
            self.connection.sendall(line + b"\n")
        except OSError:
            raise self._ended() from None

    def receive(self, seconds: float) -> bytes:
        """Read a line. Raises TargetError if the process has ended or is too slow."""
        self.connection.settimeout(seconds)
        try:
            line = self.lines.readline()
        except TimeoutError:
            raise TargetError(f"the {self.module} process did not respond") from None
        except OSError:
            line = b""
        if not line:
            raise self._ended()
        return line

    def stop(self) -> None:
        """Stop the process."""
        self.lines.close()
        self.connection.close()
        self.child.close()

    def _ended(self) -> TargetError:
        self.child.wait(ENDING)
        return TargetError(f"the {self.module} process ended {self.child.how()}")


class Served:
    """A target under load; it runs until `close`."""

    def __init__(self, name: str, spec: str, threads: int) -> None:
        self.name = name
        self.process: ServerProcess | None = None
        self.prefix = ""
        if is_url(spec):
            place = parse_url(spec)
            self.address, self.origin = place.address, place.origin
            self.prefix = place.prefix
            return
        self.process = ServerProcess(
            spec, turn=Turn(0), recorded=False, threads=threads
        )
        self.address = self.process.address
        self.origin = f"http://{self.address.host}:{self.address.port}"

    def first(
        self, expected: tuple[CheckedRequest, ...], timeout: float
    ) -> tuple[CheckedRequest, ...]:
        """Send each request once and return it with the size of its response.

        Raises TargetError if a server does not start or a response is not as expected.
        """
        if self.process is not None:
            self.process.ready()
        return tuple(self._first(each, timeout) for each in expected)

    def _first(self, expected: CheckedRequest, timeout: float) -> CheckedRequest:
        path = self.prefix + expected.request.path
        request = msgspec.structs.replace(expected.request, path=path)
        what = f"target {self.name!r}: {request.method} {path}"
        try:
            with Connection(self.address, timeout) as connection:
                built = build_request(request, self.origin)
                response, failure = connection.exchange(built, (), timeout)
        except OSError as error:
            raise TargetError(f"{what}: {reason(error)}") from None
        if response is None:
            raise TargetError(
                f"{what}: {failure.message if failure else 'no response'}"
            )
        encoded = response.body_base64
        content = b64decode(encoded) if isinstance(encoded, str) else b""
        size = len(content or response.body.encode())
        found = msgspec.structs.replace(expected, request=request, size=size)
        wrong = found.error(response.status, size)
        if wrong:
            raise TargetError(f"{what}: unexpected response: {wrong}")
        return found

    def ended(self) -> str:
        """Say how the server ended; return "" if it is still running."""
        if self.process is None or not self.process.ended:
            return ""
        return self.process.end_description()

    def processor(self) -> float | None:
        """Return the seconds of processor time of the server; None if unknown."""
        if self.process is None or (pid := self.process.child.pid) is None:
            return None
        try:
            return _group_time(os.getpgid(pid))
        except ProcessLookupError:
            return None

    def close(self) -> None:
        """Stop the server, if we started it."""
        if self.process is not None:
            self.process.stop()


class NullServed:
    """The null server; its responses are as long as those of the work."""

    def __init__(self, size: int) -> None:
        self.process = LoadProcess("null", size)
        self.address = Address("127.0.0.1", int(self.process.receive(start_timeout())))
        self.origin = f"http://{self.address.host}:{self.address.port}"

    def close(self) -> None:
        """Stop the null server."""
        self.process.stop()


def check_hosts(targets: dict[str, str], allowed: tuple[str, ...]) -> None:
    """Raise UsageError for a URL of another machine that is not allowed by name."""
    for name, spec in targets.items():
        if is_url(spec):
            check_host(parse_url(spec).address.host, allowed, f"--target {name}={spec}")


def check_host(host: str, allowed: tuple[str, ...], where: str) -> None:
    """Raise UsageError unless a host is this machine or allowed by name."""
    if not is_loopback(host) and host not in allowed:
        raise UsageError(
            f"{where}: {host} is not this machine. A load run may disturb it. If the"
            f" server is yours, add --allow-remote {host}"
        )


def _group_time(group: int) -> float | None:
    """Return the processor time of a process group from /proc, if it exists (proc(5))."""
    ticks = 0
    found = False
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            found = True
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK") if found else None
