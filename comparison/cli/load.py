"""`comparison load`."""

from pathlib import Path
from typing import Any

import click

from .options import ALLOW_FILES, PATH, FilePath, Number, selection_options
from .run_cases import command_line


@click.command()
@click.option(
    "--stack", "stacks", multiple=True, metavar="STACK",
    help="A stack, as quart+hypercorn. The default is the popular ones. flask[async] has"
    " async views on Flask, quart[sync] has sync views on Quart.",
)  # fmt: skip
@click.option(
    "--work", "works", multiple=True, metavar="WORK",
    help="The work of a view: sleep:50ms (the default), cpu:5ms, json or stream.",
)  # fmt: skip
@click.option(
    "--concurrency", default="1,2,5,10,25,50,100", show_default=True, metavar="NUMBERS",
    help="The numbers of requests in flight.",
)  # fmt: skip
@click.option(
    "--target", "targets", multiple=True, metavar="NAME=SPEC",
    help="Instead of stacks: your app on a server, or a URL. Needs --cases.",
)  # fmt: skip
@click.option(
    "--cases", "paths", multiple=True, metavar="PATH", type=PATH,
    help="Instead of work: send the requests of case files, in turn.",
)  # fmt: skip
@ALLOW_FILES
@selection_options
@click.option(
    "--threads", default=8, show_default=True, type=click.IntRange(1, 512),
    help="The threads of servers with a pool: waitress, gunicorn-gthread.",
)  # fmt: skip
@click.option(
    "--rounds", default=3, show_default=True, type=click.IntRange(1, 100),
    help="Measure each so many times, in turn. One round cannot show what differs.",
)  # fmt: skip
@click.option(
    "--seconds", default=1.0, show_default=True,
    type=Number(min=0.05, max=600), help="The time of a round, at each concurrency.",
)  # fmt: skip
@click.option(
    "--warm-up", default=0.5, show_default=True,
    type=Number(min=0, max=60), help="Seconds before we count requests.",
)  # fmt: skip
@click.option(
    "--timeout", default=10.0, show_default=True, metavar="SECONDS",
    type=Number(min=0.01, max=600), help="The time limit for each answer.",
)  # fmt: skip
@click.option(
    "--requests", default=20_000, show_default=True, type=click.IntRange(1, 1_000_000),
    help="The most requests that a round may send, at each concurrency.",
)  # fmt: skip
@click.option(
    "--time", default=900.0, show_default=True, metavar="SECONDS",
    type=Number(min=0, min_open=True),
    help="The time limit for the whole run. We show what we have measured by then.",
)  # fmt: skip
@click.option(
    "--allow-remote", "allowed", multiple=True, metavar="HOST",
    help="Allow load on this host, which is not this machine.",
)  # fmt: skip
@click.option(
    "--output", "outputs", multiple=True, metavar="FILE", type=PATH,
    help="Write FILE.json or .txt. .svg gives two pictures for each work, .md gives both.",
)  # fmt: skip
@click.option(
    "--locustfile", metavar="FILE", type=FilePath(dir_okay=False),
    help="Only write a Locust file that sends the same requests to one stack or target.",
)  # fmt: skip
@click.option(
    "--from", "recorded", metavar="FILE", type=PATH,
    help="Only show a run that was saved as JSON.",
)  # fmt: skip
@click.option("-q", "quiet", is_flag=True, help="Print no progress and no table.")
@click.option(
    "-v", "verbose", count=True, expose_value=False, help="Twice: print tracebacks."
)
def load(
    stacks: tuple[str, ...],
    works: tuple[str, ...],
    concurrency: str,
    targets: tuple[str, ...],
    paths: tuple[str, ...],
    allow_files: bool,
    expression: str | None,
    allowed: tuple[str, ...],
    outputs: tuple[str, ...],
    locustfile: str | None,
    recorded: str | None,
    quiet: bool,
    **bounds: Any,
) -> int:
    """Measure throughput and latency of each stack at rising concurrency.

    The load is a closed loop. We also measure the client's own limit.
    """
    from comparison.core.errors import UsageError
    from comparison.studies.load import command

    if recorded is not None:
        return command.show(recorded, outputs, quiet)
    cases = None
    if expression is not None and not paths:
        raise UsageError("-k selects among --cases: give --cases too")
    if paths:
        from comparison.cases import load_cases, select_cases

        cases = select_cases(load_cases(*paths, allow_files=allow_files), expression)
    if locustfile is not None and not stacks and not targets:
        stacks = ("flask+werkzeug",)
    plan = command.plan_of(
        works, stacks, targets, cases, concurrency, allowed, command.Bounds(**bounds)
    )
    if locustfile is not None:
        path = Path(locustfile)
        return command.write_locustfile(path, plan, cases, allowed, command_line())
    return command.load(plan, outputs, quiet, command_line())
