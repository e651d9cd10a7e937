"""Serve the recorded studies: the status map of a sweep, and a load run.

The cells of the status map link to the recorded outcomes.
"""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple

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

from comparison.models import RunHeader
from comparison.studies.load import table as load_table
from comparison.studies.load.command import RECORDED, read_run
from comparison.studies.load.picture import HEIGHT, WIDTH, latency, throughput
from comparison.studies.load.wording import take_away
from comparison.studies.models import LoadRun, StatusMap, StatusRange
from comparison.studies.statistics import Table
from comparison.studies.sweep.command import read_map
from comparison.studies.sweep.further import STATUS_MAP
from comparison.studies.sweep.picture import svg
from comparison.studies.sweep.table import (
    MEANING,
    SEVERITY,
    WITH_BODY,
    answer,
    span,
    worst,
)
from comparison.targets.servers.stacks import choose_stacks

from .guard import PICTURE_POLICY
from .pool import in_thread
from .state import playground

blueprint = Blueprint("studies", __name__)

DRAWN = {"throughput": throughput, "latency": latency}


class Cell(NamedTuple):
    """The worst outcome of a range of codes on one stack, over some variants."""

    first: int
    codes: str
    outcome: str
    number: int


@cache
def recorded_map() -> StatusMap:
    """Return the sweep that ships with the package."""
    return read_map(STATUS_MAP)


def has_code(number: int) -> bool:
    """Return whether the status map has the outcomes of a code."""
    return any(first <= number <= last for first, last in recorded_map().codes)


def made_with(found: StatusMap | LoadRun) -> RunHeader:
    """Return a header with the command and the environment of a recorded study."""
    return RunHeader(command=found.command, environment=found.environment, targets=())


WAYS = {
    "body": ("with a body", WITH_BODY, "as JSON and piece by piece"),
    "empty": ("without a body", ("empty",), "without a body"),
    "head": ("to HEAD", ("head",), "to a HEAD request"),
}
"""The ways to respond that the map shows: name, variants, and in words."""


@blueprint.get("/status-map")
async def status_map() -> str:
    """Show the outcome of each code on each stack, by default with a body.

    The answer above the map counts the same responses.
    """
    found = recorded_map()
    way = request.args.get("way", "")
    way = way if way in WAYS else "body"
    _, variants, words = WAYS[way]
    cuts = list(_cuts(found, variants))
    return await render_template(
        "status_map.html",
        answer=answer(found),
        columns=[span(first, last) for first, last in cuts],
        stacks={
            stack: list(_cells(found, stack, cuts, variants)) for stack in found.stacks
        },
        way=way,
        ways=WAYS,
        words=words,
        meaning=MEANING,
        numbers={name: number for number, name in enumerate(SEVERITY)},
        header=made_with(found),
    )


