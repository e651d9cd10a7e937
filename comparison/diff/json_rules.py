"""Compare bodies by the rules of a case: as JSON, without some places, by pattern.

A place is a JSON Pointer (RFC 6901) in which `*` matches every key or index.
"""

import json
from collections.abc import Callable
from itertools import chain
from typing import Any

from comparison.models import Matching, NormalisationRules
from comparison.models.rules import Kind, match_name, tolerance_name

from .json_paths import lists_at, replaced, take, tokens
from .more_fields import remove_more
from .patterns import fits
from .wildcards import Wildcard, agree, encoded, order


def alike(
    left: str, right: str, normalisations: NormalisationRules, rules: set[str]
) -> bool:
    """Return whether two unequal bodies are equal by the rules of the case.

    `right` is the candidate's.

    The names of the rules that were needed are added to `rules`.

    >>> rules = set()
    >>> given = NormalisationRules(ignore=("/at",))
    >>> alike('{"a": 1, "at": 2}', '{"at":3,"a":1}', given, rules), sorted(rules)
    (True, ['ignore:/at'])
    """
    if agree(left, right, normalisations.patterns, rules):
        return True
    if normalisations.by_meaning and _alike_as_json(left, right, normalisations, rules):
        return True
    if normalisations.xml or normalisations.html:
        return _alike_as_markup(left, right, normalisations, rules)
    return False


def _alike_as_json(
    left: str, right: str, normalisations: NormalisationRules, rules: set[str]
) -> bool:
    try:
        ours = json.loads(left, object_pairs_hook=_table)
        theirs = json.loads(right, object_pairs_hook=_table)
        return _same(ours, theirs, normalisations, rules)
    except (ValueError, RecursionError):
        return False


def _alike_as_markup(
    left: str, right: str, normalisations: NormalisationRules, rules: set[str]
) -> bool:
    if not all(text.lstrip().startswith("<") for text in (left, right)):
        return False
    from .markup import canonical_xml, html_tokens

    readers: dict[str, Callable[[str], Any]] = {
        "xml": canonical_xml, "html": html_tokens,
    }  # fmt: skip
    for name, read in readers.items():
        if not getattr(normalisations, name):
            continue
        try:
            ours, theirs = read(left), read(right)
        except (ValueError, RecursionError):
            continue
        if agree(ours, theirs, normalisations.patterns, rules):
            rules.add(name)
            return True
    return False


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object as a dict; reject repeated names (RFC 8259 section 4)."""
    table = dict(pairs)
    if len(table) < len(pairs):
        raise ValueError("a name is there twice")
    return table


def _same(
    one: Any, other: Any, normalisations: NormalisationRules, rules: set[str]
) -> bool:
    for pointer in normalisations.ignore:
        path = tokens(pointer)
        if list(take(one, path)) != list(take(other, path)):
            rules.add(f"ignore:{pointer}")
    removed = remove_more(one, other, normalisations.more_fields_at)
    sides = [one, other]
    for pointer, kind in normalisations.match.items():
        made = _of_kind(kind, match_name(pointer, kind))
        sides = [replaced(side, tokens(pointer), made) for side in sides]
    # If any number matches any other, a tolerance has no effect.
    about = {} if "number" in normalisations.patterns else normalisations.tolerance
    for pointer, tolerance in about.items():
        made = _about(tolerance, tolerance_name(pointer, tolerance))
        sides = [replaced(side, tokens(pointer), made) for side in sides]
    kinds = normalisations.patterns
    for pointer in normalisations.unordered:
        ours, theirs = (list(lists_at(side, tokens(pointer))) for side in sides)
        if encoded(ours, kinds)[0] != encoded(theirs, kinds)[0]:
            rules.add(f"unordered:{pointer}")
        for each in chain(ours, theirs):
            each.sort(key=lambda value: order(value, kinds))
    same = agree(sides[0], sides[1], kinds, rules)
    if same:
        rules.update(f"more-fields:{place}" for place in removed)
        rules.update(["json"] if normalisations.json else [])
    return same


def _about(tolerance: float, rule: str) -> Callable[[Any], Any]:
    def made(value: Any) -> Any:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return Wildcard(rule, value, tolerance) if number else value

    return made


def _of_kind(kind: Kind | Matching, rule: str) -> Callable[[Any], Any]:
    of_kind = fits(kind)

    def made(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return value
        text = value if isinstance(value, str) else json.dumps(value)
        return Wildcard(rule, value) if of_kind(text) else value

    return made
