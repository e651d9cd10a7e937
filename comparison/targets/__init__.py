"""Whom to ask: apps in process, on servers, at a URL."""

from .asked import Asked
from .http import build_request, sent
from .resolve import resolve_target, resolve_targets
from .session import Session, Target

__all__ = [
    "Asked",
    "Session",
    "Target",
    "build_request",
    "resolve_target",
    "resolve_targets",
    "sent",
]
