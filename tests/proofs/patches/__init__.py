"""Patches of the frameworks, each of which removes one cause.

The key is the id of the cause. A patch changes nothing but what the cause names.
"""

from . import failing, files, reading, rendering, returning, routing, running, sending
from .registry import PATCHES

__all__ = [
    "PATCHES",
    "failing",
    "files",
    "reading",
    "rendering",
    "returning",
    "routing",
    "running",
    "sending",
]
