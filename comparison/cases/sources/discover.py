"""Draft a case file from an app's url map and the sources of its views.

In a view, we find only literal access to fields of the request: `request.form["name"]`,
`(await request.json)["name"]`, `data = request.get_json()` and then `data.get("name")`.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from msgspec import Struct

from comparison.cases.placeholders import escaped
from comparison.cases.url_maps import ANY, VARIABLE, converter_of, rules_of

from .draft import Draft, case_file, identifier, unsafe

WITH_BODY = ("POST", "PUT", "PATCH")

_PARTS = ("form", "json", "files", "args")
_BY_NAME = ("get", "getlist", "pop")


class Fields(Struct, frozen=True):
    """Names by the part of the request; for the query only the required ones."""

    form: tuple[str, ...] = ()
    json: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    args: tuple[str, ...] = ()


def discover(
    app: Any, spec: str, *, all_methods: bool = False, others: Collection[str] = ()
) -> str:
    """Return the text of a case file with a case for each rule and method.

    Path parameters get sample values, with a mark where a person should choose. Methods
    that are not safe (RFC 9110 section 9.2.1) are comments unless `all_methods`.
    `others` are ids that other files use.
    """
    notes = [
        f"Drafted by `comparison discover` from the url map of {spec}.",
        "Where it says 'choose', put a value that exists in your app.",
    ]
    return case_file(spec, notes, drafts(app, all_methods=all_methods), others)


def drafts(app: Any, *, all_methods: bool = False) -> Iterator[Draft]:
    """Yield a draft for each rule and method of an app."""
    for name, method, rule in rules_of(app):
        if rule.build_only:
            continue
        method = "GET" if method == ANY else method  # noqa: PLW2901
        sampled, choose = sample_path(rule, app)
        off = "" if all_methods else unsafe(method)
        if method == "WEBSOCKET":
            off = "A case cannot open a WebSocket."
        if any("no file" in what for what in choose):
            off, choose = "There is no static file to request.", []
        fields = _fields(app, rule, method)
        body, choose_body = _body(fields) if method in WITH_BODY else (None, "")
        if fields.args:
            sampled += "?" + urlencode([(field, field) for field in fields.args])
            choose += fields.args
        yield Draft(
            id=identifier(method, VARIABLE.sub(r"\g<name>", name) or name),
            title=escaped(_title(app, rule, method) or f"{method} {name}"),
            method=method,
            path=escaped(sampled),
            headers=_host(rule, app),
            body=body,
            choose=", ".join(choose),
            choose_body=choose_body,
            off=off,
        )


def sample_path(rule: Any, app: Any) -> tuple[str, list[str]]:
    """Return a path that the rule matches, and its parts that a person should choose."""
    choose: list[str] = []

    def fill(match: re.Match[str]) -> str:
        name, converter = match["name"], match["converter"] or "string"
        if rule.endpoint.rpartition(".")[2] == "static" and converter == "path":
            found = _static_file(app, rule.endpoint)
            if found is None:
                choose.append("no file")
            return found or name
        arguments = match["arguments"]
        made = converter_of(rule, match)
        shown = f"{converter}({arguments})" if arguments else converter
        choose.append(f"{name} ({shown})")
        return _sample(converter, made, name)

    return VARIABLE.sub(fill, rule.rule), choose


def _sample(kind: str, converter: Any, name: str) -> str:
    match kind:
        case "int" | "float":
            highest = 1 if converter.max is None else min(1, converter.max)
            number = highest if converter.min is None else converter.min
            return str(converter.to_url(number))
        case "uuid":
            return "00000000-0000-4000-8000-000000000001"
        case "any":
            return str(min(converter.items))
        case "path":
            return f"{name}/{name}"
        case "string" | "default":
            return _of_length(name, converter.regex)
    return name


def _of_length(word: str, regex: str) -> str:
    """Return the word, with a length that the string converter accepts."""
    bounds = re.search(r"\{(\d+)(?:(,)(\d*))?\}$", regex)
    if bounds is None:
        return word
    least = int(bounds[1])
    most = int(bounds[3] or max(least, len(word))) if bounds[2] else least
    return (word * (least // len(word) + 1))[: max(least, min(len(word), most))]


def _static_file(app: Any, endpoint: str) -> str | None:
    blueprint = endpoint.rpartition(".")[0]
    owner = app.blueprints.get(blueprint, app)
    folder = Path(getattr(owner, "static_folder", None) or "")
    if not folder.is_absolute() or not folder.is_dir():
        return None
    files = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return next((p.relative_to(folder).as_posix() for p in files), None)


def _host(rule: Any, app: Any) -> tuple[tuple[str, str], ...]:
    if rule.host:
        return (("Host", VARIABLE.sub(r"\g<name>", rule.host)),)
    if rule.subdomain:
        subdomain = VARIABLE.sub(r"\g<name>", rule.subdomain)
        server = app.config.get("SERVER_NAME") or "localhost"
        return (("Host", f"{subdomain}.{server}"),)
    return ()


def _fields(app: Any, rule: Any, method: str) -> Fields:
    for view in _views(app, rule, method):
        if inspect.isroutine(view):
            return fields_read(view)
    return Fields()


def _body(fields: Fields) -> tuple[tuple[str, Any], str]:
    """Return a body with the fields that a view reads, and the parts to choose."""
    choose = ", ".join((*fields.form, *fields.files, *fields.json)) or "the body"
    if fields.files:
        parts = [{"name": name, "text": name} for name in fields.form]
        parts += [
            {"name": name, "text": name, "filename": f"{name}.txt"}
            for name in fields.files
        ]
        return ("multipart", parts), choose
    if fields.form:
        return ("form", {name: name for name in fields.form}), choose
    return ("json", {name: name for name in fields.json}), choose


def _views(app: Any, rule: Any, method: str) -> tuple[Any, Any, Any]:
    """Return the method of a class-based view, its class, and the view."""
    view = app.view_functions.get(rule.endpoint)
    view_class = getattr(view, "view_class", None)
    return getattr(view_class, method.lower(), None), view_class, view


def _title(app: Any, rule: Any, method: str) -> str:
    for candidate in _views(app, rule, method):
        text = inspect.getdoc(candidate) if candidate is not None else None
        # The docstring of a wrapper such as functools.partial does not describe the
        # view.
        if text and (inspect.isroutine(candidate) or inspect.isclass(candidate)):
            return text.strip().splitlines()[0].rstrip(".")
    return ""


def fields_read(view: Callable[..., Any]) -> Fields:
    """Return the fields that a view reads; none if its source cannot be read.

    >>> def order():
    ...     return request.form["article"], request.form.get("note"), request.args["page"]
    >>> fields_read(order)
    Fields(form=('article', 'note'), json=(), files=(), args=('page',))
    """
    try:
        source = textwrap.dedent(inspect.getsource(inspect.unwrap(view)))
        tree = ast.parse(source)
    except (OSError, TypeError, ValueError, SyntaxError, RecursionError):
        return Fields()
    found: dict[str, dict[str, None]] = {part: {} for part in _PARTS}
    names: dict[str, str] = {}
    for node in ast.walk(tree):  # in the order of lines, on one level
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                if part := _part(value, names):
                    names[name] = part
            case ast.Subscript(value=value, slice=ast.Constant(value=str(field))):
                if part := _part(value, names):
                    found[part][field] = None
            case ast.Call(
                func=ast.Attribute(value=value, attr=attribute),
                args=[ast.Constant(value=str(field)), *_],
            ) if attribute in _BY_NAME:
                if (part := _part(value, names)) and part != "args":
                    found[part][field] = None
    return Fields(**{part: tuple(fields) for part, fields in found.items()})


def _part(node: ast.expr, names: dict[str, str]) -> str:
    """Return the part of the request that an expression is, or ""."""
    match node:
        case ast.Await(value=inner):
            return _part(inner, names)
        case ast.Name(id=name):
            return names.get(name, "")
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="request"), attr="get_json")
        ):
            return "json"
        case ast.Attribute(value=ast.Name(id="request"), attr=attribute):
            return attribute if attribute in _PARTS else ""
    return ""
