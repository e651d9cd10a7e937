"""Asks every target every case and yields the comparisons as they arrive.

    run = compare("flask_app", "quart_app", load_cases())
    for comparison in run:
        print(comparison.case.id, comparison.verdict)
    print(run.exit_code)

The targets are asked on a thread of the runner's own, so that a Flask app is never called
where an event loop runs, and so that an app that hangs can be left behind.
"""

import queue
import threading
import time
from collections import Counter, deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from msgspec import UNSET, UnsetType

from .cases import store_cases
from .environment import environment
from .errors import UsageError
from .model import (
    Agreement,
    Case,
    Comparison,
    Environment,
    Failure,
    LoneRule,
    Normalisation,
    Recording,
    RunHeader,
    Summary,
    TargetInfo,
)
from .parity import (
    BUNDLED,
    IN_PROCESS,
    ON_SERVERS,
    STACKS,
    Judge,
    KnownDifferences,
    load_known,
    put_down,
)
from .targets import Inside, Session, Target, build_request, resolve_target

DEFAULT_TIMEOUT = 10.0  # seconds
GRACE = 0.5  # seconds, for an app that can be cancelled to be cancelled
CLOSING = 5.0  # seconds, for apps to shut down
AHEAD = 64  # cases asked before their comparisons are taken
BATCH = 0.02  # seconds after which finished comparisons are handed over
TICK = 0.05  # seconds between looks at an app that takes its time


def compare(
    reference: Any,
    candidate: Any,
    cases: Iterable[Case] | str | Path | None = None,
    *,
    others: Sequence[Any] = (),
    known: KnownDifferences | Iterable[str | Path] | str | Path | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    keep: bool = True,
    jobs: int = 1,
    lines: bool = False,
) -> "Run":
    """Ask two targets or more the same cases and compare what they answer.

    Targets are app objects, factories, modules, SPEC strings or `Target` objects.
    `cases` are `Case` objects or a case file or folder; without them, the bundled
    catalogue with its known differences. `timeout` is in seconds, per request. With
    `keep=False` the run forgets each comparison once it was yielded, and its memory
    stays flat. `jobs` cases are asked at once where all targets are on servers. With
    `lines`, each line of a view in process is recorded as it ran. Raises UsageError,
    DocumentError or TargetError.
    """
    named: dict[str, Target] = {}
    for what in (reference, candidate, *others):
        target = resolve_target(what)
        named[_unused(target.name, named)] = target
    if cases is None:
        known = [BUNDLED, ON_SERVERS] if known is None else known
        cases = store_cases()
    elif isinstance(cases, str | Path):
        cases = store_cases(cases)
    if isinstance(known, str | Path):
        known = [known]
    if not isinstance(known, KnownDifferences):
        known = load_known([*(known or ()), STACKS], environment().packages)
    return Run(named, cases, known, timeout=timeout, keep=keep, jobs=jobs, lines=lines)


def _unused(name: str, taken: Mapping[str, Any]) -> str:
    names = [name, *(f"{name}-{n}" for n in range(2, len(taken) + 3))]
    return next(candidate for candidate in names if candidate not in taken)


def infos_of(targets: Mapping[str, Target]) -> tuple[TargetInfo, ...]:
    """The targets as reports name them, by the names of this run."""
    return tuple(
        TargetInfo(name, info.spec, info.framework, info.server, info.settings)
        for name, info in ((n, t.info()) for n, t in targets.items())
    )


