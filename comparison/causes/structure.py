"""Explain differences by what one app ran and the other did not: routes, hooks, handlers."""

from collections.abc import Iterator
from typing import Any

from comparison.models import Event, Finding

from .code import Statement, changes_outside, definition_of, websocket_rule
from .facts import Request

STRUCTURAL = {
    "route-missing": "Only one app has a rule for the request.",
    "another-route": "The request matches another rule in each app.",
    "rules-differ": "Both apps reject the request, for different reasons.",
    "blueprint-differs": "A blueprint is missing in one app, or has another prefix.",
    "hook-missing": "A hook of the reference does not run in the candidate.",
    "hook-added": "A hook runs in the candidate only.",
    "hook-order": "The same hooks run in another order.",
    "hook-returns-nothing": "A hook after the request returns None in the candidate.",
    "handler-missing": "Only the reference has an error handler for the exception.",
    "handler-added": "Only the candidate has an error handler for the exception.",
    "code-differs": "The code of the functions that ran differs in a statement.",
}
"""The causes that we find without data, by comparing what ran: a summary for each."""


def structural(
    reference: Request, candidate: Request, name: str, target: str, file: str
) -> Iterator[Finding]:
    """Yield what routes, hooks and error handlers explain.

    `name` is that of the reference, `target` that of the candidate, and `file` is the file
    of the candidate's code.
    """
    route = _route(reference, candidate, name, target, file)
    if route is not None:
        # Without the view, its hooks and handlers do not run either.
        yield route
        return
    yield from _hooks(reference, candidate, name, target, file)
    yield from _handlers(reference, candidate, name, target, file)


def _route(
    reference: Request, candidate: Request, name: str, target: str, file: str
) -> Finding | None:
    """Explain that a request has another view, or none."""
    ours, theirs = (
        _event(reference, "route_matched"),
        _event(candidate, "route_matched"),
    )
    missed = _event(candidate, "route_missed")
    if ours is not None and theirs is not None and ours.rule != theirs.rule:
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
        other = _event(reference, "route_missed")
        if other is None or other.detail == missed.detail:
            return None
        return _missed_otherwise(other, missed, candidate, name, target, file)
    return _blueprint(ours, name, target, file) or _missing(
        ours, missed, candidate, name, target, file
    )


def _missing(
    matched: Event, missed: Event, candidate: Request, name: str, target: str, file: str
) -> Finding:
    request = candidate.exchange.request
    path = request.path.partition("?")[0]
    where = _definition(file, matched.name)
    if missed.detail == "WebsocketMismatch":
        where = websocket_rule(file, path) or where
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
        **_place(where),
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
    said = {
        "NotFound": "no rule",
        "MethodNotAllowed": "a rule for other methods",
        "WebsocketMismatch": "a rule for websockets only, which answers HTTP with 400",
    }
    one, other = (said.get(e.detail, e.detail) for e in (reference, missed))
    remedy = "Make the rules of both apps equal."
    if missed.detail == "WebsocketMismatch":
        remedy = f"Add a rule for HTTP to {target} that answers as {name} does, or accept the difference."
    return Finding(
        cause="rules-differ",
        target=target,
        summary=f"{request.method} {path}: {name} has {one}, {target} has {other}.",
        remedy=remedy,
        **_place(websocket_rule(file, path)),
    )


