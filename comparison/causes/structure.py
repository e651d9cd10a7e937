"""Explain differences by what one app ran and the other did not: routes, hooks, handlers."""

from collections.abc import Iterator

from msgspec.structs import replace

from comparison.models import Event, Finding

from .facts import Request
from .registration import for_blueprint_only
from .routes import definition, first_event, missing_route, place_of

STRUCTURAL = {
    "route-missing": "Only one app has a rule for the request.",
    "another-route": "The request matches another rule in each app.",
    "rules-differ": "Both apps reject the request, for different reasons.",
    "made-otherwise": "An app or a blueprint is made with other keywords.",
    "middleware-missing": "Only the reference is wrapped in middleware.",
    "blueprint-differs": "A blueprint is missing in one app, or has another prefix.",
    "hook-missing": "A hook of the reference does not run in the candidate.",
    "for-blueprint-only": "A hook or an error handler is registered for a blueprint without this view.",
    "hook-added": "A hook runs in the candidate only.",
    "hook-order": "The same hooks run in another order.",
    "hook-returns-nothing": "A hook after the request returns None in the candidate.",
    "handler-missing": "Only the reference has an error handler for the exception.",
    "handler-added": "Only the candidate has an error handler for the exception.",
    "changed-code-raises": "Only one app raises, after a statement that differs.",
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
    route = missing_route(reference, candidate, name, target, file)
    if route is not None:
        # Without the view, its hooks and handlers do not run either.
        yield route
        return
    yield from _hooks(reference, candidate, name, target, file)
    yield from _handlers(reference, candidate, name, target, file)


def _hooks(
    reference: Request, candidate: Request, name: str, target: str, file: str
) -> Iterator[Finding]:
    ours, theirs = _called(reference, "hook_called"), _called(candidate, "hook_called")
    failed = first_event(candidate, "hook_raised") is not None
    for place, (hook, event) in enumerate(ours.items()):
        later = list(ours)[place + 1 :]
        # After an exception in a hook, the others do not run: a consequence.
        if hook in theirs or (failed and not any(each in theirs for each in later)):
            continue
        # A hook that runs after the response cannot change it.
        after = _is_after_response(reference, event)
        narrow = _for_blueprint_only(candidate, hook, event, target, file)
        if narrow is not None:
            yield replace(narrow, fields=("effect",) if after else ())
            continue
        where = definition(file, hook)
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
            **place_of(where),
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
    caught = (
        first_event(reference, "error_caught"),
        first_event(candidate, "error_caught"),
    )
    errors = {e.detail.partition(":")[0] for e in caught if e is not None}
    if None in caught or len(errors) > 1:
        return
    (error,) = errors
    for handler, event in ours.items():
        if handler in theirs:
            continue
        narrow = _for_blueprint_only(candidate, handler, event, target, file)
        if narrow is not None:
            yield narrow
            continue
        where = definition(file, handler)
        yield Finding(
            cause="handler-missing",
            target=target,
            summary=f"The error handler {handler} handles {error} in {name} only.",
            remedy=f"Register {handler} for {error} in {target}, as in {event.file}:{event.line}.",
            **place_of(where),
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


def _for_blueprint_only(
    candidate: Request, function: str, event: Event, target: str, file: str
) -> Finding | None:
    """Explain that a function is registered for another blueprint than the view's."""
    route = first_event(candidate, "route_matched")
    found = for_blueprint_only(file, function, route.name if route is not None else "")
    if found is None:
        return None
    return Finding(
        cause="for-blueprint-only",
        target=target,
        summary=(
            f"`{found.written}` is about the views of the blueprint {found.blueprint}"
            f" only, so {function} does not run for this request."
        ),
        remedy=f"Write `{found.for_app}`, or register it as in {event.file}:{event.line}.",
        file=found.where.file,
        line=found.where.line,
        source=found.where.source,
    )


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
