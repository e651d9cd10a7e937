"""Remember the results of questions that may lead back to themselves."""

from collections.abc import Callable, Hashable
from typing import Any

from .value import NOTHING, Values

DEEPEST = 120
"""A question within so many others is not followed: names do not lead that far."""


class Memo:
    """Results by question. A question that leads back to itself gets nothing there.

    Results from within such a circle stay only until the first question is answered,
    because they may be incomplete. `get` would otherwise repeat it for each way to it.
    """

    def __init__(self) -> None:
        self._found: dict[Hashable, tuple[Values, Any]] = {}
        self._provisional: dict[Hashable, tuple[Values, Any]] = {}
        self._open: dict[Hashable, int] = {}
        self._lowest = DEEPEST + 1

    def get(
        self, key: Hashable, compute: Callable[[], Values], dependency: Any
    ) -> Values:
        """Return the result for a key. `dependency` stays alive, so that its id stays its own."""
        known = self._found.get(key) or self._provisional.get(key)
        if known is not None:
            return known[0]
        depth = len(self._open)
        if key in self._open:
            self._lowest = min(self._lowest, self._open[key])
            return NOTHING
        if depth > DEEPEST:
            return NOTHING
        around, self._lowest = self._lowest, DEEPEST + 1
        self._open[key] = depth
        try:
            found = compute()
        finally:
            del self._open[key]
        if self._lowest >= depth:
            self._found[key] = (found, dependency)
        else:
            self._provisional[key] = (found, dependency)
        self._lowest = min(around, self._lowest) if self._lowest < depth else around
        if not self._open:
            self._provisional.clear()
            self._lowest = DEEPEST + 1
        return found
