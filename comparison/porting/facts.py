"""Facts about a module: the porter reads it once and drops its tree.

Expressions are reduced to nested tuples. Their first item says what they are:

    ("name", scope, identifier)        ("attr", base, identifier)
    ("call", function, arguments, node)
    ("sub", base)  ("item", base)  ("enter", base)   an element, a step, what `with` gives
    ("any", expressions)               one of several
    ("group", expressions)             a list, tuple, set or dict with these values
    ("def", function)  ("class", class)  ("param", function, name)  ("import", dotted)
    ("ann", expression)                an instance of what an annotation names
    ("super", class)  ("str", start)  ("int", digits)      and None for everything else
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

Expression = tuple[Any, ...] | None
MODULE = -1
CLASS_BODY = -2


class Event(NamedTuple):
    """A node in a function that may need `await` or `async`.

    `owner` is the innermost function, MODULE or CLASS_BODY. `generator` is the node of
    the generator expression around it, or 0. `guarded` says that it is in the block of
    `if __name__ == "__main__"`.
    """

    kind: str
    node: int
    owner: int
    expression: Expression
    awaited: bool = False
    generator: int = 0
    guarded: bool = False


@dataclass(slots=True)
class Scope:
    """The names that a scope binds, each with what they were bound to."""

    kind: str
    parent: int
    names: dict[str, list[Expression]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    outer: set[str] = field(default_factory=set)
    cls: int = MODULE


@dataclass(slots=True)
class Function:
    """A function or a lambda. `node` is its number in the tree."""

    name: str
    node: int
    scope: int
    parent: int
    cls: int
    is_async: bool
    is_lambda: bool = False
    is_generator: bool = False
    uses_yield_from: bool = False
    parameters: list[str] = field(default_factory=list)
    star: str = ""
    annotations: dict[str, Expression] = field(default_factory=dict)
    defaults: dict[str, Expression] = field(default_factory=dict)
    decorators: list[tuple[Expression, int]] = field(default_factory=list)
    returns: list[Expression] = field(default_factory=list)
    yields: list[Expression] = field(default_factory=list)
    declared: Expression = None


@dataclass(slots=True)
class Class:
    """A class: its bases, and what is assigned to attributes of its instances."""

    name: str
    node: int
    scope: int
    bases: list[Expression] = field(default_factory=list)
    attributes: dict[str, list[Expression]] = field(default_factory=dict)
    decorators: list[tuple[Expression, int]] = field(default_factory=list)


@dataclass(slots=True)
class Facts:
    """The facts about one module. Scope 0 is the module's.

    `added` are values that a container gets after it was made, as scope, name and value.
    `collected` are the generator expressions whose values a call takes at once, and
    `within` has the one around another.
    """

    path: str
    name: str
    scopes: list[Scope] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    classes: list[Class] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    imports: list[tuple[str, int]] = field(default_factory=list)
    added: list[tuple[int, str, Expression]] = field(default_factory=list)
    collected: set[int] = field(default_factory=set)
    within: dict[int, int] = field(default_factory=dict)

    def generators(self, event: Event) -> list[int]:
        """Return the generator expressions around an event, the innermost first."""
        found, number = [], event.generator
        while number:
            found.append(number)
            number = self.within.get(number, 0)
        return found

    def bindings(self, scope: int, name: str) -> list[Expression] | None:
        """Return what a name was bound to where it is used, or None if nowhere."""
        number, first = scope, True
        while number != MODULE:
            found = self.scopes[number]
            if name in found.names and (first or found.kind != "class"):
                return found.names[name]
            first = first and found.kind == "comprehension"
            number = found.parent
        return None
