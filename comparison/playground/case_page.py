"""Serve the page of a case: what differs and why, then the lesson."""

from typing import Any, NamedTuple

from quart import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as WerkzeugResponse

from comparison.models import Case, Verdict
from comparison.reports.commands import command_about
from comparison.reports.lesson_page import lesson_body
from comparison.runner.settings import DEFAULT_TARGETS

from .addresses import bundled_address, case_address, difference_address
from .chapters import CHAPTERS, chapters
from .copies import copies
from .guard import from_here
from .pool import CaseLesson, WorkerPool
from .recordings import StoredRecording
from .state import Missing, Playground, playground

blueprint = Blueprint("case_page", __name__)

DIFFERENCES = "/differences/"  # the prefix of their pages


class Place(NamedTuple):
    """The place of a case in its topic, and the case after it."""

    number: int
    total: int
    topic: str
    chapter: str
    following: Case | None


async def explain_now(
    case: Case, command: str, pool: WorkerPool, *, safe: bool
) -> CaseLesson | None:
    """Run and explain a case; return None if the visitor must press a button first.

    Opening a page runs a case only if that changes nothing and no other site led here.
    """
    state = playground()
    if request.method != "POST" and not (safe and from_here()):
        return None
    state.rate.take()
    explained = await pool.explain(case, command)
    if pool is state.pool:
        state.visitors.note(case.id, explained.comparison.verdict)
    return explained


def stored_of(case: Case) -> StoredRecording | None:
    """Return the recording that the address names, unless it has been dropped."""
    found = playground().recordings.find(request.args.get("recording", ""))
    return found if found is not None and found.case_id == case.id else None


def store(case: Case, explained: CaseLesson, address: str) -> WerkzeugResponse:
    """Store a recording that a button made, and redirect to its address."""
    state = playground()
    stored = StoredRecording(case.id, explained, state.version)
    token = state.recordings.add(stored)
    mark = "&" if "?" in address else "?"
    return redirect(f"{address}{mark}recording={token}", 303)


@blueprint.route("/cases/<id:case_id>", methods=["GET", "POST"])
async def case(case_id: str) -> Any:
    """Show a case; POST runs it and redirects to the recording."""
    return await render_case(case_id)


@blueprint.post("/cases")
async def case_by_query() -> Any:
    """Run a case with an id that no path can hold."""
    return await render_case(request.args.get("id", ""))


@blueprint.route("/bundled/<id:case_id>", methods=["GET", "POST"])
async def bundled(case_id: str) -> Any:
    """Show a bundled case on the bundled apps, where the pages are about other apps."""
    state = playground()
    if state.settings.uses_twins and case_id in state.cases:
        return redirect(case_address(case_id), 303)
    known = state.bundled_cases
    if case_id not in known:
        raise Missing("bundled case", bundled_address, case_id, known)
    targets = tuple(part for t in DEFAULT_TARGETS for part in ("--target", t))
    command = command_about("show", case_id, *targets)
    found = known[case_id]
    explained = await explain_now(found, command, state.twins, safe=True)
    assert explained is not None or request.method != "POST"
    if request.method == "POST" and explained is not None:
        return store(found, explained, bundled_address(case_id))
    return await _page(state, found, explained, command, own=False)


async def render_case(case_id: str) -> Any:
    """Show a case by its id."""
    state = playground()
    state.check()
    found = state.find_case(case_id)
    command = state.command_about("show", case_id)
    stored = stored_of(found)
    if stored is not None and request.method != "POST":
        outdated = state.outdated(stored.version)
        return await _page(state, found, stored.explained, command, outdated=outdated)
    safe = state.runs_when_opened(found)
    explained = await explain_now(found, command, state.pool, safe=safe)
    if request.method == "POST" and explained is not None:
        return store(found, explained, case_address(case_id))
    return await _page(state, found, explained, command)


async def _page(
    state: Playground,
    found: Case,
    explained: CaseLesson | None,
    command: str,
    *,
    own: bool = True,
    outdated: bool = False,
) -> str:
    topics = state.topics if own else state.bundled_topics
    header = explained.header if explained else state.header(command)
    comparison = explained.comparison if explained else None
    return await render_template(
        "case.html",
        case=state.settings.redact_case(found),
        copies=copies(comparison, header.targets) if comparison else [],
        dropped="recording" in request.args and stored_of(found) is None,
        elsewhere=state.known_elsewhere(found) if own else [],
        header=header,
        lesson=lesson_body(explained.lesson, differences=DIFFERENCES)
        if explained
        else None,
        noted=None if explained else _noted(state, found),
        outdated=outdated,
        place=place_of(state, found) if own else None,
        run=state.visitors.run() if own and not state.settings.uses_twins else "",
        progress=own and state.settings.uses_twins and found.topic in _learned(),
        topic=topics[found.topic].title or found.topic,
        address=case_address,
        difference_address=difference_address,
    )


def _noted(state: Playground, case: Case) -> tuple[Verdict, str] | None:
    """Return what the visitor's latest run noted about a case: verdict and fields."""
    latest = state.runs.find(state.visitors.run())
    if latest is None or case.id not in latest.verdicts:
        return None
    return latest.verdicts[case.id], latest.traits_of(case.id).what


def _learned() -> set[str]:
    return {name for names in CHAPTERS.values() for name in names}


def place_of(state: Playground, case: Case) -> Place:
    """Return the place of a case on the learning path."""
    cases = state.cases_of(case.topic)
    number = cases.index(case)
    path = [(c.title, name) for c in chapters(state.topics) for name in c.topics]
    chapter, at = next(
        (title, index) for index, (title, name) in enumerate(path) if name == case.topic
    )
    following = cases[number + 1] if number + 1 < len(cases) else None
    if following is None and at + 1 < len(path):
        following = state.cases_of(path[at + 1][1])[0]
    return Place(number + 1, len(cases), case.topic, chapter, following)
