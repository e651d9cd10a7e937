"""How many pairs a second, on servers: `python -m benchmarks.on_servers`.

Ways of asking both twins on their default servers for /custom, in one run and in turns:
a bare loop of two httpx clients that make a connection for each request, `compare` with
one worker, and with two. Then the same on servers that keep connections, kept. What
counts is the ratio of the medians to that of the bare loop.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import islice, repeat

import click
import httpx

from comparison import Case, Request, compare
from comparison.runner import AHEAD
from comparison.targets.servers import ServerTarget

CASE = Case("custom", Request("GET", "/custom"))
DEFAULT = ("flask_app@", "quart_app@")
KEEPING = ("flask_app@waitress", "quart_app@hypercorn")

Ask = Callable[[int], None]


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

    def ask(pairs: int) -> None:
        for _ in range(pairs):
            bodies = {client.get("/custom").content for client in clients}
            assert len(bodies) == 1

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

    def ask(pairs: int) -> None:
        for comparison in islice(comparisons, pairs):
            assert not comparison.unexpected, comparison.differences

    yield ask
    run.interrupt()


WAYS: dict[str, Callable[[], AbstractContextManager[Ask]]] = {
    "httpx": lambda: bare(DEFAULT),
    "compare": lambda: compared(DEFAULT),
    "compare --jobs 2": lambda: compared(DEFAULT, jobs=2),
    "kept: httpx": lambda: bare(KEEPING, keep_alive=True),
    "kept: compare": lambda: compared(KEEPING, keep_alive=True),
}


@click.command()
@click.option("--pairs", default=300, help="Pairs of requests in each round.")
@click.option("--rounds", default=5, help="Rounds; the median is reported.")
def main(pairs: int, rounds: int) -> None:
    """Measure pairs per second on servers."""
    rates: dict[str, list[float]] = {name: [] for name in WAYS}
    with ExitStack() as stack:
        ways = {name: stack.enter_context(way()) for name, way in WAYS.items()}
        for ask in ways.values():
            ask(50)
        for _ in range(rounds):
            for name, ask in ways.items():
                # A run asks ahead of what is taken from it: that is not measured.
                ask(AHEAD)
                started = time.perf_counter()
                ask(pairs)
                rates[name].append(pairs / (time.perf_counter() - started))
    base = statistics.median(rates["httpx"])
    click.echo(f"{'':18}{'pairs/s':>10}{'ms/pair':>10}{'ratio':>8}")
    for name, measured in rates.items():
        median = statistics.median(measured)
        click.echo(f"{name:18}{median:10.0f}{1000 / median:10.2f}{median / base:8.2f}")


if __name__ == "__main__":
    main()
