"""Targets: apps in process, on servers, or at a URL."""

from .http import build_request, sent
from .raw_recording import RawRecording
from .resolve import resolve_target, resolve_targets
from .session import Session, Target

__all__ = [
    "RawRecording",
    "Session",
    "Target",
    "build_request",
    "resolve_target",
    "resolve_targets",
    "sent",
]
