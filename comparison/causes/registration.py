"""Find hooks and error handlers that an app registers for the views of a blueprint only."""

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from .code import Module, module
from .places import Place, statement_at

_OF_APP = {
    "after_request": "after_app_request",
    "before_request": "before_app_request",
    "context_processor": "app_context_processor",
    "errorhandler": "app_errorhandler",
    "teardown_request": "teardown_app_request",
    "url_value_preprocessor": "app_url_value_preprocessor",
}
"""What registers for one blueprint, and what does so for the whole app."""


class Registration(NamedTuple):
    """How a function is registered: `@bp.before_request`, and the same for the app."""

    where: Place
    written: str
    for_app: str
    blueprint: str


def for_blueprint_only(file: str, name: str, route: str) -> Registration | None:
    """Return how a function is registered for a blueprint without this route, or None.

    `name` is the function's, and `route` the name of the endpoint.
    """
    found = module(file) if file else None
    function = name.rpartition(".")[2]
    around = route.split(".")[:-1]
    for each, of in _registered(found) if found is not None else ():
        if of == function and each.blueprint not in around:
            return each
    return None


@lru_cache(maxsize=64)
def _registered(found: Module) -> tuple[tuple[Registration, str], ...]:
    """Return what a module registers for blueprints, each with its function."""
    return tuple(_registrations(found))


def _registrations(found: Module) -> Iterator[tuple[Registration, str]]:
    blueprints = _blueprints(found)
    for function in found.functions.values():
        for decorator in function.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            line = f"@{ast.unparse(decorator)}"
            where = Place(found.file, decorator.lineno, line)
            if made := _registration(called, line, where, blueprints):
                yield made, function.name
    for node in ast.walk(found.tree):
        if isinstance(node, ast.Call) and node.args:
            passed = node.args[-1]
            where = Place(*statement_at(found.file, node.lineno))
            made = _registration(node.func, ast.unparse(node), where, blueprints)
            if made is not None and isinstance(passed, ast.Name):
                yield made, passed.id


def _registration(
    called: ast.expr, written: str, where: Place, blueprints: dict[str, str]
) -> Registration | None:
    if not isinstance(called, ast.Attribute) or called.attr not in _OF_APP:
        return None
    owner = ast.unparse(called.value)
    if owner not in blueprints:
        return None
    for_app = written.replace(
        f"{owner}.{called.attr}", f"{owner}.{_OF_APP[called.attr]}", 1
    )
    return Registration(where, written, for_app, blueprints[owner])


def _blueprints(found: Module) -> dict[str, str]:
    """Return the names of a module's blueprints, by variable."""
    return {
        ast.unparse(target): str(node.value.args[0].value)
        for node in ast.walk(found.tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        if ast.unparse(node.value.func).rpartition(".")[2] == "Blueprint"
        if node.value.args and isinstance(node.value.args[0], ast.Constant)
        for target in node.targets
    }
