"""Cases and recordings that a worker gets and gives."""

from comparison import Case, Request
from comparison.models import Exchange
from comparison.runner.batch import (
    PendingBatch,
)
from comparison.targets import RawRecording
from tests.diff.making import SENT, response

CASES = [Case(each, Request()) for each in ("one", "two", "three", "four")]


def raw(status: int = 200) -> RawRecording:
    return RawRecording("Flask", Exchange(SENT, response(status)), (), ())


def batch() -> PendingBatch:
    return PendingBatch(list(CASES), True, None)
