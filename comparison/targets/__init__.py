"""Whom to ask: apps in process, on servers, at a URL."""

from .http import build_request
from .in_process import Session
from .resolve import Target, resolve_target, resolve_targets

__all__ = [
    "Session",
    "Target",
    "build_request",
    "resolve_target",
    "resolve_targets",
]
