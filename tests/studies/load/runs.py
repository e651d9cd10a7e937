"""Load runs of servers of known behaviour, measured in virtual time."""

from collections.abc import Callable, Mapping

from comparison.runner.environment import environment
from comparison.studies.load.client import Send
from comparison.studies.load.measure import round_of
from comparison.studies.models import LoadPoint, LoadRound, LoadRun, LoadStack

from .virtual import SECONDS, WINDOW, event_loop, loaded, threads

CONCURRENCY = (1, 2, 5, 10, 25, 50, 100)
NULL = event_loop(0.01)
SERVERS: Mapping[str, Callable[[], Send]] = {
    "flask+waitress": threads(8, 0.05),
    "flask[async]+waitress": threads(8, 0.05),
    "quart+hypercorn": event_loop(0.05),
}


def measured(
    server: Callable[[], Send], concurrency: int, server_ms: float | None = None
) -> LoadRound:
    tally = loaded(server, concurrency)
    used = None if server_ms is None else tally.answered * server_ms / 1000
    return round_of([tally], WINDOW.opens, used)


def run_of(
    servers: Mapping[str, Callable[[], Send]] = SERVERS,
    concurrency: tuple[int, ...] = CONCURRENCY,
    work: str = "sleep:50ms",
    null: Callable[[], Send] = NULL,
    rounds: int = 2,
    server_ms: Mapping[str, float] | None = None,
) -> LoadRun:
    costs = server_ms or {}
    points = [
        LoadPoint(work, name, n, (measured(server, n, costs.get(name)),) * rounds)
        for name, server in servers.items()
        for n in concurrency
    ]
    ceilings = [
        LoadPoint(work, "null server", n, (measured(null, n),) * rounds)
        for n in concurrency
    ]
    pooled = {name: 8 if "waitress" in name else None for name in servers}
    return LoadRun(
        command="comparison load",
        environment=environment(),
        started="2026-11-25 22:00",
        processors=2,
        clients=2,
        works=(work,),
        stacks=tuple(LoadStack(name, name, pooled[name]) for name in servers),
        concurrency=concurrency,
        seconds=SECONDS,
        warm_up=1.0,
        rounds=rounds,
        points=tuple(points),
        ceilings=tuple(ceilings),
    )
