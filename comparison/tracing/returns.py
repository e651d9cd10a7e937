"""Find which `return` ran: watch code objects for the instruction they return from.

From Python 3.12, `sys.monitoring` reports only the given code objects, and disturbs no
debugger, profiler or coverage. On 3.11 we set a profile function while a watched
function is on the stack.
"""

import sys
from types import CodeType, FrameType
from typing import Any

from .trace import current

if sys.version_info >= (3, 12):
    _monitoring = sys.monitoring
    _tool: int | None = None
    # By id: code objects of two files are equal if their text is.
    _watched: dict[int, CodeType] = {}

    def _on_return(code: CodeType, instruction: int, value: object) -> None:
        trace = current.get()
        if trace is not None:
            trace.returned_at[code] = instruction

    def _claim() -> int | None:
        global _tool
        if _tool is None:
            for candidate in (4, 3):
                if _monitoring.get_tool(candidate) is None:
                    _monitoring.use_tool_id(candidate, "comparison")
                    event = _monitoring.events.PY_RETURN
                    _monitoring.register_callback(candidate, event, _on_return)
                    _tool = candidate
                    break
        return _tool

    class watching:  # noqa: N801
        """Record where each of these code objects returns, while the block runs."""

        def __init__(self, codes: tuple[CodeType, ...]) -> None:
            self.codes = codes

        def __enter__(self) -> None:
            for code in self.codes:
                if id(code) not in _watched and (tool := _claim()) is not None:
                    events = _monitoring.events.PY_RETURN
                    _monitoring.set_local_events(tool, code, events)
                    _watched[id(code)] = code

        def __exit__(self, *exc: object) -> None:
            """The code object stays watched: switching costs more than recording."""

    def release() -> None:
        """Restore every watched code object and the interpreter."""
        global _tool
        if _tool is None:
            return
        for code in _watched.values():
            _monitoring.set_local_events(_tool, code, 0)
        _watched.clear()
        _monitoring.register_callback(_tool, _monitoring.events.PY_RETURN, None)
        _monitoring.free_tool_id(_tool)
        _tool = None

else:

    class watching:  # noqa: N801
        """Record where each of these code objects returns, while the block runs."""

        def __init__(self, codes: tuple[CodeType, ...]) -> None:
            self.codes = codes

        def __enter__(self) -> None:
            # A profiler that is already running stays undisturbed.
            if self.codes and sys.getprofile() is None:
                sys.setprofile(self._profile)

        def __exit__(self, *exc: object) -> None:
            if self.codes and sys.getprofile() == self._profile:
                sys.setprofile(None)

        def _profile(self, frame: FrameType, event: str, value: Any) -> None:
            if event == "return" and frame.f_code in self.codes:
                trace = current.get()
                if trace is not None:
                    trace.returned_at[frame.f_code] = frame.f_lasti

    def release() -> None:
        """Do nothing: this version leaves nothing to restore."""
