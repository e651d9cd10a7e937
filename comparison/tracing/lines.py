"""Record each line that an app's functions ran, with the variables that changed.

The interpreter's reports (see `following`) go to a `Lines`, one for each trace. A line
is recorded when it starts. Its effect on the variables is known when the next line
starts, so it stays open until then.
"""

import inspect
import linecache
import sys
from types import CodeType, FrameType
from typing import Any

from comparison.models import Event, Value

from .exceptions import describe
from .freeze import cap
from .source import definition
from .source_files import short_path
from .variables import Variables

MAX_LINES = 400

_GENERATORS = inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR
_LATER = _GENERATORS | inspect.CO_COROUTINE
_PART_OF_A_LINE = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")


class Line:
    """A line that started; its changes are added when it is over."""

    __slots__ = (
        "changed",
        "depth",
        "detail",
        "file",
        "line",
        "name",
        "removed",
        "source",
    )

    def __init__(self, frame: FrameType, line: int, depth: int) -> None:
        code = frame.f_code
        self.name = code.co_name
        self.file = short_path(code.co_filename)
        self.line = line
        self.source = linecache.getline(code.co_filename, line).strip()
        self.depth = depth
        self.changed: dict[str, Value] = {}
        self.removed: tuple[str, ...] = ()
        self.detail = ""

    def event(self) -> Event:
        """Return the line as an event of the trace."""
        return Event(
            "line", name=self.name, file=self.file, line=self.line, source=self.source,
            depth=self.depth, changed=self.changed, removed=self.removed,
            detail=self.detail,
        )  # fmt: skip


class _Frame:
    """A function that is running or suspended. `seen` has its variables so far."""

    __slots__ = (
        "at", "caller", "code", "depth", "handled", "line", "resumed_line", "root", "seen",
    )  # fmt: skip

    def __init__(self, frame: FrameType, caller: "_Frame | None", root: bool) -> None:
        self.code = frame.f_code
        self.line = frame.f_lineno
        self.caller = caller
        self.depth: int = 0 if caller is None else caller.depth + 1
        self.root = root
        self.at: Line | None = None
        self.resumed_line = False
        self.handled: BaseException | None = None
        self.seen: dict[str, tuple[Any, Value]] = {}


