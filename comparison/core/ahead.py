"""A child process that starts before we know its task.

An interpreter takes time to start and to import modules. Meanwhile we read the case files.
"""

import json
import socket
from collections.abc import Sequence
from typing import NamedTuple

from .child import Child

HOST = "comparison.runner.worker:main"
"""The function that a host calls. A host loads apps; its module takes long to import."""


class Ahead(NamedTuple):
    """A child that waits for messages on a connection."""

    child: Child
    connection: socket.socket

    def close(self) -> None:
        """End the child."""
        self.connection.close()
        self.child.close()


def start_ahead(entry: str, descriptors: Sequence[int] = ()) -> Ahead:
    """Start a child that calls `entry` with its socket and its folder, as JSON.

    It has the `descriptors` too. Raises OSError where no process can be started.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        child = Child.start(
            entry,
            lambda folder: json.dumps([theirs.fileno(), str(folder)]),
            descriptors=[theirs.fileno(), *descriptors],
        )
    return Ahead(child, ours)
