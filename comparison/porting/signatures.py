"""Reduce the parameters and annotations of functions to facts."""

from abc import ABC, abstractmethod

import libcst as cst

from .facts import Expression, Facts

_GENERIC = {"Optional", "Annotated", "Union"}


class Signatures(ABC):
    """The part of a reader of modules that reads signatures."""

    facts: Facts
    scope: int

    @abstractmethod
    def read(self, node: cst.CSTNode | None, awaited: bool = False) -> Expression:
        """Reduce an expression; note the events in it."""

    @abstractmethod
    def bind_name(self, name: str, value: Expression) -> None:
        """Bind a name in the scope that it belongs to."""

    def parameters(self, node: cst.Parameters, number: int) -> None:
        """Read the parameters of a function: annotations and defaults."""
        function = self.facts.functions[number]
        stars = [
            p for p in (node.star_arg, node.star_kwarg) if isinstance(p, cst.Param)
        ]
        named = [*node.posonly_params, *node.params, *node.kwonly_params]
        if isinstance(node.star_arg, cst.Param):
            function.star = node.star_arg.name.value
        for parameter in [*named, *stars]:
            name = parameter.name.value
            if parameter in stars:
                function.annotations[name] = None
                continue
            function.parameters.append(name)
            if parameter.annotation is not None:
                annotation = self.annotation(parameter.annotation.annotation)
                function.annotations[name] = annotation
            if parameter.default is not None:
                function.defaults[name] = self.read(parameter.default)

    def bind_parameters(self, number: int) -> None:
        """Bind the parameters in the scope of their function."""
        function = self.facts.functions[number]
        for name in dict.fromkeys([*function.parameters, *function.annotations]):
            self.bind_name(name, ("param", number, name))

    def annotation(self, node: cst.BaseExpression) -> Expression:
        """Reduce an annotation to an instance of what it names."""
        if isinstance(node, cst.SimpleString):
            try:
                return self.annotation(cst.parse_expression(str(node.evaluated_value)))
            except Exception:  # a string that is not an expression
                return None
        if isinstance(node, cst.BinaryOperation):
            both = (self.annotation(node.left), self.annotation(node.right))
            return ("any", both)
        if isinstance(node, cst.Subscript):
            name = getattr(node.value, "attr", node.value)
            if isinstance(name, cst.Name) and name.value in _GENERIC:
                parts = [
                    e.slice.value for e in node.slice if isinstance(e.slice, cst.Index)
                ]
                return ("any", tuple(self.annotation(part) for part in parts))
            return None
        if isinstance(node, cst.Name | cst.Attribute):
            return ("ann", self._plain(node))
        return None

    def _plain(self, node: cst.BaseExpression) -> Expression:
        if isinstance(node, cst.Attribute):
            return ("attr", self._plain(node.value), node.attr.value)
        return ("name", self.scope, node.value) if isinstance(node, cst.Name) else None
