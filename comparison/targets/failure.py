"""What is recorded when no response came: the kind of failure and its message."""

from comparison.model import Failure, Response

MAX_MESSAGE = 1000


def describe_failure(
    error: BaseException, partial: Response | None, protocol: bool
) -> Failure:
    """The failure that an exception out of an app is recorded as."""
    if protocol:
        return Failure("protocol", str(error), partial)
    kind = "raised" if partial is None else "aborted"
    return Failure(kind, said_by(error), partial)


def said_by(error: BaseException) -> str:
    """The name of an exception and what it says, which may raise as well."""
    name = type(error).__name__
    try:
        text = str(error)
    except Exception as broken:
        text = f"<its text raised {type(broken).__name__}>"
    message = f"{name}: {text}" if text else name
    return message[:MAX_MESSAGE]
