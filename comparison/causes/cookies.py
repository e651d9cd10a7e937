"""Find the attributes that an app's own session class does not give to its cookie."""

import ast
from collections.abc import Iterator
from functools import lru_cache

from .code import Module, module
from .fact import Fact
from .facts import Facts
from .places import Place, statement_at

_KEYWORDS = {
    "domain": ("domain", "self.get_cookie_domain(app)"),
    "expires": ("expires", "self.get_expiration_time(app, session)"),
    "httponly": ("httponly", "self.get_cookie_httponly(app)"),
    "partitioned": ("partitioned", "self.get_cookie_partitioned(app)"),
    "samesite": ("samesite", "self.get_cookie_samesite(app)"),
    "secure": ("secure", "self.get_cookie_secure(app)"),
}
"""By attribute, in lowercase: the keyword of `set_cookie`, and what gives its value."""


def cookie_keywords(
    ours: Facts, theirs: Facts, file: str, cookie: str
) -> Iterator[Fact]:
    """Yield the keywords that a session class lacks, where the other cookie has them.

    `file` has the code of the app, and `cookie` is the name of the session's cookie.
    """
    found = module(file) if file and cookie else None
    calls = _calls(found) if found is not None else ()
    if not calls:
        return
    lacking = _attributes(theirs, cookie).items() - _attributes(ours, cookie).items()
    for where, keywords in calls:
        for name, written in sorted(lacking):
            keyword, value = _KEYWORDS.get(name, ("", ""))
            if keyword and keyword not in keywords:
                yield Fact(f"{keyword}={value} {written}", *where)


def _attributes(facts: Facts, cookie: str) -> dict[str, str]:
    """Return the names of a cookie's attributes, by their lowercase form."""
    for fact in facts.get("header:set-cookie", ()):
        first, *rest = (part.strip() for part in fact.text.split(";"))
        if first.startswith(f"{cookie}="):
            names = [part.partition("=")[0] for part in rest]
            return {name.lower(): name for name in names}
    return {}


@lru_cache(maxsize=64)
def _calls(found: Module) -> tuple[tuple[Place, frozenset[str]], ...]:
    """Return the calls of `set_cookie` in session classes, with their keywords."""
    return tuple(
        (
            Place(*statement_at(found.file, node.lineno)),
            frozenset(each.arg for each in node.keywords if each.arg),
        )
        for owner in ast.walk(found.tree)
        if isinstance(owner, ast.ClassDef)
        if any(getattr(each, "name", "") == "save_session" for each in owner.body)
        for node in ast.walk(owner)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "set_cookie"
        and all(each.arg for each in node.keywords)
    )
