"""Match explanations with the facts of both sides."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from comparison.models import Finding
from comparison.tracing import is_app_file

from .awaiting import call_awaited, with_await
from .fact import Fact
from .facts import Facts
from .models import Explanation
from .places import function_at, generator_in, import_of, statement_at
from .statements import Function
from .wrappers import ENSURED, ensured_call

MAX_TEXT = 300
_INSIDE = ("exception", "raised", "thread-raised", "task-raised")
_SOURCES = ("view", "module", "plain-handler")
_MIDDLEWARE = {kind: re.compile(rf"\b{kind}_app\s*=(?!=)") for kind in ("wsgi", "asgi")}
_HTTP = re.compile(r"\w+: \d{3} ")


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
        match = compiled(pattern).search(fact.text)
        if match is not None:
            values = {**groups, **match.groupdict(default="")}
            where = _placed(explanation, _line_of(name, fact, match), this)
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
    code = statement_at(where.file, where.line).source if where.file else ""
    code = code or where.source
    around = function_at(where.file, where.line) if where.file else None
    wrapped = ensured_call(where.file, around)
    awaited = with_await(code, coroutine)
    if not re.search(rf"\b{re.escape(function)}\b", code):
        awaited = awaited or call_awaited(code)
    values = {
        **groups,
        "source": where.source,
        "function": function,
        "awaited": awaited or f"await {function}(...)",
        "ensured": _ensured(code, wrapped) or ENSURED.format(function) + "(...)",
        "wrapper": around.name if around is not None else "the wrapper",
        "in_async_def": _in_async_def(around, wrapped),
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
    proof: Fact | None = fact
    if name not in _INSIDE:
        raised = [f for f in this.get("raised", ()) if not _HTTP.match(f.text)]
        proof = next(iter(raised), None)
    if proof is None:
        return ()
    place = proof.library or (f"{proof.file}:{proof.line}" if proof.file else "")
    text = proof.text.partition("\n")[0]
    if len(text) > MAX_TEXT:
        # The mark lets redaction find the start of a secret.
        text = f"{text[:MAX_TEXT]}…"
    return (f"{text} ({place})" if place else text,)


def _line_of(name: str, fact: Fact, match: re.Match[str]) -> Fact:
    """Return the line of a source that matches as the place of the fact."""
    if name.removeprefix("other.") not in _SOURCES or not fact.file:
        return fact
    start = match.start("at" if "at" in match.re.groupindex else 0)
    before = fact.text.count("\n", 0, start)
    source = fact.text.split("\n")[before].strip()
    return Fact(fact.text, fact.file, fact.line + before, source)


def _placed(explanation: Explanation, fact: Fact, this: Facts) -> Fact:
    if explanation.place == "none":
        return Fact(fact.text)
    if explanation.place == "import":
        sources = (fact, *this.get("view", ()), *this.get("module", ()))
        for file in dict.fromkeys(each.file for each in sources):
            if file and (found := import_of(file, "flask")) is not None:
                return Fact(fact.text, *found)
    if explanation.place == "generator":
        for each in this.get("view", ()):
            if (found := generator_in(each.file, each.line)) is not None:
                return Fact(fact.text, *found)
    if explanation.place == "middleware":
        flask = any(each.text == "flask" for each in this.get("framework", ()))
        pattern = _MIDDLEWARE["wsgi" if flask else "asgi"]
        for each in this.get("module", ()):
            if (match := pattern.search(each.text)) is not None:
                return _line_of("module", each, match)._replace(text=fact.text)
        return Fact(fact.text)
    if explanation.place in ("view", "return") or not fact.file:
        code = [*this.get("code", ()), *this.get("view", ())]
        if explanation.place == "view":
            code.reverse()
        # A view of the framework, such as that of static files, is no place in the app.
        own = next((each for each in code if is_app_file(each.file)), None)
        if own is not None or explanation.place == "return":
            where = own or Fact("")
            return Fact(fact.text, where.file, where.line, where.source)
    return fact


def _ensured(code: str, wrapped: tuple[str, str] | None) -> str:
    if wrapped is not None and wrapped[0] in code:
        return code.replace(*wrapped, 1)
    return call_awaited(code, ENSURED)


def _in_async_def(around: Function | None, wrapped: tuple[str, str] | None) -> str:
    """Say that the plain function around has to be `async def`, and what it then awaits."""
    if not isinstance(around, ast.FunctionDef):
        return ""
    with_call = f", with `{wrapped[1]}` instead of `{wrapped[0]}`" if wrapped else ""
    return f", in `async def {around.name}`{with_call}"


def _first(name: str, pattern: str, this: Facts, other: Facts) -> re.Match[str] | None:
    for fact in _facts(name, this, other):
        if (found := compiled(pattern).search(fact.text)) is not None:
            return found
    return None


def _facts(name: str, this: Facts, other: Facts) -> Sequence[Fact]:
    if name.startswith("other."):
        return other.get(name.removeprefix("other."), ())
    return this.get(name, ())


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern of an explanation, compiled once."""
    return re.compile(pattern)
