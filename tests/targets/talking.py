"""Clients of targets."""

from typing import Any

from comparison import Case, Request
from comparison.models import Recording
from comparison.targets import build_request, resolve_target

TIMEOUT = 30.0  # seconds


def run(what: Any, *requests: Request) -> Recording:
    *setup, own = requests
    case = Case("case", own, setup=tuple(setup))
    target = resolve_target(what)
    session = target.session(TIMEOUT)
    try:
        return session.run(case, build_request(own)).recording()
    finally:
        session.close()
