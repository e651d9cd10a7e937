"""Draft a case file from an app's url map and the sources of its views."""

import base64
import inspect
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from comparison.cases.placeholders import escaped
from comparison.cases.url_maps import ANY, VARIABLE, converter_of, rules_of

from .draft import Draft, case_file, identifier, unsafe
from .reads import Fields, fields_read

WITH_BODY = ("POST", "PUT", "PATCH")
REJECTED = ("x", "-1", "0", "9" * 20, "x" * 300)
"""Values that some converter rejects."""
CREDENTIALS = {
    "basic": f"Basic {base64.b64encode(b'user:password').decode()}",
    "bearer": "Bearer token",
}


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
        draft = Draft(
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
        required = msgspec.structs.replace(fields, optional=(), authorization="")
        yield _reading(draft, required)
        if not off and (fields.optional or fields.authorization):
            title = f"{draft.title}, with what is optional"
            more = msgspec.structs.replace(
                draft, id=f"{draft.id}-with-options", title=title
            )
            yield _reading(more, fields)
        if method == "GET" and not off and (wrong := _rejected(rule)):
            path, value = wrong
            yield msgspec.structs.replace(
                draft, id=f"{draft.id}-rejected", path=escaped(path), choose="",
                title=escaped(f"GET {name} with {value}"),
            )  # fmt: skip


def _reading(draft: Draft, fields: Fields) -> Draft:
    """Return the draft with the query, headers and cookies that a view reads."""
    query = [(name, name) for name in fields.args]
    headers = [(name, name) for name in fields.headers]
    cookies = [(name, name) for name in fields.cookies]
    parts = {"args": query, "headers": headers, "cookies": cookies}
    for each in fields.optional:
        parts[each.part].append((each.name, each.sample))
    if cookies:
        headers.append(("Cookie", "; ".join(f"{n}={quote(v)}" for n, v in cookies)))
    if fields.authorization:
        headers.append(("Authorization", CREDENTIALS[fields.authorization]))
    chosen = [*filter(None, [draft.choose]), *(name for name, _ in query)]
    return msgspec.structs.replace(
        draft,
        path=draft.path + (f"?{escaped(urlencode(query))}" if query else ""),
        headers=(*draft.headers, *((escaped(n), escaped(v)) for n, v in headers)),
        choose=", ".join(chosen),
        choose_headers=", ".join(name for name, _ in headers),
    )


def _rejected(rule: Any) -> tuple[str, str] | None:
    """Return a path with a value that a converter of the rule rejects, and the value."""
    for variable in VARIABLE.finditer(rule.rule):
        value = _rejected_value(converter_of(rule, variable))
        if value is None:
            continue

        def fill(
            match: re.Match[str], at: int = variable.start(), of: str = value
        ) -> str:
            if match.start() == at:
                return of
            kind = match["converter"] or "string"
            return _sample(kind, converter_of(rule, match), match["name"])

        return VARIABLE.sub(fill, rule.rule), value
    return None


def _rejected_value(converter: Any) -> str | None:
    for value in REJECTED:
        if not re.fullmatch(converter.regex, value):
            return value
        try:
            converter.to_python(value)
        except ValueError:
            return value
        except Exception:  # A converter of the app may need what only a request has.
            return None
    return None


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
        # The docstring of a wrapper such as functools.partial does not describe the
        # view, and that of a base class, which `inspect.getdoc` takes, neither.
        if inspect.isroutine(candidate) or inspect.isclass(candidate):
            text = inspect.cleandoc(candidate.__doc__ or "").strip()
            if text:
                return text.splitlines()[0].rstrip(".")
    return ""
