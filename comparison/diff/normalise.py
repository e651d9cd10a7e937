"""Normalisation rules: they remove noise from a comparison.

Nothing else is ignored. Every report lists each rule and the number of comparisons in
which it was applied.
"""

from collections import Counter
from collections.abc import Iterable

from comparison.models import Normalisation

RULES = {
    "date-value": "Date must be present on both sides or absent on both, and equally"
    " often; its value is not compared",
    "cookie-time": "times in Set-Cookie that are less than a minute apart are not"
    " compared: Expires, and when a session was signed",
    "expires-time": "Expires is not compared if the times are less than a minute apart"
    " and Cache-Control has the same max-age, which counts (RFC 9111 section 5.3)",
    "server-value": "Server must be present on both sides or absent on both, and"
    " equally often; its value is not compared",
    "header-name-case": "header names are compared without case (RFC 9110 section 5.1)",
    "header-order": "the order of headers with different names is not compared"
    " (RFC 9110 section 5.3); the order of values under one name is",
    "allow-as-set": "Allow names a set of methods (RFC 9110 section 10.2.1), compared"
    " without order",
    "hop-by-hop": "Connection, Keep-Alive and Transfer-Encoding describe one connection"
    " (RFC 9110 section 7.6.1); their effect is compared as connection and framing",
    "broken-off": "if a connection breaks off, timing decides how much of the response"
    " has arrived",
    "left-by-time": "if the client hangs up after some seconds, timing decides how much of"
    " the response has arrived; the part that both sides have is compared",
    "length-of-equal-bodies": "Content-Length is not compared if the bodies are equal by a"
    " rule of the case",
    "reason-in-process": "the reason phrase is compared only if it crossed a socket",
    "fields-in-process": "servers add Date and Server: they are not compared if one side ran"
    " in process and has none",
    "framing-in-process": "servers send a response without a length in chunks, or until the"
    " connection closes",
}

HOP_BY_HOP = ("connection", "keep-alive", "transfer-encoding")
REQUESTED = {
    "presence": "{} must be present on both sides or absent on both; its value is not"
    " compared",
    "json": "bodies are compared as JSON values",
    "ignore": "the value at {} in a body is not compared",
    "unordered": "the list at {} in a body is compared without order",
    "tolerance": "the number at {} in a body may differ by up to {}",
    "match": "the value at {} in a body matches any other like {}",
    "pattern": "any {} in a body matches any other",
    "effect": "the effect {} is not compared",
    "one-sided": "{} may be on one side only; its value is compared if both sides have it",
    "more-fields": "the candidate may have more fields in the object at {} of a body",
    "xml": "bodies are compared as XML: the order of attributes, comments and white space"
    " around texts do not count",
    "html": "bodies are compared as HTML: the order of attributes and of classes, comments"
    " and white space that a browser ignores do not count",
    "compare": "{} compares the bodies",
    "captured": "the values that each side returned for the capture {} count as equal",
    "timing": "when each part of a body arrives is compared; it may differ by up to {}"
    " seconds",
}

UNTIL_THE_END = ("chunked", "close")
"""The framings of a response without a length (RFC 9112 section 6.3)."""

ADDED_BY_SERVERS = ("date", "server")
"""Headers that servers add; their values are not compared."""


class Applied:
    """Counts the comparisons in which each rule was applied."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def add_requested(self, names: Iterable[str]) -> None:
        """Add the rules of a case: reports list them even if they were never applied."""
        for name in names:
            self.counts[name] += 0

    def summary(self) -> tuple[Normalisation, ...]:
        """Return every rule that was applied at least once, in the order of `RULES`.

        Then every rule that cases request, even if it was never applied.
        """
        requested = {name: described(name) for name in self.counts if name not in RULES}
        return tuple(
            Normalisation(name, self.counts[name], description)
            for name, description in {**RULES, **requested}.items()
            if self.counts[name] or name in requested
        )


def described(name: str) -> str:
    """Describe a rule that a case requests."""
    kind, _, what = name.partition(":")
    place, _, more = what.partition("=")
    if kind == "tolerance":
        place, _, more = what.rpartition("=")
    if kind == "more-fields" and what == "*":
        what = "any place"
    parts = (place, more) if kind in ("tolerance", "match") else (what,)
    return f"rule of a case: {REQUESTED[kind].format(*(part or 'the top' for part in parts))}"


def as_method_set(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the methods of an Allow header in alphabetical order."""
    methods = {part.strip() for value in values for part in value.split(",")}
    return (", ".join(sorted(methods)),)
