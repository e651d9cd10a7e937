"""Probes: requests that the recording middleware answers itself, to test the server."""

from itertools import count

from comparison.models import Request
from comparison.targets.http import build_request
from comparison.targets.http1.reuse import Probe

from .recording_middleware import HEADER, probe_value

_numbers = count(1)


def probe(fail: bool = False) -> Probe:
    """Make a probe with a unique token; with `fail` the middleware raises an exception."""
    token = f"probe-{next(_numbers)}"
    extra = ((HEADER, probe_value(token, fail)),)
    return Probe(build_request(Request()), extra, token)
