"""Run many cases in the background, each run for one visitor.

A run has a random id and a thread. It stops when the visitor cancels it or stops
watching it.
"""

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

import msgspec

from comparison.known import KnownDifferences
from comparison.models import Case, Comparison, RunHeader, Verdict
from comparison.redaction import without_secrets
from comparison.reports.case_block import headline
from comparison.reports.todo import Task, TodoList
from comparison.reports.wording import MARKS
from comparison.runner.run import Run
from comparison.runner.settings import RunSettings
from comparison.targets import Target

from .guard import Busy

AT_ONCE = 3
MAX_ENDED_RUNS = 30  # runs that have ended
CLOSING = 2.0  # seconds that running runs have to stop their servers at the end
UNSEEN = 5.0  # seconds without a watcher, after which a run stops

State = Literal["running", "ended", "cancelled", "failed"]


class Traits(NamedTuple):
    """The result of a case: its differing fields, and their causes and places."""

    what: str = ""
    causes: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


class WatchedRun:
    """A run as a page shows it.

    `verdicts` has the cases that have run, in their order. `times` has the time of each
    verdict, by the monotonic clock like `started_monotonic`. `started` is wall-clock time.
    """

    def __init__(
        self,
        id_: str,
        what: str,
        cases: tuple[Case, ...],
        startup: bool,
        version: int = 0,
    ) -> None:
        self.id = id_
        self.what = what
        self.cases = cases
        self.startup = startup
        self.version = version
        self.started = time.time()
        self.started_monotonic = time.monotonic()
        self.state: State = "running"
        self.error = ""
        self.verdicts: dict[str, Verdict] = {}
        self.times: dict[str, float] = {}
        self._todo = TodoList()
        self._traits: dict[str, Traits] = {}
        self.header: RunHeader | None = None
        self.watchers = 0
        self._seen = time.monotonic()

    @property
    def counts(self) -> Counter[str]:
        """Count the cases by verdict."""
        return Counter(self.verdicts.copy().values())

    def seen(self) -> None:
        """Note that a visitor has looked at the run just now."""
        self._seen = time.monotonic()

    @property
    def abandoned(self) -> bool:
        """Return whether no visitor has looked at the run for a while."""
        quiet = time.monotonic() - self._seen
        return not (self.startup or self.watchers) and quiet > UNSEEN

    def cancel(self) -> None:
        """Stop sending requests."""
        if self.state == "running":
            self.state = "cancelled"

    def traits_of(self, case_id: str) -> Traits:
        """Return what the run found out about a case."""
        return self._traits.get(case_id, Traits())

    def tasks(self) -> list[Task]:
        """Return the causes of what is unexpected, with their cases."""
        return [*self._todo] if self.state != "running" else []

    def _note(self, comparison: Comparison) -> None:
        """Note the causes of a case that is not as expected."""
        case, found = comparison.case, comparison.findings
        start = f"{MARKS[comparison.verdict]} {case.id}  {case.request.request_line}  "
        self._traits[case.id] = Traits(
            headline(comparison).removeprefix(start),
            tuple(dict.fromkeys(finding.cause or finding.summary for finding in found)),
            tuple(dict.fromkeys(filter(None, (finding.place for finding in found)))),
        )
        # Without the recordings, whose bodies may be large.
        self._todo.add(msgspec.structs.replace(comparison, recordings={}))

    def record(self, run: Run, redact: Callable[[Comparison], Comparison]) -> None:
        """Record the verdicts of the run until it ends, is cancelled or abandoned."""
        for comparison in run:
            if self.state != "running" or self.abandoned:
                self.cancel()
                run.interrupt()
                break
            if comparison.verdict in ("different", "failed"):
                self._note(redact(comparison))
            self.times[comparison.case.id] = time.monotonic()
            self.verdicts[comparison.case.id] = comparison.verdict
        self.header = run.header()
        if self.state == "running":
            self.state = "ended"

    def fail(self, error: Exception) -> None:
        """Mark the run as failed, with the error's message."""
        self.error = without_secrets(error, str(error)) or type(error).__name__
        self.state = "failed"


class Runs:
    """The runs of all visitors. Each has its own targets, which later runs reuse."""

    def __init__(self, settings: RunSettings, known: KnownDifferences) -> None:
        self.settings = settings
        self.known = known
        self.startup: WatchedRun | None = None
        self._runs: dict[str, WatchedRun] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._targets: list[dict[str, Target]] = []

    def start(
        self,
        what: str,
        cases: tuple[Case, ...],
        command: str,
        startup: bool = False,
        version: int = 0,
    ) -> WatchedRun:
        """Start a run. Raises Busy if too many are running."""
        running = [t for t in self._threads.values() if t.is_alive()]
        if len(running) >= AT_ONCE:
            raise Busy("Too many runs are in progress")
        token = secrets.token_urlsafe(16)
        watched = WatchedRun(token, what, cases, startup, version)
        self._forget()
        self._runs[watched.id] = watched
        thread = threading.Thread(
            target=self._work, args=(watched, command), name="run", daemon=True
        )
        self._threads[watched.id] = thread
        thread.start()
        if startup:
            self.startup = watched
        return watched

    def renew(self, known: KnownDifferences) -> None:
        """Load the targets again for later runs."""
        self.known = known
        self._targets = []

    def find(self, id_: str) -> WatchedRun | None:
        """Return the run with this id, if it exists."""
        return self._runs.get(id_)

    def stop(self) -> None:
        """Cancel every run. Its watchers get a last event."""
        for run in self._runs.values():
            run.cancel()

    def close(self) -> None:
        """Cancel the runs and wait a moment for them to stop their servers."""
        self.stop()
        deadline = time.monotonic() + CLOSING
        for thread in self._threads.values():
            thread.join(max(0, deadline - time.monotonic()))

    def _work(self, watched: WatchedRun, command: str) -> None:
        idle = self._targets
        try:
            try:
                targets = idle.pop()
            except IndexError:
                targets = self.settings.load_targets()
            run = Run(
                targets, watched.cases, self.known, timeout=self.settings.timeout,
                keep=False, command=command,
            )  # fmt: skip
            with self.settings.hiding(watched.cases):
                watched.record(run, self.settings.redact_comparison)
            idle.append(targets)
        except Exception as error:
            watched.fail(error)

    def _forget(self) -> None:
        """Drop the oldest runs that have ended."""
        over = [id_ for id_, thread in self._threads.items() if not thread.is_alive()]
        ended = [id_ for id_ in over if self._runs[id_] is not self.startup]
        for id_ in ended[: max(0, len(ended) - MAX_ENDED_RUNS)]:
            del self._runs[id_], self._threads[id_]


def counts_line(counts: Mapping[str, int]) -> str:
    """Format the counts of the verdicts that occurred.

    >>> counts_line({"known": 2, "identical": 3})
    '3 identical, 2 known'
    """
    names = ("identical", "known", "different", "failed", "skipped")
    return ", ".join(f"{counts[name]} {name}" for name in names if counts.get(name))
