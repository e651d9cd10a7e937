"""Ports for servers that cannot pick a free one themselves."""

import random
import socket
from pathlib import Path

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 10_000


def free_port() -> int:
    """Return a free port outside the range from which the system picks.

    A server of another test, on a port that the system picked, cannot take it meanwhile.
    """
    found = _RANGE.read_text().split() if _RANGE.exists() else ("49152", "65535")
    first, last = int(found[0]), int(found[1])
    outside: list[int] = [*range(_LOWEST, first), *range(last + 1, 65_536)]
    # Not the generator that a seed for the order of the tests resets.
    for port in random.SystemRandom().sample(outside, 20):
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
    raise RuntimeError("no free port found")
