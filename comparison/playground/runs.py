"""Runs over many cases, each its visitor's own.

A run is known by an id that nobody can guess, goes on on a thread, and stops when it is
cancelled or when nobody looks at it any more.
"""

import secrets
import threading
import time
from collections import Counter
from collections.abc import Mapping
from typing import Literal

from comparison.known import KnownDifferences
from comparison.models import Case, RunHeader, Verdict
from comparison.redaction import without_secrets
from comparison.runner import Run
from comparison.runner.settings import RunSettings
from comparison.targets import Target

from .limits import Busy

AT_ONCE = 3
KEPT = 30  # runs that have ended
CLOSING = 2.0  # seconds, for the servers of runs that go on when all ends
UNSEEN = 5.0  # seconds without anybody looking, after which a run stops

State = Literal["going", "ended", "cancelled", "failed"]


class Watched:
    """A run as a page shows it.

    `verdicts` are those of the cases asked until now, in their order, and `times` when
    each came, by the monotonic clock, which `began` is of too. `started` is a time of the
    clock on the wall.
    """

    def __init__(
        self, id_: str, what: str, cases: tuple[Case, ...], standing: bool
    ) -> None:
        self.id = id_
        self.what = what
        self.cases = cases
        self.standing = standing
        self.started = time.time()
        self.began = time.monotonic()
        self.state: State = "going"
        self.error = ""
        self.verdicts: dict[str, Verdict] = {}
        self.times: dict[str, float] = {}
        self.header: RunHeader | None = None
        self.watchers = 0
        self._seen = time.monotonic()

    @property
    def counts(self) -> Counter[str]:
        """How many cases ended in each verdict."""
        return Counter(self.verdicts.copy().values())

    def seen(self) -> None:
        """Somebody looks at it."""
        self._seen = time.monotonic()

    @property
    def left_alone(self) -> bool:
        """Whether nobody has looked at it for a while."""
        quiet = time.monotonic() - self._seen
        return not (self.standing or self.watchers) and quiet > UNSEEN

    def cancel(self) -> None:
        """Ask nothing more."""
        if self.state == "going":
            self.state = "cancelled"

    def ask(self, run: Run) -> None:
        """Take what the run brings, until it ends or nobody wants it any more."""
        for comparison in run:
            if self.state != "going" or self.left_alone:
                self.cancel()
                run.interrupt()
                break
            self.times[comparison.case.id] = time.monotonic()
            self.verdicts[comparison.case.id] = comparison.verdict
        self.header = run.header()
        if self.state == "going":
            self.state = "ended"

    def fail(self, error: Exception) -> None:
        """It cannot go on."""
        self.error = without_secrets(error, str(error)) or type(error).__name__
        self.state = "failed"


class Runs:
    """The runs of all visitors. Each has targets to itself, kept for the next one."""

    def __init__(self, asking: RunSettings, known: KnownDifferences) -> None:
        self.asking = asking
        self.known = known
        self.standing: Watched | None = None
        self._runs: dict[str, Watched] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._targets: list[dict[str, Target]] = []

    def start(
        self, what: str, cases: tuple[Case, ...], command: str, standing: bool = False
    ) -> Watched:
        """Begin a run. Raises Busy where too many go on."""
        going = [t for t in self._threads.values() if t.is_alive()]
        if len(going) >= AT_ONCE:
            raise Busy("Too many runs go on at once")
        watched = Watched(secrets.token_urlsafe(16), what, cases, standing)
        self._forget()
        self._runs[watched.id] = watched
        thread = threading.Thread(
            target=self._work, args=(watched, command), name="run", daemon=True
        )
        self._threads[watched.id] = thread
        thread.start()
        if standing:
            self.standing = watched
        return watched

    def find(self, id_: str) -> Watched | None:
        """The run with this id, if there is one."""
        return self._runs.get(id_)

    def stop(self) -> None:
        """Cancel every run; whoever looks at one is told."""
        for run in self._runs.values():
            run.cancel()

    def close(self) -> None:
        """Stop, and let the runs end their servers, unless an app keeps one."""
        self.stop()
        deadline = time.monotonic() + CLOSING
        for thread in self._threads.values():
            thread.join(max(0, deadline - time.monotonic()))

    def _work(self, watched: Watched, command: str) -> None:
        try:
            try:
                targets = self._targets.pop()
            except IndexError:
                targets = self.asking.load_targets()
            run = Run(
                targets, watched.cases, self.known, timeout=self.asking.timeout,
                keep=False, command=command,
            )  # fmt: skip
            with self.asking.hiding(watched.cases):
                watched.ask(run)
            self._targets.append(targets)
        except Exception as error:
            watched.fail(error)

    def _forget(self) -> None:
        """Drop the oldest runs that have ended."""
        over = [id_ for id_, thread in self._threads.items() if not thread.is_alive()]
        kept = [id_ for id_ in over if self._runs[id_] is not self.standing]
        for id_ in kept[: max(0, len(kept) - KEPT)]:
            del self._runs[id_], self._threads[id_]


def counts_line(counts: Mapping[str, int]) -> str:
    """Verdicts in words, those that occurred.

    >>> counts_line({"known": 2, "identical": 3})
    '3 identical, 2 known'
    """
    names = ("identical", "known", "different", "failed")
    return ", ".join(f"{counts[name]} {name}" for name in names if counts.get(name))
