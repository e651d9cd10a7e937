"""A batch of cases for a worker, and how it continues if the worker ends."""

import pickle
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from comparison.core.errors import ComparisonError, TargetError, UsageError
from comparison.core.processes.call import Problem, error_of
from comparison.models import Case, Comparison, Event, Exchange, Failure
from comparison.targets import RawRecording, Target, build_request, sent
from comparison.targets.reset import late

from .journal import Mark
from .messages import Batch, Compared


class PendingBatch:
    """Cases for one worker, and their comparisons as they arrive."""

    def __init__(
        self, cases: list[Case], lines: bool, targets: dict[str, Target] | None
    ) -> None:
        self.cases = cases
        self.lines = lines
        self.targets = targets
        self.compared: list[Compared] = []
        self.recorded: dict[int, dict[str, RawRecording]] = {}
        self.taken = 0
        self.offset = 0  # of the last batch given to a worker
        self.ended = False
        self.error: BaseException | None = None
        self.deaths = 0  # in a row, without any progress

    def take(self) -> Iterator[Comparison]:
        """Return the comparisons that have arrived since the last call."""
        while self.taken < len(self.compared):
            found = self.compared[self.taken].of(self.cases[self.taken])
            self.taken += 1
            yield found

    def rest(self) -> Batch:
        """Return the part that a worker still has to run."""
        self.offset = done = len(self.compared)
        recorded = {at - done: each for at, each in self.recorded.items() if at >= done}
        return Batch(self.cases[done:], recorded, self.lines, self.targets)

    def note_end(
        self, end: "WorkerEnd", names: Mapping[str, str], timeout: float
    ) -> None:
        """Add the records of a worker that has ended, and the failure that ended it.

        `names` maps each target to its label in tables. Raises TargetError if a worker has
        ended twice without any progress.
        """
        done = len(self.compared)
        # Indexes are those of the batch that the worker was given.
        for place, recorded in end.recorded.items():
            if self.offset + place >= done:
                self.recorded.setdefault(self.offset + place, {}).update(recorded)
        if self._note_running(end, names, timeout):
            self.deaths = 0
            return
        self.deaths += 1
        if self.deaths > 1:
            reason = f"ended {end.how}" if end.how else "does not answer any more"
            first, last = self.cases[done].id, self.cases[-1].id
            raise TargetError(
                f"a worker process {reason}, twice, between the cases {first!r} and"
                f" {last!r}"
            )

    def _note_running(
        self, end: "WorkerEnd", names: Mapping[str, str], timeout: float
    ) -> bool:
        """Add a failure to the case that was running. Return whether there was one."""
        place = self.offset + end.mark.case
        if (
            end.mark.case < 0
            or place >= len(self.cases)
            or end.mark.target >= len(names)
        ):
            return False
        name = list(names)[end.mark.target]
        recorded = self.recorded.setdefault(place, {})
        if name in recorded:
            return False
        failure = _failure(end, timeout)
        recorded[name] = _unanswered(self.cases[place], names[name], failure)
        return True


class WorkerEnd(NamedTuple):
    """How a worker ended: in words, or an empty text if it blocked and we ended it.

    `where` is the line that blocked it. The mark and the records come from its journal.
    """

    how: str
    where: str
    mark: Mark
    recorded: dict[int, dict[str, RawRecording]]


def explained(problem: Problem, batch: PendingBatch) -> ComparisonError:
    """Return the error that ended a batch.

    An error that is not ours names the cases and a likely cause.
    """
    if problem.kind:
        return error_of(problem)
    first, last = batch.cases[0].id, batch.cases[-1].id
    message = (
        f"a worker process failed between the cases {first!r} and {last!r}:"
        f" {problem.message}; an app may have changed something that its whole process"
        " shares (-v -v for the traceback)"
    )
    return error_of(Problem("TargetError", message, problem.traceback))


def reset_error(targets: Mapping[str, Target], end: WorkerEnd) -> TargetError:
    """Return the error for a reset that blocked or ended its process."""
    name = list(targets)[end.mark.target]
    resetting = targets[name].resetting
    assert resetting is not None
    if end.how:
        return resetting.error(name, f"its process ended {end.how}")
    return resetting.error(name, f"{late(resetting.reset.timeout)}{end.where}")


def _failure(end: WorkerEnd, timeout: float) -> Failure:
    if end.how:
        return Failure("died", f"the process of the app ended {end.how}")
    return Failure(
        "timeout",
        f"no answer within {timeout:g} s; the app blocked its process{end.where}",
    )


def _unanswered(case: Case, label: str, failure: Failure) -> RawRecording:
    request = sent(build_request(case.request))
    trace = (
        Event("request_sent", name=request.method),
        Event("failed", name=failure.kind, detail=failure.message),
    )
    return RawRecording(label, Exchange(request, None, failure), trace, ())


def unsendable(cases: list[Case], error: Exception) -> ComparisonError:
    """Return the error for cases that cannot be pickled, naming the first of them."""
    for case in cases:
        try:
            pickle.dumps(case)
        except Exception:
            return UsageError(
                f"case {case.id!r}: cannot be sent to the process of the apps: {error};"
                " give apps or factories instead of names"
            )
    return UsageError(f"cases cannot be sent to the process of the apps: {error}")
