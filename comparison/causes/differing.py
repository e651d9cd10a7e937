"""A request in which two targets differ, and the exceptions that only one raised."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from comparison.models import CANCELLED, Difference, Finding

from .fact import Fact
from .facts import Facts, Request
from .places import same_line

_ARGUMENTS = re.compile(
    r"^TypeError: .*\(\) (?:got an unexpected|takes \d|takes from|missing \d|got multiple)"
)


class DifferingRequest(NamedTuple):
    """One request of a comparison in which a target differs: what we know about it."""

    pair: Mapping[str, Request]
    facts: Mapping[str, Facts]
    differences: Sequence[Difference]
    reference: str
    name: str

    def raised_in_one_only(self, *, http: bool) -> Iterator[Finding]:
        """Yield the exceptions of a type that only one app raised."""
        sides = (self.name, self.reference)
        for this, other in (sides, sides[::-1]):
            theirs = {_type(fact.text) for fact in self.facts[other].get("raised", ())}
            outside = {
                fact: where
                for where in ("thread", "task")
                for fact in self.facts[this].get(f"{where}-raised", ())
            }
            for fact in self.facts[this].get("raised", ()):
                kind = _type(fact.text)
                if kind in theirs or kind in CANCELLED:
                    continue
                if http != is_http(fact.text):
                    continue
                where = outside.get(fact)
                yield Finding(
                    target=this,
                    summary=f"{kind} ended a {where} in {this} only."
                    if where is not None
                    else f"{kind} is raised in {this} only.",
                    remedy=self._advice(fact, other),
                    file=fact.file,
                    line=fact.line,
                    source=fact.source,
                    evidence=(fact.text,),
                )

    def _advice(self, fact: Fact, other: str) -> str:
        """Say where to look for the cause of an exception that `other` does not raise."""
        if not fact.file:
            return "No line of the app raised it. `comparison run -vv` prints the traceback."
        if _ARGUMENTS.search(fact.text):
            return "Call it with the arguments that it has in the package of this app."
        files = {each.file for each in self.facts[other].get("module", ())}
        twin = next(
            filter(None, (same_line(each, (fact.file, fact.line)) for each in files)),
            None,
        )
        if twin is None:
            return "Look at the line, and at what it uses."
        return (
            f"{other} runs the same line ({twin.file}:{twin.line}). Find out which value"
            " or type that it uses is another one here."
        )

    def raised_in_both(self) -> Iterator[Finding]:
        """Yield an exception of each app, if both raised one of the same type."""
        facts = [
            [f for f in self.facts[side].get("raised", ()) if not is_http(f.text)]
            for side in (self.reference, self.name)
        ]
        if not all(facts) or len({_type(each[0].text) for each in facts}) > 1:
            return
        for side, (fact, *_) in zip((self.reference, self.name), facts, strict=True):
            yield Finding(
                target=side,
                summary=f"{_type(fact.text)} is raised in both apps.",
                remedy="Look at the line, and at what it uses.",
                file=fact.file,
                line=fact.line,
                source=fact.source,
                evidence=(fact.text,),
            )


def is_http(text: str) -> bool:
    """Return whether an exception, `Type: message`, stands for an HTTP status."""
    return _type(text) in _http_errors()


def _type(text: str) -> str:
    return text.partition(":")[0]


@cache
def _http_errors() -> frozenset[str]:
    """Return the names of the exceptions that stand for an HTTP status."""
    from werkzeug import exceptions

    return frozenset(
        name
        for name, kind in vars(exceptions).items()
        if isinstance(kind, type) and issubclass(kind, exceptions.HTTPException)
    ) | {"BadRequestKeyError", "RequestRedirect"}
