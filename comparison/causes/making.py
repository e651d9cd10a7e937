"""Compare how two apps, or their blueprints, are made: the keywords of their calls."""

import ast
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from comparison.models import Difference, Finding

from .code import Module, module
from .facts import Request
from .imports import subclasses
from .places import Place, app_file, statement_at

_STATIC = frozenset({"static_folder", "static_url_path", "static_host"})
_FILES = frozenset({"template_folder", "root_path", "instance_path"})
_RULES = frozenset({"host_matching", "subdomain_matching", "subdomain", "static_host"})
_NOT_FOUND = ("TemplateNotFound", "TemplatesNotFound", "FileNotFoundError")
_CLASSES = ("Flask", "Quart", "Blueprint", "APIBlueprint")
_PACKAGES = ("flask", "quart")


class Making(NamedTuple):
    """A call that makes an app or a blueprint; the key of an app is ""."""

    key: str
    call: ast.Call
    where: Place

    @property
    def keywords(self) -> dict[str, str]:
        """The arguments with names, as source."""
        return {k.arg: ast.unparse(k.value) for k in self.call.keywords if k.arg}

    @property
    def static_url_path(self) -> str:
        """The first part of the addresses of static files."""
        path = self.keywords.get("static_url_path", "None").strip("\"'")
        folder = self.keywords.get("static_folder", "static").strip("\"'/")
        return path if path != "None" else f"/{folder.rpartition('/')[2]}"


class Made(NamedTuple):
    """One side of a pair: the target's name, the file that ran, its SPEC, one request."""

    name: str
    file: str
    spec: str
    request: Request

    def makings(self) -> dict[str, Making]:
        """Return the calls that make the app and its blueprints, by key."""
        found: dict[str, Making] = {}
        for file in dict.fromkeys((self.file, app_file((), self.spec))):
            parsed = module(file) if file else None
            for making in _makings(parsed) if parsed is not None else ():
                found.setdefault(making.key, making)
        return found


def made_otherwise(
    reference: Made, candidate: Made, differences: Sequence[Difference]
) -> Iterator[Finding]:
    """Yield a keyword with which only one app is made, if the request shows its effect."""
    ours, theirs = reference.makings(), candidate.makings()
    for key in [key for key in ours if key in theirs]:
        one, other = ours[key], theirs[key]
        prefixes = {one.static_url_path, other.static_url_path}
        shown = _with_effect((reference, candidate), differences, prefixes)
        names = sorted(
            name
            for name in shown & (one.keywords.keys() | other.keywords.keys())
            if one.keywords.get(name) != other.keywords.get(name)
        )
        if names:
            yield _finding(reference.name, candidate.name, one, other, names)


def _finding(
    reference: str, candidate: str, one: Making, other: Making, names: Sequence[str]
) -> Finding:
    def with_keywords(making: Making) -> str:
        words = [f"`{n}={making.keywords[n]}`" for n in names if n in making.keywords]
        return f"with {' and '.join(words)}" if words else f"without `{names[0]}`"

    what = f"the blueprint {one.key}" if one.key else "its app"
    wanted = ast.Call(
        other.call.func,
        other.call.args,
        [
            *(k for k in other.call.keywords if k.arg not in names),
            *(k for k in one.call.keywords if k.arg in names),
        ],
    )
    return Finding(
        cause="made-otherwise",
        target=candidate,
        summary=f"{reference} makes {what} {with_keywords(one)}, {candidate} {with_keywords(other)}.",
        remedy=f"Write `{ast.unparse(wanted)}`, as in {one.where.file}:{one.where.line}.",
        file=other.where.file,
        line=other.where.line,
        source=other.where.source,
        evidence=(
            f"{reference}: {one.where.source} ({one.where.file}:{one.where.line})",
        ),
    )


def _with_effect(
    sides: Sequence[Made],
    differences: Sequence[Difference],
    prefixes: Collection[str],
) -> set[str]:
    """Return the keywords whose effect a request of both sides may show."""
    found: set[str] = set()
    events = [event for side in sides for event in side.request.trace]
    texts = [str(each) for d in differences for each in (d.reference, d.candidate)]
    texts += [side.request.exchange.request.path for side in sides]
    if any(
        event.event == "route_matched" and f".{event.name}".endswith(".static")
        for event in events
    ) or any(f"{prefix}/" in text for prefix in prefixes if prefix for text in texts):
        found |= _STATIC
    raised = {event.detail.partition(":")[0] for event in events if event.detail}
    if not raised.isdisjoint(_NOT_FOUND):
        found |= _FILES
    if any(event.event == "route_missed" for event in events):
        found |= _RULES
    return found


@lru_cache(maxsize=64)
def _makings(found: Module) -> tuple[Making, ...]:
    names = {
        name
        for package in _PACKAGES
        for name in found.imports.get(package, ())
        if name in _CLASSES
    }
    names |= subclasses(found, names)
    return tuple(
        Making(_key(node), node, Place(*statement_at(found.file, node.lineno)))
        for node in ast.walk(found.tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in {*names, *_CLASSES}
    )


def _key(call: ast.Call) -> str:
    """Return the name of a blueprint, or "" for an app."""
    first = call.args[0] if call.args else None
    return str(first.value) if isinstance(first, ast.Constant) else ""
