"""Find the functions that cannot become async, and why."""

from collections.abc import Mapping

from .evaluation import Evaluation
from .facts import MODULE
from .predicates import decorated, is_property
from .program import Key
from .tables import kind

AWAITABLE = {"__call__", "__aenter__", "__aexit__", "__anext__", "__aiter__"}
CACHED = ("lru_cache", "cache", "cached", "memoize")
ONCE = {"setUpClass", "tearDownClass", "setUpModule", "tearDownModule"}


def pinned_functions(
    evaluation: Evaluation, how: Mapping[Key, set[str]]
) -> dict[Key, str]:
    """Return for each function that cannot become async a key of reasons.toml."""
    found: dict[Key, str] = {}
    for key, function in evaluation.program.functions():
        name = function.name
        if function.is_lambda or function.is_async:
            continue
        special = (
            name.startswith("__") and name.endswith("__") and name not in AWAITABLE
        )
        if (special and function.cls != MODULE) or name in ONCE:
            found[key] = "special"
        elif is_property(function):
            found[key] = "property"
        elif any(decorated(function, each) for each in CACHED[:2]):
            found[key] = "cached"
        elif function.is_generator and (function.returns or function.uses_yield_from):
            found[key] = "returning"
        elif "plain" in how.get(key, ()):
            found[key] = "plain"
        elif not decorated(function, "fixture") and _makes_app(evaluation, key):
            found[key] = "factory"
    for module, facts in evaluation.program.modules.items():
        for event in facts.events:
            if event.kind == "call" and event.owner == MODULE and not event.guarded:
                assert event.expression is not None
                for value in evaluation.of(module, event.expression[1]):
                    if value[0] == "function":
                        key = value[1:3]
                        if not evaluation.program.function(key).is_async:
                            found.setdefault(key, "imported")
    return found


def _makes_app(evaluation: Evaluation, key: Key) -> bool:
    """Whether a function returns an app: the code that calls it is not async."""
    function = evaluation.program.function(key)
    if function.is_generator:
        return False
    return any(
        value == ("kind", "app") or _is_app(evaluation, value)
        for value in evaluation.union(key[0], function.returns)
    )


def _is_app(evaluation: Evaluation, value: tuple[object, ...]) -> bool:
    """Whether a value is an instance of a class that the program derives from the app."""
    if value[0] != "object":
        return False
    members = evaluation.member((str(value[1]), int(str(value[2]))), "test_client")
    return ("method", "app", "test_client") in members and bool(kind("app"))
