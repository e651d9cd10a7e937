"""Serve the page of a case: run it on every target and explain it in nine modes."""

from quart import Blueprint, render_template, request

from comparison.models import Case
from comparison.reports.lesson_page import lesson_body

from .guard import from_here
from .pool import CaseLesson
from .state import playground

blueprint = Blueprint("lessons", __name__)

DIFFERENCES = "/differences/"  # the prefix of their pages


async def explain_now(case: Case, command: str) -> CaseLesson | None:
    """Run and explain a case; return None if the visitor must press a button first.

    Opening a page runs a case only if the request is safe and no other site led here.
    """
    state = playground()
    on_sight = state.runs_when_opened(case) and from_here()
    if request.method != "POST" and not on_sight:
        return None
    state.rate.take()
    explained = await state.pool.explain(case, command)
    state.visitors.note(case.id, explained.comparison.verdict)
    return explained


@blueprint.route("/cases/<id:case_id>", methods=["GET", "POST"])
async def case(case_id: str) -> str:
    """Show a case in nine modes."""
    state = playground()
    found = state.find_case(case_id)
    command = state.command_about("show", case_id)
    explained = await explain_now(found, command)
    return await render_template(
        "case.html",
        case=state.settings.redact_case(found),
        topic=state.topics[found.topic].title or found.topic,
        elsewhere=state.known_elsewhere(found),
        lesson=lesson_body(explained.lesson, differences=DIFFERENCES)
        if explained
        else None,
        header=explained.header if explained else state.header(command),
    )
