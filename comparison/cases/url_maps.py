"""Read the url map of an app, and find route mismatches."""

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from comparison.models import RouteMismatch

ANY = "any method"
"""The method of a rule that has no methods: it matches all of them."""
OPTIONS = "automatic OPTIONS"
VARIABLE = re.compile(
    r"<(?:(?P<converter>[a-zA-Z_]\w*)(?:\((?P<arguments>.*?)\))?:)?(?P<name>\w+)>"
)
"""Matches a variable of a rule, as `<int:number>`."""


def rules_of(app: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield each rule of an app with each of its methods, and the werkzeug `Rule`.

    We ignore HEAD beside GET and automatic OPTIONS, because the frameworks add them. A
    websocket has the method WEBSOCKET, and a rule for all methods has `ANY`. A rule of a
    host or subdomain begins with it.
    """
    for rule in app.url_map.iter_rules():
        name = f"{rule.host or rule.subdomain or ''}{rule.rule}"
        for method in _methods(rule):
            yield name, method, rule


def url_map_of(app: Any) -> tuple[tuple[str, str], ...] | None:
    """Return each rule of an app with each of its methods, and with other properties.

    The properties are automatic OPTIONS, the defaults of variables, converters of the
    app, and slashes that are not strict. None is the result without a url map.
    """
    if not hasattr(app, "url_map"):
        return None
    found: dict[tuple[str, str], None] = {}
    for name, method, rule in rules_of(app):
        shown = VARIABLE.sub(partial(_shortest, rule), name)
        found[shown, method] = None
        if method != "WEBSOCKET":
            found.update(dict.fromkeys((shown, each) for each in _properties(rule)))
    return tuple(found)


def converter_of(rule: Any, variable: re.Match[str]) -> Any:
    """Return the converter of a variable of a rule, as `VARIABLE` matches it."""
    from werkzeug.routing.rules import parse_converter_args

    arguments = variable["arguments"]
    positional, named = parse_converter_args(arguments) if arguments else ((), {})
    kind = variable["converter"] or "default"
    return rule.get_converter(variable["name"], kind, positional, named)


def route_mismatches(
    url_maps: Mapping[str, Iterable[tuple[str, str]]], ignored: Iterable[str] = ()
) -> tuple[RouteMismatch, ...]:
    """Return the rules that some apps have and others do not, in the order of the maps.

    `url_maps` has the url map of each app, by target name. We compare the properties of
    a rule only between the apps that have it. `ignored` are patterns of rules, which
    `fnmatch` matches.

    >>> route_mismatches({"flask": [("/a", "GET")], "quart": []})[0].missing
    ('quart',)
    """
    maps = {name: dict.fromkeys(rules) for name, rules in url_maps.items()}
    having = {name: {rule for rule, _ in rules} for name, rules in maps.items()}
    patterns = tuple(ignored)
    every = dict.fromkeys(key for rules in maps.values() for key in rules)
    found = []
    for rule, method in every:
        if any(fnmatchcase(rule, pattern) for pattern in patterns):
            continue
        compared = [n for n in maps if not _is_property(method) or rule in having[n]]
        present = tuple(n for n in compared if (rule, method) in maps[n])
        missing = tuple(
            n
            for n in compared
            if n not in present and (_is_property(method) or (rule, ANY) not in maps[n])
        )
        if present and missing:
            found.append(RouteMismatch(rule, method, present, missing))
    return tuple(found)


def _is_property(method: str) -> bool:
    return " " in method and method != ANY


def _methods(rule: Any) -> list[str]:
    if getattr(rule, "websocket", False):
        return ["WEBSOCKET"]
    if rule.methods is None:
        return [ANY]
    methods = sorted(rule.methods)
    if "GET" in methods:
        methods.remove("HEAD") if "HEAD" in methods else None
    if _automatic_options(rule) and len(methods) > 1:
        methods.remove("OPTIONS")
    return methods


def _automatic_options(rule: Any) -> bool:
    """Return whether the framework responds to OPTIONS, not the view."""
    automatic = getattr(rule, "provide_automatic_options", False)
    return bool(automatic) and "OPTIONS" in (rule.methods or ())


def _properties(rule: Any) -> Iterator[str]:
    if _automatic_options(rule):
        yield OPTIONS
    if rule.defaults:
        values = (f"{name}={value!r}" for name, value in sorted(rule.defaults.items()))
        yield f"defaults {', '.join(values)}"
    if rule.strict_slashes is False:
        yield "strict_slashes False"
    for variable in VARIABLE.finditer(rule.rule):
        converter = converter_of(rule, variable)
        if not _is_of_werkzeug(converter):
            yield f"converter {variable['converter']} {converter.regex}"


def _shortest(rule: Any, variable: re.Match[str]) -> str:
    """Return a variable in its shortest form: `<string:a>` is `<a>`."""
    plain = variable["converter"] in ("string", "default") and not variable["arguments"]
    if plain and _is_of_werkzeug(converter_of(rule, variable)):
        return f"<{variable['name']}>"
    return variable[0]


def _is_of_werkzeug(converter: Any) -> bool:
    return type(converter).__module__ == "werkzeug.routing.converters"