def _cuts(found: StatusMap, variants: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Yield the ranges of codes that have one outcome on every stack."""
    ranges = [r for stack in found.stacks for r in worst(found, stack, variants)]
    edges = {first for first, _, _ in ranges} | {last + 1 for _, last, _ in ranges}
    codes = [*found.codes]
    for first, after in pairwise(sorted(edges)):
        if any(low <= first <= high for low, high in codes):
            yield first, after - 1


def _cells(
    found: StatusMap,
    stack: str,
    cuts: list[tuple[int, int]],
    variants: tuple[str, ...],
) -> Iterator[Cell]:
    ranges = worst(found, stack, variants)
    for first, last in cuts:
        outcome = next(o for low, high, o in ranges if low <= first <= high)
        yield Cell(first, span(first, last), outcome, SEVERITY.index(outcome))


@blueprint.get("/status-map.svg")
async def picture() -> Response:
    """Send the status map as a picture."""
    return _svg(svg(recorded_map()))


@blueprint.get("/status-map/code")
async def go() -> WerkzeugResponse:
    """Redirect from the form to the page of a code."""
    try:
        code = int(request.args.get("code", ""))
    except ValueError:
        abort(404, "A status code is a whole number.")
    return redirect(url_for("studies.code", number=code))


@blueprint.get("/status-map/<int(signed=True):number>")
async def code(number: int) -> str:
    """Show the recorded outcomes of one code on every stack and in every variant."""
    found = recorded_map()
    here: dict[str, dict[str, StatusRange]] = {stack: {} for stack in found.stacks}
    for each in found.ranges:
        if each.first <= number <= each.last:
            here[each.stack][each.variant] = each
    _check_code(number)
    made = playground().status_recordings
    recordings = {stack: made.of(number, stack) for stack in found.stacks}
    return await render_template(
        "status_code.html",
        number=number,
        stacks=here,
        recordings={stack: parts for stack, parts in recordings.items() if parts},
        installed=choose_stacks(()),
        variants=found.variants,
        last=max(last for _, last in found.codes),
        meaning=MEANING,
        numbers={name: index for index, name in enumerate(SEVERITY)},
        span=span,
        header=made_with(found),
    )


@blueprint.post("/status-map/<int(signed=True):number>")
async def record(number: int) -> WerkzeugResponse:
    """Record a code on a stack that is installed, and redirect to its page."""
    _check_code(number)
    stack = (await request.form).get("stack", "")
    if stack not in recorded_map().stacks:
        abort(404, "The recorded sweep does not have this stack.")
    (chosen,) = choose_stacks((stack,))
    state = playground()
    state.rate.take()
    variants = recorded_map().variants
    await in_thread(state.status_recordings.record, number, chosen, variants)
    return redirect(f"{url_for('studies.code', number=number)}#recorded-{stack}", 303)


def _check_code(number: int) -> None:
    if not has_code(number):
        ranges = ", ".join(span(first, last) for first, last in recorded_map().codes)
        abort(404, f"The recorded sweep does not have {number}. It has {ranges}.")


@cache
def recorded_run() -> LoadRun:
    """Return the load run that ships with the package."""
    return read_run(RECORDED)


@blueprint.get("/concurrency")
async def concurrency() -> str:
    """Show the conclusions, the plots and all figures."""
    run = recorded_run()
    table = Table(run)
    return await render_template(
        "concurrency.html",
        plainly=plainly(table),
        notes=load_table.notes(run),
        sentences=take_away(table),
        columns=load_table.header(run),
        works={work: list(load_table.rows(table, work)) for work in run.works},
        drawn=tuple(DRAWN),
        size=(WIDTH, HEIGHT),
        how=load_table.how(run),
        header=made_with(run),
    )


def plainly(table: Table) -> list[str]:
    """Say what the run shows in a sentence for each question."""
    run = table.run
    at = run.concurrency[-1]
    waits = next((work for work in run.works if work.startswith("sleep")), "")
    works = next((work for work in run.works if not work.startswith("sleep")), "")
    names = [stack.name for stack in run.stacks]
    pool = next(
        (s for s in run.stacks if s.threads and s.name.startswith("flask+")), None
    )
    loop = next((name for name in names if name.startswith("quart+")), "")
    if pool is None:
        return []
    slow = pool.name.replace("flask+", "flask[async]+")
    questions = (
        (waits, loop, "While views wait, Quart needs no threads: {left}, {right}."),
        (waits, slow, "An async view in Flask keeps its thread too: {left}."),
        (works, loop, "If a view does not wait, {left} and {right}."),
    )
    found = []
    for work, name, words in questions:
        one, other = table.at(work, name, at), table.at(work, pool.name, at)
        if one is not None and other is not None:
            left = f"{name} sends {one.rate.median:,.0f} responses per second"
            right = (
                f"{pool.threads} threads of {pool.name} send {other.rate.median:,.0f}"
            )
            found.append(words.format(left=left, right=right))
    return [f"Each figure is for {at} requests at once.", *found]


@blueprint.get("/concurrency/<work>/<what>.svg")
async def plot(work: str, what: str) -> Response:
    """Send one plot of one kind of work."""
    run = recorded_run()
    if work not in run.works or what not in DRAWN:
        abort(404, f"The recorded load run has no plot of {what} with {work}.")
    return _svg(DRAWN[what](run, work))


def _svg(text: str) -> Response:
    response = Response(text, mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = PICTURE_POLICY
    return response
