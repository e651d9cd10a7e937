"""Read a module: its scopes, functions, classes, imports, and what may need `await`."""

from typing import Any

import libcst as cst

from .expressions import Expressions
from .facts import CLASS_BODY, MODULE, Class, Facts, Function, Scope
from .syntax import children, dotted, names_in, numbered

MOST = 50
"""So many values that a container gets are followed."""


def collect(module: cst.Module, path: str, name: str) -> Facts:
    """Return the facts about a module; `name` is its dotted name."""
    facts = Facts(path, name)
    facts.scopes.append(Scope("module", MODULE))
    numbers = {node: number for number, node in enumerate(numbered(module))}
    _Statements(facts, numbers).block(module.body)
    for scope, container, group in facts.added:
        bound = facts.bindings(scope, container)
        if bound is not None and len(bound) < MOST:
            bound.append(group)
    return facts


class _Statements(Expressions):
    """Reads the statements of a module, and the expressions in them."""

    def block(self, statements: Any) -> None:
        for statement in statements:
            self.statement(statement)

    def statement(self, node: cst.CSTNode) -> None:
        method = getattr(self, f"_on_{type(node).__name__.lower()}", None)
        if method is not None:
            method(node)
            return
        if isinstance(node, cst.BaseExpression):
            self.read(node)
            return
        for child in children(node):
            self.statement(child)

    def _on_if(self, node: cst.If) -> None:
        self.read(node.test)
        names = {dotted(child) for child in children(node.test)}
        before = self.guarded
        self.guarded = before or (self.owner == MODULE and "__name__" in names)
        self.statement(node.body)
        self.guarded = before
        if node.orelse is not None:
            self.statement(node.orelse)

    def _on_import(self, node: cst.Import) -> None:
        for alias in node.names:
            name = dotted(alias.name)
            self.facts.imports.append((name, self.numbers[node]))
            if alias.asname is not None:
                for bound in names_in(alias.asname.name):
                    self.bind_name(bound.value, ("import", name))
            else:
                first = name.partition(".")[0]
                self.bind_name(first, ("import", first))

    def _on_importfrom(self, node: cst.ImportFrom) -> None:
        base = self._absolute(node)
        if isinstance(node.names, cst.ImportStar):
            self.facts.imports.append((base, self.numbers[node]))
            self.facts.scopes[self.scope].stars.append(base)
            return
        for alias in node.names:
            name = f"{base}.{dotted(alias.name)}"
            self.facts.imports.append((name, self.numbers[node]))
            target = alias.asname.name if alias.asname else alias.name
            for bound in names_in(target):
                self.bind_name(bound.value, ("import", name))

    def _absolute(self, node: cst.ImportFrom) -> str:
        level = len(node.relative)
        module = dotted(node.module)
        if not level:
            return module
        package = self.facts.name.split(".")
        up = level - self.facts.path.endswith("__init__.py")
        kept = package[: len(package) - up] if up else package
        return ".".join([*kept, module] if module else kept)

    def _on_expr(self, node: cst.Expr) -> None:
        value = node.value
        plain = isinstance(value, cst.Yield) and isinstance(value.value, cst.From)
        self.plain_yield = value if plain else None
        self.read(value)

    def _on_assign(self, node: cst.Assign) -> None:
        value = self.read(node.value)
        for target in node.targets:
            self.bind(target.target, value)
            if isinstance(target.target, cst.Tuple | cst.List):
                self.event("plain_loop", node.value, value)

    def _on_annassign(self, node: cst.AnnAssign) -> None:
        annotation = self.annotation(node.annotation.annotation)
        value = self.read(node.value)
        self.bind(node.target, ("any", (annotation, value)))

    def _on_augassign(self, node: cst.AugAssign) -> None:
        self.read(node.target)
        self.read(node.value)

    def _on_global(self, node: cst.Global) -> None:
        scope = self.facts.scopes[self.scope]
        scope.outer.update(each.name.value for each in node.names)

    def _on_return(self, node: cst.Return) -> None:
        value = self.read(node.value)
        if self.owner >= 0 and node.value is not None:
            self.facts.functions[self.owner].returns.append(value)

    def _on_with(self, node: cst.With) -> None:
        for item in node.items:
            value = self.read(item.item)
            self.event("with", item, value, awaited=node.asynchronous is not None)
            if item.asname is not None:
                self.bind(item.asname.name, ("enter", value))
        self.statement(node.body)

    def _on_for(self, node: cst.For) -> None:
        value = self.read(node.iter)
        self.event("for", node, value, awaited=node.asynchronous is not None)
        self.bind(node.target, ("item", value))
        self.statement(node.body)
        if node.orelse is not None:
            self.statement(node.orelse)

    def _on_excepthandler(self, node: cst.ExceptHandler) -> None:
        self.read(node.type)
        if node.name is not None:
            self.bind(node.name.name, None)
        self.statement(node.body)

    def _on_del(self, node: cst.Del) -> None:
        if not isinstance(node.target, cst.Attribute):
            self.read(node.target)

    def _on_functiondef(self, node: cst.FunctionDef) -> None:
        scope = self.facts.scopes[self.scope]
        number = len(self.facts.functions)
        function = Function(
            node.name.value, self.numbers[node], 0, self.scope,
            scope.cls if scope.kind == "class" else MODULE,
            is_async=node.asynchronous is not None,
        )  # fmt: skip
        self.facts.functions.append(function)
        for decorator in node.decorators:
            value = self.read(decorator.decorator)
            function.decorators.append((value, self.numbers[decorator]))
        self.parameters(node.params, number)
        if node.returns is not None:
            function.declared = self.annotation(node.returns.annotation)
        self.bind_name(node.name.value, ("def", number))
        function.scope = len(self.facts.scopes)
        before, guarded = (
            self.enter(Scope("function", self.scope), number),
            self.guarded,
        )
        self.guarded = False
        self.bind_parameters(number)
        self.statement(node.body)
        self.guarded = guarded
        self.leave(before)

    def _on_classdef(self, node: cst.ClassDef) -> None:
        number = len(self.facts.classes)
        found = Class(node.name.value, self.numbers[node], len(self.facts.scopes))
        self.facts.classes.append(found)
        for decorator in node.decorators:
            value = self.read(decorator.decorator)
            found.decorators.append((value, self.numbers[decorator]))
        for base in node.bases:
            found.bases.append(self.read(base.value))
        for keyword in node.keywords:
            self.read(keyword.value)
        self.bind_name(node.name.value, ("class", number))
        owner = self.owner if self.owner == MODULE else CLASS_BODY
        before = self.enter(Scope("class", self.scope, cls=number), owner)
        self.statement(node.body)
        self.leave(before)
