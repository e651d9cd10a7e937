"""Key moments of the code that ran: hooks, exceptions, error handlers, awaits, routing."""

from comparison.models import Event, Recording

from .facts import RAISES, RETURNS, code, ended, first, named, returned, status_of, who
from .model import Answer, Moments
from .subject import Subject

_TUPLES = "`(body, status)`, `(body, headers)` or `(body, status, headers)`"


def moments_of_code(subject: Subject) -> Moments:
    """Return the key moments of the code of the app and of routing."""
    yield from _hooks(subject)
    yield from _abort(subject)
    yield from _rejected(subject)
    yield from _handlers(subject)
    yield from _not_routed(subject)
    yield from _waiting(subject)


def _hooks(subject: Subject) -> Moments:
    recording = subject.recording
    trace = recording.trace
    called = [event for event in trace if event.event == "hook_called"]
    if not called:
        return
    answered = returned(recording)
    if answered is not None and answered.event == "hook_returned":
        at = subject.at(answered)
        if first(recording, "view_called") is None and answered.value is not None:
            yield (
                "Why was the view not called?",
                Answer(
                    "A function that runs before the request may return a response. Then the"
                    f" view does not run.\n{who(answered)} returned"
                    f" {code(answered.value.text)} at {subject.step(at)}.",
                    (at,),
                ),
            )
    view = next((n for n, e in enumerate(trace) if e.event == "view_called"), None)
    if view is None:
        return
    before = [event for event in trace[:view] if event.event == "hook_called"]
    after = called[len(before) :]
    parts = []
    if before:
        parts.append(f"Before the view: {_in_order(before)}.")
    if after:
        parts.append(f"After the view: {_in_order(after)}.")
    steps = [subject.at(_end_of(recording, event)) for event in called]
    yield "Which functions ran around the view, and in which order?", Answer(
        "Hooks of the app run before and after the view, and at the end of the request."
        f"\n{' '.join(parts)} See {_range(subject, steps)}.",
        tuple(dict.fromkeys((steps[0], steps[-1]))),
    )  # fmt: skip


def _range(subject: Subject, steps: list[int]) -> str:
    first_step, last_step = subject.step(steps[0]), subject.label(steps[-1])
    return first_step if len(steps) == 1 else f"{first_step} to {last_step}"


def _in_order(events: list[Event]) -> str:
    return ", then ".join(code(event.name) for event in events)


def _end_of(recording: Recording, called: Event) -> Event:
    """Return the event that ends a hook: its return, or its exception."""
    trace = recording.trace
    index = next(n for n, event in enumerate(trace) if event is called)
    ends = ("hook_returned", "hook_raised")
    later = (e for e in trace[index:] if e.event in ends and e.name == called.name)
    return next(later, called)


def _abort(subject: Subject) -> Moments:
    """Explain an HTTP exception, such as `abort` raises."""
    event = first(subject.recording, *RAISES)
    if event is None or not _is_http(event.detail):
        return
    kind, _, rest = event.detail.partition(": ")
    step = subject.at(event)
    calls = "abort(" in event.source
    how = "`abort` raises an exception" if calls else "An HTTP exception was raised"
    where = f" at {code(event.source)}" if event.source else ""
    status = rest.partition(" ")[0]
    yield (
        f"What does {'`abort`' if calls else f'`{kind}`'} do?",
        Answer(
            f"{how}, which ends the function at once. The framework makes the response of it,"
            f" unless an error handler does.\n{who(event)} raised `{kind}`{where}, at"
            f" {subject.step(step)}. It stands for status {named(int(status))}.",
            (step,),
        ),
    )


def _is_http(detail: str) -> bool:
    """Return whether an exception is one of Werkzeug's, which has a status."""
    _, colon, rest = detail.partition(": ")
    status = rest.partition(" ")[0]
    return bool(colon) and len(status) == 3 and status.isdigit()