def _hooks(
    reference: Request, candidate: Request, name: str, target: str, file: str
) -> Iterator[Finding]:
    ours, theirs = _called(reference, "hook_called"), _called(candidate, "hook_called")
    failed = _event(candidate, "hook_raised") is not None
    for place, (hook, event) in enumerate(ours.items()):
        later = list(ours)[place + 1 :]
        # After an exception in a hook, the others do not run: a consequence.
        if hook in theirs or (failed and not any(each in theirs for each in later)):
            continue
        where = _definition(file, hook)
        # A hook that runs after the response cannot change it.
        after = _is_after_response(reference, event)
        yield Finding(
            fields=("effect",) if after else (),
            cause="hook-missing",
            target=target,
            summary=f"The hook {hook} runs in {name} only.",
            remedy=(
                f"Register {hook} in {target} as in {event.file}:{event.line}."
                if where is None
                else f"Register {hook} in {target}: {name} does it in {event.file}:{event.line}."
            ),
            **_place(where),
        )
    for hook, event in theirs.items():
        if hook not in ours and ours.keys() <= theirs.keys():
            yield Finding(
                cause="hook-added",
                target=target,
                summary=f"The hook {hook} runs in {target} only.",
                remedy=f"Register it in {name} too, or remove it.",
                file=event.file,
                line=event.line,
                source=event.source,
                evidence=(f"{target}: {hook} called",),
            )
    yield from _returned(reference, candidate, target)
    shared = [hook for hook in ours if hook in theirs]
    if shared and shared != [hook for hook in theirs if hook in ours]:
        first = theirs[next(iter(theirs))]
        yield Finding(
            cause="hook-order",
            target=target,
            summary=f"The same hooks run in another order in {target}.",
            remedy="Register them in the same order.",
            file=first.file,
            line=first.line,
            evidence=(f"{name}: {', '.join(ours)}", f"{target}: {', '.join(theirs)}"),
        )


def _returned(reference: Request, candidate: Request, target: str) -> Iterator[Finding]:
    """Explain that a hook returns nothing where the reference returns a response."""
    ours = _events_by_name(reference, "hook_returned")
    for hook, event in _events_by_name(candidate, "hook_returned").items():
        before = ours[hook].value if hook in ours else None
        after = event.value
        if before is None or after is None or before.status is None:
            continue
        if after.type == "NoneType":
            yield Finding(
                cause="hook-returns-nothing",
                target=target,
                summary=f"The hook {hook} returns None instead of the response.",
                remedy=f"Return the response, as {ours[hook].file}:{ours[hook].line} does.",
                file=event.file,
                line=event.line,
                source=event.source,
            )


def _events_by_name(request: Request, kind: str) -> dict[str, Event]:
    return {event.name: event for event in request.trace if event.event == kind}


def _handlers(
    reference: Request, candidate: Request, name: str, target: str, file: str
) -> Iterator[Finding]:
    ours, theirs = (
        _called(reference, "handler_called"),
        _called(candidate, "handler_called"),
    )
    caught = _event(reference, "error_caught"), _event(candidate, "error_caught")
    errors = {e.detail.partition(":")[0] for e in caught if e is not None}
    if None in caught or len(errors) > 1:
        return
    (error,) = errors
    for handler, event in ours.items():
        if handler in theirs:
            continue
        where = _definition(file, handler)
        yield Finding(
            cause="handler-missing",
            target=target,
            summary=f"The error handler {handler} handles {error} in {name} only.",
            remedy=f"Register {handler} for {error} in {target}, as in {event.file}:{event.line}.",
            **_place(where),
            evidence=(f"{name}: {handler} called for {error}",),
        )
    for handler, event in theirs.items():
        if handler not in ours and not ours:
            yield Finding(
                cause="handler-added",
                target=target,
                summary=f"The error handler {handler} handles {error} in {target} only.",
                remedy=f"Register it in {name} too, or remove it.",
                file=event.file,
                line=event.line,
                evidence=(f"{target}: {handler} called for {error}",),
            )


def _definition(file: str, name: str) -> Statement | None:
    """Return where the candidate's file defines a function, without its qualifiers."""
    return definition_of(file, name.rpartition(".")[2]) if file else None


def _place(where: Statement | None) -> dict[str, Any]:
    """Return the place of a finding, or none."""
    if where is None:
        return {}
    return {"file": where.file, "line": where.line, "source": where.source}


def _is_after_response(request: Request, hook: Event) -> bool:
    for event in request.trace:
        if event is hook:
            return False
        if event.event == "response_handed_over":
            return True
    return False


def _called(request: Request, kind: str) -> dict[str, Event]:
    return {
        event.name: event
        for event in request.trace
        if event.event == kind and not event.detail
    }


def _event(request: Request, kind: str) -> Event | None:
    return next((event for event in request.trace if event.event == kind), None)
