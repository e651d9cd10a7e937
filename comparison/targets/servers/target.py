"""Targets on servers that we start, and their sessions."""

import json
import threading
from itertools import chain, count
from typing import Any

import httpx

from comparison.core.errors import ComparisonError, TargetError
from comparison.models import Case, Event, Failure, TargetInfo
from comparison.models.request import SAFE_METHODS
from comparison.targets.describe import with_case
from comparison.targets.http import mount_of
from comparison.targets.http1.connection import (
    KEPT,
    Connection,
    after,
    confirmed,
    matters,
    with_connection,
)
from comparison.targets.in_process.target import InProcessTarget
from comparison.targets.raw_recording import RawRecording
from comparison.targets.session import Answer, Session, Target
from comparison.targets.spec import parse_spec
from comparison.targets.url import reason

from .channel import AppFailed, Receiver
from .process import ServerProcess, Turn, probe
from .recording_header import HEADER, header_value
from .stacks import check_name

TRACE_WAIT = 2.0  # seconds that the app may run after the client has its answer
DYING = 1.0  # seconds until a server that broke a connection has ended
FAILING = 3.0  # seconds to answer if an app raises: Daphne checks every second


class ServerTarget(Target):
    """An app on a server, as `module@server` names it.

    The server runs from `start`, or from its first use, until `close`. Sessions share it.
    With `keep_alive` a session sends its requests on one connection, as long as the server
    keeps that open. Otherwise each request gets a new connection.
    """

    def __init__(self, name: str, spec: str, keep_alive: bool = False) -> None:
        self.name = name
        self.spec = spec
        self.keep_alive = keep_alive
        check_name(parse_spec(spec).server or "", spec)
        self.sessions = count(1)
        self._process: ServerProcess | None = None
        self._inside: InProcessTarget | None = None
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        arguments = (self.name, self.spec, self.keep_alive)
        return type(self), arguments, self._options()

    def start(self) -> None:
        """Begin to start the server, without waiting for it, if a slot is free."""
        if self._process is None and (turn := Turn(0)).acquired:
            self._process = ServerProcess(self.spec, turn=turn)

    def load(self) -> None:
        """Wait until the server answers. Raises TargetError."""
        self.running().ready()

    def running(self) -> ServerProcess:
        """Return the server; restart it if it has ended. Raises TargetError."""
        with self._lock:
            if self._process is None:
                self._process = ServerProcess(self.spec)
            elif self._process.loaded is not None and self._process.ended:
                self._process.stop()
                self._process = ServerProcess(self.spec)
            try:
                self._process.ready()
            except ComparisonError:
                self._process = None
                raise
            return self._process

    def replace(self, process: ServerProcess) -> None:
        """Stop a server that does not answer any more; the next use starts a new one."""
        with self._lock:
            if self._process is process:
                self._process.stop()
                self._process = None

    def info(self) -> TargetInfo:
        """Describe the target for reports."""
        loaded = self.running().ready()
        return TargetInfo(
            self.name, self.spec, loaded.framework, loaded.server, loaded.settings
        )

    def session(self, timeout: float) -> "ServerSession":
        """Open a session. Use and close it on one thread."""
        return ServerSession(self, timeout, f"s{next(self.sessions)}")

    def another(self) -> "ServerTarget":
        """Return the same app on a separate server: a crash does not affect this one."""
        other = ServerTarget(self.name, self.spec, self.keep_alive)
        self._share_options(other)
        return other

    def in_process(self) -> InProcessTarget:
        """Return the same app without the server."""
        if self._inside is None:
            self._inside = InProcessTarget(self.name, self.spec.partition("@")[0])
            self._share_options(self._inside)
        return self._inside

    def close(self) -> None:
        """Stop the server."""
        with self._lock:
            if self._process is not None:
                self._process.stop()
                self._process = None


class _ServerEnded(Exception):
    """The server has ended, maybe because of an earlier request: retry on a new one."""


