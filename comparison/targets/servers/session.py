"""Sessions with apps on servers that we start."""

import json
from collections.abc import Collection, Sequence
from itertools import chain, count
from typing import TYPE_CHECKING, Any

import httpx

from comparison.core.errors import TargetError
from comparison.models import Case, Event, Failure, Pairs
from comparison.models.request import SAFE_METHODS
from comparison.targets.describe import with_case
from comparison.targets.http import mount_of
from comparison.targets.http1.keeper import ConnectionKeeper, exchange_together
from comparison.targets.http1.probing import confirmed
from comparison.targets.raw_recording import RawRecording
from comparison.targets.session import Answer, Session, TracedAnswer

from .channel import AppFailed, Receiver
from .process import ServerProcess, probe
from .recording_header import HEADER, header_value

if TYPE_CHECKING:
    from .target import ServerTarget

TRACE_WAIT = 2.0  # seconds that the app may run after the client has its answer
DYING = 1.0  # seconds until a server that broke a connection has ended
FAILING = 3.0  # seconds to answer if an app raises: Daphne checks every second


class _ServerEnded(Exception):
    """The server has ended, maybe because of an earlier request: retry on a new one."""


class ServerSession(Session):
    """A session with an app on a server."""

    def __init__(self, target: "ServerTarget", timeout: float, path: str) -> None:
        loaded = target.running().ready()
        super().__init__((loaded.framework or target.name).capitalize(), timeout)
        self.target = target
        self.access = target.access
        self.path = path
        self.process: ServerProcess | None = None
        self.receiver: Receiver | None = None
        self.keeper = ConnectionKeeper(timeout)
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
            return self._with_end(self._run_on_server(case))
        except _ServerEnded:
            self._begin(case, request)
            self.sent = 0
            return self._with_end(self._run_on_server(case))

    def _run_on_server(self, case: Case) -> RawRecording:
        self._attach()
        fresh = f"{self.path}-{next(self.numbers)}" if case.fresh else ""
        try:
            return self._run_case((case.settings, fresh), case)
        except TargetError as error:
            raise with_case(error, case) from error

    def close(self) -> None:
        """Disconnect from the server; the target stops it."""
        self.keeper.close()
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
        self.trace.add(Event("request_sent", name=request.method))
        number = next(self.numbers)
        numbers = chain((number,), self.numbers)

        def send(probes: bool = True) -> Answer:
            extra = self._extra(to, request, next(numbers))
            return self._exchange_once(request, extra, probes)

        self.sent += 1
        self.receiver.disconnected = False
        # A second request would change the state of a fresh app.
        fresh = bool(to[1])
        answer = self._recorded(to, request, send(probes=fresh), number)
        if fresh:
            return answer
        answer = confirmed(request, answer, send, self._doubted)
        self.open_end = self.keeper.open_end(request, send)
        return answer

    @property
    def _doubted(self) -> bool:
        """True if the app raised an exception, after which a server may close."""
        return any(
            isinstance(event, Event) and event.event == "app_raised"
            for event in self.trace.events
        )

    def send_together(
        self, to: tuple[dict[str, Any], str], requests: Sequence[httpx.Request]
    ) -> list[TracedAnswer]:
        """Send requests that are in flight at once, each on its own connection."""
        assert self.process is not None and self.receiver is not None
        numbers = [next(self.numbers) for _ in requests]
        sent = [
            (request, self._extra(to, request, number))
            for request, number in zip(requests, numbers, strict=True)
        ]
        self.sent += len(sent)
        self.receiver.disconnected = False
        answers = exchange_together(self.process.address, sent, self.timeout)
        received = []
        for request, answer, number in zip(requests, answers, numbers, strict=True):
            self.renew_trace()
            self.trace.add(Event("request_sent", name=request.method))
            recorded = self._recorded(to, request, answer, number, numbers)
            received.append((recorded, self.trace))
        return received

    def _extra(
        self, to: tuple[dict[str, Any], str], request: httpx.Request, number: int
    ) -> Pairs:
        """Return the header for the recording middleware."""
        value = header_value(self.path, number, *to, mount_of(request))
        return ((HEADER, value),)

    def _recorded(
        self,
        to: tuple[dict[str, Any], str],
        request: httpx.Request,
        answer: Answer,
        number: int,
        in_flight: Collection[int] = (),
    ) -> Answer:
        """Add to the trace what the app did for a request; return the answer to report.

        `in_flight` are the numbers of the requests that were in flight at once.
        """
        assert self.receiver is not None
        trace, (response, failure) = self.trace, answer
        patience = 0 if failure and failure.kind == "timeout" else TRACE_WAIT
        outcome = self.receiver.wait(number, patience, in_flight)
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
        elif failure is not None and failure.kind == "disconnected":
            trace.add(Event("failed", name=failure.kind, detail=failure.message))
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

    def _exchange_once(
        self, request: httpx.Request, extra: Pairs, probes: bool
    ) -> Answer:
        assert self.process is not None
        return self.keeper.exchange(
            self.process.address, request, extra, probe, keep=self.target.keep_alive,
            reused=self.reused, probes=probes, later=self.following is None,
        )  # fmt: skip

    def _restart_if_broken(self) -> None:
        """Restart a server that an unanswered request has left broken.

        Otherwise its next cases would fail because of this one. A server that still works
        stays, with the state of its app.
        """
        assert self.process is not None
        if not self.process.stopped and not self.process.answers_failures(FAILING):
            self.target.replace(self.process)

    def _describe_crash(self) -> str:
        """Send a probe; if the server has died, describe how, else return ""."""
        process, receiver = self.process, self.receiver
        assert process is not None and receiver is not None
        if process.stopped:
            # A parallel request has found that the server does not react.
            return ""
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
