"""Explain that a request has another view in the candidate, or none."""

from typing import Any
from urllib.parse import unquote

from comparison.models import Event, Finding

from .code import Statement, changes_outside, definition_of, websocket_rule
from .facts import Request


def missing_route(
    reference: Request, candidate: Request, name: str, target: str, file: str
) -> Finding | None:
    """Explain that a request has another view, or none."""
    ours, theirs = (
        first_event(reference, "route_matched"),
        first_event(candidate, "route_matched"),
    )
    missed = first_event(candidate, "route_missed")
    if (
        ours is not None
        and theirs is not None
        and not _same_rule(reference, ours.rule, candidate, theirs.rule)
    ):
        request = candidate.exchange.request
        path = request.path.partition("?")[0]
        return Finding(
            cause="another-route",
            target=target,
            summary=f"{request.method} {path} matches {theirs.rule} in {target}, and {ours.rule} in {name}.",
            remedy="Make the rules of both apps equal.",
            file=theirs.file,
            line=theirs.line,
            evidence=(
                f"{name}: {ours.rule} → {ours.name}",
                f"{target}: {theirs.rule} → {theirs.name}",
            ),
        )
    if missed is None or theirs is not None:
        return None
    if ours is None:
        other = first_event(reference, "route_missed")
        if other is None or other.detail == missed.detail:
            return None
        return _missed_otherwise(other, missed, candidate, name, target, file)
    return _blueprint(ours, name, target, file) or _missing(
        ours, missed, candidate, name, target, file
    )


def _same_rule(
    reference: Request, our_rule: str, candidate: Request, their_rule: str
) -> bool:
    """Compare rules without the prefixes of their targets, as the requests show them."""
    if our_rule == their_rule:
        return True
    parts = [
        request.exchange.request.path.partition("?")[0].split("/")
        for request in (reference, candidate)
    ]
    while all(parts) and parts[0][-1] == parts[1][-1]:
        for each in parts:
            each.pop()
    ours, theirs = ("/".join(each) for each in parts)
    return our_rule.removeprefix(ours) == their_rule.removeprefix(theirs)


def _missing(
    matched: Event, missed: Event, candidate: Request, name: str, target: str, file: str
) -> Finding:
    request = candidate.exchange.request
    path = request.path.partition("?")[0]
    where = definition(file, matched.name)
    if missed.detail == "WebsocketMismatch":
        where = websocket_rule(file, path) or where
    arrived = missed.name
    if where is not None and arrived and not unquote(path).endswith(arrived):
        return Finding(
            cause="path-changed",
            target=target,
            summary=f"{request.method} {path} arrives in {target} as {arrived!r}, for which it has no rule.",
            remedy=f"Look at what changes the path before {target} gets it: the server, middleware, or a mount.",
            **place_of(where),
        )  # fmt: skip
    why = {
        "WebsocketMismatch": f"{target} has a rule for websockets only there.",
        "MethodNotAllowed": f"The rule in {target} does not allow {request.method}.",
        "RequestRedirect": f"{target} has the rule with or without a slash at its end.",
    }.get(missed.detail, f"{target} has no rule for it.")
    return Finding(
        cause="route-missing",
        target=target,
        summary=f"{request.method} {path} has a view in {name} only. {why}",
        remedy=(
            f"Register the rule {matched.rule!r} for {request.method} in {target}, as in"
            f" {matched.file}:{matched.line}."
        ),
        **place_of(where),
    )  # fmt: skip


def _blueprint(matched: Event, name: str, target: str, file: str) -> Finding | None:
    """Explain that a whole blueprint is missing, or has another prefix."""
    blueprint = matched.name.rpartition(".")[0]
    if not blueprint or not file:
        return None
    for change in changes_outside(matched.file, file):
        words = " ".join(
            each.compared for each in (*change.reference, *change.candidate)
        )
        if "lueprint" not in words:
            continue
        lost = next(
            (each for each in change.reference if "lueprint" in each.compared), None
        )
        theirs = next(
            (each for each in change.candidate if "lueprint" in each.compared), None
        )
        what = (
            f"{target} lacks `{lost.source}`"
            if theirs is None and lost
            else "its registration differs"
        )
        return Finding(
            cause="blueprint-differs",
            target=target,
            summary=f"The views of the blueprint {blueprint} are not where {name} has them: {what}.",
            remedy=(
                f"Write it as in {lost.file}:{lost.line}: `{lost.source}`"
                if lost
                else "Make the registration of both apps equal."
            ),
            file=change.file,
            line=change.line,
            source=theirs.source if theirs else "",
        )  # fmt: skip
    return None


def _missed_otherwise(
    reference: Event,
    missed: Event,
    candidate: Request,
    name: str,
    target: str,
    file: str,
) -> Finding:
    request = candidate.exchange.request
    path = request.path.partition("?")[0]
    descriptions = {
        "NotFound": "no rule",
        "MethodNotAllowed": "a rule for other methods",
        "WebsocketMismatch": "a rule for websockets only, which answers HTTP with 400",
    }
    one, other = (descriptions.get(e.detail, e.detail) for e in (reference, missed))
    remedy = "Make the rules of both apps equal."
    if missed.detail == "WebsocketMismatch":
        remedy = f"Add a rule for HTTP to {target} that answers as {name} does, or accept the difference."
    return Finding(
        cause="rules-differ",
        target=target,
        summary=f"{request.method} {path}: {name} has {one}, {target} has {other}.",
        remedy=remedy,
        **place_of(websocket_rule(file, path)),
    )


def definition(file: str, name: str) -> Statement | None:
    """Return where the candidate's file defines a function, without its qualifiers."""
    return definition_of(file, name.rpartition(".")[2]) if file else None


def place_of(where: Statement | None) -> dict[str, Any]:
    """Return the place of a finding, or none."""
    if where is None:
        return {}
    return {"file": where.file, "line": where.line, "source": where.source}


def first_event(request: Request, kind: str) -> Event | None:
    """Return the first event of a kind, or None."""
    return next((event for event in request.trace if event.event == kind), None)
