"""A target on a server that we start, and the session that asks it."""

import json
import threading
from itertools import chain, count
from typing import Any

import httpx

from comparison.core.errors import ComparisonError, TargetError
from comparison.models import Case, Event, Failure, TargetInfo
from comparison.models.case import SAFE
from comparison.targets.http import mount_of
from comparison.targets.http1.reuse import (
    KEPT,
    after,
    confirmed,
    matters,
    with_connection,
)
from comparison.targets.http1.writer import Connection
from comparison.targets.in_process.target import InProcessTarget
from comparison.targets.raw_recording import RawRecording
from comparison.targets.session import Answer, Session, with_case
from comparison.targets.spec import parse_spec
from comparison.targets.url import reason

from .channel import Receiver, Unmade
from .gate import HEADER, header_value
from .probe import probe
from .process import ServerProcess, Turn
from .stacks import check_name

TRACE_WAIT = 2.0  # seconds that the app may go on after the client has its answer
DYING = 1.0  # seconds for a server that broke a connection to be seen to have died
FAILING = 3.0  # seconds for an answer to an app that raises: Daphne looks every second


class ServerTarget:
    """An app on a server, as `module@server` names it.

    The server runs from `start` (or from whenever it is first needed) until `close`,
    whoever asks it. With `keep_alive` a session asks one request after another on the
    same connection, as long as it is kept, instead of each on a connection of its own.
    """

    portable = True
    calls_app = False

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
        return type(self), (self.name, self.spec, self.keep_alive)

    def start(self) -> None:
        """Begin to start the server, without waiting for it, if it is its turn."""
        if self._process is None and (turn := Turn(0)).held:
            self._process = ServerProcess(self.spec, turn=turn)

    def load(self) -> None:
        """Wait until the server answers. Raises TargetError."""
        self.running().ready()

    def running(self) -> ServerProcess:
        """The server, started anew if it has ended. Raises TargetError."""
        with self._lock:
            if self._process is None:
                self._process = ServerProcess(self.spec)
            elif self._process.hello is not None and self._process.ended:
                self._process.stop()
                self._process = ServerProcess(self.spec)
            try:
                self._process.ready()
            except ComparisonError:
                self._process = None
                raise
            return self._process

    def replace(self, process: ServerProcess) -> None:
        """Stop a server that does not answer any more; the next one is a new one."""
        with self._lock:
            if self._process is process:
                self._process.stop()
                self._process = None

    def info(self) -> TargetInfo:
        """The target as reports name it."""
        hello = self.running().ready()
        return TargetInfo(
            self.name, self.spec, hello.framework, hello.server, hello.settings
        )

    def session(self, timeout: float) -> "ServerSession":
        """A live session, to be used and closed on one thread."""
        return ServerSession(self, timeout, f"s{next(self.sessions)}")

    def another(self) -> "ServerTarget":
        """The same app on a server of its own: what kills it kills nobody else's."""
        return ServerTarget(self.name, self.spec, self.keep_alive)

    def in_process(self) -> InProcessTarget:
        """The same app without the server."""
        if self._inside is None:
            self._inside = InProcessTarget(self.name, self.spec.partition("@")[0])
        return self._inside

    def close(self) -> None:
        """Stop the server."""
        with self._lock:
            if self._process is not None:
                self._process.stop()
                self._process = None


class _WasDying(Exception):
    """A server has ended, maybe because of what it was asked before: ask a new one."""


