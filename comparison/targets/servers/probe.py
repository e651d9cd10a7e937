"""A request that the gate answers itself: is the server there, is the answer whole."""

from itertools import count

from comparison.model import Request
from comparison.targets.http import build_request
from comparison.targets.reuse import Probe

from .gate import HEADER, probe_value

_numbers = count(1)


def probe() -> Probe:
    """A probe with a token that no other answer has."""
    token = f"probe-{next(_numbers)}"
    return Probe(build_request(Request()), ((HEADER, probe_value(token)),), token)