def _rejected(subject: Subject) -> Moments:
    """Explain a value that the framework cannot make a response of."""
    trace = subject.recording.trace
    caught = first(subject.recording, "error_caught")
    if caught is None:
        return
    index = next(n for n, event in enumerate(trace) if event is caught)
    before = [e for e in trace[:index] if e.event in (*RETURNS, *RAISES)]
    if not before or before[-1].event not in RETURNS or before[-1].value is None:
        return
    value, step, caught_at = (
        before[-1].value,
        subject.at(before[-1]),
        subject.at(caught),
    )
    framework = subject.framework
    if value.type == "tuple":
        question = "Which tuples may a view return?"
        rule = f"A tuple must have one of these forms: {_TUPLES}."
    else:
        question = "Which values may a view return?"
        rule = (
            "A view returns a text, bytes, a dict, a list, an iterator, a response or a"
        )
        rule += " tuple with one of these."
    yield (
        question,
        Answer(
            f"{rule}\n{who(before[-1])} returned {code(value.text)} at {subject.step(step)}."
            f" At {subject.step(caught_at)} {framework} caught {ended(_one_line(caught.detail))}",
            (step, caught_at),
        ),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _handlers(subject: Subject) -> Moments:
    """Explain who made the response after an exception of the view.

    There is no such moment if the view had returned.
    """
    recording = subject.recording
    caught, handler = (
        first(recording, "error_caught"),
        first(recording, "handler_called"),
    )
    if caught is None or first(recording, "view_returned") is not None:
        return
    status, framework = status_of(recording), subject.framework
    if handler is not None:
        step = subject.at(handler)
        answer = (
            "An error handler is called with the exception, and returns the response"
        )
        answer += f" instead of the view.\n{who(handler)} took over at"
        answer += f" {subject.step(step)}. {framework} had caught"
        answer += f" {ended(_one_line(caught.detail))}"
    else:
        step = subject.at(caught)
        answer = "Without an error handler for an exception, the framework makes the"
        answer += f" response itself.\n{framework} caught"
        answer += f" {ended(_one_line(caught.detail))} See {subject.step(step)}."
        if status is not None:
            answer += f" The response has status {named(status)}."
    yield "Who answered when the view did not?", Answer(answer, (step,))


def _not_routed(subject: Subject) -> Moments:
    recording, framework = subject.recording, subject.framework
    missed = first(recording, "route_missed")
    options = first(recording, "automatic_options")
    request = recording.exchange.request
    if missed is not None:
        step = subject.at(missed)
        why = {
            "MethodNotAllowed": f"a route has this path, but it does not allow {request.method}",
            "RequestRedirect": "the route for it is at another URL",
        }.get(missed.detail.partition(":")[0], "no route has this path")
        yield (
            "Why was no view called?",
            Answer(
                "Routing looks for a route with the path and the method of the request.\n"
                f"For {request.request_line} {framework} found no view at"
                f" {subject.step(step)}: {why}.",
                (step,),
            ),
        )
    elif options is not None:
        step = subject.at(options)
        yield (
            "Why was no view called?",
            Answer(
                "For each route, the framework responds to OPTIONS itself, unless the view"
                f" does.\n{framework} did so at {subject.step(step)}; `Allow` lists the"
                " methods of the route.",
                (step,),
            ),
        )


def _waiting(subject: Subject) -> Moments:
    recording, framework = subject.recording, subject.framework
    suspended = [e for e in recording.trace if e.event == "suspended"]
    resumed = first(recording, "resumed")
    if not suspended:
        return
    place = suspended[0]
    step = subject.at(place)
    often = "once" if len(suspended) == 1 else f"{len(suspended)} times, first"
    shown = subject.step(step)
    at = f"at {code(place.source)} ({shown})" if place.source else f"({shown})"
    on = f", on the thread {place.thread}" if place.thread else ""
    paragraphs = [f"The code was suspended {often} {at}{on}."]
    if resumed is not None and resumed.thread:
        same = resumed.thread == place.thread
        where = "there" if same else f"on the thread {resumed.thread}"
        paragraphs.append(f"It was resumed {where}, with its variables as they were.")
    if framework in _MEANWHILE:
        paragraphs.append(_MEANWHILE[framework])
    yield "What happens at an await?", Answer("\n".join(paragraphs), (step,))


_MEANWHILE = {
    "Flask": "Meanwhile the worker that has the request waits: Flask runs each async view"
    " on a separate event loop (Flask, Using async and await).",
    "Quart": "Meanwhile the event loop can serve other requests.",
}
