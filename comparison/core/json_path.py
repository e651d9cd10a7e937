"""JSONPath (RFC 9535) in recorded bodies, within limits.

A query such as `$..*..*..*..*` would take too long, because it visits too many nodes. A
filter may also search for a slow regular expression.
"""

import threading
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from .regexp import LIMIT, SearchTooSlow

DEEPEST = 100
NODES = 100_000  # A query may visit so many, which takes a second or two.


class QueryTooSlow(Exception):
    """A query visits too many nodes, or searches for too long."""


class _Visited(threading.local):
    nodes = 0


_visited = _Visited()


def check(query: str) -> None:
    """Raise ValueError if a text is not a JSONPath."""
    _compiled(query)


def first(query: str, body: Any) -> list[Any]:
    """Return the value of the first node that a query finds, in a list; else [].

    Raises QueryTooSlow.

    >>> first("$.order.id", {"order": {"id": 7}}), first("$.order", {})
    ([7], [])
    """
    _visited.nodes = 0
    try:
        for node in _nodes(_compiled(query), body):
            return [node.value]
    except SearchTooSlow as error:
        raise QueryTooSlow(str(error)) from None
    return []


def _nodes(path: Any, body: Any) -> Iterable[Any]:
    # The path's own method would create a root whose descendants we cannot count.
    root = path.env.match_class(
        filter_context={}, obj=body, parent=None, path="$", parts=(), root=body
    )
    nodes: Iterable[Any] = (root,)
    for segment in path.segments:
        nodes = segment.resolve(nodes)
    return nodes


def _visit() -> None:
    _visited.nodes += 1
    if _visited.nodes > NODES:
        raise QueryTooSlow(f"the query visits more than {NODES:,} nodes")


@lru_cache(maxsize=1024)
def _compiled(query: str) -> Any:
    try:
        return _environment().compile(query)
    except Exception as error:
        # str() fails for some of these errors.
        reason = error.args[0] if error.args else type(error).__name__
        if not query.startswith("$"):
            reason = "a JSONPath begins with $"
        raise ValueError(f"json is not a JSONPath: {query!r}: {reason}") from None


@cache
def _environment() -> Any:
    from jsonpath import JSONPathEnvironment, JSONPathMatch
    from jsonpath.function_extensions import Match, Search

    class Node(JSONPathMatch):
        __slots__ = ()

        def __init__(self, **given: Any) -> None:
            _visit()
            super().__init__(**given)

    class LimitedMatch(Match):
        def __call__(self, value: object, pattern: object) -> bool:
            return _found(self, "fullmatch", value, pattern)

    class LimitedSearch(Search):
        def __call__(self, value: object, pattern: object) -> bool:
            return _found(self, "search", value, pattern)

    class Environment(JSONPathEnvironment):
        match_class = Node

        @property
        def max_recursion_depth(self) -> int:  # type: ignore[override]
            # The library reads this for each node below `..`. That includes the nodes of
            # filters, which are not instances of `Node`.
            _visit()
            return DEEPEST

        def setup_function_extensions(self) -> None:
            super().setup_function_extensions()
            self.function_extensions["match"] = LimitedMatch()
            self.function_extensions["search"] = LimitedSearch()

    return Environment(strict=True)


def _found(function: Any, how: str, value: object, pattern: object) -> bool:
    if not isinstance(value, str) or not isinstance(pattern, str):
        return False
    try:
        compiled = function.check_cache(pattern)
        if compiled is None:
            return False
        return bool(getattr(compiled, how)(value, timeout=LIMIT))
    except TimeoutError:
        raise SearchTooSlow(pattern, len(value)) from None
    except (OverflowError, RecursionError):
        # RFC 9535 section 2.4.6: an invalid I-Regexp matches nothing.
        return False
