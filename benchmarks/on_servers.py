"""Measure pairs of requests a second, on servers: `python -m benchmarks.on_servers`.

Three ways send GET /custom to both twins on their default servers, in turns. The first is
two httpx clients in a loop, with a connection for each request. The others are `compare`
with one worker and with two. The same ways then use servers with persistent connections. Each round
has another order. Compare the ratios of the medians to that of the loop.

A rival takes part on both pairs of servers if its command is on the path: jumeaux
(<https://tadashi-aikawa.github.io/jumeaux/>), which compares status and JSON from
outside. We do not count the time it takes to start.
"""

import json
import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from itertools import islice, repeat
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import httpx

from comparison import Case, Request, compare
from comparison.models import Comparison
from comparison.runner.threads import AHEAD
from comparison.targets.servers.target import ServerTarget

from .turns import in_turns

CASE = Case("custom", Request("GET", "/custom"))
DEFAULT = ("flask_app@", "quart_app@")
KEEPING = ("flask_app@waitress", "quart_app@hypercorn")

RIVAL = "jumeaux"
MISSING = f"{RIVAL} is left out: `pip install {RIVAL}`, and its command on the path"

# Sends so many pairs of requests, and returns the seconds that this took.
Send = Callable[[int], float]


@contextmanager
def bare(specs: tuple[str, str], keep_alive: bool = False) -> Iterator[Send]:
    """Yield two httpx clients in a loop."""
    targets = [ServerTarget(spec, spec) for spec in specs]
    limits = httpx.Limits(max_keepalive_connections=None if keep_alive else 0)
    clients = []
    for target in targets:
        host, port, _ = target.running().address
        base = f"http://{host}:{port}"
        clients.append(httpx.Client(base_url=base, limits=limits, trust_env=False))

    def send(pairs: int) -> float:
        started = time.perf_counter()
        for _ in range(pairs):
            bodies = {client.get("/custom").content for client in clients}
            assert len(bodies) == 1
        return time.perf_counter() - started

    yield send
    for client, target in zip(clients, targets, strict=True):
        client.close()
        target.close()


@contextmanager
def compared(
    specs: tuple[str, str], jobs: int = 1, keep_alive: bool = False
) -> Iterator[Send]:
    """Yield `compare`, which records both apps and stores nothing.

    Each round has a new run. It ends before we measure another way, because a run that
    continues would send requests ahead meanwhile.
    """

    def send(pairs: int) -> float:
        one, other = (ServerTarget(spec, spec, keep_alive) for spec in specs)
        ahead = AHEAD * jobs
        cases = repeat(CASE, ahead + pairs + ahead)
        run = iter(compare(one, other, cases, keep=False, jobs=jobs))
        # The first comparisons wait for the servers and the workers to start.
        check(islice(run, ahead))
        started = time.perf_counter()
        check(islice(run, pairs))
        seconds = time.perf_counter() - started
        # Requests of the last ones were sent ahead while we measured.
        check(run)
        return seconds

    yield send


def check(comparisons: Iterable[Comparison]) -> None:
    """Take comparisons, and fail if one is not as expected."""
    for comparison in comparisons:
        assert not comparison.unexpected, comparison.differences


@contextmanager
def rival(specs: tuple[str, str]) -> Iterator[Send]:
    """Yield `jumeaux run` with one worker, which writes only its report."""
    command = shutil.which(RIVAL)
    assert command is not None
    targets = [ServerTarget(spec, spec) for spec in specs]
    one, other = (target.running().address for target in targets)
    with TemporaryDirectory() as name:
        folder = Path(name)
        settings = {
            "one": {"name": specs[0], "host": f"http://{one.host}:{one.port}"},
            "other": {"name": specs[1], "host": f"http://{other.host}:{other.port}"},
            "output": {"response_dir": "responses"},
            "addons": {
                "log2reqs": {"name": "plain"},
                "res2dict": [{"name": "json"}],
                "final": [{"name": "json"}],
            },
        }
        # JSON is YAML.
        (folder / "config.yml").write_text(json.dumps(settings))

        def send(pairs: int) -> float:
            # One more, because we know only when each request begins.
            (folder / "requests").write_text("/custom\n" * (pairs + 1))
            subprocess.run(  # noqa: S603 - the command is the one that is measured
                [command, "run", "requests"],
                cwd=folder,
                env={**os.environ, "NO_PROXY": "*"},
                capture_output=True,
                check=True,
            )
            report = folder / "responses" / "latest" / "report.json"
            trials = json.loads(report.read_text())["trials"]
            assert {trial["status"] for trial in trials} == {"same"}
            times = [datetime.fromisoformat(each["request_time"]) for each in trials]
            return (max(times) - min(times)).total_seconds()

        yield send
    for target in targets:
        target.close()


WAYS: dict[str, Callable[[], AbstractContextManager[Send]]] = {
    "httpx": lambda: bare(DEFAULT),
    "compare": lambda: compared(DEFAULT),
    "compare --jobs 2": lambda: compared(DEFAULT, jobs=2),
    "kept: httpx": lambda: bare(KEEPING, keep_alive=True),
    "kept: compare": lambda: compared(KEEPING, keep_alive=True),
}
RIVALS: dict[str, Callable[[], AbstractContextManager[Send]]] = {
    RIVAL: lambda: rival(DEFAULT),
    f"kept: {RIVAL}": lambda: rival(KEEPING),
}
# Which rate over which other, and what it is to be at least.
GOALS = (
    ("compare", "httpx", 0.9),
    ("compare --jobs 2", "compare", 1.4),
    ("kept: compare", f"kept: {RIVAL}", 2.0),
)


@click.command()
@click.option("--pairs", default=300, help="Pairs of requests in each round.")
@click.option("--rounds", default=5, help="Rounds; the median is reported.")
def main(pairs: int, rounds: int) -> None:
    """Measure pairs per second on servers: rates, and their ratios to the bare loop."""
    present = shutil.which(RIVAL) is not None
    taking_part = {**WAYS, **RIVALS} if present else WAYS
    rates: dict[str, list[float]] = {name: [] for name in taking_part}
    with ExitStack() as stack:
        ways = {name: stack.enter_context(way()) for name, way in taking_part.items()}
        for send in ways.values():
            send(50)
        for number in range(rounds):
            for name in in_turns(list(ways), number):
                rates[name].append(pairs / ways[name](pairs))
    medians = {name: statistics.median(measured) for name, measured in rates.items()}
    click.echo(f"{'':18}{'pairs/s':>10}{'ms/pair':>10}{'ratio':>8}")
    for name, rate in medians.items():
        ratio = rate / medians["httpx"]
        click.echo(f"{name:18}{rate:10.0f}{1000 / rate:10.2f}{ratio:8.2f}")
    for name, other, least in GOALS:
        if other in medians:
            ratio = medians[name] / medians[other]
            click.echo(
                f"rate of {name} / {other}: {ratio:.2f}, at least {least} wanted"
            )
    if not present:
        click.echo(MISSING)


if __name__ == "__main__":
    main()
