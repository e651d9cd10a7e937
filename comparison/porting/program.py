"""The modules of a program, and how names and members are found in them."""

from collections.abc import Iterable, Iterator

from .facts import MODULE, Class, Expression, Facts, Function

Key = tuple[str, int]
"""A function or a class: the name of its module, and its number there."""


class Program:
    """All modules that are ported together."""

    def __init__(self, modules: Iterable[Facts]) -> None:
        self.modules = {facts.name: facts for facts in modules}
        self._suffixes: dict[str, list[str]] = {}
        for name in self.modules:
            parts = name.split(".")
            for start in range(len(parts)):
                self._suffixes.setdefault(".".join(parts[start:]), []).append(name)

    def function(self, key: Key) -> Function:
        """Return a function by its key."""
        return self.modules[key[0]].functions[key[1]]

    def cls(self, key: Key) -> Class:
        """Return a class by its key."""
        return self.modules[key[0]].classes[key[1]]

    def functions(self) -> Iterator[tuple[Key, Function]]:
        """Yield every function with its key."""
        for name, facts in self.modules.items():
            for number, function in enumerate(facts.functions):
                yield (name, number), function

    def classes(self) -> Iterator[tuple[Key, Class]]:
        """Yield every class with its key."""
        for name, facts in self.modules.items():
            for number, cls in enumerate(facts.classes):
                yield (name, number), cls

    def module_named(self, dotted: str) -> str | None:
        """Find a module of the program; folders such as `src` may stand before it."""
        if dotted in self.modules:
            return dotted
        found = self._suffixes.get(dotted, [])
        return found[0] if len(found) == 1 else None

    def bindings(self, module: str, scope: int, name: str) -> list[Expression] | None:
        """Return what a name was bound to where it is used, or None if nowhere."""
        return self.modules[module].bindings(scope, name)

    def qualified_name(self, key: Key) -> str:
        """Return the name of a function as its source shows it, `Class.method`."""
        function = self.function(key)
        if function.cls == MODULE:
            return function.name
        return f"{self.cls((key[0], function.cls)).name}.{function.name}"