class ServerSession(Session):
    """Asks an app through its server, each request on a connection of its own."""

    def __init__(self, target: ServerTarget, timeout: float, path: str) -> None:
        hello = target.running().ready()
        super().__init__((hello.framework or target.name).capitalize(), timeout)
        self.target = target
        self.path = path
        self.process: ServerProcess | None = None
        self.receiver: Receiver | None = None
        self.connection: Connection | None = None
        self.numbers = count(1)
        self.sent = 0  # requests to this server

    def ask(self, case: Case, request: httpx.Request) -> RawRecording:
        """Ask one case.

        Raises TargetError if the app for the case cannot be made or started, or the
        server not any more.
        """
        self._begin(case, request)
        try:
            json.dumps(case.settings)
        except (TypeError, ValueError) as error:
            message = f"the case wants settings that no server can be given: {error}"
            return self._asked(None, Failure("unsupported", message))
        try:
            return self._ask_server(case)
        except _WasDying:
            self._begin(case, request)
            self.sent = 0
            return self._ask_server(case)

    def _ask_server(self, case: Case) -> RawRecording:
        self._attach()
        fresh = f"{self.path}-{next(self.numbers)}" if case.fresh else ""
        try:
            return self._ask((case.settings, fresh), case)
        except TargetError as error:
            raise with_case(error, case) from error

    def close(self) -> None:
        """Forget the server; it belongs to the target."""
        self._hang_up()
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

        def ask() -> Answer:
            value = header_value(self.path, next(numbers), *to, mount)
            return self._exchange_once(request, ((HEADER, value),))

        self.sent += 1
        self.receiver.gone = False
        # An app of its own has a state that asking again would change.
        response, failure = ask() if to[1] else confirmed(request, ask)
        patience = 0 if failure and failure.kind == "timeout" else TRACE_WAIT
        told = self.receiver.wait(number, patience)
        if isinstance(told, Unmade):
            if not told.unsupported:
                raise TargetError(told.message)
            wants = "settings" if to[0] else "a fresh app"
            message = f"the case wants {wants}, but {told.message}"
            return None, Failure("unsupported", message)
        if told is not None:
            trace.events.extend(told.events)
        elif failure is not None and self.receiver.making:
            raise TargetError(self._unmade(failure))
        if response is not None:
            trace.add(Event("client_received", status=response.status))
        elif failure is not None:
            last = self._died()
            may = request.method in SAFE or not self.receiver.began
            if last and may and self.sent > 1 and not self.before:
                raise _WasDying
            if failure.kind == "timeout" and not last:
                self._mend()
            if last:
                failure = Failure("died", "the server died", failure.partial)
            detail = f"{failure.message}, {last}" if last else failure.message
            trace.add(Event("failed", name=failure.kind, detail=detail))
        return response, failure

    def _unmade(self, failure: Failure) -> str:
        """Why there is no app for the case: its making hangs, or ended the server."""
        assert self.process is not None
        how = self._died()
        if how:
            why = f"the server ended while the app was made, {how}"
        else:
            why = f"no app, made and started, within {self.timeout:g} s"
        if failure.kind == "timeout":
            self.target.replace(self.process)
        return f"target {self.target.spec!r}: {why}"

    def _exchange_once(self, request: httpx.Request, extra: Any) -> Answer:
        assert self.process is not None
        if self.connection is not None and self.connection.has_ended:
            self._hang_up()
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
        kept = response is not None and found in ("", KEPT)
        if not self.target.keep_alive or not kept or connection.announced_close:
            self._hang_up()
        return response, failure

    def _hang_up(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _mend(self) -> None:
        """Start a server anew that one unanswered request has left broken.

        Its next cases would be told of this one, not of themselves. Where it is whole
        it stays, with what its app remembers.
        """
        assert self.process is not None
        if not self.process.answers_failures(FAILING):
            self.target.replace(self.process)

    def _died(self) -> str:
        """What a server said last that is gone; whether it is, is found out by asking."""
        process, receiver = self.process, self.receiver
        assert process is not None and receiver is not None
        answers = process.answers(self.timeout)
        list(receiver.frames())
        if answers and not receiver.gone:
            return ""
        if not answers and not process.child.wait(DYING):
            # It lives, but does nothing any more.
            self.target.replace(process)
            return ""
        if process.ended:
            return process.farewell()
        return "its worker ended" if receiver.gone else ""