class Run:
    """A run: iterate over it for the comparisons; afterwards it knows how it ended.

    `summary`, `exit_code` and `normalisations` ask what is still to be asked first.
    """

    def __init__(
        self,
        targets: Mapping[str, Target],
        cases: Iterable[Case],
        known: KnownDifferences,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        keep: bool = True,
        command: str = "",
        lone_rules: tuple[LoneRule, ...] = (),
        jobs: int = 1,
        lines: bool = False,
        alone: bool = False,
        shard: str = "",
        cases_digest: str = "",
    ) -> None:
        if len(targets) < 2 and not alone:
            raise UsageError("a comparison needs two targets or more")
        self.environment: Environment = environment()
        self.targets = infos_of(targets)
        self.known = known
        self.command = command
        self.lone_rules = lone_rules
        self.shard = shard
        self.cases_digest = cases_digest
        self.comparisons: list[Comparison] = []
        self.interrupted = False
        self._judge = Judge(self.targets, known)
        self._counts: Counter[str] = Counter()
        self._keep = keep
        # An app in process holds the interpreter while it works: nothing is gained.
        inside = any(info.server == IN_PROCESS for info in self.targets)
        self._jobs = 1 if inside else jobs
        self._lines = lines
        self._asking = self._ask(targets, cases, timeout)

    def __iter__(self) -> Iterator[Comparison]:
        yield from self.comparisons
        # Not `yield from`: whoever leaves the loop early may come back to it.
        for comparison in self._asking:  # noqa: UP028
            yield comparison

    @property
    def summary(self) -> Summary:
        """How many cases ended in each verdict."""
        self._finish()
        return self.summary_so_far

    @property
    def summary_so_far(self) -> Summary:
        """The verdicts of the comparisons yielded until now."""
        return Summary(**self._counts)

    @property
    def normalisations(self) -> tuple[Normalisation, ...]:
        """Every rule that kept noise out, with how often it did."""
        self._finish()
        return self._judge.applied.summary()

    @property
    def exit_code(self) -> int:
        """0 nothing unexpected, 1 something was, 130 interrupted."""
        self._finish()
        if self.interrupted:
            return 130
        unexpected = self._counts["different"] or self._counts["failed"]
        return 1 if unexpected or self.lone_rules else 0

    def header(self, ended: bool = True) -> RunHeader:
        """The run without its comparisons, as documents begin."""
        return RunHeader(
            command=self.command,
            environment=self.environment,
            targets=self.targets,
            lone_rules=self.lone_rules,
            normalisations=self.normalisations if ended else (),
            agreement=self._agreement() if ended else UNSET,
            summary=self.summary if ended else None,
            exit_code=self.exit_code if ended else None,
            interrupted=self.interrupted,
            shard=self.shard,
            cases_digest=self.cases_digest,
        )

    def _agreement(self) -> tuple[Agreement, ...] | UnsetType:
        return self._judge.agreement() if len(self.targets) > 2 else UNSET

    def interrupt(self) -> None:
        """Ask nothing more; what was recorded so far is the run."""
        self.interrupted = True
        self._asking.close()

    def _finish(self) -> None:
        for _ in self._asking:
            pass

    def _ask(
        self, targets: Mapping[str, Target], cases: Iterable[Case], timeout: float
    ) -> Generator[Comparison, None, None]:
        lanes: Lanes | Workers = (
            Lanes(targets, timeout, self._judge, self._lines)
            if self._jobs == 1
            else Workers(targets, timeout, self._judge, self._jobs)
        )
        try:
            for comparison in lanes.ask(cases):
                self._counts[comparison.verdict] += 1
                if self._keep:
                    self.comparisons.append(comparison)
                yield comparison
        finally:
            lanes.close()


class _Job:
    """One case to be asked of some targets; their recordings appear in `done`."""

    def __init__(self, case: Case, names: list[str]) -> None:
        self.case = case
        self.names = names
        self.done: dict[str, Recording] = {}
        self.comparison: Comparison | None = None
        self.error: BaseException | None = None
        self.ended: threading.Event | None = None


class Lanes:
    """Asks case after case on a thread, and starts another where an app hangs.

    A thread cannot be stopped from outside: when an app does not come back in time, the
    lane it runs on is left behind and a new one goes on from there.
    """

    def __init__(
        self,
        targets: Mapping[str, Target],
        timeout: float,
        judge: Judge,
        lines: bool = False,
    ) -> None:
        self.targets = targets
        self.timeout = timeout
        self.judge = judge
        self.lines = lines
        self.lane = Lane(targets, timeout, judge, lines=lines)
        self.waiting: deque[_Job] = deque()

    def ask(self, cases: Iterable[Case]) -> Iterator[Comparison]:
        """The comparison of each case, in order.

        Raises TargetError where a target cannot be started for a case.
        """
        names = list(self.targets)
        coming = iter(cases)
        while True:
            for case in islice(coming, AHEAD - len(self.waiting)):
                self.waiting.append(_Job(case, names))
                self.lane.inbox.put(self.waiting[-1])
            if not self.waiting:
                return
            try:
                finished = self._wait()
            except KeyboardInterrupt:
                yield from self._take(self.lane.ready())
                raise
            yield from self._take(finished)

    def _take(self, finished: int) -> Iterator[Comparison]:
        for _ in range(finished):
            job = self.waiting.popleft()
            if job.error is not None:
                raise job.error
            assert job.comparison is not None
            yield job.comparison

    def close(self) -> None:
        """Close the sessions and wait for the thread, unless an app holds it."""
        self.lane.abandoned = True
        self.lane.inbox.put(None)
        self.lane.thread.join(GRACE)
        if self.lane.asking is None:
            self.lane.thread.join(CLOSING)
        for target in self.targets.values():
            target.close()

    def _wait(self) -> int:
        """Wait for the oldest jobs; go on elsewhere if a target does not come back."""
        while not (finished := self.lane.finished(self.timeout + GRACE)):
            stuck = self.lane.stuck
            job = self.waiting[0]
            message = f"no answer within {self.timeout:g} s"
            session = self.lane.sessions[stuck]
            job.done[stuck] = session.interrupted(Failure("timeout", message))
            job.names = job.names[job.names.index(stuck) + 1 :]
            self.lane = Lane(self.targets, self.timeout, self.judge, lines=self.lines)
            for waiting in self.waiting:
                self.lane.inbox.put(waiting)
        return finished


