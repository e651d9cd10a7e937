"""Known differences: load them, and match them with differences."""

from .load import load_known
from .match import KnownDifferences
from .models import EVERY_CASE, IN_PROCESS
from .shipped import BUNDLED, ON_SERVERS, STACKS

__all__ = [
    "BUNDLED",
    "EVERY_CASE",
    "IN_PROCESS",
    "ON_SERVERS",
    "STACKS",
    "KnownDifferences",
    "load_known",
]
