"""Asking with several processes, each with apps and servers of its own.

The processes are forked, so that they have whatever the caller made: apps that no name
leads to, and what was imported for them. Each is dealt a few cases at a time. The
comparisons come in the order of the cases, whichever process was faster.
"""

import gc
import multiprocessing
import os
import pickle
import queue
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from multiprocessing.connection import Connection, wait
from operator import length_hint
from typing import Any

import msgspec
from msgspec import Struct

from comparison.errors import TargetError, UsageError
from comparison.model import (
    Case,
    Comparison,
    Difference,
    Expectation,
    Recording,
    Stale,
    Verdict,
)
from comparison.parity import Judge, Tally
from comparison.targets import CAN_FORK, Target, forked

from .lanes import AHEAD, CLOSING, GRACE, Lanes

DEALT = 16  # cases at once: each hand over costs about as much as asking one
DEALS = AHEAD // DEALT  # for each process, before the oldest is taken


class _Judged(Struct, array_like=True, gc=False):
    """A comparison on its way back, without the case: that is where it came from."""

    verdict: Verdict
    expectation: Expectation
    differences: tuple[Difference, ...]
    recordings: dict[str, Recording]
    stale: tuple[Stale, ...]
    normalised: tuple[str, ...]
    agreed: tuple[tuple[str, str], ...]


class _Answer(Struct, array_like=True, gc=False):
    """What became of a deal: as many as were asked before an error, if there was one."""

    judged: list[_Judged]
    tally: Tally
    error: bytes = b""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Answer).decode


class _Deal:
    """Cases for one process, and its answer when it has come."""

    def __init__(self, cases: list[Case]) -> None:
        self.cases = cases
        self.answer: _Answer | None = None

    def comparisons(self) -> Iterator[Comparison]:
        """The comparison of each case that was asked."""
        if self.answer is None:
            return
        for case, judged in zip(self.cases, self.answer.judged, strict=False):
            yield Comparison(
                case, judged.verdict, judged.expectation, judged.differences,
                judged.recordings, judged.stale, judged.normalised, judged.agreed,
            )  # fmt: skip

    def raise_error(self) -> None:
        """Raise what ended the asking, if anything did."""
        if self.answer is not None and self.answer.error:
            raise pickle.loads(self.answer.error)  # noqa: S301  # a process of ours


class Processes:
    """Shares the cases of a run among forked processes.

    What they counted is added to `judge`. Raises UsageError where the system cannot fork.
    """

    def __init__(
        self,
        targets: Mapping[str, Target],
        timeout: float,
        judge: Judge,
        lines: bool,
        jobs: int,
    ) -> None:
        if not CAN_FORK:
            raise UsageError("several jobs need a system that can fork processes")
        for target in targets.values():
            # A server that was started to be asked its name: each process has its own.
            target.close()
        self.judge = judge
        self.processes: list[_Process] = []
        processors = _processors(jobs, judge)
        for number in range(jobs):
            work = (targets, timeout, judge, lines, processors[number : number + 1])
            others = [process.connection for process in self.processes]
            self.processes.append(_Process(work, others))

    def ask(self, cases: Iterable[Case]) -> Iterator[Comparison]:
        """The comparison of each case, in order. Raises TargetError as a run does."""
        waiting: deque[_Deal] = deque()
        coming = self._deals(cases)
        try:
            while self._deal_out(coming, waiting):
                while waiting[0].answer is None:
                    self._receive()
                deal = waiting.popleft()
                yield from deal.comparisons()
                deal.raise_error()
        except KeyboardInterrupt:
            self._stop()
            # Errors are of the stopping.
            for deal in waiting:
                yield from deal.comparisons()
            raise

    def close(self) -> None:
        """End the processes; one that is busy is interrupted."""
        for process in self.processes:
            process.end()
        for process in self.processes:
            process.wait()

    def _deals(self, cases: Iterable[Case]) -> Iterator[_Deal]:
        """Few cases at once where few are left, so that all processes end together.

        Where nobody knows how many are left, as many are expected as there were.
        """
        coming = iter(cases)
        counted = length_hint(coming) > 0
        asked = 0
        while True:
            left = length_hint(coming) if counted else asked
            share = left // (len(self.processes) * DEALS)
            if not (dealt := list(islice(coming, min(DEALT, share) or 1))):
                return
            asked += len(dealt)
            yield _Deal(dealt)

    def _deal_out(self, coming: Iterator[_Deal], waiting: deque[_Deal]) -> bool:
        """Give every process enough to do. Whether anything is still waited for."""
        for round_ in range(DEALS):
            for process in self.processes:
                if len(waiting) == len(self.processes) * DEALS:
                    return True
                if len(process.dealt) == round_ and (deal := next(coming, None)):
                    waiting.append(deal)
                    process.deal(deal)
        return bool(waiting)

    def _receive(self) -> None:
        busy = {p.connection: p for p in self.processes if p.dealt}
        for connection in wait(list(busy)):
            tally = busy[connection].receive()  # type: ignore[index]  # it was in the list
            self.judge.add(tally)

    def _stop(self) -> None:
        """Interrupt the processes, and take what they have asked until now."""
        for process in self.processes:
            process.interrupt()
        deadline = time.monotonic() + GRACE
        for process in self.processes:
            if process.dealt and process.connection.poll(deadline - time.monotonic()):
                self.judge.add(process.receive())


