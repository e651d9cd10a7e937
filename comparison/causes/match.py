"""Match explanations with the facts of both sides."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from comparison.models import Finding

from .awaiting import with_await
from .facts import Fact, Facts
from .models import Explanation

MAX_TEXT = 300
_INSIDE = ("exception", "thread-raised", "task-raised")


def matching(
    explanation: Explanation, this: Facts, other: Facts, target: str
) -> Iterator[Finding]:
    """Yield a finding for each fact that is evidence of an explanation.

    `this` are the facts about the app at fault, whose name is `target`.
    """
    first, *rest = explanation.when.items()
    groups: dict[str, str] = {}
    for name, pattern in rest:
        found = _first(name, pattern, this, other)
        if found is None:
            return
        groups |= found.groupdict(default="")
    for name, pattern in explanation.unless.items():
        if _first(name, pattern, this, other) is not None:
            return
    name, pattern = first
    for fact in _facts(name, this, other):
        match = _compiled(pattern).search(fact.text)
        if match is not None:
            values = {**groups, **match.groupdict(default="")}
            where = _placed(explanation, fact, this)
            evidence = _evidence(name, fact, this)
            yield _finding(explanation, where, evidence, values, target)


def _finding(
    explanation: Explanation,
    where: Fact,
    evidence: tuple[str, ...],
    groups: Mapping[str, str],
    target: str,
) -> Finding:
    coroutine = groups.get("coroutine", "")
    function = coroutine.rpartition(".")[2]
    values = {
        **groups,
        "source": where.source,
        "function": function,
        "awaited": with_await(where.source, coroutine) or f"await {function}(...)",
    }
    return Finding(
        cause=explanation.id,
        target=target,
        layer=explanation.layer,
        summary=explanation.summary.format_map(values),
        remedy=explanation.remedy.format_map(values),
        file=where.file,
        line=where.line,
        source=where.source.partition("\n")[0],
        evidence=evidence,
        docs=explanation.docs,
    )


def _evidence(name: str, fact: Fact, this: Facts) -> tuple[str, ...]:
    """Return what to show of a fact: what happened inside the app.

    An exception after a coroutine that was not awaited is its consequence.
    """
    shown = fact if name in _INSIDE else None
    if name == "never-awaited":
        shown = next(iter(this.get("exception", ())), None)
    if shown is None:
        return ()
    place = f" ({shown.file}:{shown.line})" if shown.file else ""
    return (f"{shown.text[:MAX_TEXT]}{place}",)


def _placed(explanation: Explanation, fact: Fact, this: Facts) -> Fact:
    if explanation.place == "none":
        return Fact(fact.text)
    if explanation.place == "view" or not fact.file:
        code = [*this.get("code", ()), *this.get("view", ())]
        if explanation.place == "view":
            code.reverse()
        where = next((each for each in code if each.file), None)
        if where is not None:
            return Fact(fact.text, where.file, where.line, where.source)
    return fact


def _first(name: str, pattern: str, this: Facts, other: Facts) -> re.Match[str] | None:
    for fact in _facts(name, this, other):
        if (found := _compiled(pattern).search(fact.text)) is not None:
            return found
    return None


def _facts(name: str, this: Facts, other: Facts) -> tuple[Fact, ...]:
    if name.startswith("other."):
        return tuple(other.get(name.removeprefix("other."), ()))
    return tuple(this.get(name, ()))


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
