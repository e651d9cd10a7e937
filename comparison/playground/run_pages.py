"""Serve the runs of many cases: start one, watch it, cancel it."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import suppress

import msgspec
from quart import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from comparison.cases import select_cases
from comparison.core.errors import ComparisonError
from comparison.models import Case

from .catalogue import (
    chosen,
    found,
    listed,
    page,
    results_since,
    runs_of,
    traits_of,
    verdicts_of,
    words,
)
from .runs import WatchedRun
from .state import playground
from .visitors import CaseResult

blueprint = Blueprint("runs", __name__)

TICK = 0.1  # seconds between two checks of a run's progress


@blueprint.get("/runs/<run_id>")
async def run(run_id: str) -> str:
    """Show the cases with the verdicts of one visitor's run."""
    return await page(found(run_id))


@blueprint.post("/runs")
async def start() -> WerkzeugResponse:
    """Start a run of one topic, of the listed cases, or of all cases."""
    state = playground()
    form = await request.form
    choice, topic = chosen(form), form.get("topic", "")
    earlier = state.runs.find(form.get("run", ""))
    verdicts, traits = verdicts_of(earlier), traits_of(earlier)
    every = listed(earlier)
    if topic:
        cases = tuple(case for case in every if case.topic == topic)
    else:
        cases = tuple(
            c for c in every if choice.fits(c, verdicts.get(c.id), traits(c.id))
        )
    if not cases:
        abort(404, "No case matches this search, so there is nothing to run.")
    query = topic or choice.words
    what = " ".join(filter(None, [query, choice.verdict, choice.cause, choice.place]))
    if not what:
        what = "all cases" if earlier is None else earlier.what
    state.rate.take()
    started = state.runs.start(
        what, cases, command_for(cases, query), version=state.version
    )
    state.visitors.note_run(started.id)
    return redirect(url_for("runs.run", run_id=started.id), 303)


def command_for(cases: Iterable[Case], query: str) -> str:
    """Return a command that runs these cases.

    It runs other cases too if no expression selects exactly these.
    """
    state = playground()
    expression = " and ".join(query.split())
    if expression:
        with suppress(ComparisonError):
            selected = select_cases(tuple(state.cases.values()), expression)
            if {case.id for case in selected} >= {case.id for case in cases}:
                return state.command("run", "-k", expression)
    return state.command("run")


@blueprint.post("/runs/<run_id>/cancel")
async def cancel(run_id: str) -> WerkzeugResponse:
    """Cancel a run."""
    watched = found(run_id)
    if not watched.startup:
        watched.cancel()
    return redirect(url_for("runs.run", run_id=run_id), 303)


@blueprint.get("/runs/<run_id>/events")
async def events(run_id: str) -> Response:
    """Stream the verdicts of a run as Server-Sent Events (HTML, section 9.2)."""
    watched = found(run_id)
    stream = progress(watched, runs_of(watched), playground().visitors.results())
    response = Response(stream, mimetype="text/event-stream")
    response.timeout = None
    return response


async def progress(
    watched: WatchedRun, runs: list[WatchedRun], results: Mapping[str, CaseResult]
) -> AsyncIterator[bytes]:
    """Yield new verdicts as events until the run ends or the client disconnects."""
    sent = 0
    watched.watchers += 1
    try:
        while True:
            state = watched.state
            news = list(watched.verdicts.copy().items())[sent:]
            sent += len(news)
            since = results_since(watched, runs, results)
            if news or state != "running":
                event = {
                    "state": state,
                    "done": sent,
                    "words": words(watched, state),
                    "verdicts": [(id_, since.get(id_, v)) for id_, v in news],
                }
                yield b"data: " + msgspec.json.encode(event) + b"\n\n"
            if state != "running":
                return
            await asyncio.sleep(TICK)
    finally:
        watched.watchers -= 1
        watched.seen()
