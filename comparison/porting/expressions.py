"""Reduce expressions to facts, and note what may need `await`."""

from typing import Any

import libcst as cst

from .facts import MODULE, Event, Expression, Facts, Function, Scope
from .syntax import children
from .tables import noted_attributes
from .targets import Targets

_COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
COLLECTING = {
    "list", "tuple", "set", "frozenset", "sorted", "sum", "max", "min", "dict", "join",
}  # fmt: skip
"""Functions that take all values of an iterable at once."""
AWAITING = {
    "run", "create_task", "ensure_future", "gather", "wait_for", "shield", "wait",
    "run_until_complete", "run_coroutine_threadsafe", "as_completed",
}  # fmt: skip
"""Functions that take a coroutine and await it."""

ADDING = {"append", "appendleft", "add", "insert", "setdefault"}
"""Methods that put their last argument into a container."""
LONGEST = 40
"""So many characters of a text are kept."""


class Expressions(Targets):
    """Reads the expressions of a module.

    `owner` is the function that the code now being read belongs to, and `scope` the
    number of its scope.
    """

    def __init__(self, facts: Facts, numbers: dict[cst.CSTNode, int]) -> None:
        self.facts = facts
        self.numbers = numbers
        self.scope = 0
        self.owner = MODULE
        self.guarded = False
        self.generator = 0
        self.plain_yield: cst.CSTNode | None = None

    def event(
        self,
        kind: str,
        node: cst.CSTNode,
        expression: Expression,
        awaited: bool = False,
    ) -> None:
        """Note that something may need `await` or `async`."""
        self.facts.events.append(
            Event(
                kind,
                self.numbers[node],
                self.owner,
                expression,
                awaited,
                self.generator,
                self.guarded,
            )
        )

    def read_all(self, node: cst.CSTNode) -> None:
        """Read the expressions within a node."""
        for child in children(node):
            self.read(child)

    def read(self, node: cst.CSTNode | None, awaited: bool = False) -> Expression:
        """Reduce an expression; note the events in it."""
        if node is None:
            return None
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is not None:
            found: Expression = method(node, awaited)
            return found
        if isinstance(node, _COMPREHENSIONS):
            return self._comprehension(node)
        self.read_all(node)
        return None

    def _name(self, node: cst.Name, _: bool) -> Expression:
        return ("name", self.scope, node.value)

    def _attribute(self, node: cst.Attribute, awaited: bool) -> Expression:
        found = ("attr", self.read(node.value), node.attr.value)
        of_g = isinstance(node.value, cst.Name) and node.value.value == "g"
        if of_g or node.attr.value in noted_attributes():
            self.event("attr", node, found, awaited)
        return found

    def _call(self, node: cst.Call, awaited: bool) -> Expression:
        if isinstance(node.func, cst.Name) and node.func.value == "super":
            self.read_all(node)
            return ("super", self._class_around())
        function = self.read(node.func)
        name = getattr(node.func, "attr", node.func)
        called = name.value if isinstance(name, cst.Name) else ""
        arguments = []
        for argument in node.args:
            key = argument.keyword.value if argument.keyword else argument.star
            if called in COLLECTING and isinstance(argument.value, cst.GeneratorExp):
                self.facts.collected.add(self.numbers[argument.value])
            value = self.read(argument.value, awaited=called in AWAITING)
            arguments.append((key, value))
        found = ("call", function, tuple(arguments), self.numbers[node])
        self.event("call", node, found, awaited)
        if called in ADDING and isinstance(node.func, cst.Attribute) and arguments:
            self.keep(node.func.value, ("group", (arguments[-1][1],)))
        named = node.args[1].value if len(node.args) > 1 else None
        if called == "getattr" and isinstance(named, cst.SimpleString):
            return ("attr", arguments[0][1], named.raw_value)
        return found

    def _class_around(self) -> int:
        number = self.scope
        while number >= 0:
            scope = self.facts.scopes[number]
            if scope.kind == "class":
                return scope.cls
            number = scope.parent
        return MODULE

    def _await(self, node: cst.Await, _: bool) -> Expression:
        return self.read(node.expression, awaited=True)

    def _subscript(self, node: cst.Subscript, _: bool) -> Expression:
        base = self.read(node.value)
        self.read_all_of(node.slice)
        return ("sub", base)

    def read_all_of(self, nodes: Any) -> None:
        """Read the expressions within several nodes."""
        for each in nodes:
            self.read_all(each)

    def _ifexp(self, node: cst.IfExp, _: bool) -> Expression:
        self.read(node.test)
        return ("any", (self.read(node.body), self.read(node.orelse)))

    def _booleanoperation(self, node: cst.BooleanOperation, _: bool) -> Expression:
        return ("any", (self.read(node.left), self.read(node.right)))

    def _comparison(self, node: cst.Comparison, _: bool) -> Expression:
        self.read(node.left)
        for each in node.comparisons:
            value = self.read(each.comparator)
            if isinstance(each.operator, cst.In | cst.NotIn):
                self.event("plain_loop", each.comparator, value)
        return None

    def _namedexpr(self, node: cst.NamedExpr, _: bool) -> Expression:
        value = self.read(node.value)
        self.bind(node.target, value)
        return value

    def _simplestring(self, node: cst.SimpleString, _: bool) -> Expression:
        value = node.evaluated_value
        return ("str", value[:LONGEST] if isinstance(value, str) else "")

    def _integer(self, node: cst.Integer, _: bool) -> Expression:
        return ("int", node.value)

    def _formattedstring(self, node: cst.FormattedString, _: bool) -> Expression:
        self.read_all(node)
        first = node.parts[0] if node.parts else None
        if isinstance(first, cst.FormattedStringText):
            return ("str", first.value[:LONGEST])
        return ("str", "")

    def _tuple(self, node: cst.Tuple, _: bool) -> Expression:
        return ("group", tuple(map(self._element, node.elements)))

    _list = _set = _tuple

    def _element(self, node: cst.BaseElement) -> Expression:
        value = self.read(node.value)
        if isinstance(node, cst.StarredElement):
            self.event("plain_loop", node.value, value)
        return value

    def _dict(self, node: cst.Dict, _: bool) -> Expression:
        values = []
        for each in node.elements:
            if isinstance(each, cst.DictElement):
                self.read(each.key)
            values.append(self.read(each.value))
        return ("group", tuple(values))

    def _yield(self, node: cst.Yield, _: bool) -> Expression:
        value = node.value
        function = self.facts.functions[self.owner] if self.owner >= 0 else None
        if isinstance(value, cst.From):
            found = self.read(value.item)
            self.event("yield_from", node, found)
            if function is not None and node is not self.plain_yield:
                function.uses_yield_from = True
            found = ("item", found)
        else:
            found = self.read(value)
        if function is not None:
            function.is_generator = True
            function.yields.append(found)
        return None

    def _lambda(self, node: cst.Lambda, _: bool) -> Expression:
        number = len(self.facts.functions)
        function = Function(
            "lambda", self.numbers[node], len(self.facts.scopes), self.scope, MODULE,
            is_async=False, is_lambda=True,
        )  # fmt: skip
        self.facts.functions.append(function)
        self.parameters(node.params, number)
        before = self.enter(Scope("function", self.scope), number)
        self.bind_parameters(number)
        function.returns.append(self.read(node.body))
        self.leave(before)
        return ("def", number)

    def enter(self, scope: Scope, owner: int) -> tuple[int, int, int]:
        """Enter a scope; return what `leave` needs."""
        before = self.scope, self.owner, self.generator
        self.facts.scopes.append(scope)
        self.scope = len(self.facts.scopes) - 1
        self.owner = owner
        if owner != before[1]:
            self.generator = 0
        return before

    def leave(self, before: tuple[int, int, int]) -> None:
        """Return to the scope around."""
        self.scope, self.owner, self.generator = before

    def _comprehension(self, node: Any) -> Expression:
        first = self.read(node.for_in.iter)  # It is evaluated in the scope around.
        before = self.enter(Scope("comprehension", self.scope), self.owner)
        if isinstance(node, cst.GeneratorExp):
            self.facts.within[self.numbers[node]] = self.generator
            self.generator = self.numbers[node]
        self._loop(node.for_in, first)
        if isinstance(node, cst.DictComp):
            self.read(node.key)
            element = self.read(node.value)
        else:
            element = self.read(node.elt)
        self.leave(before)
        return ("group", (element,))

    def _loop(self, loop: cst.CompFor, iterated: Expression) -> None:
        awaited = loop.asynchronous is not None
        self.event("loop", loop, iterated, awaited)
        scope = self.facts.scopes[self.scope]
        if isinstance(loop.target, cst.Name):
            scope.names.setdefault(loop.target.value, []).append(("item", iterated))
        elif isinstance(loop.target, cst.Tuple):
            for element in loop.target.elements:
                if isinstance(element.value, cst.Name):
                    part = ("sub", ("item", iterated))
                    scope.names.setdefault(element.value.value, []).append(part)
        for condition in loop.ifs:
            self.read(condition.test)
        if loop.inner_for_in is not None:
            self._loop(loop.inner_for_in, self.read(loop.inner_for_in.iter))
