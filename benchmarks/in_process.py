"""Measure pairs of requests a second, in process: `python -m benchmarks.in_process`.

Three ways send GET /custom to both twins, in turns, because machines are noisy. Each round
has another order:

(a) httpx clients in a loop, on httpx's own transports;

(b) `compare`, which records the execution tables;

(c) a direct call of both apps, which is the lower bound.

Compare the ratios of the medians.
"""

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import repeat
from typing import Any

import click
import httpx

import flask_app
import quart_app
from comparison import Case, Request, compare
from comparison.targets.http import build_request
from comparison.targets.in_process import asgi, wsgi
from comparison.targets.in_process.limit import Limit

from .turns import in_turns

URL = "http://localhost/custom"


def make_apps() -> tuple[Any, Any]:
    """Return the twins as a WSGI app and an ASGI app."""
    return flask_app.create_app(), quart_app.create_app()


@contextmanager
def plain_httpx() -> Iterator[Callable[[int], None]]:
    """Yield (a): httpx.Client on WSGITransport, httpx.AsyncClient on ASGITransport."""
    flask, quart = make_apps()
    loop = asyncio.new_event_loop()
    sync_client = httpx.Client(transport=httpx.WSGITransport(flask))
    async_client = httpx.AsyncClient(transport=httpx.ASGITransport(quart))

    def send(pairs: int) -> None:
        for _ in range(pairs):
            sync_client.get(URL)
            loop.run_until_complete(async_client.get(URL))

    yield send
    sync_client.close()
    loop.run_until_complete(async_client.aclose())
    loop.close()


@contextmanager
def recorded() -> Iterator[Callable[[int], None]]:
    """Yield (b): `compare` with traces and tables, without storing comparisons.

    Each round is a separate run. A run that continues would send requests ahead while
    we measure the others.
    """
    flask, quart = make_apps()
    case = Case("custom", Request("GET", "/custom"))

    def send(pairs: int) -> None:
        for comparison in compare(flask, quart, repeat(case, pairs), keep=False):
            assert comparison.verdict == "identical", comparison.differences

    yield send


@contextmanager
def by_hand() -> Iterator[Callable[[int], None]]:
    """Yield (c): calls of both apps with a prepared request, without recording."""
    flask, quart = make_apps()
    request = build_request(Request("GET", "/custom"))
    loop = asyncio.new_event_loop()
    limit = Limit(10)

    def send(pairs: int) -> None:
        for _ in range(pairs):
            wsgi.call_app(flask, request, ignore)
            loop.run_until_complete(asgi.call_app(quart, request, ignore, limit))

    yield send
    loop.close()


def ignore(status: int) -> None:
    """Ignore the start of a response."""


WAYS = {"httpx": plain_httpx, "compare": recorded, "by hand": by_hand}


@click.command()
@click.option("--pairs", default=1000, help="Pairs of requests in each round.")
@click.option("--rounds", default=5, help="Rounds; the median is reported.")
def main(pairs: int, rounds: int) -> None:
    """Measure pairs per second in process."""
    rates: dict[str, list[float]] = {name: [] for name in WAYS}
    with ExitStack() as stack:
        ways = {name: stack.enter_context(way()) for name, way in WAYS.items()}
        for send in ways.values():
            send(100)
        for number in range(rounds):
            for name in in_turns(list(ways), number):
                started = time.perf_counter()
                ways[name](pairs)
                rates[name].append(pairs / (time.perf_counter() - started))
    base = statistics.median(rates["httpx"])
    click.echo(f"{'':10}{'pairs/s':>10}{'ms/pair':>10}{'ratio':>8}")
    for name, measured in rates.items():
        median = statistics.median(measured)
        click.echo(f"{name:10}{median:10.0f}{1000 / median:10.2f}{median / base:8.2f}")


if __name__ == "__main__":
    main()
