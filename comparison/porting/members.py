"""Find the values of members of classes and of attributes of other values."""

from collections.abc import Iterator
from typing import Any

from .facts import Expression
from .memo import Memo
from .predicates import is_property
from .program import Key
from .tables import kind
from .value import NOTHING, Evaluating, Value, Values

DOTS = 4
"""So many dots of a foreign name are followed.

`query = query.filter(...)` and its like would otherwise have a name for every order of calls.
"""

NESTED = {"values": 1, "copy": 1, "items": 2}
"""How many containers are around the values that these methods of a container give."""


class Members(Evaluating):
    """The part of an evaluation that finds attributes."""

    memo: Memo
    arguments: dict[Any, Any]
    stored: dict[tuple[Value, str], list[tuple[str, Expression]]]

    def given(self, key: Any) -> Values:
        """Return what the calls pass to a parameter, or to a field of a class."""
        found: set[Value] = set()
        for origin, given in self.arguments.get(key, ()):
            found |= given if origin is None else self.of(origin, given)
        return frozenset(found)

    def stored_in(self, value: Value, name: str) -> Values:
        """Return what the program assigns to an attribute of an object."""
        found: set[Value] = set()
        for module, expression in self.stored.get((value, name), ()):
            found |= self.of(module, expression)
        return frozenset(found)

    def attribute(self, value: Value, name: str) -> Values:
        """Return what an attribute of a value may be."""
        what = value[0]
        if what == "external":
            return self.dotted(f"{value[1]}.{name}")
        if what == "foreign":
            followed = value[1].count(".") < DOTS
            return frozenset({("foreign", f"{value[1]}.{name}") if followed else value})
        if what == "module":
            return self.in_module(value[1], name)
        if what in {"class", "object", "super"}:
            return self.member(value[1:], name, after=what == "super")
        if what == "kind":
            known = kind(value[1])
            if (value, name) in self.stored:
                return self.stored_in(value, name)
            if name in known.get("attributes", {}):
                return frozenset({("kind", known["attributes"][name])})
            return frozenset({("method", value[1], name)})
        if what == "group":
            expressions = value[2]
            for _ in range(NESTED.get(name, 0)):
                expressions = (("group", expressions),)
            return frozenset({("taken", value[1], expressions)})
        if what == "method":
            return frozenset({("foreign", f"flask.{value[1]}.{value[2]}.{name}")})
        return NOTHING

    def family(self, cls: Key) -> set[Key]:
        """Return a class with all of its subclasses."""
        found, left = {cls}, [cls]
        while left:
            for each in self.subclasses.get(left.pop(), ()):
                if each not in found:
                    found.add(each)
                    left.append(each)
        return found

    def member(self, cls: Key, name: str, *, after: bool = False) -> Values:
        """Return what a member of a class may be, in it, its bases and its subclasses."""
        return self.memo.get(
            (cls, name, after), lambda: self._member(cls, name, after=after), None
        )

    def _member(self, cls: Key, name: str, *, after: bool) -> Values:
        found: set[Value] = set()
        for each in () if after else self.family(cls) - {cls}:
            found |= self._own_member(each, name)
        return frozenset(found) | self._inherited(cls, name, after=after)

    def ancestors(self, cls: Key) -> Iterator[Value]:
        """Yield a class, and what it derives from, depth first, each once.

        By its name, a class may be its own base: `from other import View`, and then
        `class View(View)`.
        """
        seen: set[Value] = set()
        left: list[Value] = [("class", *cls)]
        while left:
            value = left.pop()
            if value in seen:
                continue
            seen.add(value)
            yield value
            if value[0] == "class":
                for base in reversed(self.program.cls(value[1:]).bases):
                    left += sorted(self.of(value[1], base), key=repr)

    def _inherited(self, cls: Key, name: str, *, after: bool) -> Values:
        for value in self.ancestors(cls):
            found = NOTHING
            if value[0] == "class" and not (after and value[1:] == cls):
                found = self._own_member(value[1:], name)
            elif value[0] == "external":
                for made in self.called(value, cls[0], ()):
                    found |= self.attribute(made, name)
            if found:
                return found
        return NOTHING

    def _own_member(self, cls: Key, name: str) -> Values:
        found = self.program.cls(cls)
        module = cls[0]
        scope = self.program.modules[module].scopes[found.scope]
        values: set[Value] = set()
        for expression in scope.names.get(name, ()):
            if expression and expression[0] == "def":
                function = self.program.function((module, expression[1]))
                if is_property(function):
                    values |= self.result((module, expression[1]))
                    continue
            values |= self.of(module, expression)
        bound = {
            (*value[:3], True) if value[0] == "function" else value for value in values
        }
        assigned = self.union(module, found.attributes.get(name, ()))
        assigned |= self.given((("field", *cls), name))
        return frozenset(bound) | assigned | self.stored_in(("object", *cls), name)
