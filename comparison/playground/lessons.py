"""The page of a case: asked now, of every target, and told in nine modes."""

from quart import Blueprint, render_template, request

from comparison.models import Case
from comparison.reports.lesson_page import lesson_body

from .desk import Told
from .guard import from_here
from .state import playground

blueprint = Blueprint("lessons", __name__)

DIFFERENCES = "/differences/"  # where each has its page


async def told_now(case: Case, command: str) -> Told | None:
    """The case as it is told now; None where that wants a press of a button first.

    Reading a page asks only where nothing can come of it, and where no other site has
    sent the reader here.
    """
    state = playground()
    on_sight = state.asked_on_sight(case) and from_here()
    if request.method != "POST" and not on_sight:
        return None
    state.rate.take()
    told = await state.desks.tell(case, command)
    state.visitors.note(case.id, told.comparison.verdict)
    return told


@blueprint.route("/cases/<id:case_id>", methods=["GET", "POST"])
async def case(case_id: str) -> str:
    """A case in nine modes."""
    state = playground()
    found = state.find_case(case_id)
    command = state.command_about("show", case_id)
    told = await told_now(found, command)
    return await render_template(
        "case.html",
        case=state.asking.shown_case(found),
        topic=state.topics[found.topic].title or found.topic,
        elsewhere=state.known_elsewhere(found),
        lesson=lesson_body(told.lesson, differences=DIFFERENCES) if told else None,
        header=told.header if told else state.header(command),
    )
