"""What is recorded when no response came: the kind of failure and its message."""

from comparison.core.surrogates import printable
from comparison.models import Failure, Response
from comparison.tracing import describe

MAX_MESSAGE = 1000  # characters


def describe_failure(
    error: BaseException, partial: Response | None, protocol: bool
) -> Failure:
    """The failure that an exception out of an app is recorded as."""
    if protocol:
        return Failure("protocol", printable(str(error)), partial)
    kind = "raised" if partial is None else "aborted"
    return Failure(kind, describe(error, MAX_MESSAGE), partial)
