"""Record one call of an app by a server, until the server has its whole response."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any

from msgspec.structs import replace

from comparison.core.errors import FactoryNeeded, TargetError
from comparison.core.surrogates import printable
from comparison.models import CANCELLED, SECOND, Event
from comparison.tracing import (
    TraceBuilder,
    current,
    is_app_file,
    parts_of,
    place,
    raised_events,
    tracing,
)

from .channel import AppFailed, Returned, Sender
from .recording_header import RecordingHeader

AFTER_RETURN = "after the app had returned"
NOT_STARTED = "the app returned without calling start_response"

_END = object()
Stack = list[tuple[CodeType, int]]


class CallRecorder:
    """The recording of one call of the app; `end` sends it.

    `of_server` are the exceptions that the server raised when the app called it. `first` is
    the stack when the app started its response.
    """

    def __init__(self, sender: Sender, header: RecordingHeader) -> None:
        self.sender = sender
        self.header = header
        self.trace = TraceBuilder()
        self.of_server: list[BaseException] = []
        self.started = False
        self.first: Stack = []
        self.returned = False
        self.sent = 0
        self.ended = False

    def hands_over(self, status: Any) -> None:
        """Record that the app hands its response over to the server."""
        self.started = True
        event = Event("response_handed_over", status=_code(status))
        if self.returned:
            event = replace(event, detail=AFTER_RETURN, **_place_in(_stack()))
        self.trace.add(event)

    @contextmanager
    def server_called(self) -> Iterator[None]:
        """Note the exceptions that the server raises to the app."""
        try:
            yield
        except BaseException as error:
            self.of_server.append(error)
            raise

    @contextmanager
    def app_called(self) -> Iterator[None]:
        """Record the exceptions that leave the app, and why it cannot be made."""
        token = current.set(None)
        try:
            yield
        except (FactoryNeeded, TargetError) as error:
            unsupported = isinstance(error, FactoryNeeded)
            failed = AppFailed(self.header.id, printable(str(error)), unsupported)
            self.sender.send(self.header.path, failed)
            raise
        except BaseException as error:
            self.raised(error)
            raise
        finally:
            current.reset(token)

    def raised(self, error: BaseException) -> None:
        """Record an exception that left the app."""
        for part in parts_of(error):
            name = "server" if part in self.of_server else ""
            self.trace.extend(raised_events("app_raised", part, name))

    @property
    def cancelled(self) -> bool:
        """Whether the server cancelled the request, so that no response is due."""
        return any(
            isinstance(event, Event) and event.detail.startswith(CANCELLED)
            for event in self.trace.events
        )

    def breaks_protocol(self, detail: str, **where: Any) -> None:
        """Record that the app does not do what WSGI or ASGI demands."""
        self.trace.add(Event("protocol_broken", detail=detail, **where))

    def check_head(self, headers: Any, text_type: type, replaces: bool = False) -> None:
        """Record header fields of a wrong type, and a second response.

        `replaces` says that WSGI allows one here, because the app replaces its first.
        """
        stack = _stack()
        if self.started and not replaces:
            # The framework may send from a task, in which no code of the app runs.
            where = _place_in(self.first) or _place_in(stack)
            self.breaks_protocol(SECOND, **where)
        self.first = self.first or stack
        if not isinstance(headers, list | tuple):
            # To iterate over anything else would take it from the server.
            return
        pairs = (pair for pair in headers if isinstance(pair, list | tuple))
        pieces = (each for pair in pairs for each in pair)
        kinds = {type(each).__name__: isinstance(each, text_type) for each in pieces}
        for kind in (kind for kind, valid in kinds.items() if not valid):
            detail = (
                f"a header field has a piece of type {kind}, not {text_type.__name__}"
            )
            self.breaks_protocol(detail, **_place_in(stack))

    def body(self, result: Any, file_wrapper: Any) -> Any:
        """Return what the server iterates over: `result`, recorded if it may raise.

        Servers treat lists and their own file wrappers specially, so these stay as they
        are.
        """
        self.returned = True
        own_file = isinstance(file_wrapper, type) and isinstance(result, file_wrapper)
        if own_file or hasattr(result, "__len__"):
            if not own_file and not self.started:
                self.breaks_protocol(NOT_STARTED)
            elif isinstance(result, list | tuple):
                for chunk in result:
                    self.check(chunk)
            self.end()
            return result
        # If the body never ends, this is all that the client's side learns.
        events: Any = tuple(self.trace.events)
        self.sent = len(events)
        self.sender.send(self.header.path, Returned(self.header.id, events))
        return RecordedBody(result, self)

    def check(self, chunk: Any) -> None:
        """Record a piece of the body that is not bytes."""
        if not isinstance(chunk, bytes | bytearray | memoryview):
            kind = type(chunk).__name__
            self.breaks_protocol(f"the body has a piece of type {kind}, not bytes")

    def end(self) -> None:
        """Send the trace, once."""
        if not self.ended:
            self.ended = True
            events = self.trace.finish()[self.sent :]
            self.sender.ended(self.header.path, self.header.id, events)


class RecordedBody:
    """The body of a WSGI app, which records what its iteration and `close` raise.

    It has `close` only if the app's has, as servers may look for that.
    """

    def __init__(self, result: Iterable[bytes], recorder: CallRecorder) -> None:
        self.result = result
        self.recorder = recorder
        self.iterator: Iterator[bytes] | None = None
        if hasattr(result, "close"):
            self.close = self._close

    def __iter__(self) -> "RecordedBody":
        self._call(self._begin)
        return self

    def __next__(self) -> bytes:
        chunk = self._call(self._next)
        if chunk is _END:
            if not self.recorder.started:
                self.recorder.breaks_protocol(NOT_STARTED)
            raise StopIteration
        self.recorder.check(chunk)
        return chunk  # type: ignore[no-any-return]

    def _close(self) -> None:
        try:
            self._call(self.result.close)  # type: ignore[attr-defined]
        finally:
            self.recorder.end()

    def _begin(self) -> None:
        self.iterator = iter(self.result)

    def _next(self) -> Any:
        if self.iterator is None:
            self._begin()
        return next(self.iterator, _END)  # type: ignore[arg-type]

    def _call(self, function: Callable[[], Any]) -> Any:
        try:
            with tracing(self.recorder.trace):
                return function()
        except BaseException as error:
            self.recorder.raised(error)
            raise

    def __del__(self) -> None:
        self.recorder.end()


def _stack() -> Stack:
    """Return the code that runs, innermost first, with the instruction of each."""
    found = []
    frame = inspect.currentframe()
    while frame is not None:
        found.append((frame.f_code, frame.f_lasti))
        frame = frame.f_back
    return found


def _place_in(stack: Stack) -> dict[str, Any]:
    """Return where the app's own code is in a stack, if it is."""
    for code, instruction in stack:
        where = place(code, instruction)
        if is_app_file(where.file):
            return where._asdict()
    return {}


def _code(status: Any) -> int | None:
    try:
        return int(str(status).partition(" ")[0])
    except ValueError:
        return None
