"""Targets at a URL: servers that we did not start, and a limit on our requests to them."""

import os
import struct
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

import httpx

from comparison.core.errors import TargetError, UsageError
from comparison.models import Case, Event, Failure, Request, TargetInfo
from comparison.redaction import redacted_command
from comparison.targets.http1.connection import Address, Connection, reason
from comparison.targets.http1.keeper import ConnectionKeeper, exchange_together
from comparison.targets.http1.probing import Probe, confirmed

from .http import build_request, target_of
from .raw_recording import RawRecording
from .session import Answer, Session, Target, TracedAnswer

try:
    import fcntl
except ImportError:  # On this system processes cannot share descriptors.
    fcntl = None  # type: ignore[assignment]

REACHED_WITHIN = 10.0  # seconds

_numbers = count(1)
_MOMENT = struct.Struct("d")


class RateLimiter:
    """A rate limiter for every thread and process that has its `descriptor`.

    It spreads requests evenly. Each `wait` reserves the next free moment, `1 / rate`
    seconds after the last one, and returns then. Unused moments are lost, so that no bursts
    occur. `clock` returns seconds, the same in every process.
    """

    def __init__(
        self,
        rate: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        descriptor: int | None = None,
    ) -> None:
        self.rate = rate
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self.descriptor = _nameless_file() if descriptor is None else descriptor
        weakref.finalize(self, os.close, self.descriptor)

    def __reduce__(self) -> tuple[Any, ...]:
        return RateLimiter, (self.rate, time.monotonic, time.sleep, self.descriptor)

    def wait(self) -> None:
        """Return when the caller may send its next request."""
        with self._lock:
            if fcntl is not None:
                fcntl.lockf(self.descriptor, fcntl.LOCK_EX)
            try:
                now = self._clock()
                stored = os.pread(self.descriptor, _MOMENT.size, 0)
                free = _MOMENT.unpack(stored)[0] if stored else now
                moment = max(now, free)
                following = _MOMENT.pack(moment + 1 / self.rate)
                os.pwrite(self.descriptor, following, 0)
            finally:
                if fcntl is not None:
                    fcntl.lockf(self.descriptor, fcntl.LOCK_UN)
        if moment > now:
            self._sleep(moment - now)


def _nameless_file() -> int:
    """Open a file that processes can share and that needs no cleanup."""
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


class Place(NamedTuple):
    """The parts of a URL: the address, the origin for Host, and the prefix of paths."""

    address: Address
    origin: str
    prefix: str


def is_url(text: str) -> bool:
    """Return True if a SPEC is a URL."""
    return "://" in text


