"""Describe the failure of an exchange without a response: its kind and message."""

from comparison.core.surrogates import printable
from comparison.models import Failure, Response
from comparison.tracing import describe

MAX_MESSAGE = 1000  # characters


def describe_failure(
    error: BaseException, partial: Response | None, protocol: bool
) -> Failure:
    """Make the failure that we record for an exception of an app."""
    if protocol:
        return Failure("protocol", printable(str(error)), partial)
    kind = "raised" if partial is None else "aborted"
    return Failure(kind, describe(error, MAX_MESSAGE), partial)
