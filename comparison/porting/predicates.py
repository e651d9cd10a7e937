"""Questions about expressions and functions that need no evaluation."""

from .facts import Expression, Function


def attribute(expression: Expression) -> str:
    """Return the last name of an expression, without its call."""
    if expression is None:
        return ""
    if expression[0] == "call":
        return attribute(expression[1])
    return expression[2] if expression[0] in {"attr", "name"} else ""


def decorated(function: Function, name: str) -> bool:
    """Whether a decorator of a function has this last name."""
    return any(attribute(decorator) == name for decorator, _ in function.decorators)


def is_static(function: Function) -> bool:
    """Whether a method has no `self`."""
    return decorated(function, "staticmethod")


def is_property(function: Function) -> bool:
    """Whether a function is read as an attribute."""
    return any(decorated(function, name) for name in ("property", "cached_property"))