class Asker:
    """Asks one case at a time of targets that stay open until it is closed."""

    def __init__(
        self,
        targets: Mapping[str, Target],
        known: KnownDifferences,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> None:
        if len(targets) < 2:
            raise UsageError("a comparison needs two targets or more")
        self.targets = targets
        self._lanes = Lanes(targets, timeout, Judge(infos_of(targets), known))

    def ask(self, case: Case) -> Comparison:
        """The comparison of one case. Raises TargetError as a run does."""
        (comparison,) = self._lanes.ask([case])
        return comparison

    def close(self) -> None:
        """Shut the apps down."""
        self._lanes.close()


class Workers:
    """Asks several cases at once, each on a thread with sessions of its own.

    Only for targets whose sessions come back in time by themselves.
    """

    def __init__(
        self, targets: Mapping[str, Target], timeout: float, judge: Judge, jobs: int
    ) -> None:
        self.targets = targets
        self.inbox: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        others = [
            {name: target.another() for name, target in targets.items()}
            for _ in range(jobs - 1)
        ]
        for own in others:
            for target in own.values():
                target.start()
        self.lanes = [
            Lane(own, timeout, judge, self.inbox) for own in (targets, *others)
        ]

    def ask(self, cases: Iterable[Case]) -> Iterator[Comparison]:
        """The comparison of each case, in order. Raises TargetError."""
        names = list(self.targets)
        waiting: deque[_Job] = deque()
        coming = iter(cases)
        while True:
            for case in islice(coming, AHEAD - len(waiting)):
                job = _Job(case, names)
                job.ended = threading.Event()
                waiting.append(job)
                self.inbox.put(job)
            if not waiting:
                return
            job = waiting.popleft()
            assert job.ended is not None
            job.ended.wait()
            if job.error is not None:
                raise job.error
            assert job.comparison is not None
            yield job.comparison

    def close(self) -> None:
        """Close the sessions, wait for the threads and stop what was started."""
        for lane in self.lanes:
            lane.abandoned = True
            self.inbox.put(None)
        for lane in self.lanes:
            lane.thread.join(CLOSING)
        for lane in self.lanes:
            for target in lane.targets.values():
                target.close()


class Lane:
    """A thread with a session for each target, asking one case at a time.

    `asking` is the target being asked, since when (a monotonic time in seconds) and how
    many requests the case has. `completed` counts finished jobs. The other thread is
    woken for a batch of them, because each hand over between threads costs as much as a
    small app; it looks by itself every `TICK`, lest a case that hangs keep back the
    finished ones before it.
    """

    def __init__(
        self,
        targets: Mapping[str, Target],
        timeout: float,
        judge: Judge,
        inbox: "queue.SimpleQueue[_Job | None] | None" = None,
        lines: bool = False,
    ) -> None:
        self.targets = targets
        self.lines = lines
        self.timeout = timeout
        self.judge = judge
        self.asking: tuple[str, float, int] | None = None
        self.abandoned = False
        self.completed = 0
        self.taken = 0
        self.stuck = ""
        self.sessions: dict[str, Session] = {}
        self.inside = Inside(targets, timeout)
        self.inbox = queue.SimpleQueue() if inbox is None else inbox
        self.wake: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._work, name="asking", daemon=True)
        self.thread.start()

    def finished(self, limit: float) -> int:
        """Wait for the next finished jobs, and how many they are.

        0 when the target that is being asked takes longer than `limit` seconds: the
        thread is then left to itself, and `stuck` is the target.
        """
        while True:
            with suppress(queue.Empty):
                self.wake.get(timeout=TICK)
            if ready := self.ready():
                return ready
            if (asking := self.asking) is not None:
                name, since, requests = asking
                if time.monotonic() > since + limit * requests:
                    self.abandoned = True
                    self.inbox.put(None)
                    self.stuck = name
                    return 0

    def ready(self) -> int:
        """How many jobs were finished since this was asked last."""
        ready = self.completed - self.taken
        self.taken += ready
        return ready

    def _work(self) -> None:
        reported = time.monotonic()
        try:
            while (job := self.inbox.get()) is not None and not self.abandoned:
                try:
                    self._ask(job)
                except BaseException as error:
                    job.error = error
                if self.abandoned:
                    break
                if job.ended is not None:
                    job.ended.set()
                self.completed += 1
                now = time.monotonic()
                if self.inbox.empty() or now - reported > BATCH:
                    self.wake.put(None)
                    reported = now
        finally:
            for session in self.sessions.values():
                session.close()
            self.inside.close()

    def _ask(self, job: _Job) -> None:
        request = build_request(job.case.request)
        for name in job.names:
            if name not in self.sessions:
                self.sessions[name] = self.targets[name].session(self.timeout)
                self.sessions[name].lines = self.lines
            session = self.sessions[name]
            if not session.watches_clock:
                self.asking = (name, time.monotonic(), 1 + len(job.case.before))
            recording = session.ask(job.case, request)
            if self.abandoned:
                return
            job.done[name] = recording
            self.asking = None
        ordered = {name: job.done[name] for name in self.targets}
        comparison = self.judge.judge(job.case, ordered)
        if self.judge.in_doubt(comparison):
            inside = self.inside.ask(job.case, ordered)
            comparison = put_down(comparison, inside, self.judge.sides)
        job.comparison = comparison
