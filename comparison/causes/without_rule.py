"""Explain differences without a rule: by similar known differences, or by place."""

import re
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from comparison.known.shipped import shipped_cause
from comparison.models import Finding, TargetInfo

from .differing import DifferingRequest
from .fact import Fact
from .match import matching
from .models import Explanation
from .places import names_from

_INSIDE = ("route_", "view_", "hook_", "handler_", "error_caught")
_WRAPS = re.compile(r"\.(?:asgi|wsgi)_app\s*=(?!=)|^app\s*=\s*\w*Middleware\w*\(")


def similar_known(case: DifferingRequest) -> Iterator[Finding]:
    """Name the causes of shipped known differences with the same fields."""
    by_id: dict[str, list[str]] = {}
    for difference in case.differences:
        for known in (difference.similar or ())[:1]:
            by_id.setdefault(known, []).append(difference.field)
    for known, fields in by_id.items():
        if {*fields} <= {"body", "header:content-length"}:
            # A word of the body is too little: it is what the app writes itself.
            continue
        cause = shipped_cause(known)
        yield Finding(
            cause=known,
            target=case.name,
            layer=cause.layer,
            summary=cause.summary,
            remedy=cause.advice,
            fields=tuple(fields),
            docs=cause.upstream,
        )


def named_by_flask(
    where: Finding, info: TargetInfo, explanations: Iterable[Explanation]
) -> Finding:
    """Explain a line of a Quart app with another result that uses a name of Flask."""
    names = names_from(where.file, where.line, "flask")
    if info.framework != "quart" or not names:
        return where
    place = (where.file, where.line, where.source)
    facts = {"flask-name": [Fact(name, *place) for name in names]}
    for explanation in explanations:
        for found in matching(explanation, facts, {}, where.target):
            return replace(found, fields=where.fields, request=where.request)
    return where


def unknown_cause(case: DifferingRequest, fields: Iterable[str]) -> Finding:
    """Name the fields, and the places where both apps made their response.

    Differences of a server or a client have no place in an app.
    """
    fields = tuple(fields)
    layers = {d.layer for d in case.differences if d.field in fields}
    summary = f"No known cause matches: {', '.join(fields)}."
    if len(layers) == 1 and (layer := layers.pop()) in ("server", "client"):
        return Finding(target=case.name, summary=summary, layer=layer)
    if (waits := _waiting(case)) is not None:
        return waits
    if (outside := _answered_outside(case, summary)) is not None:
        return outside
    ends = {}
    for side in (case.reference, case.name):
        code = [
            *case.facts[side].get("code", ()),
            *case.facts[side].get("view", ()),
        ]
        ends[side] = next((fact for fact in code if fact.file), None)
    here = ends[case.name]
    evidence = tuple(
        f"{side}: {_first_line(end.source)} ({end.file}:{end.line})"
        for side, end in ends.items()
        if end is not None and end.source
    )
    return Finding(
        target=case.name,
        summary=summary,
        file=here.file if here else "",
        line=here.line if here else 0,
        source=_first_line(here.source) if here else "",
        evidence=evidence,
    )


def _waiting(case: DifferingRequest) -> Finding | None:
    """Name the `await` at which an app waits that did not answer in time."""
    for waits in case.facts[case.name].get("hangs-at", ()):
        return Finding(
            target=case.name,
            summary=f"{case.name} did not answer in time. It waits at `{waits.source}`.",
            remedy="Find out what should end this `await`: who sends, releases or sets"
            " what it waits for.",
            file=waits.file,
            line=waits.line,
            source=waits.source,
        )
    return None


def _answered_outside(case: DifferingRequest, summary: str) -> Finding | None:
    """Name the middleware that answered before the app was called, in one app only."""
    here, there = (case.facts[side] for side in (case.name, case.reference))
    inside = [
        any(f.text.startswith(_INSIDE) for f in side.get("event", ()))
        for side in (here, there)
    ]
    if inside != [False, True] or not here.get("status"):
        return None
    for source in here.get("module", ()):
        for number, line in enumerate(source.text.splitlines(), 1):
            if _WRAPS.search(line):
                return Finding(
                    target=case.name,
                    summary=f"{summary} Middleware answered in {case.name}, before any"
                    " function of the app.",
                    remedy="Look at what this middleware reads of the request, and at its"
                    " conditions.",
                    file=source.file,
                    line=number,
                    source=line.strip(),
                )
    return None


def _first_line(text: str) -> str:
    return text.partition("\n")[0]
