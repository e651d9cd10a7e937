"""What every way of asking has in common: sequences, cookies, recordings."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import httpx
import msgspec

from comparison.core.errors import TargetError
from comparison.models import (
    Case,
    Event,
    Exchange,
    Failure,
    Request,
    Response,
    TargetInfo,
)
from comparison.models.captures import Uncaptured, captured, filled_request, found_in
from comparison.tracing import TraceBuilder

from .http import build_request, origin_form, request_target, sent
from .raw_recording import RawRecording

Answer = tuple[Response | None, Failure | None]
PREPARING = 30.0  # seconds for the app of a case to be made and started


class Session(ABC):
    """Asks one target, on the thread that made the session.

    `label` is what execution tables call the target. `timeout` is in seconds, for each
    request. `watches_clock` says whether the session comes back by itself in time;
    otherwise whoever owns the thread watches the clock, and finds what was recorded so
    far in `interrupted`: `since` says from when on it counts, a monotonic time in
    seconds, and `preparing` that the app is still being made or started, so that nothing
    was asked yet; `on_mark` is told when either changes. With `lines`, traces of apps in process have every line of
    views and error handlers.
    """

    watches_clock = True

    def __init__(self, label: str, timeout: float) -> None:
        self.label = label
        self.timeout = timeout
        self.lines = False
        self.since = 0.0
        self.preparing = False
        self.on_mark: Callable[[bool], None] | None = None
        self.trace = TraceBuilder()
        self.before: list[Exchange] = []
        self.request: httpx.Request | None = None

    @abstractmethod
    def ask(self, case: Case, request: httpx.Request) -> RawRecording:
        """Ask one case; whatever the target does becomes part of the recording.

        `request` is the case's, built once so that every target is sent the same.
        Raises TargetError if the target cannot be asked any more.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of everything that the session holds."""

    def _mark(self, *, preparing: bool) -> None:
        """Start the clock anew: for making the app, or for the requests."""
        self.since = time.monotonic()
        self.preparing = preparing
        if self.on_mark is not None:
            self.on_mark(preparing)

    @abstractmethod
    def _send(self, to: Any, request: httpx.Request) -> Answer:
        """Send one request, adding to `self.trace` what is seen of it."""

    def late(self, seconds: float) -> bool:
        """Whether the case being asked takes longer than this, or its app too long."""
        limit = PREPARING if self.preparing else seconds
        return time.monotonic() > self.since + limit

    def interrupted(self, failure: Failure) -> RawRecording:
        """What came of the case now being asked, as far as it has come.

        Raises TargetError where it was not asked yet.
        """
        self.trace.add(Event("failed", name=failure.kind, detail=failure.message))
        return self._asked(None, failure)

    def _build(self, request: Request) -> httpx.Request:
        return build_request(request)

    def _begin(self, case: Case, request: httpx.Request) -> None:
        self.trace = TraceBuilder(lines=self.lines)
        self.before = []
        # Cookies and captures make it this target's own.
        self.request = self._build(case.request) if _of_its_own(case) else request

    def _ask(self, to: Any, case: Case) -> RawRecording:
        assert self.request is not None
        if _of_its_own(case):
            try:
                self.request = self._ask_first(to, case)
            except Uncaptured as nothing:
                self.trace = TraceBuilder(lines=self.lines)
                return self._asked(None, Failure("capture", str(nothing)))
            self.trace = TraceBuilder(lines=self.lines)
        started = time.perf_counter_ns()
        response, failure = self._send(to, self.request)
        elapsed = (time.perf_counter_ns() - started) / 1e6
        values: dict[str, Any] = {}
        if response is not None and case.request.capture:
            values = found_in(case.request, response)
        return self._asked(response, failure, elapsed, values)

    def _ask_first(self, to: Any, case: Case) -> httpx.Request:
        """Ask what comes before a case's own request, which is made of what came.

        Raises Uncaptured where something that it is made of did not come.
        """
        cookies = httpx.Cookies()
        values: dict[str, Any] = {}
        fills = case.captures
        for number, earlier in enumerate(case.before, 1):
            asked = filled_request(earlier, values) if fills else earlier
            exchange = self._exchange(to, asked, cookies)
            self.before.append(exchange)
            if earlier.capture:
                found = _captured(number, earlier, exchange)
                self.before[-1] = msgspec.structs.replace(exchange, captured=found)
                values.update(found)
        request = self.request
        if fills:
            request = self._build(filled_request(case.request, values))
        assert request is not None
        _send_cookies(request, cookies)
        return request

    def _exchange(self, to: Any, request: Request, cookies: httpx.Cookies) -> Exchange:
        outgoing = self._build(request)
        _send_cookies(outgoing, cookies)
        response, failure = self._send(to, outgoing)
        if response is not None:
            _keep_cookies(outgoing, response, cookies)
        return Exchange(sent(outgoing), response, failure)

    def _asked(
        self,
        response: Response | None,
        failure: Failure | None,
        elapsed_ms: float | msgspec.UnsetType = msgspec.UNSET,
        values: dict[str, Any] | None = None,
    ) -> RawRecording:
        assert self.request is not None
        exchange = Exchange(
            sent(self.request), response, failure, elapsed_ms, values or {}
        )
        return RawRecording(
            self.label, exchange, self.trace.finish(), tuple(self.before)
        )


class Target(Protocol):
    """An app under a name and the way to reach it.

    One that is `portable` can be pickled: another process can load it by its SPEC. One
    that `calls_app` calls the app in the process that uses it.
    """

    name: str
    spec: str
    portable: bool
    calls_app: bool

    def info(self) -> TargetInfo:
        """The target as reports name it. Raises TargetError if it is not there."""

    def start(self) -> None:
        """Begin to start what takes its time, without waiting for it."""

    def load(self) -> None:
        """Load the app, start the server or reach it. Raises TargetError."""

    def session(self, timeout: float) -> Session:
        """A live session, to be used and closed on one thread."""

    def another(self) -> "Target":
        """The same target for another worker, with a server of its own if it has one."""

    def in_process(self) -> "Target | None":
        """The same app without a server; None where nothing lies in between.

        Also None where the app is out of reach, as at a URL.
        """

    def close(self) -> None:
        """Stop what was started for this target."""


def infos_of(targets: Mapping[str, Target]) -> tuple[TargetInfo, ...]:
    """The targets as reports name them, by the names of this run. Raises TargetError."""
    return tuple(
        TargetInfo(name, info.spec, info.framework, info.server, info.settings)
        for name, info in ((n, t.info()) for n, t in targets.items())
    )


def with_case(error: TargetError, case: Case) -> TargetError:
    """The error, with the case whose app cannot be made or started, if it is its own."""
    if not (case.settings or case.fresh):
        return error
    where = f"{case.origin}: " if case.origin else ""
    return TargetError(f"{where}case {case.id!r}: {error}")


def _of_its_own(case: Case) -> bool:
    return bool(case.before or case.request.capture)


def _captured(number: int, request: Request, exchange: Exchange) -> dict[str, Any]:
    where = f"request {number} ({exchange.request.method} {exchange.request.path})"
    if exchange.response is None:
        names = ", ".join(request.capture)
        raise Uncaptured(
            f"{where}: nothing to capture {names} from: {exchange.failure}"
        )
    try:
        return captured(request, exchange.response)
    except Uncaptured as nothing:
        raise Uncaptured(f"{where}: {nothing}") from None


def _send_cookies(request: httpx.Request, cookies: httpx.Cookies) -> None:
    if "cookie" in request.headers:
        return
    addressed = _addressed(request)
    cookies.set_cookie_header(addressed)
    if "cookie" in addressed.headers:
        request.headers["Cookie"] = addressed.headers["cookie"]


def _keep_cookies(
    request: httpx.Request, response: Response, cookies: httpx.Cookies
) -> None:
    fields = [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in response.headers
        if name.lower() == "set-cookie"
    ]
    answered = httpx.Response(200, headers=fields, request=_addressed(request))
    cookies.extract_cookies(answered)


def _addressed(request: httpx.Request) -> httpx.Request:
    """The request with its path in its URL: a cookie is for a path (RFC 6265)."""
    path, _ = origin_form(request_target(request))
    raw_path = path.encode("ascii") if path.startswith("/") else b"/"
    url = request.url.copy_with(raw_path=raw_path)
    return httpx.Request(request.method, url)
