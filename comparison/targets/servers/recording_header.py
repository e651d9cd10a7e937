"""The recording header, which our requests have for the recording middleware.

It names the session, the instance of the app, and its mount.
"""

import base64
import json
from typing import Any, NamedTuple

HEADER = "Comparison-Exchange"
PROBE = "probe"
FAIL = "fail"


class RecordingHeader(NamedTuple):
    """The parsed header: a session's path and a number, or a probe's token; and the app.

    `mount` is where to mount the app. With `fail`, the middleware answers a probe with an
    exception.
    """

    path: str
    id: int
    token: str
    settings: dict[str, Any]
    fresh: str
    mount: str = ""
    fail: bool = False


def header_value(
    path: str,
    id: int,
    settings: dict[str, Any] | None = None,
    fresh: str = "",
    mount: str = "",
) -> str:
    """Make the header of a request that we record.

    >>> parse(header_value("s1", 7, {"TESTING": True})).settings
    {'TESTING': True}
    """
    text = f"{path} {id}"
    if settings or fresh or mount:
        fields = json.dumps([settings or {}, fresh, mount], separators=(",", ":"))
        text += f" {base64.b64encode(fields.encode()).decode()}"
    return text


def probe_value(token: str, fail: bool = False) -> str:
    """Make the header of a probe, which the middleware answers itself with the token.

    With `fail` it raises an exception instead.
    """
    return f"{FAIL if fail else PROBE} {token}"


def parse(value: str) -> RecordingHeader:
    """Parse a header from `header_value` or `probe_value`."""
    first, second, *rest = value.split(" ")
    if first in (PROBE, FAIL):
        return RecordingHeader("", 0, second, {}, "", fail=first == FAIL)
    fields = json.loads(base64.b64decode(rest[0])) if rest else ({}, "", "")
    return RecordingHeader(first, int(second), "", *fields)
