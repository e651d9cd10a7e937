"""Generate requests from the URL map of an app: its rules, converters and methods."""

import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import strategies as st
from werkzeug.routing import (
    AnyConverter,
    FloatConverter,
    IntegerConverter,
    PathConverter,
    UnicodeConverter,
    UUIDConverter,
)

from comparison.cases.url_maps import ANY, rules_of
from comparison.core.errors import UsageError
from comparison.models import Request

DEFAULT_METHODS = ("GET",)
WITH_BODY = ("POST", "PUT", "PATCH")
LARGEST = 10**6

_VARIABLE = re.compile(r"<(?:[^<>]*:)?(\w+)>")
_LENGTH = re.compile(r"\{(\d+)(?:(,)(\d*))?\}$")
_text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
_letters = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/")
_word = st.text(_letters, min_size=1, max_size=8).filter(lambda t: t.strip(".") != "")
_query = st.lists(
    st.tuples(st.sampled_from(("a", "b", "ü", "page")), _text), max_size=2
)
_scalars = st.none() | st.booleans() | st.integers(-10, 10**6) | _text
_json = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(_text, inner, max_size=3), max_leaves=5,
)  # fmt: skip
_bodies: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"json": _json}),
    st.fixed_dictionaries({"form": st.dictionaries(_text, _text, max_size=3)}),
    st.fixed_dictionaries({"text": _text}),
)


def requests(
    app: Any, methods: Collection[str] = DEFAULT_METHODS, rules: str = "*"
) -> st.SearchStrategy[Request]:
    """Return a strategy of requests for the rules that match a shell pattern.

    Raises UsageError if no rule matches.
    """
    found = list(_rules(app, methods, rules))
    if not found:
        raise UsageError(
            f"no rule of the app matches {rules!r} with {', '.join(methods)}"
        )
    return st.one_of(found)


def _rules(
    app: Any, methods: Collection[str], rules: str
) -> Iterator[st.SearchStrategy[Request]]:
    for name, method, rule in rules_of(app):
        if rule.build_only or rule.host or rule.subdomain:
            continue
        if not fnmatchcase(name, rules):
            continue
        candidates = ("GET", "HEAD") if method in ("GET", ANY) else (method,)
        for each in (m for m in candidates if m in methods):
            body = _bodies if each in WITH_BODY else st.just({})
            yield st.builds(_request, st.just(each), _path(rule), _query, body)


def _request(
    method: str, path: str, query: list[tuple[str, str]], body: dict[str, Any]
) -> Request:
    return Request(method, f"{path}?{urlencode(query)}" if query else path, **body)


def _path(rule: Any) -> st.SearchStrategy[str]:
    """Return a strategy of paths that match a rule."""
    parts = _VARIABLE.split(rule.rule)
    drawn = [
        _values(rule._converters[part]) if at % 2 else st.just(part)  # noqa: SLF001
        for at, part in enumerate(parts)
    ]
    return st.tuples(*drawn).map("".join)


def _values(converter: Any) -> st.SearchStrategy[str]:
    """Return a strategy of values for a converter, percent-encoded."""
    match converter:
        case IntegerConverter() | FloatConverter():
            return _numbers(converter)
        case UUIDConverter():
            return st.uuids().map(str)
        case AnyConverter():
            return st.sampled_from(sorted(converter.items)).map(quote)
        case PathConverter():
            return st.lists(_word, min_size=1, max_size=3).map(
                lambda words: "/".join(quote(word, safe="") for word in words)
            )
        case UnicodeConverter():
            return _of_length(converter.regex).map(lambda word: quote(word, safe=""))
    # For a converter of the app, we know only its regular expression.
    return st.from_regex(converter.regex, fullmatch=True).map(quote)


def _numbers(converter: IntegerConverter | FloatConverter) -> st.SearchStrategy[str]:
    lowest, highest = converter.min, converter.max
    if lowest is None:
        lowest = -LARGEST if converter.signed else 0
    if highest is None:
        highest = max(LARGEST, 2 * lowest)
    if isinstance(converter, FloatConverter):
        return st.floats(lowest, highest).map(_without_exponent)
    if digits := converter.fixed_digits:
        # The sign counts as one of the digits.
        lowest = max(lowest, 1 - 10 ** (digits - 1))
        highest = min(highest, 10**digits - 1)
    return st.integers(lowest, highest).map(converter.to_url)


def _without_exponent(number: float) -> str:
    """Format a number as Werkzeug's rules expect it, always with a point.

    >>> _without_exponent(1e-05), _without_exponent(1e22)
    ('0.00001', '10000000000000000000000.0')
    """
    text = f"{Decimal(str(number)):f}"
    return text if "." in text else f"{text}.0"


def _of_length(regex: str) -> st.SearchStrategy[str]:
    bounds = _LENGTH.search(regex)
    least, most = 1, 8
    if bounds is not None:
        least = int(bounds[1])
        most = int(bounds[3] or max(least, 8)) if bounds[2] else least
    words = st.text(_letters, min_size=least, max_size=most)
    return words.filter(lambda word: word.strip(".") != "")
