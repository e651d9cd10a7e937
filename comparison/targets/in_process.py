"""A target asked in process: no server, no socket, the app called directly."""

import asyncio
import time
from collections.abc import Coroutine, Mapping
from contextlib import ExitStack
from typing import Any

import httpx
import msgspec

from comparison.errors import TargetError
from comparison.model import (
    Case,
    Exchange,
    Failure,
    Recording,
    Request,
    Response,
    TargetInfo,
)
from comparison.recording import (
    TraceBuilder,
    current,
    execution_table,
    framework_of,
    recorded,
    variable_tracker,
)

from . import asgi, wsgi
from .failure import describe_failure
from .http import build_request, origin_form, request_target, sent
from .settings import shown_settings
from .spec import Factory, FactoryNeeded, Interface, interface_of

Answer = tuple[Response | None, Failure | None]

LIFESPAN_TIMEOUT = 10.0  # seconds


class InProcessTarget:
    """An app, or the factory that makes it, under a name."""

    server = "in-process"

    def __init__(self, name: str, spec: str, factory: Factory) -> None:
        self.name = name
        self.spec = spec
        self.factory = factory
        self.app = factory({}, False)
        self.framework = framework_of(self.app)

    def info(self) -> TargetInfo:
        """The target as reports name it."""
        config = getattr(self.app, "config", {}) if self.framework else {}
        settings = shown_settings(config)
        return TargetInfo(self.name, self.spec, self.framework, self.server, settings)

    def session(self, timeout: float) -> "Session":
        """A live session, to be used and closed on one thread."""
        return Session(self, timeout)


class _Running:
    """One app instance, recorded and started, until it is closed."""

    def __init__(self, app: Any, text: str, session: "Session") -> None:
        self.app = app
        self.interface: Interface = interface_of(app, text)
        self.state: dict[str, Any] | None = None
        self.stack = ExitStack()
        self.stack.enter_context(recorded(app))
        if self.interface == "asgi":
            self._start(text, session.loop)

    def _start(self, text: str, loop: asyncio.AbstractEventLoop) -> None:
        lifespan = asgi.Lifespan(self.app)
        loop.run_until_complete(lifespan.startup(LIFESPAN_TIMEOUT))
        if lifespan.failure is not None:
            self.stack.close()
            raise TargetError(f"target {text!r}: startup failed: {lifespan.failure}")
        self.state = lifespan.state
        self.stack.callback(
            lambda: loop.run_until_complete(lifespan.shutdown(LIFESPAN_TIMEOUT))
        )

    def close(self) -> None:
        self.stack.close()


class Session:
    """Asks one target's app, on the thread that made the session.

    `timeout` is in seconds. A WSGI app cannot be interrupted from here: whoever owns
    the thread watches the clock, and finds what was recorded so far in `interrupted`.
    With `lines` the traces have every line of views and error handlers.
    """

    def __init__(self, target: InProcessTarget, timeout: float) -> None:
        self.target = target
        self.timeout = timeout
        self.running: dict[str, _Running] = {}
        self.lines = False
        self.trace = TraceBuilder()
        self.before: list[Exchange] = []
        self.request: httpx.Request | None = None
        self._runner: asyncio.Runner | None = None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop that the session's ASGI apps live on."""
        if self._runner is None:
            self._runner = asyncio.Runner()
        return self._runner.get_loop()

    def ask(self, case: Case, request: httpx.Request) -> Recording:
        """Ask one case; whatever the app does becomes part of the recording.

        `request` is the case's, built once so that every target is sent the same.
        Raises TargetError if the app for the case cannot be made or started.
        """
        self.trace = TraceBuilder(lines=self.lines)
        self.before = []
        # Cookies from the requests before it make it this target's own.
        self.request = build_request(case.request) if case.before else request
        try:
            running = self._app_for(case)
        except FactoryNeeded as error:
            wants = "settings" if case.settings else "a fresh app"
            message = f"the case wants {wants}, but {error}"
            return self._recording(None, Failure("unsupported", message))
        try:
            return self._ask(running, case)
        finally:
            if case.fresh:
                running.close()

    def interrupted(self, failure: Failure) -> Recording:
        """The recording of the case now being asked, as far as it has come."""
        return self._recording(None, failure)

    def close(self) -> None:
        """Shut every app down and leave it as it was."""
        for running in self.running.values():
            running.close()
        if self._runner is not None:
            # Tasks that an app left behind are cancelled, as servers do.
            self._runner.close()

    def _app_for(self, case: Case) -> _Running:
        target = self.target
        if case.fresh:
            return _Running(target.factory(case.settings, True), target.spec, self)
        key = _key(case.settings)
        if key not in self.running:
            app = target.factory(case.settings, False) if case.settings else target.app
            self.running[key] = _Running(app, target.spec, self)
        return self.running[key]

    def _ask(self, running: _Running, case: Case) -> Recording:
        if case.before:
            cookies = httpx.Cookies()
            for earlier in case.before:
                self.before.append(self._exchange(running, earlier, cookies))
            self.trace = TraceBuilder(lines=self.lines)
            assert self.request is not None
            _send_cookies(self.request, cookies)
        started = time.perf_counter_ns()
        response, failure = self._send(running, self.request)
        elapsed = (time.perf_counter_ns() - started) / 1e6
        return self._recording(response, failure, elapsed)

    def _exchange(
        self, running: _Running, request: Request, cookies: httpx.Cookies
    ) -> Exchange:
        outgoing = build_request(request)
        _send_cookies(outgoing, cookies)
        response, failure = self._send(running, outgoing)
        if response is not None:
            _keep_cookies(outgoing, response, cookies)
        return Exchange(sent(outgoing), response, failure)

    def _send(self, running: _Running, request: Any) -> Answer:
        trace = self.trace
        trace.add("request_sent", name=request.method)

        def handed_over(status: int) -> None:
            trace.add("response_handed_over", status=status)

        token = current.set(trace)
        try:
            if running.interface == "wsgi":
                response, failure = wsgi.ask(running.app, request, handed_over)
            else:
                response, failure = self._complete(
                    asgi.ask(
                        running.app, request, handed_over, self.timeout, running.state
                    )
                )
        except (SystemExit, KeyboardInterrupt) as error:
            # Raised in a task of the app's own, these end the loop instead of the task.
            response, failure = None, describe_failure(error, None, protocol=False)
        finally:
            current.reset(token)
        if response is not None:
            trace.add("client_received", status=response.status)
        elif failure is not None:
            trace.add("failed", name=failure.kind, detail=failure.message)
        return response, failure

    def _complete(self, asking: Coroutine[Any, Any, Answer]) -> Answer:
        task = self.loop.create_task(asking)
        while True:
            try:
                return self.loop.run_until_complete(task)
            except SystemExit:
                # It stopped the loop, from a task that the app has made. The app is
                # told when the loop goes on.
                continue

    def _recording(
        self,
        response: Response | None,
        failure: Failure | None,
        elapsed_ms: float | msgspec.UnsetType = msgspec.UNSET,
    ) -> Recording:
        assert self.request is not None
        exchange = Exchange(sent(self.request), response, failure, elapsed_ms)
        trace = self.trace.finish()
        before = tuple(self.before)
        name = (self.target.framework or self.target.name).capitalize()
        table = execution_table(name, before, exchange, trace)
        return Recording(exchange, trace, table, variable_tracker(table), before)


def _key(settings: Mapping[str, Any]) -> str:
    return repr(sorted(settings.items())) if settings else ""


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
    url = request.url.copy_with(raw_path=path.encode("ascii"))
    return httpx.Request(request.method, url)
