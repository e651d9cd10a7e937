"""Values: what an expression may be.

A value is a tuple. Its first item is one of these:

    ("function", module, number, bound)   ("class", module, number)
    ("object", module, number)            an instance of a class of the program
    ("module", name)
    ("external", dotted)                  something imported that is not in the program
    ("foreign", dotted)                   an object that came from there
    ("kind", name)                        an object of the framework: see awaited.toml
    ("method", kind, name)                a method of such an object
    ("generator", module, number)         what a call of a generator function gives
    ("context", module, number)           the same, of a `contextlib.contextmanager`
    ("group", module, expressions)        a list, tuple, set or dict with these values

An empty set is an expression about which nothing is known.
"""

from abc import ABC, abstractmethod
from typing import Any

from .facts import Expression
from .program import Key, Program

Value = tuple[Any, ...]
Values = frozenset[Value]
NOTHING: Values = frozenset()


class Evaluating(ABC):
    """The interface between the parts of an evaluation."""

    program: Program
    subclasses: dict[Key, list[Key]]

    @abstractmethod
    def of(self, module: str, expression: Expression) -> Values:
        """Return what an expression of a module may be."""

    @abstractmethod
    def dotted(self, name: str) -> Values:
        """Return what an imported name may be."""

    @abstractmethod
    def in_module(self, module: str, name: str) -> Values:
        """Return what a name at the top of a module may be."""

    @abstractmethod
    def called(self, value: Value, module: str, arguments: Any) -> Values:
        """Return what a call of a value returns."""

    @abstractmethod
    def attribute(self, value: Value, name: str) -> Values:
        """Return what an attribute of a value may be."""

    @abstractmethod
    def member(self, cls: Key, name: str, *, after: bool = False) -> Values:
        """Return what a member of a class may be, in it, its bases and its subclasses."""

    @abstractmethod
    def result(self, key: Key) -> Values:
        """Return what a function returns, or yields if it is a fixture."""

    def union(self, module: str, expressions: Any) -> Values:
        """Return what any of several expressions may be."""
        found: set[Value] = set()
        for expression in expressions:
            found |= self.of(module, expression)
        return frozenset(found)