class Lines:
    """Records lines, calls and returns of followed functions in a trace.

    We follow the functions in `roots` and all functions that they call. We do not
    follow those in `excluded`, such as hooks, although they are in the app's module.
    """

    def __init__(self, events: list[Event | Line]) -> None:
        self.events = events
        self.roots: set[CodeType] = set()
        self.excluded: set[CodeType] = set()
        self.count = 0
        self.dropped = 0
        self._frames: dict[int, _Frame] = {}
        self._variables = Variables()
        self._ended = False

    def started(self, frame: FrameType) -> bool:
        """Start a function. Return whether it is followed."""
        code = frame.f_code
        if self._ended or code.co_name in _PART_OF_A_LINE:
            # Before Python 3.12, most of these are separate functions.
            return False
        caller = self._caller(frame)
        if caller is None and code in self.excluded:
            return False
        root = caller is None and code in self.roots
        if caller is None and not root and not code.co_flags & _LATER:
            return False
        state = _Frame(frame, caller, root)
        self._frames[id(frame)] = state
        if self.count < MAX_LINES:
            _, state.seen = self._variables.look(state.seen, frame)
        if not root:
            arguments = {name: value for name, (_, value) in state.seen.items()}
            self._add_event("function_called", frame, state, arguments=arguments)
        return True

    def line(self, frame: FrameType, number: int) -> None:
        """Record a line that is about to run."""
        state = self._state(frame)
        if state is None:
            return
        error = sys.exception()
        if error is not None and error is not state.handled:
            self.left_by(error, frame)
        state.handled = error
        if state.resumed_line and state.at is not None and state.at.line == number:
            # The interpreter reports the line of an await again when it resumes.
            state.resumed_line = False
            return
        state.resumed_line = False
        self._settle(state, frame)
        self._forget_called_by(state)
        state.at = Line(frame, number, state.depth) if self.count < MAX_LINES else None
        self._add(state.at)

    def suspended(self, frame: FrameType, value: Any) -> None:
        """Record a yield; the trace records a waiting coroutine elsewhere."""
        state = self._state(frame)
        if state is None:
            return
        state.resumed_line = True
        flags = state.code.co_flags
        if flags & _GENERATORS:
            known = flags & inspect.CO_GENERATOR
            frozen = self._variables.freeze(value) if known else None
            if known or type(value).__name__ == "async_generator_wrapped_value":
                self._settle(state, frame)
                self._add_event("yielded", frame, state, value=frozen)

    def resumed(self, frame: FrameType) -> bool:
        """Resume a suspended function. Return whether it is followed."""
        state = self._state(frame)
        if state is not None and state.code.co_flags & inspect.CO_GENERATOR:
            self._add_event("continued", frame, state)
        return state is not None

    def returned(self, frame: FrameType, value: Any) -> None:
        """Record that a function returned."""
        state = self._state(frame)
        if state is not None:
            self._settle(state, frame)
            self._forget_called_by(state)
            self._frames.pop(id(frame), None)
            if not state.root:
                frozen = self._variables.freeze(value)
                self._add_event("function_returned", frame, state, value=frozen)

    def left_by(self, error: BaseException, handler: FrameType | None = None) -> None:
        """Record that an exception left every function below the one that handles it."""
        passed = []
        traceback = error.__traceback__
        while traceback is not None:
            passed.append(traceback.tb_frame)
            traceback = traceback.tb_next
        message = _message(error)
        for frame in reversed(passed):
            state = self._state(frame)
            if state is None:
                continue
            if state.at is not None and not state.at.detail:
                state.at.detail = message
            if frame is not handler:
                self._settle(state, frame)
                self._frames.pop(id(frame), None)
                if not state.root:
                    self._add_event("function_raised", frame, state, detail=message)

    def finish(self) -> None:
        """Stop recording and release all frames."""
        self._ended = True
        self._frames.clear()

    def to_event(self, what: Event | Line) -> Event:
        """Return an event for the trace, after recording has stopped."""
        if isinstance(what, Line):
            return what.event()
        if what.event == "lines_truncated":
            return Event(what.event, detail=f"{self.dropped} more lines and calls")
        return what

    def is_followed(self, frame: FrameType) -> bool:
        """Return whether the function is running or suspended."""
        return self._state(frame) is not None

    def _state(self, frame: FrameType) -> _Frame | None:
        state = self._frames.get(id(frame))
        return state if state is not None and state.code is frame.f_code else None

    def _caller(self, frame: FrameType) -> _Frame | None:
        above = frame.f_back
        while above is not None:
            state = self._state(above)
            if state is not None:
                return state
            above = above.f_back
        return None

    def _settle(self, state: _Frame, frame: FrameType) -> None:
        """Add to the last line the variables that it changed."""
        if state.at is None:
            return
        changed, now = self._variables.look(state.seen, frame)
        state.at.changed = {**state.at.changed, **changed}
        state.at.removed += tuple(name for name in state.seen if name not in now)
        state.seen = now

    def _forget_called_by(self, caller: _Frame) -> None:
        """End the functions that a continuing caller called and that never returned.

        A `with` block suppressed the exception, so that no event reported it.
        """
        for key, state in list(self._frames.items()):
            if state.caller is caller and not state.code.co_flags & _LATER:
                self._forget_called_by(state)
                self._frames.pop(key, None)
                self._note("function_raised", state, state.line)

    def _add_event(
        self, event: str, frame: FrameType, state: _Frame, **fields: Any
    ) -> None:
        called = event == "function_called"
        line = definition(state.code).line if called else frame.f_lineno
        self._note(event, state, line, **fields)

    def _note(self, event: str, state: _Frame, line: int, **fields: Any) -> None:
        code = state.code
        self._add(
            Event(
                event, name=code.co_name, file=short_path(code.co_filename), line=line,
                depth=state.depth, **fields,
            )
        )  # fmt: skip

    def _add(self, what: Event | Line | None) -> None:
        if what is not None and self.count < MAX_LINES:
            self.count += 1
            self.events.append(what)
        else:
            self.dropped += 1
            if self.dropped == 1:
                self.events.append(Event("lines_truncated"))


def _message(error: BaseException) -> str:
    return cap(describe(error))
