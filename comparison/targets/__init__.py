"""Whom to ask: apps in process, on servers, at a URL."""

from .asked import Asked
from .forked import CAN_FORK, forked
from .http import build_request
from .inside import Inside
from .resolve import resolve_target, resolve_targets
from .session import Session, Target

__all__ = [
    "CAN_FORK",
    "Asked",
    "Inside",
    "Session",
    "Target",
    "build_request",
    "forked",
    "resolve_target",
    "resolve_targets",
]
