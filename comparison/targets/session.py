"""The base of all sessions with a target: sequences, cookies, recordings."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import msgspec

from comparison.core.start_timeout import start_timeout
from comparison.models import (
    Case,
    Event,
    Exchange,
    Failure,
    Request,
    Response,
    TargetInfo,
)
from comparison.models.access import Access
from comparison.models.captures import Uncaptured, found_in
from comparison.tracing import TraceBuilder

from .digest import DigestLogin
from .http import build_request, client_of, sent
from .raw_recording import RawRecording
from .redirects import NoRedirect
from .reset import Resetting
from .sequence import SetupRequests

Answer = tuple[Response | None, Failure | None]
TracedAnswer = tuple[Answer, TraceBuilder]
"""An answer, and the trace of its request."""
OpenEnd = Callable[[RawRecording], RawRecording]


class Session(ABC):
    """A session runs cases on one target, on the thread that made it.

    `label` is the target's name in execution tables. `timeout` is in seconds, for each
    request. With `lines`, traces of apps in process have every line of views and error
    handlers.

    A session with `watches_clock` enforces the timeout by itself. For other sessions, the
    owner of the thread watches the clock, and gets the recording so far from `interrupted`.
    The time counts from `since`, a monotonic time in seconds. `preparing` means that the
    session still makes or starts the app, and has not sent a request yet. The session calls
    `on_mark` when either changes.

    A session that `postpones` does not wait for what becomes of its connection after a case.
    The caller of `run` takes `open_end`, and calls it with the recording later.
    """

    watches_clock = True
    prefix = ""  # the path in the URL of the target
    access: Access | None = None  # what the target adds to each request

    def __init__(self, label: str, timeout: float) -> None:
        self.label = label
        self.timeout = timeout
        self.lines = False
        self.since = 0.0
        self.preparing = False
        self.on_mark: Callable[[bool], None] | None = None
        self.trace = TraceBuilder()
        self.setup: list[Exchange] = []
        self.setup_traces: list[tuple[Event, ...]] = []
        self.request: httpx.Request | None = None
        self.case: Case | None = None
        self.challenge: Exchange | None = None
        self.digest: DigestLogin | None = None
        self.postpones = False
        self.open_end: OpenEnd | None = None

    @abstractmethod
    def run(self, case: Case, request: httpx.Request) -> RawRecording:
        """Run one case and record everything that the target does.

        `request` is the case's own. The caller builds it once, so that every target gets
        the same. Raises TargetError if the target can no longer run cases.
        """

    @abstractmethod
    def close(self) -> None:
        """Release everything that the session holds."""

    def _mark(self, *, preparing: bool) -> None:
        """Restart the clock: for making the app, or for the requests."""
        self.since = time.monotonic()
        self.preparing = preparing
        if self.on_mark is not None:
            self.on_mark(preparing)

    @abstractmethod
    def _send(self, to: Any, request: httpx.Request) -> Answer:
        """Send one request, and add its events to `self.trace`."""

    def send_together(
        self, to: Any, requests: Sequence[httpx.Request]
    ) -> list[TracedAnswer]:
        """Send requests that are in flight at once, each with its own trace."""
        raise NotImplementedError

    def _deliver(self, to: Any, request: httpx.Request) -> Answer:
        """Send one request, after the delay of the client."""
        rules = None if self.case is None else self.case.normalisations
        if rules is not None and rules.timing is not None:
            request.extensions["timed"] = True
        client = client_of(request)
        if client is not None and client.delay:
            time.sleep(client.delay)
        return self._send(to, request)

    @property
    def following(self) -> Request | None:
        """The next request of the case, if there is one."""
        requests = () if self.case is None else self.case.requests
        return next(iter(requests[len(self.setup) + 1 :]), None)

    @property
    def reused(self) -> bool:
        """True if the next request of the case is for the same connection."""
        client = None if self.following is None else self.following.client
        return client is not None and client.reuse_connection

    def _with_end(self, raw: RawRecording) -> RawRecording:
        """Wait for the end of the connection, unless the session postpones that."""
        return raw if self.open_end is None or self.postpones else self.open_end(raw)

    def renew_trace(self) -> None:
        """Begin the trace of the next request."""
        self.trace = TraceBuilder(lines=self.lines)

    def late(self, seconds: float) -> bool:
        """Return True if the current case, or the start of its app, takes too long."""
        limit = start_timeout() if self.preparing else seconds
        return time.monotonic() > self.since + limit

    def interrupted(self, failure: Failure) -> RawRecording:
        """Return the recording of the current case so far, with this failure.

        Raises TargetError if the session has not sent the case yet.
        """
        self._note_end(None, failure)
        return self._make_recording(None, failure)

    def build(self, request: Request) -> httpx.Request:
        """Make the request that we send to this target."""
        return build_request(request)

    @property
    def full_prefix(self) -> str:
        """The first part of the path of each request to this target."""
        return self.prefix + ("" if self.access is None else self.access.path_prefix)

    def prepared(self, request: Request) -> httpx.Request:
        """Build a request with what this target adds to it."""
        return self.build(
            request if self.access is None else self.access.applied(request)
        )

    def _begin(self, case: Case, request: httpx.Request) -> None:
        self.case = case
        self.trace = TraceBuilder(lines=self.lines)
        self.setup = []
        self.setup_traces = []
        # Cookies and captures make the request specific to this target.
        own = _has_state(case) or self.access is not None
        self.request = self.prepared(case.request) if own else request
        self.challenge = None
        self.open_end = None
        login = None if self.access is None else self.access.digest
        self.digest = None if login is None else DigestLogin(login)

    def _run_case(self, to: Any, case: Case) -> RawRecording:
        assert self.request is not None
        setup: SetupRequests | None = None
        if _has_state(case):
            setup = SetupRequests(self, to, case)
            try:
                self.request = setup.send(self.request)
            except (Uncaptured, NoRedirect) as error:
                kind = "capture" if isinstance(error, Uncaptured) else "redirect"
                self.renew_trace()
                return self._make_recording(None, Failure(kind, str(error)))
            self.renew_trace()
        started = time.perf_counter_ns()
        if setup is not None and setup.together:
            response, failure = setup.send_with(self.request)
        else:
            self.request, (response, failure), self.challenge = self.answer(
                to, self.request
            )
        elapsed = (time.perf_counter_ns() - started) / 1e6
        values: dict[str, Any] = {}
        if response is not None and case.request.capture:
            values = found_in(case.request, response)
        return self._make_recording(response, failure, elapsed, values)

    def answer(
        self, to: Any, request: httpx.Request
    ) -> tuple[httpx.Request, Answer, Exchange | None]:
        """Send a request, after a challenge if the target has digest authentication.

        The trace is that of the last request.
        """
        if self.digest is None:
            return request, self._deliver(to, request), None

        def send(each: httpx.Request) -> Answer:
            self.renew_trace()
            return self._deliver(to, each)

        return self.digest.exchange(request, send)

    def _note_end(self, response: Response | None, failure: Failure | None) -> None:
        """Add the event that ends an exchange to the trace."""
        if response is not None:
            self.trace.add(Event("client_received", status=response.status))
        elif failure is not None:
            self.trace.add(Event("failed", name=failure.kind, detail=failure.message))

    def _make_recording(
        self,
        response: Response | None,
        failure: Failure | None,
        elapsed_ms: float | msgspec.UnsetType = msgspec.UNSET,
        values: dict[str, Any] | None = None,
    ) -> RawRecording:
        assert self.request is not None
        exchange = Exchange(
            sent(self.request), response, failure, elapsed_ms, values or {},
            self.challenge,
        )  # fmt: skip
        return RawRecording(
            self.label,
            exchange,
            self.trace.finish(),
            tuple(self.setup),
            tuple(self.setup_traces),
        )


class Target(ABC):
    """An app under a name and the way to reach it.

    A `portable` target can be pickled: another process can load it by its SPEC. A target
    that `calls_app` calls the app in the process that uses the target. `access` is what it
    adds to each request. `resetting` prepares the state before it runs a case.
    """

    name: str
    spec: str
    portable: bool = True
    calls_app: bool = False
    access: Access | None = None
    resetting: Resetting | None = None

    @abstractmethod
    def info(self) -> TargetInfo:
        """Describe the target for reports. Raises TargetError if we cannot load it."""

    def start(self) -> None:  # noqa: B027 - only a server is slow
        """Begin to start a slow target, without waiting for it."""

    @abstractmethod
    def load(self) -> None:
        """Load the app, start the server or reach it. Raises TargetError."""

    @abstractmethod
    def session(self, timeout: float) -> Session:
        """Open a session. Use and close it on one thread."""

    def another(self) -> "Target":
        """Return the same target for another worker, with its own server if it has one."""
        return self

    def in_process(self) -> "Target | None":
        """Return the same app without its server.

        Returns None if the target has no server, or if we cannot reach the app, as at a URL.
        """
        return None

    def _options(self) -> dict[str, Any]:
        """Return what a copy of the target in another process needs beside its SPEC."""
        return {"access": self.access, "resetting": self.resetting}

    def _share_options(self, other: "Target") -> None:
        other.access, other.resetting = self.access, self.resetting

    def close(self) -> None:  # noqa: B027 - only a server must be stopped
        """Stop everything that this target started."""


def _has_state(case: Case) -> bool:
    return bool(case.setup or case.request.capture)
