"""Start, await and stop a child process with a server."""

import os
import socket
import tempfile
import threading
import time
import weakref
from itertools import count
from pathlib import Path
from typing import IO

import msgspec

from comparison.core.errors import ChildTraceback, TargetError, UsageError
from comparison.core.processes.child import Child
from comparison.core.start_timeout import not_in_time, start_timeout
from comparison.models import Request
from comparison.targets.http import build_request
from comparison.targets.http1.connection import Address, Connection
from comparison.targets.http1.probing import Probe
from comparison.targets.session import Answer

from .channel import CHECK, Loaded, LoadFailed, Receiver
from .child import CONTROL, Orders
from .recording_header import HEADER, probe_value
from .stacks import THREADS

STOPPING = 3.0  # seconds
MAX_OUTPUT = 4000  # bytes of the server's last output in an error
HOST = "127.0.0.1"

_STARTING = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))

ENTRY = "comparison.targets.servers.child:main"

_numbers = count(1)


def probe(fail: bool = False) -> Probe:
    """Make a probe with a unique token; with `fail` the middleware raises an exception."""
    token = f"probe-{next(_numbers)}"
    extra = ((HEADER, probe_value(token, fail)),)
    return Probe(build_request(Request()), extra, token)


class Turn:
    """A slot for a starting server; the constructor waits for one for some seconds.

    Each processor has one slot, but we use at least two. More servers at once would slow
    each other down, and miss the deadline. `acquired` says whether we got a slot in time.
    """

    def __init__(self, wait: float | None = None) -> None:
        seconds = start_timeout() if wait is None else wait
        self.acquired = _STARTING.acquire(timeout=seconds)

    def end(self) -> None:
        """Release the slot for the next server."""
        if self.acquired:
            self.acquired = False
            _STARTING.release()


class ServerProcess:
    """A server in a child process, with the app that a SPEC names.

    The constructor starts it and does not wait. `ready` waits until the server answers, and
    then ends its `turn`. Unless `recorded`, it has no recording middleware. `threads` is for
    a server that has a pool of them.
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
        self.loaded: Loaded | None = None
        self.stopped = False
        with socket.create_server((HOST, 0), backlog=1024) as listener:
            self.address = Address(HOST, listener.getsockname()[1])
            self.child = self._start(listener.fileno())
        self.folder = self.child.folder
        self.deadline = time.monotonic() + start_timeout()
        # The caller may forget to stop it.
        weakref.finalize(self, self.turn.end)

    def _start(self, listener: int) -> Child:
        output = tempfile.TemporaryFile()  # noqa: SIM115 - `stop` closes it
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
        """True if the process has ended."""
        return self.child.ended

    def ready(self) -> Loaded:
        """Wait until the server answers.

        Raises TargetError if it does not; the error has its last output.
        """
        if self.loaded is not None:
            return self.loaded
        frame = None
        while frame is None:
            frame = self.control.next(CHECK)
            if frame is None and self.ended:
                raise self._error(f"the server ended {self.end_description()}")
            if frame is None and time.monotonic() > self.deadline:
                raise self._error(not_in_time("the app did not load"))
        if isinstance(frame, LoadFailed):
            self.stop()
            error = UsageError if frame.usage else TargetError
            raise error(frame.message) from ChildTraceback(frame.traceback)
        assert isinstance(frame, Loaded)
        self._await_answer()
        self.turn.end()
        self.loaded = frame
        return frame

    def _await_answer(self) -> None:
        while not self.answers(self.deadline - time.monotonic()):
            if self.ended:
                raise self._error(f"the server ended {self.end_description()}")
            if time.monotonic() > self.deadline:
                raise self._not_answered()
            time.sleep(CHECK)

    def _not_answered(self) -> TargetError:
        from comparison.causes import why_not_answered

        error = self._error(not_in_time("the server did not answer"))
        why = why_not_answered(self.spec.partition("@")[0])
        return TargetError(f"{error}\n{why}".rstrip())

    def answers(self, seconds: float) -> bool:
        """Return True if the server answers on a new connection."""
        sent = probe()
        response, _ = self._exchange(sent, max(seconds, CHECK))
        if response is None or not self.recorded:
            return response is not None
        return response.body == sent.token

    def answers_failures(self, seconds: float) -> bool:
        """Return True if the server still reacts to an exception of the app.

        Any answer will do. A server that sends none and does not close is broken.
        """
        response, failure = self._exchange(probe(fail=True), seconds)
        answered = response is not None or failure is not None
        return answered and (failure is None or failure.kind != "timeout")

    def _exchange(self, sent: Probe, seconds: float) -> Answer:
        """Send a probe on a new connection; return neither part if that fails."""
        try:
            with Connection(self.address, seconds) as connection:
                return connection.exchange(sent.request, sent.extra, seconds)
        except OSError:
            return None, None

    def end_description(self) -> str:
        """Describe how the process ended, with the last line of its output."""
        how = self.child.how()
        last = self.last_output().strip().splitlines()
        return f"{how}: {last[-1].strip()}" if last else how

    def last_output(self) -> str:
        """Return the end of the server's standard output and error."""
        size = self.output.seek(0, os.SEEK_END)
        self.output.seek(max(size - MAX_OUTPUT, 0))
        return self.output.read().decode("utf-8", "replace")

    def stop(self) -> None:
        """Stop the server and everything that it started; kill it if it does not stop."""
        self.stopped = True
        self.turn.end()
        self.child.terminate()
        self.child.close(STOPPING)
        self.control.close()
        self.output.close()

    def _error(self, message: str) -> TargetError:
        output = self.last_output().strip()
        self.stop()
        if output:
            from comparison.causes import why_ended

            shown = f"{message}; its last output:\n{output}"
            message = f"{shown}\n{why_ended(output)}".rstrip()
        return TargetError(f"target {self.spec!r}: {message}")
