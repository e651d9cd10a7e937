"""Bind names, attributes and items of containers to values."""

from abc import abstractmethod

import libcst as cst

from .facts import MODULE, Expression
from .signatures import Signatures


def _may_be_called(expression: Expression) -> bool:
    return expression is not None and expression[0] in {"name", "attr", "call", "any"}


class Targets(Signatures):
    """The part of a reader of modules that binds the targets of assignments."""

    owner: int

    @abstractmethod
    def event(self, kind: str, node: cst.CSTNode, expression: Expression) -> None:
        """Note that something may need `await` or `async`."""

    @abstractmethod
    def read_all(self, node: cst.CSTNode) -> None:
        """Read the expressions within a node."""

    def bind(self, target: cst.CSTNode, value: Expression) -> None:
        """Bind the names of a target to a value; read its other expressions."""
        if isinstance(target, cst.Name):
            self.bind_name(target.value, value)
        elif isinstance(target, cst.Tuple | cst.List):
            for index, element in enumerate(target.elements):
                part = value
                if value is not None and value[0] == "group":
                    values = value[1]
                    part = values[index] if index < len(values) else None
                elif value is not None:
                    part = ("sub", value)
                self.bind(element.value, part)
        elif isinstance(target, cst.Attribute):
            base = self.read(target.value)
            cls = self._self_class(target.value)
            if cls is not None:
                known = self.facts.classes[cls].attributes
                known.setdefault(target.attr.value, []).append(value)
            elif base is not None:
                name = target.attr.value
                self.event("store", target, ("store", base, name, value))
        else:
            self.read_all(target)
            if isinstance(target, cst.Subscript):
                self.keep(target.value, ("group", (value,)))

    def keep(self, container: cst.CSTNode, group: Expression) -> None:
        """Note that a container gets more values after it was made."""
        if group is None or (group[0] == "group" and not _may_be_called(group[1][0])):
            return
        if isinstance(container, cst.Name):
            self.facts.added.append((self.scope, container.value, group))
            return
        # Attributes of other objects, such as `app.extensions`, have values of many kinds.
        if not isinstance(container, cst.Attribute):
            return
        if self._self_class(container.value) is not None:
            self.bind(container, group)

    def bind_name(self, name: str, value: Expression) -> None:
        """Bind a name in the scope that it belongs to."""
        number = self.scope
        while self.facts.scopes[number].kind == "comprehension":
            number = self.facts.scopes[number].parent
        scope = self.facts.scopes[number]
        if name in scope.outer:
            scope = self.facts.scopes[0]
        scope.names.setdefault(name, []).append(value)

    def _self_class(self, node: cst.CSTNode) -> int | None:
        """Return the class if the node is the first parameter of a method."""
        if not isinstance(node, cst.Name) or self.owner < 0:
            return None
        function = self.facts.functions[self.owner]
        first = function.parameters[:1] == [node.value]
        return function.cls if first and function.cls != MODULE else None
