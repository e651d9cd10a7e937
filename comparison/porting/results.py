"""Find the values that calls and loops give."""

from typing import Any

from .program import Key
from .tables import is_framework, kind, last, registration, table
from .value import NOTHING, Evaluating, Value, Values

PASSED_ON = {
    "functools.partial", "functools.update_wrapper",
    *(f"builtins.{name}" for name in ("list", "tuple", "sorted", "reversed", "iter")),
}  # fmt: skip
"""Functions whose result calls or has what their first argument does."""
COMBINING = {"builtins.zip", "builtins.enumerate"}
"""Functions that give tuples with an item of each argument."""
SELF = {"_get_current_object", "copy", "with_context"}
"""Methods that return their object, or one like it."""


class Results(Evaluating):
    """The part of an evaluation that finds results."""

    def result(self, key: Key) -> Values:
        """Return what a function returns, or yields if it is a fixture."""
        function = self.program.function(key)
        if function.is_generator:
            return self.union(key[0], function.yields)
        return self.union(key[0], [*function.returns, function.declared])

    def called(self, value: Value, module: str, arguments: Any) -> Values:
        """Return what a call of a value returns."""
        what = value[0]
        if what == "function":
            key: Key = value[1:3]
            if self.program.function(key).is_generator:
                return frozenset({("generator", *key)})
            return self.result(key)
        if what == "context_function":
            return frozenset({("context", *value[1:])})
        if what == "class":
            return frozenset({("object", *value[1:])})
        if what == "object":
            found: set[Value] = set()
            for method in self.member(value[1:], "__call__"):
                found |= self.called(method, module, arguments)
            return frozenset(found)
        if what == "method":
            result = kind(value[1]).get("results", {}).get(value[2])
            if result:
                return frozenset({("kind", result)})
            if value[2] in SELF:
                return frozenset({("kind", value[1])})
            return frozenset({("foreign", f"flask.{value[1]}.{value[2]}")})
        if what == "external":
            return self._made_by(value[1], module, arguments)
        if what == "taken":
            return self.union(value[1], value[2])
        if what == "foreign":
            return frozenset({value})
        return NOTHING

    def _made_by(self, name: str, module: str, arguments: Any) -> Values:
        if is_framework(name):
            result = table("awaited")["results"].get(last(name))
            if registration(last(name)) == "either" and arguments:
                return self.of(module, arguments[0][1])
            if result and not (last(name) == "stream_with_context" and not arguments):
                return frozenset({("kind", result)})
        elif name in PASSED_ON and arguments:
            return self.of(module, arguments[0][1])
        elif name in COMBINING and arguments:
            parts: Any = tuple(("item", given) for _, given in arguments)
            return frozenset({("group", module, (("group", parts),))})
        elif last(name) == "FileStorage" and name.startswith("werkzeug"):
            return frozenset({("kind", "upload")})
        return frozenset({("foreign", name)})

    def element(self, value: Value) -> Values:
        if value[0] == "group":
            return self.union(value[1], value[2])
        if value[0] == "kind":
            items = kind(value[1]).get("items")
            return (
                frozenset({("kind", items)})
                if items
                else frozenset({("foreign", value[1])})
            )
        if value[0] == "generator":
            return self.union(value[1], self.program.function(value[1:3]).yields)
        return frozenset({value}) if value[0] == "foreign" else NOTHING
