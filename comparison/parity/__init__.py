"""What differs: normalisation, differences, known differences, expectations, verdict."""

from .judge import Judge, Tally
from .known import (
    BUNDLED,
    EVERY_CASE,
    IN_PROCESS,
    ON_SERVERS,
    STACKS,
    KnownDifferences,
    load_known,
)
from .layers import put_down

__all__ = [
    "BUNDLED",
    "EVERY_CASE",
    "IN_PROCESS",
    "ON_SERVERS",
    "STACKS",
    "Judge",
    "KnownDifferences",
    "Tally",
    "load_known",
    "put_down",
]
