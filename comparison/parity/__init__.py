"""What differs: normalisation, differences, known differences, expectations, verdict."""

from .declared import EVERY_CASE, IN_PROCESS
from .judge import Judge, Tally
from .known import KnownDifferences
from .layers import put_down
from .loading import BUNDLED, ON_SERVERS, STACKS, load_known

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
