"""Find uses of the framework's objects that are spelt otherwise in Quart, or missing."""

from collections.abc import Iterator
from typing import Any

from .evaluation import Evaluation
from .facts import Event
from .predicates import attribute
from .tables import is_framework, kind, last, table
from .undecided import Found

ENVIRON = "there is no WSGI environment; request.scope has the connection"
STREAM = "await request.body, or iterate over it with async for"
ALIKE = ("x_for", "x_proto", "x_host")
"""The headers that the middleware of Hypercorn trusts."""
PATHS = {"", "path_or_file", "filename_or_io", "directory"}
"""The keywords of the first argument of what sends a file, or none."""
OPENED = ("builtins.open", "pathlib.Path.open")
IN_MEMORY = ("io.BytesIO",)


def uses(
    evaluation: Evaluation, module: str, event: Event
) -> Iterator[tuple[int, str] | Found]:
    """Yield the edits of a use, as node and edit, and what is left to decide about it."""
    if event.kind == "call":
        yield from _call(evaluation, module, event)
    elif event.kind == "store":
        yield from _store(evaluation, module, event)
    elif event.kind == "attr":
        yield from _attribute(evaluation, module, event)


def _attribute(
    evaluation: Evaluation, module: str, event: Event
) -> Iterator[tuple[int, str] | Found]:
    assert event.expression is not None
    _, base, name = event.expression
    for value in evaluation.of(module, base):
        known = kind(value[1]) if value[0] == "kind" else {}
        if name in known.get("renamed", ()):
            yield event.node, f"attribute:{known['renamed'][name]}"
        elif name in known.get("missing", ()) and name != "wsgi_app":
            remedy = ENVIRON if value[1] == "request" else "do without it"
            yield Found(event.node, "missing", what=f"{value[1]}.{name}", remedy=remedy)
        elif value == ("kind", "request") and name == "stream":
            yield Found(event.node, "missing", what="request.stream", remedy=STREAM)


def _store(
    evaluation: Evaluation, module: str, event: Event
) -> Iterator[tuple[int, str] | Found]:
    """A middleware that is wrapped around the app."""
    assert event.expression is not None
    _, base, name, wrapped = event.expression
    if name != "wsgi_app" or ("kind", "app") not in evaluation.of(module, base):
        return
    middleware = attribute(wrapped)
    if middleware != "ProxyFix":
        yield Found(event.node, "wsgi", what=middleware or "An expression")
        return
    yield event.node, "wsgi_app"
    given = {"x_for": "1", "x_proto": "1"}
    for keyword, value in wrapped[2][1:]:
        given[keyword] = value[1] if value and value[0] == "int" else "?"
    alike = {given.get(header, "0") for header in ALIKE}
    if len(alike) > 1 or "?" in alike or given.keys() - set(ALIKE):
        shown = ", ".join(f"{header}={count}" for header, count in given.items())
        yield Found(event.node, "proxy", what=f"ProxyFix({shown})")


def _call(
    evaluation: Evaluation, module: str, event: Event
) -> Iterator[tuple[int, str] | Found]:
    assert event.expression is not None
    _, function, arguments, node = event.expression
    for value in evaluation.of(module, function):
        named = last(value[1]) if value[0] == "external" else ""
        if named in table("moved")["keywords"] and is_framework(value[1]):
            yield node, f"keywords:{named}"
        if named == "stream_with_context" and is_framework(value[1]) and arguments:
            yield from _streamed(evaluation, module, event)
        if named in {"send_file", "send_from_directory"} and is_framework(value[1]):
            yield from _sent(evaluation, module, event, named)
        if value == ("method", "upload", "save") and arguments:
            yield from _open_file(
                evaluation, module, event, "FileStorage.save", IN_MEMORY
            )
        if value == ("method", "app", "run"):
            yield from _unsupported(event, arguments, "run")
        if value[0] == "method" and value[1:] in _sending():
            yield node, "client"
            yield from _client(event, arguments)


def _sent(
    evaluation: Evaluation, module: str, event: Event, function: str
) -> Iterator[Found]:
    """Name files that Quart finds elsewhere, or cannot send."""
    assert event.expression is not None
    given = next((each for key, each in event.expression[2] if key in PATHS), None)
    if given is None:
        return
    found = [given]
    if given[0] == "name":
        found = evaluation.program.bindings(module, given[1], given[2]) or []
    config = given[0] == "sub" and attribute(given[1]) == "config"
    if config or any(
        each and each[0] == "str" and _is_relative(each[1]) for each in found
    ):
        yield Found(event.node, "relative", what=f"the path given to {function}")
    yield from _open_file(evaluation, module, event, function, ())


def _is_relative(path: str) -> bool:
    return bool(path) and not path.startswith("/")


def _open_file(
    evaluation: Evaluation, module: str, event: Event, function: str, more: Any
) -> Iterator[Found]:
    """Name a function that gets an open file, where Quart takes a path."""
    assert event.expression is not None
    values = evaluation.of(module, event.expression[2][0][1])
    if any(value[0] == "foreign" and value[1] in {*OPENED, *more} for value in values):
        yield Found(event.node, "opened", what=function)


def _unsupported(event: Event, arguments: Any, group: str) -> Iterator[Found]:
    unsupported = table("moved")["unsupported"][group]
    for keyword, _ in arguments:
        if keyword in unsupported["arguments"]:
            remedy = unsupported["remedy"]
            yield Found(event.node, "argument", what=keyword, remedy=remedy)


def _streamed(
    evaluation: Evaluation, module: str, event: Event
) -> Iterator[tuple[int, str] | Found]:
    """Quart's `stream_with_context` takes the function, and Flask's the generator too."""
    assert event.expression is not None
    given = event.expression[2][0][1]
    values = evaluation.of(module, given)
    if any(value[0] == "generator" for value in values) and given[0] == "call":
        yield event.node, "with_context"
    elif not any(value[0] == "function" for value in values):
        yield Found(event.node, "streamed", what="stream_with_context")


def _sending() -> set[tuple[str, str]]:
    methods = {("client", method) for method in kind("client")["methods"]}
    return methods | {("app", "test_request_context")}


def _client(event: Event, arguments: Any) -> Iterator[Found]:
    yield from _unsupported(event, arguments, "client")
    for keyword, given in arguments:
        if keyword == "data" and _has_files(given):
            remedy = "QuartClient has files, with quart.datastructures.FileStorage"
            yield Found(event.node, "argument", what="data with files", remedy=remedy)


def _has_files(given: Any) -> bool:
    """Whether a dict that is written out has a tuple: a file with its name."""
    if not given:
        return False
    if given[0] == "call" and attribute(given) == "dict":
        return any(value and value[0] == "group" for _, value in given[2])
    return given[0] == "group" and any(
        value and value[0] == "group" for value in given[1]
    )
