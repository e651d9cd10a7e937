"""The catalogue: every case by topic, its verdict, and runs over many of them."""

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

from .runs import State, Watched, counts_line
from .state import playground
from .visitors import RawRecording, asked_since

blueprint = Blueprint("catalogue", __name__)

VERDICTS = {
    "identical": "what came back is the same, and as the case expects",
    "known": "it differs in a way that is written down, with its cause",
    "different": "it differs, and nothing that is written down says why",
    "failed": "nothing came back, or not what the case expects; or a known difference is"
    " gone",
}
FIRST = "custom"  # the lesson that all of this grew from
SHOWN = 48  # characters of a path
TICK = 0.1  # seconds between two looks at a run


class Line(NamedTuple):
    """A case in the list."""

    id: str
    title: str
    method: str
    path: str
    verdict: Verdict | None


class Group(NamedTuple):
    """The cases of a topic that are shown."""

    name: str
    topic: Topic
    lines: list[Line]
    counts: Counter[str]


class Choice(NamedTuple):
    """Which cases are wanted: those that have every word, of one verdict or of any."""

    words: str
    verdict: str

    def fits(self, case: Case, verdict: str | None) -> bool:
        """Whether a case is one of them."""
        text = f"{case.id} {case.topic} {case.title} {case.request.asked}".lower()
        return self.verdict in ("", verdict) and all(
            word in text for word in self.words.lower().split()
        )


def chosen(values: Any) -> Choice:
    """The choice in a query or a form."""
    verdict = values.get("verdict", "")
    return Choice(values.get("q", "")[:200], verdict if verdict in VERDICTS else "")


@blueprint.get("/")
async def index() -> str:
    """The catalogue, with the verdicts of the run that was made when all began."""
    return await page(playground().runs.standing)


@blueprint.get("/runs/<run_id>")
async def run(run_id: str) -> str:
    """The catalogue, with the verdicts of one visitor's run."""
    return await page(found(run_id))


@blueprint.post("/runs")
async def start() -> WerkzeugResponse:
    """Begin a run of one topic, of what is shown, or of everything."""
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
        abort(404, "No case is like that, so there is nothing to ask.")
    wanted = topic or choice.words
    what = " ".join(filter(None, [wanted, choice.verdict]))
    if not what:
        what = "all cases" if earlier is None else earlier.what
    state.rate.take()
    started = state.runs.start(what, cases, command_for(cases, wanted))
    return redirect(url_for("catalogue.run", run_id=started.id), 303)


def command_for(cases: Iterable[Case], wanted: str) -> str:
    """The command that asks these cases, and others where no expression has just them."""
    state = playground()
    expression = " and ".join(wanted.split())
    if expression:
        with suppress(ComparisonError):
            asked = select_cases(tuple(state.cases.values()), expression)
            if {case.id for case in asked} >= {case.id for case in cases}:
                return state.command("run", "-k", expression)
    return state.command("run")


@blueprint.post("/runs/<run_id>/cancel")
async def cancel(run_id: str) -> WerkzeugResponse:
    """Ask nothing more in this run."""
    watched = found(run_id)
    if not watched.standing:
        watched.cancel()
    return redirect(url_for("catalogue.run", run_id=run_id), 303)


@blueprint.get("/runs/<run_id>/events")
async def events(run_id: str) -> Response:
    """The verdicts as they come, as Server-Sent Events (HTML, section 9.2)."""
    stream = progress(found(run_id), playground().visitors.asked())
    response = Response(stream, mimetype="text/event-stream")
    response.timeout = None
    return response


async def progress(
    watched: Watched, asked: Mapping[str, RawRecording]
) -> AsyncIterator[bytes]:
    """What is new, as it comes, until the run is over or the reader is gone."""
    told = 0
    watched.watchers += 1
    try:
        while True:
            state = watched.state
            news = list(watched.verdicts.copy().items())[told:]
            told += len(news)
            since = asked_since(watched, asked)
            if news or state != "going":
                event = {
                    "state": state,
                    "done": told,
                    "words": words(watched, state),
                    "verdicts": [(id_, since.get(id_, v)) for id_, v in news],
                }
                yield b"data: " + msgspec.json.encode(event) + b"\n\n"
            if state != "going":
                return
            await asyncio.sleep(TICK)
    finally:
        watched.watchers -= 1
        watched.seen()


def found(run_id: str) -> Watched:
    """The run with this id; none of anybody else's can be guessed."""
    watched = playground().runs.find(run_id)
    if watched is None:
        abort(404, "There is no such run, or it was too long ago.")
    watched.seen()
    return watched


def listed(watched: Watched | None) -> Collection[Case]:
    """The cases that a page lists: those of its run, or all of them."""
    return playground().cases.values() if watched is None else watched.cases


def verdicts_of(watched: Watched | None) -> dict[str, Verdict]:
    """What came last of each case that a page lists for its visitor."""
    since = asked_since(watched, playground().visitors.asked())
    return (watched.verdicts.copy() if watched else {}) | since


def words(watched: Watched, state: State) -> str:
    """How far a run that is in this state has come, in a line."""
    done, total = len(watched.verdicts), len(watched.cases)
    counts = counts_line(watched.counts)
    match state:
        case "going":
            return f"{done} of {total} asked: {counts or 'none yet'}"
        case "cancelled":
            return f"Cancelled after {done} of {total}: {counts or 'none asked'}"
        case "failed":
            return f"It could not go on: {watched.error}"
    return f"{done} asked: {counts}"


async def page(watched: Watched | None) -> str:
    """The list, as the query chooses."""
    state = playground()
    choice = chosen(request.args)
    # Asked first: a page that calls a run ended has all that came of it.
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
        bundled=not state.asking.paths,
        choice=choice,
        counts=Counter(verdicts.values()),
        first=state.cases.get(FIRST),
        groups=groups,
        in_process=state.in_process,
        shown=sum(len(group.lines) for group in groups),
        total=len(cases),
        stage=stage,
        verdicts=VERDICTS,
        since=len(asked_since(watched, state.visitors.asked())),
        watched=watched,
        **values,
    )


def grouped(
    cases: Iterable[Case], choice: Choice, verdicts: dict[str, Verdict]
) -> Iterable[Group]:
    """The topics that have something to show, with it."""
    topics = playground().topics
    lines: dict[str, list[Line]] = {name: [] for name in topics}
    for case in cases:
        verdict = verdicts.get(case.id)
        if choice.fits(case, verdict):
            path = playground().asking.shown_case(case).request.path
            path = path if len(path) <= SHOWN else f"{path[: SHOWN - 1]}…"
            method = case.request.method
            line = Line(case.id, case.title or case.id, method, path, verdict)
            lines[case.topic].append(line)
    for name, here in lines.items():
        if here:
            counts = Counter[str](line.verdict or "not asked" for line in here)
            yield Group(name, topics[name], here, counts)
