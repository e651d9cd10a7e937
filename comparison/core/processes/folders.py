"""Temporary folders with paths that are short enough for Unix sockets."""

import os
import tempfile
from pathlib import Path

from comparison.core.errors import UsageError

LONGEST = 103
"""The most bytes that a socket's path may have on macOS. Linux allows 107."""

home: str | None = None
"""The folder of this process, if it is a child of ours. It creates its own folders in there,
and the guard removes all of them together."""

_NAME = len("/comparison-12345678/") + 24
_SHORT = ("/tmp", "/var/tmp")  # noqa: S108 - we create folders in them


def make_folder() -> Path:
    """Create a folder for sockets, with a path that is short enough for them.

    Raises UsageError if no temporary folder is suitable.
    """
    folders = (*([home] if home else []), tempfile.gettempdir(), *_SHORT)
    for folder in folders:
        if len(os.fsencode(folder)) + _NAME <= LONGEST and os.access(folder, os.W_OK):
            return Path(tempfile.mkdtemp(prefix="comparison-", dir=folder))
    raise UsageError(
        f"no temporary folder for sockets: the path of {folders[0]} is too long, and"
        f" {' and '.join(_SHORT)} cannot be written to. Set TMPDIR to a folder whose path"
        f" has at most {LONGEST - _NAME} bytes"
    )
