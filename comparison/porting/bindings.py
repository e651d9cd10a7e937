"""Which values reach the parameters of each function, from all calls of a program."""

from typing import Any

from .evaluation import Evaluation
from .facts import MODULE, Event
from .predicates import attribute, is_static
from .program import Key, Program
from .tables import is_framework, kind, last, registration
from .value import Value

ROUNDS = 3
"""A value passes through at most so many functions before we lose sight of it."""
MOST = 50
"""So many different arguments of a parameter are followed."""


def evaluated(program: Program) -> Evaluation:
    """Evaluate a program until parameters have the values that calls pass to them."""
    arguments: dict[Any, Any] = {}
    for _ in range(ROUNDS):
        evaluation = Evaluation(program, arguments)
        found = _Arguments(evaluation).collect()
        counts = {key: len(given) for key, given in found.items()}
        same = counts == {key: len(given) for key, given in arguments.items()}
        arguments = found
        if same:
            break
    return Evaluation(program, arguments)


class _Arguments:
    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self.program = evaluation.program
        self.found: dict[Any, list[tuple[str | None, Any]]] = {}

    def collect(self) -> dict[Any, Any]:
        for module, facts in self.program.modules.items():
            for event in facts.events:
                if event.kind == "call":
                    self._call(module, event)
        for key, _ in self.program.functions():
            for decorator, given in self.evaluation.decorating(key):
                if decorator is not None:
                    self._passed(decorator, ((None, given),), None)
        for key, _ in self.program.classes():
            self._class_decorators(key)
        return self.found

    def _call(self, module: str, event: Event) -> None:
        assert event.expression is not None
        _, function, arguments, _ = event.expression
        for value in self.evaluation.of(module, function):
            self._passed(value, arguments, module)
            if (
                value[0] in {"method", "external"}
                and last(value[-1]) == "after_this_request"
            ):
                for _, given in arguments[:1]:
                    for passed in self.evaluation.of(module, given):
                        response = ((None, frozenset({("kind", "response")})),)
                        self._passed(passed, response, None)

    def _class_decorators(self, key: Key) -> None:
        """A class-based view applies the functions in `decorators` to its view."""
        view = ((None, frozenset({("kind", "view_function")})),)
        for value in self.evaluation.member(key, "decorators"):
            if value[0] == "group":
                for each in self.evaluation.union(value[1], value[2]):
                    self._passed(each, view, None)

    def _passed(self, value: Value, arguments: Any, module: str | None) -> None:
        if value[0] == "class":
            made = self.evaluation.member(value[1:], "__init__")
            for each in made:
                self._passed(each, arguments, module)
            if not any(each[0] == "function" for each in made):
                self._fields(value[1:], arguments, module)
            return
        if value[0] == "object":
            for each in self.evaluation.member(value[1:], "__call__"):
                self._passed(each, arguments, module)
            return
        if value[0] not in {"function", "context_function"}:
            return
        key: Key = value[1:3]
        function = self.program.function(key)
        bound = value[0] == "function" and value[3]
        skipped = int(bound and function.cls != MODULE and not is_static(function))
        names = function.parameters[skipped:]
        position = 0
        for keyword, given in arguments:
            if keyword in {"*", "**"}:
                position = len(names) if keyword == "*" else position
                continue
            if keyword:
                name = keyword if keyword in names else None
            else:
                name = names[position] if position < len(names) else None
                position += 1
            if given is None:
                continue
            if name is not None:
                self._note((key, name), module, given)
            elif not keyword and function.star:
                one = given if module is not None else ("value", given)
                several = frozenset({("group", module or "", (one,))})
                self._note((key, function.star), None, several)

    def _fields(self, cls: Key, arguments: Any, module: str | None) -> None:
        """Return the values of a dataclass or a named tuple, by the names in its body."""
        scope = self.program.modules[cls[0]].scopes[self.program.cls(cls).scope]
        names = [
            name
            for name, bound in scope.names.items()
            if not any(each and each[0] in {"def", "class"} for each in bound)
        ]
        for position, (keyword, given) in enumerate(arguments):
            name = keyword or (names[position] if position < len(names) else "")
            if name in names and given is not None:
                self._note((("field", *cls), name), module, given)

    def _note(self, key: Any, module: str | None, given: Any) -> None:
        known = self.found.setdefault(key, [])
        if len(known) < MOST and not any(
            origin == module and (other is given or (module is None and other == given))
            for origin, other in known
        ):
            known.append((module, given))


def receives(evaluation: Evaluation, module: str, function: Any) -> str:
    """How the framework uses the functions that a call or a decorator gets.

    Returns "views", "hooks", "either", "plain", "signal" or "".
    """
    name = attribute(function)
    callee = function[1] if function and function[0] == "call" else function
    found = evaluation.of(module, callee)
    how = registration(name)
    for value in found:
        if name == "connect" and value[0] in {"external", "foreign"}:
            return "signal" if is_framework(value[1]) else ""
        if value[0] == "method" and value[1] in {"app", "blueprint"}:
            return how
        if value[0] == "external" and is_framework(value[1]):
            return how
        if value[0] == "external" and value[1].startswith("__main__."):
            return how
        if value[0] == "foreign" and value[1].startswith("flask.app.cli"):
            return "plain"
    if not found and callee is not None and callee[0] == "attr":
        return how
    return ""


def is_awaited(value: Value, function_name: str = "") -> bool:
    """Whether Quart returns a coroutine when this value is called."""
    if value[0] == "method":
        return value[2] in kind(value[1]).get("methods", ())
    if value[0] == "external":
        from .tables import coroutine_functions

        return is_framework(value[1]) and last(value[1]) in coroutine_functions()
    return value == ("kind", "view_function")
