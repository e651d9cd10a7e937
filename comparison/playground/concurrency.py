"""Serve the page about concurrency: the recorded load run, its plots and figures."""

from functools import cache

from quart import Blueprint, Response, abort, render_template

from comparison.models import RunHeader
from comparison.studies.load.command import RECORDED, read_run
from comparison.studies.load.picture import HEIGHT, WIDTH, latency, throughput
from comparison.studies.load.table import header, how, notes, rows
from comparison.studies.load.wording import take_away
from comparison.studies.models import LoadRun
from comparison.studies.statistics import Table

from .guard import PICTURE_POLICY

blueprint = Blueprint("concurrency", __name__)

DRAWN = {"throughput": throughput, "latency": latency}


@cache
def recorded() -> LoadRun:
    """Return the load run that ships with the package."""
    return read_run(RECORDED)


@blueprint.get("/concurrency")
async def page() -> str:
    """Show the conclusions, the plots and all figures."""
    run = recorded()
    table = Table(run)
    return await render_template(
        "concurrency.html",
        run=run,
        notes=notes(run),
        sentences=take_away(table),
        columns=header(run),
        works={work: list(rows(table, work)) for work in run.works},
        drawn=tuple(DRAWN),
        size=(WIDTH, HEIGHT),
        how=how(run),
        header=RunHeader(command=run.command, environment=run.environment, targets=()),
    )


@blueprint.get("/concurrency/<work>/<what>.svg")
async def picture(work: str, what: str) -> Response:
    """Send one plot of one kind of work."""
    run = recorded()
    if work not in run.works or what not in DRAWN:
        abort(404, f"The recorded load run has no plot of {what} with {work}.")
    response = Response(DRAWN[what](run, work), mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = PICTURE_POLICY
    return response
