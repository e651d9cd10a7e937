"""Targets in process: we call the app directly, without a server or a socket."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import ExitStack, suppress
from functools import cached_property
from typing import Any, TypeVar

import httpx

from comparison.core.errors import FactoryNeeded, TargetError
from comparison.core.start_timeout import not_in_time
from comparison.models import Case, Event, Failure, TargetInfo
from comparison.targets.describe import (
    MAX_MESSAGE,
    describe_failure,
    settings_of,
    with_case,
)
from comparison.targets.raw_recording import RawRecording
from comparison.targets.session import (
    Answer,
    Session,
    Target,
)
from comparison.targets.spec import (
    Factory,
    Interface,
    check_threading,
    interface_of,
    load_factory,
    parse_spec,
    with_cause,
)
from comparison.tracing import (
    describe,
    framework_of,
    lost_work_recorded,
    recorded,
    tracing,
)

from . import asgi, wsgi
from .lifespan import Lifespan
from .limit import Limit

LIFESPAN_TIMEOUT = 10.0  # seconds

_Result = TypeVar("_Result")


class InProcessTarget(Target):
    """An app, or the factory that makes it, under a name.

    Without a `factory`, the target loads the app of the SPEC when it first needs it. Such a
    target can be pickled: the process that unpickles it loads the app again. `wrap` makes
    another factory from the first one, and the target uses that.
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
        arguments = (self.name, self.spec, None, self._wrap)
        return type(self), arguments, self._options()

    def wrapped(self, wrap: Callable[[Factory], Factory]) -> "InProcessTarget":
        """Return the same target with a factory that wraps its own."""
        wrapped = InProcessTarget(self.name, self.spec, self._given, wrap)
        self._share_options(wrapped)
        return wrapped

    @cached_property
    def factory(self) -> Factory:
        """The factory that makes the app. Raises TargetError if it cannot be loaded."""
        factory = self._given or load_factory(parse_spec(self.spec), self.spec)
        return factory if self._wrap is None else self._wrap(factory)

    @cached_property
    def app(self) -> Any:
        """The app without the settings of a case. Raises TargetError."""
        return self.factory({}, False)

    @cached_property
    def framework(self) -> str | None:
        """The framework of the app, if it is one that we know."""
        return framework_of(self.app)

    def info(self) -> TargetInfo:
        """Describe the target for reports. Raises TargetError."""
        settings = settings_of(self.app)
        return TargetInfo(self.name, self.spec, self.framework, self.server, settings)

    def load(self) -> None:
        """Make the app. Raises TargetError if that fails."""
        check_threading(self.spec)
        interface_of(self.app, self.spec)
        check_threading(self.spec)

    def session(self, timeout: float) -> "InProcessSession":
        """Open a session. Use and close it on one thread."""
        return InProcessSession(self, timeout)


class _Running:
    """One started app instance, with recording, until we close it."""

    def __init__(self, app: Any, text: str, session: "InProcessSession") -> None:
        self.app = app
        self.interface: Interface = interface_of(app, text)
        self.state: dict[str, Any] | None = None
        self.refusal: tuple[Event, ...] = ()
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
            # In a task, these exceptions end the loop instead of the task.
            failure = describe(error, MAX_MESSAGE)
        if failure is not None:
            self.stack.close()
            message = f"target {text!r}: startup failed: {failure}"
            if lifespan.unanswered:
                from comparison.causes import why_not_answered

                message = f"{message}\n{why_not_answered(text)}".rstrip()
            raise TargetError(with_cause(message, lifespan.error))
        self.state = lifespan.state
        self.refusal = lifespan.refusal
        self.stack.callback(self._stop, lifespan, loop)

    def _stop(self, lifespan: Lifespan, loop: asyncio.AbstractEventLoop) -> None:
        with suppress(SystemExit, KeyboardInterrupt):
            _run(loop, loop.create_task(lifespan.shutdown(LIFESPAN_TIMEOUT)))

    def close(self) -> None:
        self.stack.close()


class InProcessSession(Session):
    """A session with an app in process, on the thread that made the session.

    It cannot interrupt a WSGI app, so another thread watches the clock.
    """

    watches_clock = False

    def __init__(self, target: InProcessTarget, timeout: float) -> None:
        super().__init__((target.framework or target.name).capitalize(), timeout)
        self.target = target
        self.access = target.access
        self.limit = Limit(timeout)
        self.running: dict[str, _Running] = {}
        self._runner: asyncio.Runner | None = None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop of the session's ASGI apps."""
        if self._runner is None:
            self._runner = asyncio.Runner()
        return self._runner.get_loop()

    def run(self, case: Case, request: httpx.Request) -> RawRecording:
        """Run one case and record everything that the app does.

        Raises TargetError if the app for the case cannot be made or started.
        """
        self._begin(case, request)
        if field := case.needs_connection:
            message = f"{field} needs a connection: run the case on servers"
            return self._make_recording(None, Failure("unsupported", message))
        self._mark(preparing=True)
        try:
            running = self._app_for(case)
        except FactoryNeeded as error:
            needed = "settings" if case.settings else "a fresh app"
            message = f"the case needs {needed}, but {error}"
            return self._make_recording(None, Failure("unsupported", message))
        except TargetError as error:
            raise with_case(error, case) from error
        finally:
            self._mark(preparing=False)
        try:
            return self._run_case(running, case)
        finally:
            if case.fresh:
                running.close()

    def interrupted(self, failure: Failure) -> RawRecording:
        """Return the recording of the current case so far, with this failure.

        Raises TargetError if its app has not started yet.
        """
        if self.preparing:
            assert self.case is not None
            spec = self.target.spec
            message = f"target {spec!r}: {not_in_time('the app did not start')}"
            raise with_case(TargetError(message), self.case)
        return super().interrupted(failure)

    def close(self) -> None:
        """Shut down every app and remove the recording from it."""
        for running in self.running.values():
            running.close()
        if self._runner is not None:
            # This cancels tasks that an app left behind, as servers do.
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
        trace.extend(to.refusal)

        def handed_over(status: int) -> None:
            trace.add(Event("response_handed_over", status=status))

        with tracing(trace), lost_work_recorded():
            try:
                if to.interface == "wsgi":
                    response, failure = wsgi.call_app(to.app, request, handed_over)
                else:
                    response, failure = self._complete(
                        asgi.call_app(
                            to.app, request, handed_over, self.limit, to.state
                        )
                    )
            except (SystemExit, KeyboardInterrupt) as error:
                # In a task that the app made, these end the loop, not the task.
                response, failure = None, describe_failure(error, None, protocol=False)
        self._note_end(response, failure)
        return response, failure

    def _complete(self, call: Coroutine[Any, Any, Answer]) -> Answer:
        task = self.loop.create_task(call)
        while True:
            try:
                return _run(self.loop, task)
            except SystemExit:
                # A task that the app made has stopped the loop. The app can only handle
                # that when the loop continues.
                continue


def _run(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[_Result]") -> _Result:
    """Run the loop until the task is done, even if the app stops the loop."""
    while True:
        try:
            return loop.run_until_complete(task)
        except RuntimeError:
            if task.done():
                raise


def _key(settings: Mapping[str, Any]) -> str:
    return repr(sorted(settings.items())) if settings else ""
