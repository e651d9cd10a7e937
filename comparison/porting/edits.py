"""Turn decisions about functions and calls into edits of nodes, and into findings."""

from typing import TYPE_CHECKING, Any

from .bindings import receives
from .blocking import blocking_call
from .expressions import COLLECTING
from .facts import MODULE, Event, Function
from .imported import imported
from .predicates import attribute, decorated
from .program import Key
from .streams import streaming
from .tables import distinctive_methods, is_framework, kind
from .undecided import Found
from .uses import uses
from .value import Value

if TYPE_CHECKING:
    from .asynchronous import Call, Decider

HARMLESS = {
    "isinstance", "callable", "repr", "str", "print", "id", "type", "getattr", "hasattr",
    "setattr", "wraps", "update_wrapper", "partial", "iscoroutinefunction", "len",
    "signature", "append", "add", "setdefault", "create_task", "run", "gather", "fixture",
    "ensure_future", "run_until_complete", "isgeneratorfunction", "run_sync", "ensure_async",
    "ensure_sync", "cast", "super",
}  # fmt: skip
"""Functions that may be given a coroutine function: they do not call it, or await it."""
SAFE_DECORATORS = {
    "wraps", "staticmethod", "classmethod", "abstractmethod", "override", "fixture",
    "overload", "no_type_check", "contextmanager", "asynccontextmanager", "final",
    "patch", "setter", "deleter", "getter",
}  # fmt: skip
SAFE_PACKAGES = {"pytest", "pytest_asyncio", "unittest", "typing", "abc", "hypothesis"}
UNSEEN = ("flask.", "builtins.getattr", "builtins.next", "builtins.dict")
"""Objects that come from there may be anything, also objects of the program."""
NAMED_LATER = {
    ("foreign", f"builtins.{name}") for name in ("getattr", "globals", "vars")
}
"""What gives a function by a name that is only known later."""


def write_edits(decider: "Decider") -> None:
    """Write the edits and findings of a decided program."""
    _Edits(decider).write()


