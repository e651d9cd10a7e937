"""Our end of a child process with a server: started, awaited, always stopped."""

import os
import socket
import tempfile
import threading
import time
import weakref
from pathlib import Path
from typing import IO

import msgspec

from comparison.core.errors import ChildTraceback, TargetError, UsageError
from comparison.core.processes.child import Child
from comparison.targets.http1.writer import Address, Connection

from .channel import CHECK, Hello, Receiver, Refused
from .child import CONTROL, Orders
from .launch import THREADS
from .probe import probe

READY = 30.0  # seconds: to start takes one, and longer on a busy machine
STOPPING = 3.0  # seconds
MAX_OUTPUT = 4000  # bytes of the server's last output in an error
HOST = "127.0.0.1"

_STARTING = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))

ENTRY = "comparison.targets.servers.child:main"


class Turn:
    """A place among the servers that are starting, for which this waits some seconds.

    There are as many places as processors: more at once only make each other miss the
    deadline. `held` says whether there was one in time.
    """

    def __init__(self, wait: float = READY) -> None:
        self.held = _STARTING.acquire(timeout=wait)

    def end(self) -> None:
        """Let the next one have the place."""
        if self.held:
            self.held = False
            _STARTING.release()


class ServerProcess:
    """A server in a child process, with the app that a SPEC names.

    It is starting when this comes back; `ready` waits until the server answers, which
    ends its `turn`. Unless it is `recorded`, the app is served as anybody would serve it.
    `threads` are those of a server that has a pool of them.
    """

    def __init__(
        self,
        spec: str,
        *,
        turn: Turn | None = None,
        recorded: bool = True,
        threads: int = THREADS,
    ) -> None:
        self.spec = spec
        self.turn = turn or Turn()
        self.recorded = recorded
        self.threads = threads
        self.hello: Hello | None = None
        with socket.create_server((HOST, 0), backlog=1024) as listener:
            self.address = Address(HOST, listener.getsockname()[1])
            self.child = self._start(listener.fileno())
        self.folder = self.child.folder
        self.deadline = time.monotonic() + READY
        # Also where nobody remembers to stop it.
        weakref.finalize(self, self.turn.end)

    def _start(self, listener: int) -> Child:
        output = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the server is there
        self.output: IO[bytes] = output

        def argument(folder: Path) -> str:
            self.control = Receiver(folder, CONTROL)
            orders = Orders(
                self.spec, listener, str(folder), self.recorded, self.threads
            )
            return msgspec.json.encode(orders).decode()

        return Child.start(ENTRY, argument, descriptors=[listener], output=output)

    @property
    def ended(self) -> bool:
        """Whether the process has ended."""
        return self.child.ended

    def ready(self) -> Hello:
        """Wait until the server answers.

        Raises TargetError where it does not; the error holds its last output.
        """
        if self.hello is not None:
            return self.hello
        frame = None
        while frame is None:
            frame = self.control.next(CHECK)
            if frame is None and self.ended:
                raise self._error(f"the server ended {self.farewell()}")
            if frame is None and time.monotonic() > self.deadline:
                raise self._error(f"no app within {READY:g} s")
        if isinstance(frame, Refused):
            self.stop()
            error = UsageError if frame.usage else TargetError
            raise error(frame.message) from ChildTraceback(frame.traceback)
        assert isinstance(frame, Hello)
        self._await_answer()
        self.turn.end()
        self.hello = frame
        return frame

    def _await_answer(self) -> None:
        while not self.answers(self.deadline - time.monotonic()):
            if self.ended:
                raise self._error(f"the server ended {self.farewell()}")
            if time.monotonic() > self.deadline:
                raise self._error(f"the server did not answer within {READY:g} s")
            time.sleep(CHECK)

    def answers(self, seconds: float) -> bool:
        """Whether the server answers on a new connection."""
        seconds = max(seconds, CHECK)
        asking = probe()
        try:
            with Connection(self.address, seconds) as connection:
                response, _ = connection.exchange(asking.request, asking.extra, seconds)
        except OSError:
            return False
        if response is None or not self.recorded:
            return response is not None
        return response.body == asking.token

    def answers_failures(self, seconds: float) -> bool:
        """Whether the server still does something about an app that raises.

        What it says is its own business; that it says nothing at all is the trouble.
        """
        asking = probe(fail=True)
        try:
            with Connection(self.address, seconds) as connection:
                _, failure = connection.exchange(asking.request, asking.extra, seconds)
        except OSError:
            return False
        return failure is None or failure.kind != "timeout"

    def farewell(self) -> str:
        """How the process ended, and the last line that it said."""
        how = self.child.how()
        last = self.last_output().strip().splitlines()
        return f"{how}: {last[-1].strip()}" if last else how

    def last_output(self) -> str:
        """The end of what the server wrote to standard output and error."""
        size = self.output.seek(0, os.SEEK_END)
        self.output.seek(max(size - MAX_OUTPUT, 0))
        return self.output.read().decode("utf-8", "replace")

    def stop(self) -> None:
        """Stop the server and everything that it started; at the latest by force."""
        self.turn.end()
        self.child.terminate()
        self.child.close(STOPPING)
        self.control.close()
        self.output.close()

    def _error(self, message: str) -> TargetError:
        output = self.last_output().strip()
        self.stop()
        if output:
            message = f"{message}; its last output:\n{output}"
        return TargetError(f"target {self.spec!r}: {message}")
