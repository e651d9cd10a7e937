"""Whom to ask: apps in process, on servers, at a URL."""

from .asked import Asked
from .http import build_request
from .inside import Inside
from .resolve import resolve_target, resolve_targets
from .session import Session, Target

__all__ = [
    "Asked",
    "Inside",
    "Session",
    "Target",
    "build_request",
    "resolve_target",
    "resolve_targets",
]
