"""Measure a load run in rounds: each round has every work, concurrency and stack in turn.

So changes on the machine affect all stacks alike. After an interrupt, the run still has
the complete rounds.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from comparison.core.start_timeout import start_timeout
from comparison.redaction import redacted_command
from comparison.runner.environment import environment
from comparison.studies.models import LoadPoint, LoadRound, LoadRun, LoadStack
from comparison.studies.statistics import percentile

from .client import CheckedRequest, Orders, Tally, Window
from .plan import Plan, Work, threads_of, way_of
from .served import LoadProcess, NullServed, Served

NULL = "null server"
LEAD = 0.1  # seconds for the clients to read their orders
GRACE = 10.0  # seconds beyond the timeout that a client process may take
STARTING = 1.0  # estimated seconds that a server needs to start

Key = tuple[str, str, int]


class Measurement:
    """A load run to iterate over, step by step; `result` returns its measurements."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.processors = _processors()
        self.clients = min(self.processors, max(plan.concurrency))
        names = (*plan.targets, NULL)
        self.steps = [
            (work, concurrency, name)
            for _ in range(plan.rounds)
            for work in plan.works
            for concurrency in plan.concurrency
            for name in names
        ]
        self.rounds: dict[Key, list[LoadRound]] = {}
        self.given_up: dict[str, str] = {}
        self.unfinished = ""
        self.started = datetime.now(UTC)
        self.load_average = _load_average()
        self.children: list[LoadProcess] = []
        self.served: dict[str, Served] = {}
        self.null: dict[str, NullServed] = {}
        self.requests: dict[tuple[str, str], tuple[CheckedRequest, ...]] = {}

    @property
    def expected(self) -> float:
        """Estimate how many seconds the run takes if responses are fast."""
        each = LEAD + self.plan.warm_up + self.plan.seconds
        return len(self.steps) * each + STARTING * len(self.plan.targets)

    def __iter__(self) -> Iterator[tuple[Work, int, str]]:
        """Measure; yield each step before it runs. Raises TargetError at the start."""
        try:
            self._start()
            ends = time.monotonic() + self.plan.time
            for step in self.steps:
                yield step
                work, concurrency, name = step
                if name in self.given_up:
                    continue
                if time.monotonic() + self.plan.warm_up + self.plan.seconds > ends:
                    self.unfinished = f"the time limit of {self.plan.time:g} s"
                    return
                measured = self._measure(work, concurrency, name)
                key = (work.name, name, concurrency)
                self.rounds.setdefault(key, []).append(measured)
                self._check_server(name, measured, concurrency)
        except BaseException as error:
            stopped = isinstance(error, KeyboardInterrupt | GeneratorExit)
            self.unfinished = "interrupted" if stopped else f"{error}"
            raise
        finally:
            self.close()

    def close(self) -> None:
        """Stop every process."""
        for served in self.served.values():
            served.close()
        for null in self.null.values():
            null.close()
        for child in self.children:
            child.stop()

    def result(self, command: str) -> LoadRun:
        """Return the measurements so far."""
        plan = self.plan
        points = [
            LoadPoint(work.name, name, concurrency, tuple(found))
            for work in plan.works
            for name in (*plan.targets, NULL)
            for concurrency in plan.concurrency
            if (found := self.rounds.get((work.name, name, concurrency)))
        ]
        return LoadRun(
            command=command,
            environment=environment(),
            started=f"{self.started:%Y-%m-%d %H:%M}",
            processors=self.processors,
            clients=self.clients,
            load_average=self.load_average,
            works=tuple(work.name for work in plan.works),
            stacks=tuple(
                self._stack(name, spec) for name, spec in plan.targets.items()
            ),
            concurrency=plan.concurrency,
            seconds=plan.seconds,
            warm_up=plan.warm_up,
            rounds=plan.rounds,
            points=tuple(point for point in points if point.stack != NULL),
            ceilings=tuple(point for point in points if point.stack == NULL),
            unfinished=self.unfinished,
        )

    def _stack(self, name: str, spec: str) -> LoadStack:
        threads = threads_of(spec, self.plan.threads)
        shown = redacted_command(spec)
        return LoadStack(name, shown, threads, self.given_up.get(name, ""))

    def _start(self) -> None:
        for name, spec in self.plan.targets.items():
            self.served[name] = Served(name, spec, self.plan.threads)
        for work in self.plan.works:
            size = 0
            for name, served in self.served.items():
                expected = served.first(work.requests[way_of(name)], self.plan.timeout)
                self.requests[work.name, name] = expected
                size = max(size, *(each.size for each in expected))
            self.requests[work.name, NULL] = work.requests["sync"]
            self.null[work.name] = NullServed(size)
        self.children = [LoadProcess("client") for _ in range(self.clients)]
        for child in self.children:
            # A client that is still importing modules would miss its first window.
            child.receive(start_timeout())

    def _measure(self, work: Work, concurrency: int, name: str) -> LoadRound:
        plan = self.plan
        served = self.null[work.name] if name == NULL else self.served[name]
        requests = self.requests[work.name, name]
        if name == NULL:
            requests = tuple(CheckedRequest(each.request) for each in requests)
        opens = time.monotonic() + LEAD + plan.warm_up
        shares = list(share(concurrency, self.clients))
        closes = opens + plan.seconds
        for child, workers in zip(self.children, shares, strict=False):
            window = Window(opens, closes, plan.requests * workers // concurrency)
            orders = Orders(
                served.address, served.origin, requests, workers, window, plan.timeout
            )
            child.send(msgspec.json.encode(orders))
        before = self._processor(name, opens)
        after = self._processor(name, closes)
        tallies = [
            msgspec.json.decode(child.receive(plan.timeout + GRACE), type=Tally)
            for child in self.children[: len(shares)]
        ]
        used = after - before if before is not None and after is not None else None
        return round_of(tallies, opens, used)

    def _processor(self, name: str, when: float) -> float | None:
        time.sleep(max(when - time.monotonic(), 0))
        return None if name == NULL else self.served[name].processor()

    def _check_server(self, name: str, measured: LoadRound, concurrency: int) -> None:
        """Stop measuring a server that has died or does not respond."""
        if name == NULL:
            return
        ended = self.served[name].ended()
        silent = measured.p50 is None and measured.errors
        if ended:
            self.given_up[name] = f"died at {concurrency} in flight, {ended}"
        elif silent:
            kinds = ", ".join(f"{n} × {kind}" for kind, n in measured.errors.items())
            self.given_up[name] = f"no response at {concurrency} in flight: {kinds}"


def share(concurrency: int, processes: int) -> Iterator[int]:
    """Yield the number of workers of each process that has any.

    >>> list(share(5, 2)), list(share(1, 2))
    ([3, 2], [1])
    """
    for number in range(processes):
        workers = concurrency // processes + (number < concurrency % processes)
        if workers:
            yield workers


def round_of(
    tallies: list[Tally], opened: float, server_seconds: float | None
) -> LoadRound:
    """Combine the tallies of the client processes into one round."""
    errors: Counter[str] = Counter()
    for tally in tallies:
        errors.update(tally.errors)
    latencies = sorted(1000 * seconds for each in tallies for seconds in each.latencies)
    answered = sum(tally.answered for tally in tallies)
    seconds = max(tally.ended for tally in tallies) - opened
    known = server_seconds is not None and answered
    return LoadRound(
        answered=answered,
        seconds=round(seconds, 3),
        p50=_percentile(latencies, 50),
        p95=_percentile(latencies, 95),
        p99=_percentile(latencies, 99),
        longest=_percentile(latencies, 100),
        server_ms=round(1000 * (server_seconds or 0) / answered, 3) if known else None,
        errors=dict(sorted(errors.items())),
    )


def _percentile(latencies: list[float], percent: float) -> float | None:
    return round(percentile(latencies, percent), 3) if latencies else None


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _load_average() -> float | None:
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
