"""Rewrite arguments that Quart names otherwise, and the middleware for proxies."""

from typing import Any

import libcst as cst

from .syntax import dotted
from .tables import table


def keywords(new: cst.Call, function: str) -> cst.Call:
    """Rename the keyword arguments of a function."""
    renamed = table("moved")["keywords"][function]
    if not any(
        arg.keyword is not None and arg.keyword.value in renamed for arg in new.args
    ):
        return new
    args = [
        arg.with_changes(keyword=cst.Name(renamed[arg.keyword.value]))
        if arg.keyword is not None and arg.keyword.value in renamed
        else arg
        for arg in new.args
    ]
    return new.with_changes(args=args)


def with_context(new: cst.Call, _: str) -> cst.Call:
    """Give `stream_with_context` the function, and call what it returns."""
    made = new.args[0].value
    if not isinstance(made, cst.Call):
        return new
    given = new.with_changes(args=[new.args[0].with_changes(value=made.func)])
    return made.with_changes(func=given)


def client_call(new: cst.Call, _: str) -> cst.Call:
    """Send a dict as `form`: the test client of Quart sends `data` as it is."""
    forms = [
        arg for arg in new.args
        if arg.keyword is not None and arg.keyword.value == "data" and is_form(arg.value)
    ]  # fmt: skip
    if not forms:
        return new
    args = [
        arg.with_changes(keyword=cst.Name("form")) if arg in forms else arg
        for arg in new.args
    ]
    return new.with_changes(args=args)


def is_form(node: cst.BaseExpression) -> bool:
    """Whether an expression is a dict of plain values, written out."""
    if isinstance(node, cst.Dict):
        return not any(isinstance(e.value, cst.Tuple) for e in node.elements)
    if isinstance(node, cst.Call) and dotted(node.func) == "dict":
        return not any(isinstance(arg.value, cst.Tuple) for arg in node.args)
    return False


def middleware(new: Any, _: str) -> Any:
    """Wrap the ASGI app in Hypercorn's middleware where the WSGI app had `ProxyFix`.

    The middleware only gets its name here; `imports` renames the class.
    """
    assignment = new.body[0]
    fixed = assignment.value
    if not isinstance(fixed, cst.Call) or len(assignment.targets) != 1:
        return new
    hops: cst.BaseExpression = cst.Integer("1")
    for position, arg in enumerate(fixed.args):
        if (arg.keyword.value if arg.keyword else position) in {"x_for", 1}:
            hops = arg.value
    target = assignment.targets[0]
    app = target.target.with_changes(attr=cst.Name("asgi_app"))
    plain = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    call = cst.Call(
        cst.Name("ProxyFixMiddleware"),
        [
            cst.Arg(app),
            cst.Arg(cst.SimpleString('"legacy"'), cst.Name("mode"), plain),
            cst.Arg(hops, cst.Name("trusted_hops"), plain),
        ],
    )
    changed = assignment.with_changes(
        targets=[target.with_changes(target=app)], value=call
    )
    return new.with_changes(body=[changed, *new.body[1:]])
