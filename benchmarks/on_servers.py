"""How many pairs a second, on servers: `python -m benchmarks.on_servers`.

Ways of asking both twins on their default servers for /custom, in one run and in turns:
a bare loop of two httpx clients that make a connection for each request, `compare` with
one worker, and with two. Then the same on servers that keep connections, kept. What
counts is the ratio of the medians to that of the bare loop.

A rival takes part on both pairs of servers if its command is on the path: jumeaux
(<https://tadashi-aikawa.github.io/jumeaux/>), which compares status and JSON from
outside. Its starting is not counted.
"""

import json
import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from itertools import islice, repeat
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import httpx

from comparison import Case, Request, compare
from comparison.runner.threads import AHEAD
from comparison.targets.servers.target import ServerTarget

CASE = Case("custom", Request("GET", "/custom"))
DEFAULT = ("flask_app@", "quart_app@")
KEEPING = ("flask_app@waitress", "quart_app@hypercorn")

RIVAL = "jumeaux"
MISSING = f"{RIVAL} is left out: `pip install {RIVAL}`, and its command on the path"

# Asks so many pairs, and says how many seconds it took.
Ask = Callable[[int], float]


@contextmanager
def bare(specs: tuple[str, str], keep_alive: bool = False) -> Iterator[Ask]:
    """Two httpx clients in a loop."""
    targets = [ServerTarget(spec, spec) for spec in specs]
    limits = httpx.Limits(max_keepalive_connections=None if keep_alive else 0)
    clients = []
    for target in targets:
        host, port, _ = target.running().address
        base = f"http://{host}:{port}"
        clients.append(httpx.Client(base_url=base, limits=limits, trust_env=False))

    def ask(pairs: int) -> float:
        started = time.perf_counter()
        for _ in range(pairs):
            bodies = {client.get("/custom").content for client in clients}
            assert len(bodies) == 1
        return time.perf_counter() - started

    yield ask
    for client, target in zip(clients, targets, strict=True):
        client.close()
        target.close()


@contextmanager
def compared(
    specs: tuple[str, str], jobs: int = 1, keep_alive: bool = False
) -> Iterator[Ask]:
    """`compare`, recorded inside and out, nothing kept."""
    one, other = (ServerTarget(spec, spec, keep_alive) for spec in specs)
    run = compare(one, other, repeat(CASE), keep=False, jobs=jobs)
    comparisons = iter(run)

    def ask(pairs: int) -> float:
        # A run asks ahead of what is taken from it: that is not measured.
        for comparison in islice(comparisons, AHEAD * jobs):
            assert not comparison.unexpected, comparison.differences
        started = time.perf_counter()
        for comparison in islice(comparisons, pairs):
            assert not comparison.unexpected, comparison.differences
        return time.perf_counter() - started

    yield ask
    run.interrupt()


@contextmanager
def rival(specs: tuple[str, str]) -> Iterator[Ask]:
    """`jumeaux run`, one worker, nothing kept but its report."""
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

        def ask(pairs: int) -> float:
            # One more, as only the beginnings of its requests are known.
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

        yield ask
    for target in targets:
        target.close()


WAYS: dict[str, Callable[[], AbstractContextManager[Ask]]] = {
    "httpx": lambda: bare(DEFAULT),
    "compare": lambda: compared(DEFAULT),
    "compare --jobs 2": lambda: compared(DEFAULT, jobs=2),
    "kept: httpx": lambda: bare(KEEPING, keep_alive=True),
    "kept: compare": lambda: compared(KEEPING, keep_alive=True),
}
RIVALS: dict[str, Callable[[], AbstractContextManager[Ask]]] = {
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
        for ask in ways.values():
            ask(50)
        for _ in range(rounds):
            for name, ask in ways.items():
                rates[name].append(pairs / ask(pairs))
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
