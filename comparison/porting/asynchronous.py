"""Decide which functions become async, and where `await` has to stand."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from .bindings import evaluated, is_awaited, receives
from .blocking import blocking_functions
from .decisions import Decisions
from .facts import CLASS_BODY, MODULE, Event, Function
from .iterating import collections
from .pinned import pinned_functions
from .predicates import attribute
from .program import Key, Program
from .tables import kind, last, table
from .value import Values

COROUTINES = {"copied", "with_context"}
"""Quart only takes coroutine functions and asynchronous generators here."""


def decide(program: Program, *, plain_views: bool = False) -> Decisions:
    """Decide for a whole program. `plain_views` leaves views plain that await nothing."""
    return Decider(program, plain_views).decide()


@dataclass
class Call:
    """A call of functions of the program, or of one that Quart has to await."""

    module: str
    event: Event
    functions: list[Key]
    awaited: bool
    foreign: bool


class Decider:
    """Finds the functions that become async: a fixed point over the call graph."""

    def __init__(self, program: Program, plain_views: bool) -> None:
        self.program = program
        self.evaluation = evaluated(program)
        self.decisions = Decisions()
        self.how: dict[Key, set[str]] = defaultdict(set)
        self._registered()
        self.pinned = pinned_functions(self.evaluation, self.how)
        self.blocking = blocking_functions(self.evaluation)
        self.asynchronous = {key for key, each in program.functions() if each.is_async}
        if not plain_views:
            self._views()
        self.calls = list(self._calls())
        self.groups = self._groups()
        self.collecting = list(collections(self.evaluation))
        self.others = [
            (module, event)
            for module, facts in program.modules.items()
            for event in facts.events
            if event.kind not in {"call", "store"}
            and (event.kind == "attr" or self.evaluation.of(module, event.expression))
        ]

    def _views(self) -> None:
        """Make views, hooks, and the generators that they stream asynchronous."""
        for key, how in self.how.items():
            function = self.program.function(key)
            wanted = how & {"views", "hooks", "signal", "streamed", *COROUTINES}
            blocks = key in self.blocking and not how & COROUTINES
            if wanted and not (function.is_lambda or key in self.pinned or blocks):
                self.asynchronous.add(key)

    def _registered(self) -> None:
        for key, function in self.program.functions():
            for decorator, _ in function.decorators:
                self.how[key].add(receives(self.evaluation, key[0], decorator))
                if attribute(decorator).startswith("copy_current_"):
                    self.how[key].add("copied")
                if attribute(decorator) == "stream_with_context":
                    self.how[key].add("with_context")
        for module, facts in self.program.modules.items():
            for event in facts.events:
                if event.kind == "call":
                    self._registering(module, event)
        methods = table("registrations")["classes"]["methods"]
        for key, cls in self.program.classes():
            if self._is_view(key):
                scope = self.program.modules[key[0]].scopes[cls.scope]
                for name in methods:
                    for value in scope.names.get(name, ()):
                        if value and value[0] == "def":
                            self.how[key[0], value[1]].add("views")
        for key, found in list(self.how.items()):
            if found & {"views", "hooks"}:
                self._streamed(self.evaluation.result(key))

    def _is_view(self, cls: Key) -> bool:
        return any(
            value == ("method", "view", "dispatch_request")
            or (value[0] == "function" and value[:2] != cls)
            for value in self.evaluation.member(cls, "dispatch_request", after=True)
        ) or any(
            value[0] == "external" and last(value[1]) in {"View", "MethodView"}
            for value in self.evaluation.ancestors(cls)
        )

    def _registering(self, module: str, event: Event) -> None:
        assert event.expression is not None
        _, function, arguments, _ = event.expression
        how = receives(self.evaluation, module, function)
        name = attribute(function)
        if name.startswith("copy_current_"):
            how = "copied"
        if how:
            for _, given in arguments:
                for key in self._callable(self.evaluation.of(module, given)):
                    self.how[key].add(how)
        if name == "stream_with_context":
            for _, given in arguments:
                for value in self.evaluation.of(module, given):
                    if value[0] in {"generator", "function"}:
                        self.how[value[1:3]].add("with_context")
        if name in {
            "Response",
            "stream_with_context",
            "make_response",
            "response_class",
        }:
            for _, given in arguments:
                self._streamed(self.evaluation.of(module, given))

    def _streamed(self, values: Values) -> None:
        """Mark generators as streamed, also those in groups; a group may hold itself."""
        left, groups = list(values), set()
        while left:
            value = left.pop()
            if value[0] == "generator":
                self.how[value[1:]].add("streamed")
            elif value[0] == "group" and value not in groups:
                groups.add(value)
                left += self.evaluation.union(value[1], value[2])

    def _callable(self, values: Values) -> list[Key]:
        """Return the functions that a call of these values calls."""
        found = []
        for value in values:
            if value[0] == "function":
                found.append(value[1:3])
            elif value[0] == "object":
                methods = self.evaluation.member(value[1:], "__call__")
                found += [each[1:3] for each in methods if each[0] == "function"]
        return sorted(set(found))

    def _calls(self) -> Any:
        for module, facts in self.program.modules.items():
            for event in facts.events:
                if event.kind == "call":
                    assert event.expression is not None
                    values = self.evaluation.of(module, event.expression[1])
                    awaited = any(is_awaited(value) for value in values)
                    foreign = any(
                        value[0] in {"external", "foreign"} for value in values
                    )
                    functions = self._callable(values)
                    if functions or awaited:
                        yield Call(module, event, functions, awaited, foreign)

    def _groups(self) -> list[list[Key]]:
        """Methods that override each other: all of them are async, or none."""
        groups: dict[tuple[Key, str], set[Key]] = defaultdict(set)
        for key, function in self.program.functions():
            if function.cls != MODULE and not function.name.startswith("__"):
                cls = (key[0], function.cls)
                for value in self.evaluation.member(cls, function.name):
                    if value[0] == "function":
                        groups[cls, function.name].add(value[1:3])
                    elif is_awaited(value):
                        self.how[key].add("override")
                groups[cls, function.name].add(key)
        for key, how in self.how.items():
            if "override" in how:
                self.asynchronous.add(key)
        return [sorted(group) for group in groups.values() if len(group) > 1]

    def decide(self) -> Decisions:
        while self._step():
            pass
        from .edits import write_edits

        write_edits(self)
        return self.decisions

    def _step(self) -> bool:
        before = len(self.asynchronous)
        for call in self.calls:
            if self.needs_await(call):
                self.asynchronous.update(
                    key for key in call.functions if key not in self.pinned
                    and not self.program.function(key).is_generator
                    and not self.program.function(key).is_lambda
                )  # fmt: skip
            if self.needs_await(call):
                self.demand(call.event, call.module)
        for module, event, generators in self.collecting:
            if not self.asynchronous.isdisjoint(generators):
                self.demand(event, module)
        for module, event in self.others:
            if self.needs(module, event):
                self.demand(event, module)
        for group in self.groups:
            if not self.asynchronous.isdisjoint(group):
                self.asynchronous.update(set(group) - self.pinned.keys())
        return len(self.asynchronous) > before

    def _has_coroutine(self, call: Call) -> bool:
        return any(
            key in self.asynchronous and not self.program.function(key).is_generator
            for key in call.functions
        )

    def needs_await(self, call: Call) -> bool:
        """Whether the result of a call is a coroutine."""
        return call.awaited or self._has_coroutine(call)

    def needs(self, module: str, event: Event) -> bool:
        """Whether something other than a call needs `await` or `async`."""
        if event.kind == "attr":
            return self._is_awaited_property(module, event)
        if event.kind == "store":
            return False
        values = self.evaluation.of(module, event.expression)
        if event.kind == "with":
            return any(
                (value[0] == "kind" and kind(value[1]).get("asynchronous_context"))
                or (value[0] == "context" and value[1:] in self.asynchronous)
                for value in values
            )
        if event.kind in {"for", "loop", "yield_from"}:
            return any(
                (value[0] == "generator" and value[1:] in self.asynchronous)
                or (value[0] == "kind" and kind(value[1]).get("asynchronous_items"))
                for value in values
            )
        return False

    def _is_awaited_property(self, module: str, event: Event) -> bool:
        assert event.expression is not None
        _, base, name = event.expression
        return any(
            value[0] == "kind" and name in kind(value[1]).get("properties", ())
            for value in self.evaluation.of(module, base)
        )

    def demand(self, event: Event, module: str) -> None:
        """Make the function around something async, if it can be."""
        if event.owner < 0 or self.obstacle(module, event):
            return
        self.asynchronous.add((module, event.owner))

    def obstacle(self, module: str, event: Event) -> str:
        """Why nothing can be awaited at a place, as a key of reasons.toml, or ""."""
        if event.owner == MODULE:
            return "module"
        if event.owner == CLASS_BODY:
            return "class"
        key = (module, event.owner)
        function: Function = self.program.function(key)
        if function.is_lambda:
            return "lambda"
        facts = self.program.modules[module]
        if not facts.collected.issuperset(facts.generators(event)):
            return "generator_expression"
        if key in self.pinned and not function.is_async:
            return self.pinned[key]
        return ""