class ServerSession(Session):
    """A session with an app on a server."""

    def __init__(self, target: ServerTarget, timeout: float, path: str) -> None:
        loaded = target.running().ready()
        super().__init__((loaded.framework or target.name).capitalize(), timeout)
        self.target = target
        self.access = target.access
        self.path = path
        self.process: ServerProcess | None = None
        self.receiver: Receiver | None = None
        self.connection: Connection | None = None
        self.numbers = count(1)
        self.sent = 0  # requests to this server

    def run(self, case: Case, request: httpx.Request) -> RawRecording:
        """Run one case.

        Raises TargetError if the app for the case cannot be made or started, or if the
        server cannot be restarted.
        """
        self._begin(case, request)
        try:
            json.dumps(case.settings)
        except (TypeError, ValueError) as error:
            message = (
                f"the case needs settings that we cannot send to a server: {error}"
            )
            return self._make_recording(None, Failure("unsupported", message))
        try:
            return self._run_on_server(case)
        except _ServerEnded:
            self._begin(case, request)
            self.sent = 0
            return self._run_on_server(case)

    def _run_on_server(self, case: Case) -> RawRecording:
        self._attach()
        fresh = f"{self.path}-{next(self.numbers)}" if case.fresh else ""
        try:
            return self._run_case((case.settings, fresh), case)
        except TargetError as error:
            raise with_case(error, case) from error

    def close(self) -> None:
        """Disconnect from the server; the target stops it."""
        self._disconnect()
        if self.receiver is not None:
            self.receiver.close()

    def _attach(self) -> None:
        process = self.target.running()
        if process is not self.process:
            self.sent = 0
            self.close()
            self.process = process
            self.receiver = Receiver(process.folder, self.path)

    def _send(self, to: tuple[dict[str, Any], str], request: httpx.Request) -> Answer:
        assert self.process is not None and self.receiver is not None
        trace = self.trace
        trace.add(Event("request_sent", name=request.method))
        mount = mount_of(request)
        number = next(self.numbers)
        numbers = chain((number,), self.numbers)

        def send() -> Answer:
            value = header_value(self.path, next(numbers), *to, mount)
            return self._exchange_once(request, ((HEADER, value),))

        self.sent += 1
        self.receiver.disconnected = False
        # A second request would change the state of a fresh app.
        response, failure = send() if to[1] else confirmed(request, send)
        patience = 0 if failure and failure.kind == "timeout" else TRACE_WAIT
        outcome = self.receiver.wait(number, patience)
        if isinstance(outcome, AppFailed):
            if not outcome.unsupported:
                raise TargetError(outcome.message)
            needed = "settings" if to[0] else "a fresh app"
            message = f"the case needs {needed}, but {outcome.message}"
            return None, Failure("unsupported", message)
        if outcome is not None:
            trace.events.extend(outcome.events)
        elif failure is not None and self.receiver.making:
            raise TargetError(self._app_error(failure))
        if response is not None:
            trace.add(Event("client_received", status=response.status))
        elif failure is not None:
            last = self._describe_crash()
            retryable = request.method in SAFE_METHODS or not self.receiver.started
            if last and retryable and self.sent > 1 and not self.setup:
                raise _ServerEnded
            if failure.kind == "timeout" and not last:
                self._restart_if_broken()
            if last:
                failure = Failure("died", "the server died", failure.partial)
            detail = f"{failure.message}, {last}" if last else failure.message
            trace.add(Event("failed", name=failure.kind, detail=detail))
        return response, failure

    def _app_error(self, failure: Failure) -> str:
        """Explain why the app for a case was not made: it hung, or the server ended."""
        assert self.process is not None
        how = self._describe_crash()
        if how:
            why = f"the server ended while the app was made, {how}"
        else:
            why = f"the app did not start within {self.timeout:g} s"
        if failure.kind == "timeout":
            self.target.replace(self.process)
        return f"target {self.target.spec!r}: {why}"

    def _exchange_once(self, request: httpx.Request, extra: Any) -> Answer:
        assert self.process is not None
        if self.connection is not None and self.connection.has_ended:
            self._disconnect()
        try:
            connection = self.connection or Connection(
                self.process.address, self.timeout
            )
        except OSError as error:
            return None, Failure("refused", reason(error))
        self.connection = connection
        found = ""
        response, failure = connection.exchange(request, extra, self.timeout)
        if response is not None and matters(request, response):
            found = after(connection, probe())
            response = with_connection(request, response, found)
        reusable = response is not None and found in ("", KEPT)
        if not self.target.keep_alive or not reusable or connection.announced_close:
            self._disconnect()
        return response, failure

    def _disconnect(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _restart_if_broken(self) -> None:
        """Restart a server that an unanswered request has left broken.

        Otherwise its next cases would fail because of this one. A server that still works
        stays, with the state of its app.
        """
        assert self.process is not None
        if not self.process.answers_failures(FAILING):
            self.target.replace(self.process)

    def _describe_crash(self) -> str:
        """Send a probe; if the server has died, describe how, else return ""."""
        process, receiver = self.process, self.receiver
        assert process is not None and receiver is not None
        answers = process.answers(self.timeout)
        list(receiver.frames())
        if answers and not receiver.disconnected:
            return ""
        if not answers and not process.child.wait(DYING):
            # It is alive, but does not react any more.
            self.target.replace(process)
            return ""
        if process.ended:
            return process.end_description()
        return "its worker ended" if receiver.disconnected else ""
