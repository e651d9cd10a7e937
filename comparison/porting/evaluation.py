"""Evaluate expressions: a function of the program, an object of the framework, ..."""

import builtins
from collections.abc import Callable, Iterator
from typing import Any

from .facts import MODULE, Expression
from .members import Members
from .memo import Memo
from .predicates import attribute, decorated, is_static
from .program import Key, Program
from .results import Results
from .tables import is_framework, kind, last, table
from .value import NOTHING, Value, Values

OF_AN_APP = {"app_context", "test_request_context", "test_client", "test_cli_runner"}
"""Methods that only an app has: what has them is one."""


class Evaluation(Members, Results):
    """Evaluates expressions of a program, each once.

    `arguments` holds for each parameter what the calls pass, as module and expression,
    or as values.
    """

    def __init__(self, program: Program, arguments: dict[Any, Any]) -> None:
        self.program = program
        self.arguments = arguments
        self.memo = Memo()
        self.fixtures = self._fixtures()
        self.subclasses: dict[Key, list[Key]] = {}
        self.stored: dict[tuple[Value, str], list[tuple[str, Expression]]] = {}
        for key, cls in program.classes():
            for base in cls.bases:
                for value in self.of(key[0], base):
                    if value[0] == "class":
                        self.subclasses.setdefault(value[1:], []).append(key)
        self.memo = Memo()  # Results without subclasses may be incomplete.
        found = self._stored()
        self.memo, self.stored = Memo(), found

    def of(self, module: str, expression: Expression) -> Values:
        """Return what an expression of a module may be."""
        if expression is None:
            return NOTHING
        read: Callable[[str, Expression], Values] = getattr(self, f"_{expression[0]}")
        return self.memo.get(
            (module, id(expression)), lambda: read(module, expression), expression
        )

    def _stored(self) -> dict[tuple[Value, str], list[tuple[str, Expression]]]:
        """Return what the program assigns to attributes of objects, `app.store = ...`."""
        found: dict[tuple[Value, str], list[tuple[str, Expression]]] = {}
        for module, facts in self.program.modules.items():
            for event in facts.events:
                if event.kind == "store" and event.expression is not None:
                    _, base, name, given = event.expression
                    for value in self.of(module, base):
                        if value[0] in {"kind", "object"}:
                            found.setdefault((value, name), []).append((module, given))
        return found

    def _name(self, module: str, expression: Any) -> Values:
        _, scope, name = expression
        bound = self.program.bindings(module, scope, name)
        if bound is not None:
            return self.union(module, bound)
        for star in self.program.modules[module].scopes[0].stars:
            other = self.program.module_named(star)
            if other is not None and other != module:
                found = self.in_module(other, name)
                if found:
                    return found
            elif is_framework(star):
                return self.dotted(f"{star}.{name}")
        return (
            frozenset({("external", f"builtins.{name}")})
            if hasattr(builtins, name)
            else NOTHING
        )

    def in_module(self, module: str, name: str) -> Values:
        """Return what a name at the top of a module may be."""
        scope = self.program.modules[module].scopes[0]
        if name in scope.names:
            return self.union(module, scope.names[name])
        inner = self.program.module_named(f"{module}.{name}")
        if inner is not None:
            return frozenset({("module", inner)})
        return self._name(module, ("name", 0, name)) if scope.stars else NOTHING

    def _import(self, module: str, expression: Any) -> Values:
        return self.dotted(expression[1])

    def dotted(self, name: str) -> Values:
        """Return what an imported name may be."""
        own = self.program.module_named(name)
        if own is not None:
            return frozenset({("module", own)})
        before, _, rest = name.rpartition(".")
        if before:
            own = self.program.module_named(before)
            if own is not None:
                return self.in_module(own, rest)
        if is_framework(name) and last(name) in table("awaited")["objects"]:
            return frozenset({("kind", table("awaited")["objects"][last(name)])})
        return frozenset({("external", name)})

    def _def(self, module: str, expression: Any) -> Values:
        """Return the values that `def` binds: the function, or results of its decorators."""
        return [given for _, given in self.decorating((module, expression[1]))][-1]

    def decorating(self, key: Key) -> Iterator[tuple[Value | None, Values]]:
        """Yield what decorates a function, with what it is given, from the inside out.

        The last item has no decorator, but what is bound to the name.
        """
        current: Values = frozenset({("function", *key, False)})
        for decorator, _ in reversed(self.program.function(key).decorators):
            given = current
            for value in self.of(key[0], decorator):
                yield value, given
                if value[0] in {"function", "object", "class"}:
                    made = self.called(value, key[0], ((None, ("value", given)),))
                    if any(each[0] in {"function", "object"} for each in made):
                        current = made
                elif value[0] == "external" and last(value[1]) == "contextmanager":
                    current = frozenset({("context_function", *key)})
        yield None, current

    def _value(self, module: str, expression: Any) -> Values:
        found: Values = expression[1]
        return found

    def _class(self, module: str, expression: Any) -> Values:
        return frozenset({("class", module, expression[1])})

    def _ann(self, module: str, expression: Any) -> Values:
        found: set[Value] = set()
        for value in self.of(module, expression[1]):
            if value[0] in {"class", "external"}:
                found |= self.called(value, module, ())
        return frozenset(found)

    def _super(self, module: str, expression: Any) -> Values:
        if expression[1] == MODULE:
            return NOTHING
        return frozenset({("super", module, expression[1])})

    def _str(self, module: str, expression: Any) -> Values:
        return frozenset({("foreign", "builtins.str")})

    def _int(self, module: str, expression: Any) -> Values:
        return frozenset({("foreign", "builtins.int")})

    def _any(self, module: str, expression: Any) -> Values:
        return self.union(module, expression[1])

    def _group(self, module: str, expression: Any) -> Values:
        return frozenset({("group", module, expression[1])})

    def _param(self, module: str, expression: Any) -> Values:
        _, number, name = expression
        key = (module, number)
        function = self.program.function(key)
        found = set(self.of(module, function.annotations.get(name)))
        if (
            function.cls != MODULE
            and function.parameters[:1] == [name]
            and not is_static(function)
        ):
            instance = "class" if decorated(function, "classmethod") else "object"
            return frozenset({(instance, module, function.cls)})
        found |= self.given((key, name))
        found |= self.of(module, function.defaults.get(name))
        if (
            not found
            and name in self.fixtures
            and (function.name.startswith("test") or decorated(function, "fixture"))
        ):
            fixture = self.fixtures[name]
            if fixture != key:
                found |= self.result(fixture)
        for decorator, _ in function.decorators:
            parameter = table("registrations")["parameters"].get(attribute(decorator))
            if parameter and function.parameters[:1] == [name]:
                found.add(("kind", parameter))
        return frozenset(found)

    def _fixtures(self) -> dict[str, Key]:
        return {
            function.name: key
            for key, function in self.program.functions()
            if decorated(function, "fixture")
        }

    def _call(self, module: str, expression: Any) -> Values:
        found: set[Value] = set()
        for value in self.of(module, expression[1]):
            found |= self.called(value, module, expression[2])
        return frozenset(found)

    def _attr(self, module: str, expression: Any) -> Values:
        found: set[Value] = set()
        values = self.of(module, expression[1])
        if expression[2] in OF_AN_APP and all(
            value[0] == "foreign" and value[1].startswith("flask.") for value in values
        ):
            return frozenset({("method", "app", expression[2])})
        for value in values:
            found |= self.attribute(value, expression[2])
        return frozenset(found)

    def _sub(self, module: str, expression: Any) -> Values:
        found: set[Value] = set()
        for value in self.of(module, expression[1]):
            found |= self.element(value)
        return frozenset(found)

    _item = _sub

    def _enter(self, module: str, expression: Any) -> Values:
        found: set[Value] = set()
        for value in self.of(module, expression[1]):
            if value[0] == "kind":
                entered = kind(value[1]).get("entered")
                found.add(("kind", entered) if entered else ("foreign", value[1]))
            elif value[0] == "context":
                found |= self.union(value[1], self.program.function(value[1:3]).yields)
            elif value[0] == "object":
                for method in self.member(value[1:], "__enter__"):
                    found |= self.called(method, module, ())
            else:
                found.add(value)
        return frozenset(found)