def parse_url(text: str) -> Place:
    """Parse a URL. Raises UsageError if it cannot be a target.

    >>> parse_url("http://localhost:8000/api/").prefix
    '/api'
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"target {redacted_command(text)!r}: {error}") from None
    problem = _problem(parts)
    if problem:
        raise UsageError(f"target {redacted_command(text)!r}: {problem}")
    secure = parts.scheme == "https"
    assert parts.hostname is not None
    address = Address(parts.hostname, port or (443 if secure else 80), secure)
    return Place(address, f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/"))


def is_loopback(host: str) -> bool:
    """Return True if a name or an address means this machine.

    >>> [is_loopback(host) for host in ("localhost", "127.0.0.5", "::1", "10.0.0.1")]
    [True, True, True, False]
    """
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _problem(parts: SplitResult) -> str:
    if parts.scheme not in ("http", "https"):
        return f"a URL begins with http:// or https://, not {parts.scheme}://"
    if not parts.hostname:
        return "the URL has no host"
    if parts.username or parts.password:
        return "give credentials as a header of the cases, not in the URL"
    if parts.query or parts.fragment:
        return "a URL is the prefix of all paths: write it without ? and #"
    return ""


class UrlTarget(Target):
    """A server at a URL. We cannot record what happens inside.

    With a `rate_limiter`, sessions wait for it before each request.
    """

    def __init__(
        self, name: str, spec: str, rate_limiter: RateLimiter | None = None
    ) -> None:
        self.name = name
        self.spec = spec
        self.rate_limiter = rate_limiter
        self.place = parse_url(spec)

    def __reduce__(self) -> tuple[Any, ...]:
        arguments = (self.name, self.spec, self.rate_limiter)
        return type(self), arguments, self._options()

    def info(self) -> TargetInfo:
        """Describe the target for reports. Raises TargetError if no server listens."""
        try:
            Connection(self.place.address, REACHED_WITHIN).close()
        except OSError as error:
            host, port, _ = self.place.address
            raise TargetError(
                f"target {self.spec!r}: no connection to {host} port {port}:"
                f" {reason(error)}"
            ) from error
        return TargetInfo(self.name, self.spec, None, self.place.origin)

    def load(self) -> None:
        """Connect to the server once. Raises TargetError."""
        self.info()

    def session(self, timeout: float) -> "UrlSession":
        """Open a session. Use and close it on one thread."""
        return UrlSession(self, timeout)


class UrlSession(Session):
    """A session with a server at a URL; each request gets a new connection.

    A request of a case may reuse the connection of the one before.
    """

    def __init__(self, target: UrlTarget, timeout: float) -> None:
        super().__init__(target.name.capitalize(), timeout)
        self.target = target
        self.prefix = target.place.prefix
        self.access = target.access
        self.keeper = ConnectionKeeper(timeout)

    def run(self, case: Case, request: httpx.Request) -> RawRecording:
        """Run one case; a case with settings, a fresh app or a mount is unsupported."""
        self._begin(case, self.prepared(case.request))
        if missing := _missing_features(case):
            message = f"the case needs {missing}, which a target at a URL cannot have"
            return self._make_recording(None, Failure("unsupported", message))
        try:
            return self._with_end(self._run_case(None, case))
        finally:
            self.keeper.close()

    def close(self) -> None:
        """Do nothing: the session holds nothing between cases."""

    def build(self, request: Request) -> httpx.Request:
        """Make the request that we send, below the path of the URL."""
        place = self.target.place
        built = build_request(request, place.origin)
        if place.prefix:
            built.extensions["target"] = target_of(request, place.prefix)
        return built

    def _send(self, to: None, request: httpx.Request) -> Answer:
        self.trace.add(Event("request_sent", name=request.method))

        def send(probes: bool = True) -> Answer:
            return self._exchange_once(request, probes)

        response, failure = confirmed(request, send(probes=False), send)
        self.open_end = self.keeper.open_end(request, send)
        self._note_end(response, failure)
        return response, failure

    def send_together(
        self, to: None, requests: Sequence[httpx.Request]
    ) -> list[TracedAnswer]:
        """Send requests that are in flight at once, each on its own connection."""
        for _ in requests:
            self._wait()
        sent = [(request, ()) for request in requests]
        received = []
        address = self.target.place.address
        for request, answer in zip(
            requests, exchange_together(address, sent, self.timeout), strict=True
        ):
            self.renew_trace()
            self.trace.add(Event("request_sent", name=request.method))
            self._note_end(*answer)
            received.append((answer, self.trace))
        return received

    def _exchange_once(self, request: httpx.Request, probes: bool) -> Answer:
        self._wait()
        return self.keeper.exchange(
            self.target.place.address, request, (), self._probe, keep=False,
            reused=self.reused, probes=probes, later=self.following is None,
        )  # fmt: skip

    def _probe(self) -> Probe:
        self._wait()
        return Probe(self.build(Request(path=f"/comparison-probe-{next(_numbers)}")))

    def _wait(self) -> None:
        if self.target.rate_limiter is not None:
            self.target.rate_limiter.wait()


def _missing_features(case: Case) -> str:
    """Describe what a case needs from a target beside answers; "" if nothing."""
    if case.settings:
        return "settings"
    if case.fresh:
        return "a fresh app"
    mounts = dict.fromkeys(request.mount for request in case.requests if request.mount)
    return f"the app mounted at {' and '.join(mounts)}" if mounts else ""
