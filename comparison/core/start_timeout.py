"""How long an app or a server may take to start."""

import math
import os

from .errors import UsageError

VARIABLE = "COMPARISON_START_TIMEOUT"
DEFAULT = 30.0
"""Seconds. A start takes one, and longer on a busy machine."""


def start_timeout() -> float:
    """Return the seconds that a start may take, from the environment or the default.

    Raises UsageError if the variable is not a positive number.
    """
    text = os.environ.get(VARIABLE, "")
    try:
        seconds = float(text) if text else DEFAULT
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise UsageError(f"{VARIABLE}={text}: is not a positive number of seconds")
    return seconds


def not_in_time(what: str) -> str:
    """Return the message about a start that takes too long.

    >>> not_in_time("the app did not start")  # doctest: +ELLIPSIS
    'the app did not start within ... s (COMPARISON_START_TIMEOUT gives it more)'
    """
    return f"{what} within {start_timeout():g} s ({VARIABLE} gives it more)"
