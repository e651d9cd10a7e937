"""A target asked in process: no server, no socket, the app called directly."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import ExitStack, suppress
from functools import cached_property
from typing import Any, TypeVar

import httpx

from comparison.core.errors import FactoryNeeded, TargetError
from comparison.models import Case, Event, Failure, TargetInfo
from comparison.targets.failure import MAX_MESSAGE, describe_failure
from comparison.targets.raw_recording import RawRecording
from comparison.targets.session import PREPARING, Answer, Session, with_case
from comparison.targets.settings import shown_settings
from comparison.targets.spec import (
    Factory,
    Interface,
    check_threading,
    interface_of,
    load_factory,
    parse_spec,
)
from comparison.tracing import current, describe, framework_of, recorded

from . import asgi, wsgi
from .lifespan import Lifespan

LIFESPAN_TIMEOUT = 10.0  # seconds

_Result = TypeVar("_Result")


class InProcessTarget:
    """An app, or the factory that makes it, under a name.

    Without a `factory` it is loaded from the SPEC when it is first needed, and can be
    pickled: the process that reads it loads an app of its own. `wrap` makes another
    factory of it, which is what counts.
    """

    server = "in-process"
    calls_app = True

    def __init__(
        self,
        name: str,
        spec: str,
        factory: Factory | None = None,
        wrap: Callable[[Factory], Factory] | None = None,
    ) -> None:
        self.name = name
        self.spec = spec
        self.portable = factory is None
        self._given = factory
        self._wrap = wrap

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.name, self.spec, None, self._wrap)

    def wrapped(self, wrap: Callable[[Factory], Factory]) -> "InProcessTarget":
        """The same target with another factory made of its own."""
        return InProcessTarget(self.name, self.spec, self._given, wrap)

    @cached_property
    def factory(self) -> Factory:
        """Makes the app. Raises TargetError where it cannot be loaded."""
        factory = self._given or load_factory(parse_spec(self.spec), self.spec)
        return factory if self._wrap is None else self._wrap(factory)

    @cached_property
    def app(self) -> Any:
        """The app without settings of a case. Raises TargetError."""
        return self.factory({}, False)

    @cached_property
    def framework(self) -> str | None:
        """The framework of the app, if it is one that we know."""
        return framework_of(self.app)

    def info(self) -> TargetInfo:
        """The target as reports name it. Raises TargetError."""
        config = getattr(self.app, "config", {}) if self.framework else {}
        settings = shown_settings(config)
        return TargetInfo(self.name, self.spec, self.framework, self.server, settings)

    def start(self) -> None:
        """There is nothing to start."""

    def load(self) -> None:
        """Make the app. Raises TargetError where it cannot be made."""
        check_threading(self.spec)
        interface_of(self.app, self.spec)
        check_threading(self.spec)

    def session(self, timeout: float) -> "InProcessSession":
        """A live session, to be used and closed on one thread."""
        return InProcessSession(self, timeout)

    def another(self) -> "InProcessTarget":
        """The same app: sessions make what they need."""
        return self

    def in_process(self) -> None:
        """Nothing lies between: this is the app in process."""

    def close(self) -> None:
        """Nothing was started beyond the sessions."""


class _Running:
    """One app instance, recorded and started, until it is closed."""

    def __init__(self, app: Any, text: str, session: "InProcessSession") -> None:
        self.app = app
        self.interface: Interface = interface_of(app, text)
        self.state: dict[str, Any] | None = None
        self.stack = ExitStack()
        self.stack.enter_context(recorded(app))
        if self.interface == "asgi":
            self._start(text, session.loop)

    def _start(self, text: str, loop: asyncio.AbstractEventLoop) -> None:
        lifespan = Lifespan(self.app)
        failure: str | None
        try:
            _run(loop, loop.create_task(lifespan.startup(LIFESPAN_TIMEOUT)))
            failure = lifespan.failure
        except (SystemExit, KeyboardInterrupt) as error:
            # Raised in a task, these end the loop instead of the task.
            failure = describe(error, MAX_MESSAGE)
        if failure is not None:
            self.stack.close()
            raise TargetError(f"target {text!r}: startup failed: {failure}")
        self.state = lifespan.state
        self.stack.callback(self._stop, lifespan, loop)

    def _stop(self, lifespan: Lifespan, loop: asyncio.AbstractEventLoop) -> None:
        with suppress(SystemExit, KeyboardInterrupt):
            _run(loop, loop.create_task(lifespan.shutdown(LIFESPAN_TIMEOUT)))

    def close(self) -> None:
        self.stack.close()


class InProcessSession(Session):
    """Asks one target's app, on the thread that made the session.

    A WSGI app cannot be interrupted from here, so somebody else watches the clock.
    """

    watches_clock = False

    def __init__(self, target: InProcessTarget, timeout: float) -> None:
        super().__init__((target.framework or target.name).capitalize(), timeout)
        self.target = target
        self.limit = asgi.Limit(timeout)
        self.case: Case | None = None
        self.running: dict[str, _Running] = {}
        self._runner: asyncio.Runner | None = None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop that the session's ASGI apps live on."""
        if self._runner is None:
            self._runner = asyncio.Runner()
        return self._runner.get_loop()

    def ask(self, case: Case, request: httpx.Request) -> RawRecording:
        """Ask one case; whatever the app does becomes part of the recording.

        Raises TargetError if the app for the case cannot be made or started.
        """
        self._begin(case, request)
        self.case = case
        self._mark(preparing=True)
        try:
            running = self._app_for(case)
        except FactoryNeeded as error:
            wants = "settings" if case.settings else "a fresh app"
            message = f"the case wants {wants}, but {error}"
            return self._asked(None, Failure("unsupported", message))
        except TargetError as error:
            raise with_case(error, case) from error
        finally:
            self._mark(preparing=False)
        try:
            return self._ask(running, case)
        finally:
            if case.fresh:
                running.close()

    def interrupted(self, failure: Failure) -> RawRecording:
        """What came of the case now being asked, as far as it has come.

        Raises TargetError where its app is still being made or started.
        """
        if self.preparing:
            assert self.case is not None
            spec = self.target.spec
            message = (
                f"target {spec!r}: no app, made and started, within {PREPARING:g} s"
            )
            raise with_case(TargetError(message), self.case)
        return super().interrupted(failure)

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

    def _send(self, to: _Running, request: Any) -> Answer:
        trace = self.trace
        trace.add(Event("request_sent", name=request.method))

        def handed_over(status: int) -> None:
            trace.add(Event("response_handed_over", status=status))

        token = current.set(trace)
        try:
            if to.interface == "wsgi":
                response, failure = wsgi.ask(to.app, request, handed_over)
            else:
                response, failure = self._complete(
                    asgi.ask(to.app, request, handed_over, self.limit, to.state)
                )
        except (SystemExit, KeyboardInterrupt) as error:
            # Raised in a task of the app's own, these end the loop instead of the task.
            response, failure = None, describe_failure(error, None, protocol=False)
        finally:
            current.reset(token)
        if response is not None:
            trace.add(Event("client_received", status=response.status))
        elif failure is not None:
            trace.add(Event("failed", name=failure.kind, detail=failure.message))
        return response, failure

    def _complete(self, asking: Coroutine[Any, Any, Answer]) -> Answer:
        task = self.loop.create_task(asking)
        while True:
            try:
                return _run(self.loop, task)
            except SystemExit:
                # It stopped the loop, from a task that the app has made. The app is
                # told when the loop goes on.
                continue


def _run(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[_Result]") -> _Result:
    """Run the loop until the task is done, also where the app stops the loop."""
    while True:
        try:
            return loop.run_until_complete(task)
        except RuntimeError:
            if task.done():
                raise


def _key(settings: Mapping[str, Any]) -> str:
    return repr(sorted(settings.items())) if settings else ""
