"""List the cases by topic, with their verdicts: those of a run, or the latest ones."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

from quart import Blueprint, abort, render_template, request

from comparison.cases import Topic
from comparison.models import Case, Verdict

from .addresses import case_address
from .case_page import render_case
from .runs import State, Traits, WatchedRun, counts_line
from .state import playground
from .visitors import CaseResult

blueprint = Blueprint("catalogue", __name__)

VERDICTS = {
    "identical": "both responses are the same, and as the case expects",
    "known": "they differ, and known differences explain everything",
    "different": "they differ, and no known difference explains it",
    "failed": "an app did not respond, or not as the case expects, or a known difference"
    " no longer occurs",
    "skipped": "the case needs targets on servers",
}
UNEXPECTED = "unexpected"
"""The filter for the verdicts that fail a run."""

WORST_FIRST = ("failed", "different", "known", "identical", "skipped", None)
MAX_PATH = 48  # characters of a path
MAX_WORDS = 200  # characters of a search


class Line(NamedTuple):
    """A case in the list. A page hides the cases that its filter does not select."""

    id: str
    address: str
    title: str
    method: str
    path: str
    verdict: Verdict | None
    traits: Traits
    hidden: bool


class Group(NamedTuple):
    """The cases of one topic that the page lists."""

    name: str
    topic: Topic
    lines: list[Line]
    counts: Counter[str]

    @property
    def hidden(self) -> bool:
        """Whether the filter selects none of the cases."""
        return all(line.hidden for line in self.lines)


class Choice(NamedTuple):
    """A filter of cases: they contain every word, and have the verdict, cause and place."""

    words: str
    verdict: str = ""
    cause: str = ""
    place: str = ""

    @property
    def any(self) -> bool:
        """Whether the filter leaves out any case."""
        return any(self)

    def fits(self, case: Case, verdict: str | None, traits: Traits) -> bool:
        """Return whether a case with this verdict passes the filter."""
        text = (
            f"{case.id} {case.topic} {case.title} {case.request.request_line}".lower()
        )
        wanted = {"": (verdict,), UNEXPECTED: ("different", "failed")}
        return (
            verdict in wanted.get(self.verdict, (self.verdict,))
            and self.cause in ("", *traits.causes)
            and self.place in ("", *traits.places)
            and all(word in text for word in self.words.lower().split())
        )


def chosen(values: Any) -> Choice:
    """Read the filter from a query or a form."""
    verdict = values.get("verdict", "")
    return Choice(
        values.get("q", "")[:MAX_WORDS],
        verdict if verdict in (*VERDICTS, UNEXPECTED) else "",
        values.get("cause", ""),
        values.get("place", ""),
    )


@blueprint.get("/cases")
async def index() -> Any:
    """List all cases, with the verdicts of the run that started with the server.

    With an `id` in the query, show that case.
    """
    if "id" in request.args:
        return await render_case(request.args["id"])
    return await page(playground().runs.startup)


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
    """Return the visitor's latest verdict for each case that a page lists.

    The page of all cases has those of the visitor's latest run too.
    """
    runs = runs_of(watched)
    found = {id_: v for run in runs for id_, v in run.verdicts.copy().items()}
    return found | results_since(watched, runs, playground().visitors.results())


def results_since(
    watched: WatchedRun | None,
    runs: Iterable[WatchedRun],
    results: Mapping[str, CaseResult],
) -> dict[str, Verdict]:
    """Return the verdicts of the cases that a visitor ran on their pages.

    Leave out a case if one of the runs has a later verdict for it.
    """
    start = watched.started_monotonic if watched else 0.0
    times = {id_: at for run in runs for id_, at in run.times.copy().items()}
    return {
        case.id: results[case.id].verdict
        for case in listed(watched)
        if case.id in results and results[case.id].at >= times.get(case.id, start)
    }


def traits_of(watched: WatchedRun | None) -> Callable[[str], Traits]:
    """Return a function that returns what the latest run found out about a case."""
    runs = runs_of(watched)

    def traits(case_id: str) -> Traits:
        having = (run for run in reversed(runs) if case_id in run.verdicts)
        return next((run.traits_of(case_id) for run in having), Traits())

    return traits


def runs_of(watched: WatchedRun | None) -> list[WatchedRun]:
    """Return the runs of which a page shows verdicts, the latest one last."""
    if watched is not None and not watched.startup:
        return [watched]
    state = playground()
    latest = state.runs.find(state.visitors.run())
    return [run for run in (watched, latest) if run is not None]


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
    """Render the list of cases; the filter in the query hides some of them."""
    state = playground()
    state.check()
    choice = chosen(request.args)
    # Read the state before the verdicts, so that an ended run has all of its verdicts.
    stage = watched.state if watched else None
    runs = runs_of(watched)
    verdicts = verdicts_of(watched)
    cases = listed(watched)
    groups = grouped(cases, choice, verdicts, traits_of(watched))
    values: dict[str, Any] = {}
    if watched is not None and stage is not None:
        values["header"] = watched.header or state.header(state.command("run"))
        values["words"] = words(watched, stage)
        values["began"] = time.strftime("%H:%M:%S", time.localtime(watched.started))
    return await render_template(
        "catalogue.html",
        choice=choice,
        counts=Counter(verdicts.values()),
        groups=groups,
        in_process=state.in_process,
        shown=sum(not line.hidden for group in groups for line in group.lines),
        total=len(cases),
        twins=state.settings.uses_twins,
        stage=stage,
        verdicts=VERDICTS,
        since=results_since(watched, runs, state.visitors.results()),
        tasks=watched.tasks() if watched is not None else [],
        outdated=any(state.outdated(run.version) for run in runs),
        watched=watched,
        **values,
    )


def grouped(
    cases: Iterable[Case],
    choice: Choice,
    verdicts: dict[str, Verdict],
    traits: Callable[[str], Traits],
) -> list[Group]:
    """Return the topics with their cases: by title, or the worst first of own apps."""
    state = playground()
    lines: dict[str, list[Line]] = {name: [] for name in state.topics}
    for case in cases:
        verdict, found = verdicts.get(case.id), traits(case.id)
        path = state.settings.redact_case(case).request.path
        path = path if len(path) <= MAX_PATH else f"{path[: MAX_PATH - 1]}…"
        line = Line(
            case.id, case_address(case.id), case.title or case.id, case.request.method,
            path, verdict, found, not choice.fits(case, verdict, found),
        )  # fmt: skip
        lines.setdefault(case.topic, []).append(line)
    groups = [
        Group(
            name,
            state.topics.get(name, Topic()),
            here if state.bundled else sorted(here, key=_badness),
            Counter[str](line.verdict or "not run" for line in here),
        )
        for name, here in lines.items()
        if here
    ]
    if state.bundled:
        return sorted(
            groups, key=lambda group: (group.topic.title or group.name).lower()
        )
    return sorted(groups, key=lambda group: _badness(group.lines[0]))


def _badness(line: Line) -> int:
    return WORST_FIRST.index(line.verdict)
