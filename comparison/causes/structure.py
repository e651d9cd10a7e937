"""Explain differences by what one app ran and the other did not: routes, hooks, handlers."""

from collections.abc import Iterator

from comparison.models import Event, Finding

from .code import definition_of
from .facts import Request


def structural(
    reference: Request, candidate: Request, name: str, target: str
) -> Iterator[Finding]:
    """Yield what routes, hooks and error handlers explain.

    `name` is that of the reference, `target` that of the candidate.
    """
    yield from _routes(reference, candidate, name, target)
    yield from _hooks(reference, candidate, name, target)
    yield from _handlers(reference, candidate, name, target)


def _routes(
    reference: Request, candidate: Request, name: str, target: str
) -> Iterator[Finding]:
    ours, theirs = (
        _event(reference, "route_matched"),
        _event(candidate, "route_matched"),
    )
    missed = _event(candidate, "route_missed")
    request = candidate.exchange.request
    asked = f"{request.method} {request.path.partition('?')[0]}"
    if ours is not None and missed is not None and theirs is None:
        file = _file(candidate, reference, ours)
        where = definition_of(file, ours.name.rpartition(".")[2]) if file else None
        why = {
            "MethodNotAllowed": f"The rule in {target} does not allow {request.method}.",
            "RequestRedirect": f"{target} has the rule at another URL, with or without a slash at its end.",
        }.get(missed.detail, f"{target} has no rule for it.")
        yield Finding(
            cause="route-missing",
            target=target,
            summary=f"{asked} has a view in {name} only. {why}",
            remedy=f"Register the rule {ours.rule!r} for {request.method} in {target}, as in {ours.file}:{ours.line}.",
            file=where.file if where else "",
            line=where.line if where else 0,
            source=where.source if where else "",
            evidence=(
                f"{name}: {ours.rule} → {ours.name}",
                f"{target}: {missed.detail}",
            ),
        )
    elif ours is not None and theirs is not None and ours.rule != theirs.rule:
        yield Finding(
            cause="another-route",
            target=target,
            summary=f"{asked} matches another rule: {theirs.rule} in {target}, {ours.rule} in {name}.",
            remedy="Make the rules of both apps equal.",
            file=theirs.file,
            line=theirs.line,
            evidence=(
                f"{name}: {ours.rule} → {ours.name}",
                f"{target}: {theirs.rule} → {theirs.name}",
            ),
        )


def _hooks(
    reference: Request, candidate: Request, name: str, target: str
) -> Iterator[Finding]:
    ours, theirs = _called(reference, "hook_called"), _called(candidate, "hook_called")
    failed = _event(candidate, "hook_raised") is not None
    for place, (hook, event) in enumerate(ours.items()):
        later = list(ours)[place + 1 :]
        # After an exception in a hook, the others do not run: a consequence.
        if hook in theirs or (failed and not any(each in theirs for each in later)):
            continue
        file = _file(candidate, reference, event)
        where = definition_of(file, hook.rpartition(".")[2]) if file else None
        yield Finding(
            cause="hook-missing",
            target=target,
            summary=f"The hook {hook} runs in {name} only.",
            remedy=(
                f"Register {hook} in {target} as in {event.file}:{event.line}."
                if where is None
                else f"Register {hook} in {target}: {name} does it in {event.file}:{event.line}."
            ),
            file=where.file if where else "",
            line=where.line if where else 0,
            source=where.source if where else "",
            evidence=(f"{name}: {hook} called ({event.file}:{event.line})",),
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


def _handlers(
    reference: Request, candidate: Request, name: str, target: str
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
        file = _file(candidate, reference, event)
        where = definition_of(file, handler.rpartition(".")[2]) if file else None
        yield Finding(
            cause="handler-missing",
            target=target,
            summary=f"The error handler {handler} handles {error} in {name} only.",
            remedy=f"Register {handler} for {error} in {target}, as in {event.file}:{event.line}.",
            file=where.file if where else "",
            line=where.line if where else 0,
            source=where.source if where else "",
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


def _called(request: Request, kind: str) -> dict[str, Event]:
    return {
        event.name: event
        for event in request.trace
        if event.event == kind and not event.detail
    }


def _event(request: Request, kind: str) -> Event | None:
    return next((event for event in request.trace if event.event == kind), None)


def own_file(request: Request) -> str:
    """Return the file of the app's code that ran in a request, or ""."""
    kinds = ("route_matched", "view_called", "hook_called", "handler_called")
    files = (event.file for event in request.trace if event.event in kinds)
    return next(filter(None, files), "")


def _file(candidate: Request, reference: Request, event: Event) -> str:
    """Guess the file of the candidate that matches the file of a reference's event."""
    found = own_file(candidate)
    if found:
        return found
    return ""
