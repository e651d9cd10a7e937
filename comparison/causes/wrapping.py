"""Name middleware that is around one of two apps only, where it has to do with a difference."""

import ast
import re
from collections.abc import Iterator, Sequence

from comparison.models import Difference, Finding

from .code import module
from .making import Made
from .places import Place, app_file
from .routes import first_event

_WRAPS = re.compile(
    r"\b(?:wsgi|asgi)_app\s*=\s*(?:\w+\.)*(?P<name>\w+)\("
    r"|^app\s*=\s*(?:\w+\.)*(?P<around>\w*Middleware\w*)\("
)
_MOUNTED = re.compile(r"""["'](?P<prefix>/[^"']*)["']\s*:\s*app\.wsgi_app""")
_DECIDES_ROUTE = re.compile(r"REQUEST_METHOD|PATH_INFO|SCRIPT_NAME|HTTP_HOST")
_ANYWHERE = {
    "html", "title", "http", "https", "none", "true", "false", "self", "return",
    "status", "headers", "environ", "start_response", "response", "inner", "name", "value",
}  # fmt: skip
"""Words of nearly all pages and middleware."""
_WORD = re.compile(r"[\w.-]{3,}")


def middleware_missing(
    reference: Made, candidate: Made, differences: Sequence[Difference], *, route: bool
) -> Iterator[Finding]:
    """Yield the middleware around the reference, if the candidate has none.

    With `route` it has to change what the rule for a request depends on. Otherwise its
    source has to mention something of what differs.
    """
    if any(_wraps(candidate)):
        return
    missed = first_event(candidate.request, "route_missed") is not None
    for name, where in _wraps(reference):
        source = _source(name, where.file)
        if route:
            shown = missed and _DECIDES_ROUTE.search(source) is not None
        else:
            shown = not _words(differences).isdisjoint(_WORD.findall(source.lower()))
        if shown:
            yield Finding(
                cause="middleware-missing",
                target=candidate.name,
                summary=f"The middleware {name} is around {reference.name} only.",
                remedy=_remedy(name, where.source, candidate.name),
                file=where.file,
                line=where.line,
                source=where.source,
            )
            return


def _remedy(name: str, source: str, target: str) -> str:
    if name == "DispatcherMiddleware":
        mounted = _MOUNTED.search(source)
        prefix = mounted["prefix"] if mounted is not None else "/prefix"
        return (
            f'Write `app.asgi_app = DispatcherMiddleware({{"{prefix}": app.asgi_app}})`'
            f" in {target}, with `DispatcherMiddleware` of `hypercorn.middleware`."
        )
    return (
        f"Write it as ASGI middleware and set `app.asgi_app = {name}(app.asgi_app)`"
        f" in {target}, or do its work in functions with `@app.before_request`"
        " and `@app.after_request`."
    )


def _wraps(side: Made) -> Iterator[tuple[str, Place]]:
    """Yield the middleware around an app, and where the app gets it."""
    for file in dict.fromkeys((side.file, app_file((), side.spec))):
        found = module(file) if file else None
        for number, line in enumerate(found.lines if found is not None else (), 1):
            if (match := _WRAPS.search(line)) is not None:
                name = match["name"] or match["around"]
                yield name, Place(file, number, line.strip())


def _source(name: str, file: str, before: frozenset[str] = frozenset()) -> str:
    """Return the source of a class or function of a file, or of a module next to it.

    `before` are the files that import the name from this one.
    """
    found = module(file)
    for node in found.tree.body if found is not None else ():
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name:
            return ast.unparse(node)
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        if name in (alias.asname or alias.name for alias in node.names):
            near = f"{node.module.replace('.', '/')}.py"
            seen = before | {file}
            return "" if near in seen else _source(name, near, seen)
    return ""


def _words(differences: Sequence[Difference]) -> set[str]:
    """Return the words of what differs: names of header fields, status codes, values."""
    found: set[str] = set()
    for difference in differences:
        kind, _, name = difference.field.partition(":")
        if kind == "header" and name not in ("content-length", "content-type"):
            found.add(name)
        one, other = (
            set(_WORD.findall(str(each).lower()))
            for each in (difference.reference, difference.candidate)
        )
        if kind in ("status", "body"):
            found |= one ^ other
    return found - _ANYWHERE
