"""A request that the gate answers itself: is the server there, is the answer whole."""

from itertools import count

from comparison.models import Request
from comparison.targets.http import build_request
from comparison.targets.http1.reuse import Probe

from .gate import HEADER, probe_value

_numbers = count(1)


def probe(fail: bool = False) -> Probe:
    """A probe with a token that no other answer has; with `fail` the gate raises."""
    token = f"probe-{next(_numbers)}"
    extra = ((HEADER, probe_value(token, fail)),)
    return Probe(build_request(Request()), extra, token)