class _Edits:
    def __init__(self, decider: "Decider") -> None:
        self.decider = decider
        self.program = decider.program
        self.evaluation = decider.evaluation
        self.edits = decider.decisions.edits
        self.found = decider.decisions.found
        self.asynchronous = decider.asynchronous
        self.new = {
            key for key in self.asynchronous if not self.program.function(key).is_async
        }

    def write(self) -> None:
        streams = streaming(self.decider)
        for key in self.new:
            self._function(key, self.program.function(key))
        for call in self.decider.calls:
            self._call(call)
        methods = {
            self.program.function(key).name
            for key in self.new
            if self.program.function(key).cls != MODULE
            and "views" not in self.decider.how[key]
        }
        for module, facts in self.program.modules.items():
            for event in facts.events:
                if event.kind == "call":
                    self._arguments(module, event)
                    self._blocking(module, event)
                    self._namesake(module, event, methods)
                elif event.kind == "plain_loop":
                    self._iterated(module, event)
                elif event.kind != "store" and self.decider.needs(module, event):
                    self._demanded(module, event)
                self._uses(module, event)
                if (module, event.owner) in streams:
                    self._streamed(module, event)
            self.found[module] += imported(self.program, module)

    def _add(self, module: str, node: int, edit: str) -> None:
        self.edits[module][node].add(edit)

    def _find(self, module: str, node: int, key: str, **values: str) -> None:
        self.found[module].append(Found(node, key, **values))

    def _function(self, key: Key, function: Function) -> None:
        module = key[0]
        self._add(module, function.node, "async")
        for decorator, node in function.decorators:
            name = attribute(decorator)
            values = self.evaluation.of(module, decorator)
            if name == "contextmanager":
                self._add(module, node, "asynccontextmanager")
            elif (
                receives(self.evaluation, module, decorator) or name in SAFE_DECORATORS
            ):
                continue
            elif not any(
                value[0] in {"function", "class", "object"} for value in values
            ):
                self._decorator(module, node, name, values)
        if function.is_generator:
            for event in self.program.modules[module].events:
                if event.kind == "yield_from" and event.owner == key[1]:
                    self._add(module, event.node, "loop")
        if self.decider.how[key] & {"views", "hooks"} and function.decorators:
            bound = self.evaluation.of(module, ("def", key[1]))
            if any(value[0] == "object" for value in bound):
                self._find(module, function.node, "object", what=function.name)
        self._test_case(key, function)

    def _decorator(self, module: str, node: int, name: str, values: Any) -> None:
        for value in values:
            root = str(value[1]).partition(".")[0]
            if is_framework(root) or root in SAFE_PACKAGES:
                return
        self._find(module, node, "decorator", what=name or "An expression")

    def _test_case(self, key: Key, function: Function) -> None:
        if function.cls == MODULE:
            return
        cls = self.program.cls((key[0], function.cls))
        for base in cls.bases:
            if ("external", "unittest.TestCase") in self.evaluation.of(key[0], base):
                self._add(key[0], cls.node, "IsolatedAsyncioTestCase")
        if function.name in {"setUp", "tearDown"}:
            self._add(key[0], function.node, "asyncSetUp")

    def _call(self, call: "Call") -> None:
        event, module = call.event, call.module
        if not self.decider.needs_await(call):
            self._in_thread(call)
            return
        if event.awaited:
            return
        guarded = event.owner == MODULE and event.guarded
        if guarded and not call.awaited and not event.generator:
            self._add(module, event.node, "asyncio.run")
            return
        self._demanded(module, event)
        plain = [key for key in call.functions if key not in self.asynchronous]
        if plain and call.functions and not self.decider.obstacle(module, event):
            self._find(module, event.node, "mixed", what=_short_text(event))

    def _in_thread(self, call: "Call") -> None:
        """Run a function of the program that blocks in a thread."""
        owner = (call.module, call.event.owner)
        blocks = call.functions and all(
            key in self.decider.blocking and not self.program.function(key).is_generator
            for key in call.functions
        )
        if blocks and owner in self.asynchronous and not call.event.awaited:
            self._demanded(call.module, call.event, "run_sync")

    def _demanded(self, module: str, event: Event, edit: str = "") -> None:
        if event.awaited:
            return
        obstacle = self.decider.obstacle(module, event)
        if obstacle:
            owner = ""
            if event.owner >= 0:
                owner = self.program.qualified_name((module, event.owner))
            self._find(
                module, event.node, obstacle, what=_short_text(event), owner=owner
            )
            return
        usual = "await" if event.kind in {"call", "attr"} else "async"
        self._add(module, event.node, edit or usual)
        for generator in self.program.modules[module].generators(event):
            self._add(module, generator, "list")

    def _arguments(self, module: str, event: Event) -> None:
        """Look at what a call passes: coroutine functions, generators, renamed keywords."""
        assert event.expression is not None
        _, function, arguments, node = event.expression
        name = attribute(function)
        callees = self.evaluation.of(module, function)
        own = any(value[0] in {"function", "class", "object"} for value in callees)
        if own or name in HARMLESS or receives(self.evaluation, module, function):
            return
        framework = any(
            value[0] in {"method", "kind"}
            or (value[0] == "external" and is_framework(str(value[1])))
            for value in callees
        )
        for _, given in arguments:
            for value in self.evaluation.of(module, given):
                if value == ("kind", "file") and not framework:
                    self._find(module, node, "file", what=_text(given) or "A file")
                if value[0] == "function" and value[1:3] in self.new and not framework:
                    what = self.program.qualified_name(value[1:3])
                    self._find(module, node, "passed", what=what)
                if value[0] == "generator" and value[1:] in self.new and not framework:
                    if name in COLLECTING:
                        self._demanded(module, event, "collect")
                    elif name not in {"aiter", "anext"}:
                        what = self.program.qualified_name(value[1:])
                        self._find(module, node, "iterated", what=what)

    def _iterated(self, module: str, event: Event) -> None:
        """Name an asynchronous generator that is unpacked or searched."""
        for value in self.evaluation.of(module, event.expression):
            if value[0] == "generator" and value[1:] in self.new:
                what = self.program.qualified_name(value[1:])
                self._find(module, event.node, "iterated", what=what)

    def _uses(self, module: str, event: Event) -> None:
        for use in uses(self.evaluation, module, event):
            if isinstance(use, Found):
                self.found[module].append(use)
            else:
                self._add(module, *use)

    def _streamed(self, module: str, event: Event) -> None:
        """Name what reads `g` in a stream: there it is another object in Quart."""
        if event.kind != "attr" or event.expression is None:
            return
        if ("kind", "g") in self.evaluation.of(module, event.expression[1]):
            self._find(module, event.node, "g", what=f"g.{event.expression[2]}")

    def _blocking(self, module: str, event: Event) -> None:
        if (module, event.owner) in self.asynchronous and not event.awaited:
            what, remedy = blocking_call(self.evaluation, module, event)
            if what:
                remedy = f"write {remedy}" if "(" in remedy else f"use {remedy}"
                self._find(module, event.node, "blocking", what=what, remedy=remedy)

    def _namesake(self, module: str, event: Event, methods: set[str]) -> None:
        assert event.expression is not None
        function = event.expression[1]
        if event.awaited or function is None:
            return
        values = self.evaluation.of(module, function)
        if self.new and any(value in NAMED_LATER for value in values):
            self._find(module, event.node, "namesake", what=_short_text(event))
        if function[0] != "attr":
            return
        if not all(_is_unseen(value) for value in values):
            return
        if function[2] in methods:
            self._find(module, event.node, "namesake", what=_short_text(event))
        elif not values and function[2] in distinctive_methods():
            self._find(module, event.node, "unknown", what=_short_text(event))


def _is_unseen(value: Value) -> bool:
    """Whether an attribute may be that of an object of the program."""
    if value[0] == "method":
        known = kind(value[1])
        return value[2] not in {*known.get("methods", ()), *known.get("results", ())}
    return value[0] == "foreign" and str(value[1]).startswith(UNSEEN)


def _short_text(event: Event) -> str:
    """Write an expression in short."""
    return _text(event.expression) or "An expression"


def _text(expression: Any) -> str:
    if expression is None:
        return ""
    if expression[0] == "name":
        return str(expression[2])
    if expression[0] == "attr":
        return f"{_text(expression[1]) or '...'}.{expression[2]}"
    if expression[0] == "call":
        return f"{_text(expression[1]) or '...'}()"
    return ""


__all__ = ["decorated", "write_edits"]
