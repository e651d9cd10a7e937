"""`comparison load`."""

from pathlib import Path

import click

from .ask import command_line
from .options import ALLOW_FILES, PATH, FilePath, Number, selecting


@click.command()
@click.option(
    "--stack", "stacks", multiple=True, metavar="STACK",
    help="A stack, as quart+hypercorn; the popular ones unless given. flask[async] are"
    " views with async on Flask, quart[sync] those without on Quart.",
)  # fmt: skip
@click.option(
    "--work", "works", multiple=True, metavar="WORK",
    help="sleep:50ms (unless given), cpu:5ms, json or stream.",
)  # fmt: skip
@click.option(
    "--concurrency", default="1,2,5,10,25,50,100", show_default=True, metavar="NUMBERS",
    help="Requests in flight.",
)  # fmt: skip
@click.option(
    "--target", "targets", multiple=True, metavar="NAME=SPEC",
    help="Instead of stacks: an app of your own on a server, or a URL. Needs --cases.",
)  # fmt: skip
@click.option(
    "--cases", "paths", multiple=True, metavar="PATH", type=PATH,
    help="Instead of work: the requests of case files, in turns.",
)  # fmt: skip
@ALLOW_FILES
@selecting
@click.option(
    "--threads", default=8, show_default=True, type=click.IntRange(1, 512),
    help="Of servers with a pool of threads: waitress, gunicorn-gthread.",
)  # fmt: skip
@click.option(
    "--rounds", default=3, show_default=True, type=click.IntRange(1, 100),
    help="How often each is measured, in turns; with one nothing can be told apart.",
)  # fmt: skip
@click.option(
    "--seconds", default=1.0, show_default=True,
    type=Number(min=0.05, max=600), help="How long, at each concurrency.",
)  # fmt: skip
@click.option(
    "--warm-up", default=0.5, show_default=True,
    type=Number(min=0, max=60), help="Seconds before it is counted.",
)  # fmt: skip
@click.option(
    "--timeout", default=10.0, show_default=True, metavar="SECONDS",
    type=Number(min=0.01, max=600), help="How long an answer may take.",
)  # fmt: skip
@click.option(
    "--requests", default=20_000, show_default=True, type=click.IntRange(1, 1_000_000),
    help="How many a round may send, at each concurrency.",
)  # fmt: skip
@click.option(
    "--time", "limit", default=900.0, show_default=True, metavar="SECONDS",
    type=Number(min=0, min_open=True),
    help="How long the measuring may take; what is measured by then is shown.",
)  # fmt: skip
@click.option(
    "--allow-remote", "allowed", multiple=True, metavar="HOST",
    help="A host that is not this machine and may be put to a load all the same.",
)  # fmt: skip
@click.option(
    "--output", "outputs", multiple=True, metavar="FILE", type=PATH,
    help="Write FILE.json or .txt; .svg: two pictures of each work; .md: both.",
)  # fmt: skip
@click.option(
    "--locustfile", metavar="FILE", type=FilePath(dir_okay=False),
    help="Ask nobody: write a Locust file that asks the same of one stack or target.",
)  # fmt: skip
@click.option(
    "--from", "recorded", metavar="FILE", type=PATH,
    help="Ask nobody: show a run that was kept as JSON.",
)  # fmt: skip
@click.option("-q", "quiet", is_flag=True, help="No progress and no table.")
@click.option("-v", "verbose", count=True, help="Twice: tracebacks.")
def load(
    stacks: tuple[str, ...],
    works: tuple[str, ...],
    concurrency: str,
    targets: tuple[str, ...],
    paths: tuple[str, ...],
    allow_files: bool,
    expression: str | None,
    threads: int,
    rounds: int,
    seconds: float,
    warm_up: float,
    timeout: float,
    requests: int,
    limit: float,
    allowed: tuple[str, ...],
    outputs: tuple[str, ...],
    locustfile: str | None,
    recorded: str | None,
    quiet: bool,
    verbose: int,
) -> int:
    """The same work at rising concurrency on each stack: throughput and latency.

    In a closed loop, with the client's own ceiling measured beside them.
    """
    from comparison.core.errors import UsageError
    from comparison.studies.load import command

    if recorded is not None:
        return command.show(recorded, outputs, quiet)
    cases = None
    if expression is not None and not paths:
        raise UsageError("-k chooses among --cases, of which there are none")
    if paths:
        from comparison.cases import load_cases, select_cases

        cases = select_cases(load_cases(*paths, allow_files=allow_files), expression)
    if locustfile is not None and not stacks and not targets:
        stacks = ("flask+werkzeug",)
    bounds = command.Bounds(
        threads=threads, rounds=rounds, seconds=seconds, warm_up=warm_up,
        timeout=timeout, requests=requests, time=limit,
    )  # fmt: skip
    plan = command.plan_of(works, stacks, targets, cases, concurrency, allowed, bounds)
    if locustfile is not None:
        path = Path(locustfile)
        return command.write_locustfile(path, plan, cases, allowed, command_line())
    return command.load(plan, outputs, quiet, command_line())
