"""Serve the catalogue: every case by topic, its verdict, and runs of many cases."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec
from quart import (
    Blueprint,
    Response,
    abort,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as WerkzeugResponse

from comparison.cases import Topic, select_cases
from comparison.core.errors import ComparisonError
from comparison.models import Case, Verdict

from .runs import State, WatchedRun, counts_line
from .state import playground
from .visitors import CaseResult, results_since

blueprint = Blueprint("catalogue", __name__)

VERDICTS = {
    "identical": "both responses are the same, and as the case expects",
    "known": "they differ, and known differences explain everything",
    "different": "they differ, and no known difference explains it",
    "failed": "an app did not respond, or not as the case expects, or a known difference"
    " no longer occurs",
    "skipped": "the case needs targets on servers",
}
FIRST = "custom"  # the case that the page suggests to begin with
MAX_PATH = 48  # characters of a path
TICK = 0.1  # seconds between two checks of a run's progress


class Line(NamedTuple):
    """A case in the list."""

    id: str
    title: str
    method: str
    path: str
    verdict: Verdict | None


class Group(NamedTuple):
    """The cases of one topic that the page lists."""

    name: str
    topic: Topic
    lines: list[Line]
    counts: Counter[str]


class Choice(NamedTuple):
    """A filter of cases: they contain every word and have the verdict, if one is set."""

    words: str
    verdict: str

    def fits(self, case: Case, verdict: str | None) -> bool:
        """Return whether a case with this verdict passes the filter."""
        text = (
            f"{case.id} {case.topic} {case.title} {case.request.request_line}".lower()
        )
        return self.verdict in ("", verdict) and all(
            word in text for word in self.words.lower().split()
        )


def chosen(values: Any) -> Choice:
    """Read the filter from a query or a form."""
    verdict = values.get("verdict", "")
    return Choice(values.get("q", "")[:200], verdict if verdict in VERDICTS else "")


@blueprint.get("/")
async def index() -> str:
    """Show the catalogue with the verdicts of the run that started with the server."""
    return await page(playground().runs.startup)


@blueprint.get("/runs/<run_id>")
async def run(run_id: str) -> str:
    """Show the catalogue with the verdicts of one visitor's run."""
    return await page(found(run_id))


@blueprint.post("/runs")
async def start() -> WerkzeugResponse:
    """Start a run of one topic, of the listed cases, or of all cases."""
    state = playground()
    form = await request.form
    choice, topic = chosen(form), form.get("topic", "")
    earlier = state.runs.find(form.get("run", ""))
    verdicts = verdicts_of(earlier)
    every = listed(earlier)
    if topic:
        cases = tuple(case for case in every if case.topic == topic)
    else:
        cases = tuple(c for c in every if choice.fits(c, verdicts.get(c.id)))
    if not cases:
        abort(404, "No case matches this search, so there is nothing to run.")
    query = topic or choice.words
    what = " ".join(filter(None, [query, choice.verdict]))
    if not what:
        what = "all cases" if earlier is None else earlier.what
    state.rate.take()
    started = state.runs.start(what, cases, command_for(cases, query))
    return redirect(url_for("catalogue.run", run_id=started.id), 303)


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
    return redirect(url_for("catalogue.run", run_id=run_id), 303)


@blueprint.get("/runs/<run_id>/events")
async def events(run_id: str) -> Response:
    """Stream the verdicts of a run as Server-Sent Events (HTML, section 9.2)."""
    stream = progress(found(run_id), playground().visitors.results())
    response = Response(stream, mimetype="text/event-stream")
    response.timeout = None
    return response


async def progress(
    watched: WatchedRun, results: Mapping[str, CaseResult]
) -> AsyncIterator[bytes]:
    """Yield new verdicts as events until the run ends or the client disconnects."""
    sent = 0
    watched.watchers += 1
    try:
        while True:
            state = watched.state
            news = list(watched.verdicts.copy().items())[sent:]
            sent += len(news)
            since = results_since(watched, results)
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


def found(run_id: str) -> WatchedRun:
    """Return the run with this id, or abort with 404."""
    watched = playground().runs.find(run_id)
    if watched is None:
        abort(404, "No run has this id. The playground may have dropped an old run.")
    watched.seen()
    return watched


def listed(watched: WatchedRun | None) -> Collection[Case]:
    """Return the cases that a page lists: those of its run, or all of them."""
    return playground().cases.values() if watched is None else watched.cases


def verdicts_of(watched: WatchedRun | None) -> dict[str, Verdict]:
    """Return the visitor's latest verdict for each case that a page lists."""
    since = results_since(watched, playground().visitors.results())
    return (watched.verdicts.copy() if watched else {}) | since


def words(watched: WatchedRun, state: State) -> str:
    """Describe the progress of a run in this state in one line."""
    done, total = len(watched.verdicts), len(watched.cases)
    counts = counts_line(watched.counts)
    match state:
        case "running":
            return f"{done} of {total} run: {counts or 'none yet'}"
        case "cancelled":
            return f"Cancelled after {done} of {total}: {counts or 'none run'}"
        case "failed":
            return f"The run failed: {watched.error}"
    return f"{done} run: {counts}"


async def page(watched: WatchedRun | None) -> str:
    """Render the list of cases that the query selects."""
    state = playground()
    choice = chosen(request.args)
    # Read the state before the verdicts, so that an ended run has all of its verdicts.
    stage = watched.state if watched else None
    verdicts = verdicts_of(watched)
    cases = listed(watched)
    groups = list(grouped(cases, choice, verdicts))
    values: dict[str, Any] = {}
    if watched is not None and stage is not None:
        values["header"] = watched.header or state.header(state.command("run"))
        values["words"] = words(watched, stage)
        values["began"] = time.strftime("%H:%M:%S", time.localtime(watched.started))
    return await render_template(
        "catalogue.html",
        bundled=not state.settings.paths,
        choice=choice,
        counts=Counter(verdicts.values()),
        first=state.cases.get(FIRST),
        groups=groups,
        in_process=state.in_process,
        shown=sum(len(group.lines) for group in groups),
        total=len(cases),
        stage=stage,
        verdicts=VERDICTS,
        since=len(results_since(watched, state.visitors.results())),
        watched=watched,
        **values,
    )


def grouped(
    cases: Iterable[Case], choice: Choice, verdicts: dict[str, Verdict]
) -> Iterable[Group]:
    """Yield each topic that has cases to list, with those cases."""
    topics = playground().topics
    lines: dict[str, list[Line]] = {name: [] for name in topics}
    for case in cases:
        verdict = verdicts.get(case.id)
        if choice.fits(case, verdict):
            path = playground().settings.redact_case(case).request.path
            path = path if len(path) <= MAX_PATH else f"{path[: MAX_PATH - 1]}…"
            method = case.request.method
            line = Line(case.id, case.title or case.id, method, path, verdict)
            lines[case.topic].append(line)
    for name, here in lines.items():
        if here:
            counts = Counter[str](line.verdict or "not run" for line in here)
            yield Group(name, topics[name], here, counts)
