"""Describe the failure of an exchange without a response: its kind and message."""

from comparison.core.surrogates import printable
from comparison.models import Failure, Response
from comparison.tracing import current, describe, raised_events

MAX_MESSAGE = 1000  # characters


def describe_failure(
    error: BaseException, partial: Response | None, protocol: bool
) -> Failure:
    """Make the failure that we record for an exception of an app."""
    if protocol:
        return Failure("protocol", printable(str(error)), partial)
    kind = "raised" if partial is None else "aborted"
    return Failure(kind, describe(error, MAX_MESSAGE), partial)


def note_raised(error: BaseException) -> None:
    """Add an exception that left the app to the trace of the current request."""
    if (trace := current.get()) is not None:
        trace.extend(raised_events("app_raised", error))
