"""Follow functions line by line, as the interpreter reports them.

Python 3.12 and later have local events in `sys.monitoring`. We use a separate tool id
and only the app's code objects, so that debuggers and coverage keep working. On 3.11 we
set a trace function while a followed function is on the stack. It calls the previous
trace function and restores it afterwards.
"""

import opcode
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from types import CodeType, FrameType, FunctionType, MethodType
from typing import Any

from .code_objects import is_followed
from .lines import Lines
from .trace import current

_nothing: AbstractContextManager[None] = nullcontext()

if sys.version_info >= (3, 12):
    _monitoring = sys.monitoring
    _events = _monitoring.events
    _tool: int | None = None
    # By identity: code objects of two files may be equal.
    _armed: dict[int, CodeType] = {}
    _modules: dict[int, dict[str, Any]] = {}

    def following(
        lines: Lines | None, codes: tuple[CodeType, ...]
    ) -> AbstractContextManager[None]:
        """Follow these code objects, and the app's functions that they call."""
        if lines is not None:
            lines.roots.update(codes)
            for code in codes:
                _arm_code(code)
        return _nothing

    def _lines() -> Lines | None:
        trace = current.get()
        return None if trace is None else trace.lines

    def _on_start(code: CodeType, instruction: int) -> None:
        if (lines := _lines()) is not None:
            frame = sys._getframe(1)
            if lines.started(frame):
                _arm_module(frame.f_globals)

    def _on_resume(code: CodeType, instruction: int) -> None:
        if (lines := _lines()) is not None:
            lines.resumed(sys._getframe(1))

    def _on_line(code: CodeType, number: int) -> None:
        if (lines := _lines()) is not None:
            lines.line(sys._getframe(1), number)

    def _on_return(code: CodeType, instruction: int, value: object) -> None:
        if (lines := _lines()) is not None:
            lines.returned(sys._getframe(1), value)

    def _on_yield(code: CodeType, instruction: int, value: object) -> None:
        if (lines := _lines()) is not None:
            lines.suspended(sys._getframe(1), value)

    def _on_call(
        code: CodeType, instruction: int, called: object, first: object
    ) -> None:
        if _lines() is not None:
            _arm(called)
            _arm(first)

    _CALLBACKS: dict[int, Callable[..., None]] = {
        _events.PY_START: _on_start,
        _events.PY_RESUME: _on_resume,
        _events.LINE: _on_line,
        _events.PY_RETURN: _on_return,
        _events.PY_YIELD: _on_yield,
        _events.CALL: _on_call,
    }

    def _claim() -> int | None:
        global _tool
        if _tool is None:
            for candidate in (3, 4):
                if _monitoring.get_tool(candidate) is None:
                    _monitoring.use_tool_id(candidate, "comparison lines")
                    for event, callback in _CALLBACKS.items():
                        _monitoring.register_callback(candidate, event, callback)
                    _tool = candidate
                    break
        return _tool

    def _arm_module(names: dict[str, Any]) -> None:
        """Watch the functions of a module: libraries call them too, for example a sort."""
        if id(names) not in _modules:
            _modules[id(names)] = names
            for value in list(names.values()):
                _arm(value)

    def _arm(called: object) -> None:
        """Watch a function of the app, or a class and its methods."""
        # By type, not isinstance, which would read a proxy's `__class__`.
        if type(called) is MethodType:
            called = called.__func__
        if type(called) is FunctionType:
            _arm_code(called.__code__)
        elif issubclass(type(called), type):
            for method in list(called.__dict__.values()):
                if type(method) is property:
                    method = method.fget  # noqa: PLW2901
                if type(method) is FunctionType:
                    _arm_code(method.__code__)

    def _arm_code(code: CodeType) -> None:
        """Watch a code object and the code objects inside it."""
        if id(code) in _armed or not is_followed(code) or (tool := _claim()) is None:
            return
        _armed[id(code)] = code
        _monitoring.set_local_events(tool, code, sum(_CALLBACKS))
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                _arm_code(constant)

    def release() -> None:
        """Restore every followed code object and the interpreter."""
        global _tool
        if _tool is None:
            return
        for code in _armed.values():
            _monitoring.set_local_events(_tool, code, 0)
        _armed.clear()
        _modules.clear()
        for event in _CALLBACKS:
            _monitoring.register_callback(_tool, event, None)
        _monitoring.free_tool_id(_tool)
        _tool = None

else:
    _SUSPENDS = opcode.opmap["YIELD_VALUE"]
    _RETURNS = opcode.opmap["RETURN_VALUE"]

    def following(
        lines: Lines | None, codes: tuple[CodeType, ...]
    ) -> AbstractContextManager[None]:
        """Follow these code objects, and the app's functions that they call."""
        if lines is None:
            return _nothing
        lines.roots.update(codes)
        return _Tracing(lines)

    class _Tracing:
        """A trace function that runs before the existing one."""

        def __init__(self, lines: Lines) -> None:
            self.lines = lines
            self.function = self._enter

        def __enter__(self) -> None:
            self.before: Any = sys.gettrace()
            there = getattr(self.before, "__self__", None)
            # A view may call another function through its framework.
            if not isinstance(there, _Tracing) or there.lines is not self.lines:
                sys.settrace(self.function)

        def __exit__(self, *exc: object) -> None:
            # A debugger that was started meanwhile stays.
            if sys.gettrace() is self.function:
                sys.settrace(self.before)

        def _enter(self, frame: FrameType, event: Any, arg: Any) -> Any:
            inner = None
            if self.before is not None:
                inner = self.before(frame, event, arg)
                if sys.gettrace() is not self.function:
                    # Coverage installs itself again whenever it is called this way.
                    sys.settrace(self.function)
            follows = is_followed(frame.f_code) and self._entered(frame)
            if not follows:
                return inner
            return _Local(self.lines, inner).trace

        def _entered(self, frame: FrameType) -> bool:
            trace = current.get()
            if trace is None or trace.lines is not self.lines:
                return False
            if self.lines.is_followed(frame) and frame.f_lasti > 4:
                return self.lines.resumed(frame)
            return self.lines.started(frame)

    class _Local:
        """The trace function of one frame."""

        def __init__(self, lines: Lines, inner: Any) -> None:
            self.lines = lines
            self.inner = inner

        def trace(self, frame: FrameType, event: str, arg: Any) -> Any:
            if self.inner is not None:
                self.inner = self.inner(frame, event, arg) or self.inner
            if event == "line":
                self.lines.line(frame, frame.f_lineno)
            elif event == "return":
                self._left(frame, arg)
            return self.trace

        def _left(self, frame: FrameType, value: Any) -> None:
            last = frame.f_code.co_code[frame.f_lasti]
            if last == _SUSPENDS:
                self.lines.suspended(frame, value)
            elif last == _RETURNS:
                self.lines.returned(frame, value)

    def release() -> None:
        """Do nothing: this version leaves nothing to restore."""
