"""Record a status code on a stack of this machine."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import closing
from typing import NamedTuple

from comparison.reports.difference_view import raw_response
from comparison.studies.models import StatusOutcome
from comparison.studies.sweep.plan import Stack, classify

from .guard import Busy
from .pool import PATIENCE

MAX_STORED = 200  # codes on a stack


class StatusRecording(NamedTuple):
    """The response of one variant as it came, and its outcome for the client."""

    variant: str
    response: str
    outcome: StatusOutcome
    detail: str


class StatusRecordings:
    """The latest recordings by code and stack. One server runs at a time."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[int, str], tuple[StatusRecording, ...]]
        self._made = OrderedDict()
        self._serving = threading.Lock()

    def record(self, number: int, stack: str, variants: Iterable[str]) -> None:
        """Start the server of a stack, send a request for each variant, and stop it.

        Raises Busy if another recording takes long, and TargetError as a run does.
        """
        if not self._serving.acquire(timeout=PATIENCE):
            raise Busy("The playground is recording too many stacks at once")
        try:
            with closing(Stack(stack)) as opened:
                made = [_recorded(opened, variant, number) for variant in variants]
        finally:
            self._serving.release()
        self._made[number, stack] = tuple(made)
        while len(self._made) > MAX_STORED:
            self._made.popitem(last=False)

    def of(self, number: int, stack: str) -> tuple[StatusRecording, ...]:
        """Return what was recorded of a code on a stack, or nothing."""
        return self._made.get((number, stack), ())


def _recorded(stack: Stack, variant: str, number: int) -> StatusRecording:
    exchange = stack.exchange(variant, number)
    outcome, detail = classify(variant, number, exchange)
    return StatusRecording(variant, raw_response(exchange), outcome, detail)
