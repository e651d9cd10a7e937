"""Freeze the variables of a running function, and find those that changed."""

import time
from collections.abc import Mapping
from types import FrameType
from typing import Any

from comparison.models import Value

from .freeze import freeze

SLOW = 0.1  # seconds that a repr may take before we stop calling it for that type

_ATOMS = (str, bytes, int, float, bool, type(None))


class Variables:
    """Freezes variables, except those of types whose repr is slow."""

    def __init__(self) -> None:
        self._slow: set[type] = set()

    def look(
        self, seen: Mapping[str, tuple[Any, Value]], frame: FrameType
    ) -> tuple[dict[str, Value], dict[str, tuple[Any, Value]]]:
        """Return the variables that changed, and all of them to pass as `seen` next."""
        changed: dict[str, Value] = {}
        now: dict[str, tuple[Any, Value]] = {}
        for name, value in dict(frame.f_locals).items():
            if name.startswith("."):
                continue
            before = seen.get(name)
            atom = type(value) in _ATOMS
            if before is not None and (
                (atom and before[0] is value) or type(value) in self._slow
            ):
                now[name] = before
                continue
            frozen = self.freeze(value)
            # Only immutable values are saved for comparison, so that no other object
            # lives longer.
            now[name] = (value if atom else None, frozen)
            if before is None or before[1] != frozen:
                changed[name] = frozen
        return changed, now

    def freeze(self, value: Any) -> Value:
        """Freeze a value. If that takes long, its type is not frozen again."""
        kind = type(value)
        if kind in self._slow:
            return Value(kind.__name__, f"<{kind.__name__} whose repr is slow>")
        began = time.perf_counter()
        frozen = freeze(value)
        if kind not in _ATOMS and time.perf_counter() - began > SLOW:
            self._slow.add(kind)
        return frozen
