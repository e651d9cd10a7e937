"""Patches of servers. Importing the modules registers them."""

from . import asgi, hypercorn, wsgi
from .registry import PATCHES, STACKS

__all__ = ["PATCHES", "STACKS", "asgi", "hypercorn", "wsgi"]
