"""Write a described view as Python: a whole app, for Flask and for Quart."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import UNSET
from werkzeug.exceptions import default_exceptions

from . import model

OURS = ("Response", "abort", "jsonify", "make_response")
METHODS = '["GET", "POST", "PUT", "PATCH", "DELETE"]'

HANDLERS = """

@app.errorhandler(HTTPException)
{define} handle_http(error):
    return f"Handled {{error.code}}", error.code


@app.errorhandler(Exception)
{define} handle_exception(error):
    return f"Handled {{type(error).__name__}}", 409
"""

_PARTS = {
    "async-generator": """\
    async def parts():
        for part in {content}:
            yield part

""",
    "function": """\
    def application(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [{content}]

""",
}


def sources_of(view: model.View) -> dict[str, str]:
    """Return the source of an app with this view for each framework, by its name.

    The app responds at `view.path` as the twins' endpoint does for the description.

    >>> view = model.View(body=model.Body("text", "Hello"))
    >>> print(sources_of(view)["quart"])
    from quart import Quart
    <BLANKLINE>
    app = Quart(__name__)
    <BLANKLINE>
    <BLANKLINE>
    @app.route("/composed", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def composed():
        return "Hello"
    <BLANKLINE>
    """
    return {name: _app(view, name) for name in ("flask", "quart")}


def _app(view: model.View, framework: str) -> str:
    waits = framework == "quart"
    native = "async def" if waits else "def"
    styles = {"native": native, "sync": "def", "async": "async def"}
    body = "\n".join(_view(view, waits))
    class_ = framework.capitalize()
    handlers = HANDLERS.format(define=native) if view.handled else ""
    code = (
        f"app = {class_}(__name__)\n\n\n"
        f'@app.route("{view.path}", methods={METHODS})\n'
        f"{styles[view.style]} composed():\n{body}\n{handlers}"
    )
    return f"{_imports(code, framework, class_)}\n{code}"


def _imports(code: str, framework: str, class_: str) -> str:
    """Return the import statements that the code needs, as a linter would sort them."""
    names = {n.id for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Name)}
    lines = []
    if "HTTPStatus" in names:
        lines.append("from http import HTTPStatus")
    if "BytesIO" in names:
        lines.append("from io import BytesIO")
    lines += [""] if lines else []
    ours = [class_, *(name for name in OURS if name in names)]
    lines.append(f"from {framework} import {', '.join(ours)}")
    if "Headers" in names:
        lines.append("from werkzeug.datastructures import Headers")
    errors = {"HTTPException", *(e.__name__ for e in default_exceptions.values())}
    if used := sorted(errors & names):
        lines.append(f"from werkzeug.exceptions import {', '.join(used)}")
    return "\n".join(lines) + "\n"


def _view(view: model.View, waits: bool) -> Iterator[str]:
    """Yield the lines of the view's function."""
    if view.raises is not None:
        yield f"    {_raising(view.raises)}"
        return
    assert view.body is not None
    kind = view.body.kind
    if kind in _PARTS:
        content = view.body.content
        shown = literal(content.encode() if kind == "function" else content)
        yield from _PARTS[kind].format(content=shown).split("\n")[:-1]
    body = _body(view.body)
    if view.made == "make_response":
        value = _shaped(view, body)
        unpacked = value[1:-1] if view.shape not in ("body", "empty", "one") else value
        body = f"{'await ' if waits else ''}make_response({unpacked})"
    elif view.made != "value":
        body = f"{view.made}({body})"
    if view.changes:
        yield f"    response = {body}"
        yield from (f"    response.{_change(change)}" for change in view.changes)
        body = "response"
    returned = body if view.made == "make_response" else _shaped(view, body)
    # A returned tuple needs no parentheses if it has at least two items.
    bare = view.made != "make_response" and view.shape not in ("body", "empty", "one")
    yield f"    return {returned[1:-1] if bare else returned}"


def _shaped(view: model.View, body: str) -> str:
    status = "None" if view.status is None else _status(view.status)
    headers = "None" if view.headers is None else _headers(view.headers)
    match view.shape:
        case "body":
            return body
        case "empty":
            return "()"
        case "one":
            return f"({body},)"
        case "four":
            return f"({body}, None, None, None)"
    parts = {"body": body, "status": status, "headers": headers}
    return f"({', '.join(parts[name] for name in view.shape.split('-'))})"


def _body(body: model.Body) -> str:
    match body.kind:
        case "bytes":
            return literal(body.content.encode("latin-1"))
        case "bytearray" | "memoryview":
            return f"{body.kind}({literal(body.content.encode('latin-1'))})"
        case "file":
            return f"BytesIO({literal(body.content.encode('latin-1'))})"
        case "generator":
            return f"(part for part in {literal(body.content)})"
        case "iterator":
            return f"iter({literal(body.content)})"
        case "async-generator":
            return "parts()"
        case "function":
            return "application"
        case "error":
            return f"{default_exceptions[body.content].__name__}()"
        case "set":
            return f"{{{literal(body.content)}}}"
        case "object":
            return "object()"
    return literal(None if body.content is UNSET else body.content)


def _status(status: model.Status) -> str:
    match status.kind:
        case "bytes":
            return literal(status.content.encode("latin-1"))
        case "enum":
            from http import HTTPStatus

            return f"HTTPStatus.{HTTPStatus(status.content).name}"
    return literal(None if status.content is UNSET else status.content)


def _headers(headers: model.Headers) -> str:
    pairs = [
        f"({literal(name)}, {_value(value)})" for name, value in headers.fields
    ]  # fmt: skip
    match headers.kind:
        case "dict":
            inner = (f"{literal(n)}: {_value(v)}" for n, v in headers.fields)
            return f"{{{', '.join(inner)}}}"
        case "list":
            return f"[{', '.join(pairs)}]"
        case "tuple":
            return f"({', '.join(pairs)}{',' if len(pairs) == 1 else ''})"
        case "Headers":
            return f"Headers([{', '.join(pairs)}])"
    return "None"


def _value(value: Any) -> str:
    return literal(list(value) if isinstance(value, tuple) else value)


def _change(change: model.Change) -> str:
    match change:
        case model.SetStatus(status):
            text = status.kind in ("text", "bytes")
            return f"{'status' if text else 'status_code'} = {_status(status)}"
        case model.SetHeader(name, value):
            return f"headers.set({literal(name)}, {_value(value)})"
        case model.AddHeader(name, value):
            return f"headers.add({literal(name)}, {_value(value)})"
        case model.DeleteHeader(name):
            return f"headers.remove({literal(name)})"
        case model.SetCookie(name, value):
            names = ("path", "secure", "httponly", "samesite")
            given = {n: v for n in names if (v := getattr(change, n)) is not UNSET}
            options = "".join(f", {n}={literal(v)}" for n, v in given.items())
            return f"set_cookie({literal(name)}, {literal(value)}{options})"
        case model.DeleteCookie(name):
            return f"delete_cookie({literal(name)})"
        case model.SetBody(text):
            return f"set_data({literal(text)})"


def _raising(raises: model.Abort | model.Raise) -> str:
    if isinstance(raises, model.Abort):
        words = raises.description
        return f"abort({raises.code}{f', {literal(words)}' if words else ''})"
    return f"raise {raises.name}({literal(raises.message)})"


def literal(value: Any) -> str:
    r"""Return a value as a Python literal, with texts between double quotes.

    >>> print(literal({"say": ["it's \"so\"\n", b"\xff", None, 1.0]}))
    {"say": ["it's \"so\"\n", b"\xff", None, 1.0]}
    """
    if isinstance(value, str):
        return f'"{"".join(map(_escaped, value))}"'
    if isinstance(value, bytes):
        inner = "".join(
            _escaped(chr(b)) if b < 128 else f"\\x{b:02x}" for b in value
        )  # fmt: skip
        return f'b"{inner}"'
    if isinstance(value, Mapping):
        inner = ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    return repr(value)


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode()