class _Process:
    """A forked process, its end of the connection, and what it was dealt."""

    def __init__(self, work: tuple[Any, ...], others: list[Connection]) -> None:
        self.connection, theirs = multiprocessing.Pipe()
        self.dealt: deque[_Deal] = deque()
        self.process = forked(_work, theirs, [self.connection, *others], *work)
        theirs.close()

    def deal(self, deal: _Deal) -> None:
        self.dealt.append(deal)
        # Where it has died, that is found out where its answer is read.
        with suppress(BrokenPipeError):
            self.connection.send(deal.cases)

    def receive(self) -> Tally:
        """The answer to its oldest deal, of which what was counted is returned."""
        try:
            answer = _decode(self.connection.recv_bytes())
        except (EOFError, ConnectionResetError):
            # Told in its turn: others have asked what comes before.
            answer = _Answer([], Tally({}, {}, 0), pickle.dumps(self._died()))
        self.dealt.popleft().answer = answer
        return answer.tally

    def interrupt(self) -> None:
        """Let it answer with what it has, and end."""
        if self.dealt:
            self.process.terminate()

    def end(self) -> None:
        self.interrupt()
        self.connection.close()

    def wait(self) -> None:
        self.process.join(GRACE + CLOSING)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()

    def _died(self) -> TargetError:
        self.process.join(GRACE)
        first, last = self.dealt[0].cases[0].id, self.dealt[0].cases[-1].id
        return TargetError(
            f"a process of --jobs ended with exit code {self.process.exitcode}"
            f" between the cases {first!r} and {last!r}"
        )


def _processors(jobs: int, judge: Judge) -> list[int]:
    """One for each job and the servers that it starts, if that is all there are.

    A job waits for its servers and they wait for it, so that one processor is enough;
    where they move between processors the caches of both are cold.
    """
    on_servers = not all(side.inside for side in judge.sides.values())
    if not on_servers or not hasattr(os, "sched_getaffinity"):
        return []
    processors = sorted(os.sched_getaffinity(0))
    return processors if len(processors) == jobs else []


def _work(
    connection: Connection,
    others: list[Connection],
    targets: Mapping[str, Target],
    timeout: float,
    judge: Judge,
    lines: bool,
    processor: list[int],
) -> None:
    """The forked process: answers deals until there are no more."""
    # Ctrl-C reaches it too, but who has forked it says when to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    if processor:
        os.sched_setaffinity(0, processor)
    # Whatever was made before stays: nobody need look through it for garbage.
    gc.freeze()
    for other in others:
        # Or nobody would notice that the process at the other end is gone.
        other.close()
    inbox: queue.SimpleQueue[list[Case] | None] = queue.SimpleQueue()
    reading = threading.Thread(target=_read, args=(connection, inbox), daemon=True)
    reading.start()
    own = {name: target.another() for name, target in targets.items()}
    lanes = Lanes(own, timeout, judge, lines)
    try:
        for target in own.values():
            target.start()
        while (cases := inbox.get()) is not None:
            answer = _answer(lanes, cases)
            connection.send_bytes(_encode(answer))
            if answer.error:
                return
    except (SystemExit, BrokenPipeError):
        return
    finally:
        lanes.close()


def _read(
    connection: Connection, inbox: "queue.SimpleQueue[list[Case] | None]"
) -> None:
    """Read all the time: two ends that both wait to write would wait for ever."""
    try:
        while True:
            inbox.put(connection.recv())
    except (EOFError, OSError):
        inbox.put(None)


def _answer(lanes: Lanes, cases: list[Case]) -> _Answer:
    judged: list[_Judged] = []
    error = b""
    try:
        for comparison in lanes.ask(cases):
            judged.append(_judged(comparison))  # noqa: PERF401  # kept when one raises
    except BaseException as raised:
        error = pickle.dumps(raised)
    return _Answer(judged, lanes.judge.take(), error)


def _judged(comparison: Comparison) -> _Judged:
    return _Judged(
        comparison.verdict, comparison.expectation, comparison.differences,
        comparison.recordings, comparison.stale, comparison.normalised,
        comparison.agreed,
    )  # fmt: skip
