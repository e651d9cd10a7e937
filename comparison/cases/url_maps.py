"""Read the url map of an app, and find route mismatches."""

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from comparison.models import RouteMismatch


def rules_of(app: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield each rule of an app with each of its methods, and the werkzeug `Rule`.

    We ignore HEAD beside GET and automatic OPTIONS, because the frameworks add them. A
    websocket has the method WEBSOCKET. A rule of a host or subdomain begins with it.
    """
    for rule in app.url_map.iter_rules():
        name = f"{rule.host or rule.subdomain or ''}{rule.rule}"
        for method in _methods(rule):
            yield name, method, rule


def url_map_of(app: Any) -> tuple[tuple[str, str], ...] | None:
    """Return each rule of an app with each of its methods; None without a url map."""
    if not hasattr(app, "url_map"):
        return None
    return tuple(dict.fromkeys((rule, method) for rule, method, _ in rules_of(app)))


def route_mismatches(
    url_maps: Mapping[str, Iterable[tuple[str, str]]], ignored: Iterable[str] = ()
) -> tuple[RouteMismatch, ...]:
    """Return the rules that some apps have and others do not, in the order of the maps.

    `url_maps` has each rule of an app with each of its methods, by target name.
    `ignored` are patterns of rules, which `fnmatch` matches.

    >>> route_mismatches({"flask": [("/a", "GET")], "quart": []})[0].missing
    ('quart',)
    """
    maps = {name: dict.fromkeys(rules) for name, rules in url_maps.items()}
    patterns = tuple(ignored)
    every = dict.fromkeys(key for rules in maps.values() for key in rules)
    return tuple(
        RouteMismatch(rule, method, present, missing)
        for rule, method in every
        if not any(fnmatchcase(rule, pattern) for pattern in patterns)
        if (missing := tuple(n for n, r in maps.items() if (rule, method) not in r))
        and (present := tuple(n for n in maps if n not in missing))
    )


def _methods(rule: Any) -> list[str]:
    if getattr(rule, "websocket", False):
        return ["WEBSOCKET"]
    methods = sorted(rule.methods or ())
    if "GET" in methods:
        methods.remove("HEAD") if "HEAD" in methods else None
    if len(methods) > 1 and "OPTIONS" in methods:
        methods.remove("OPTIONS")
    return methods
