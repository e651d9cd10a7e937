"""Parse the dates of HTTP headers and cookies."""

from datetime import UTC
from email.utils import parsedate_to_datetime


def moment(text: str) -> float | None:
    """Parse an HTTP date (RFC 9110 section 5.6.7) into seconds, or return None.

    >>> moment("Thu, 01 Jan 1970 00:01:00 GMT")
    60.0
    """
    try:
        found = parsedate_to_datetime(text)
        return found.replace(tzinfo=found.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        return None
