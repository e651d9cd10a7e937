"""A child process that starts before we know its task.

It imports modules while we read the case files. The command forks it, because the fork has
already imported what both of them need.
"""

import json
import socket
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from comparison.core.processes.child import Child
from comparison.core.processes.guard import close_all_but, function_of

HOST = "comparison.runner.worker:main"
"""The function that a host calls. A host loads apps; its module takes long to import."""

forks = False
"""True if we fork the child. The command sets this: its process has not loaded an app."""


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

    It has the `descriptors` too. Raises OSError if the process cannot start.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        if forks and threading.active_count() == 1:
            child = _fork(entry, theirs, descriptors)
        else:
            child = Child.start(
                entry,
                lambda folder: json.dumps([theirs.fileno(), str(folder)]),
                descriptors=[theirs.fileno(), *descriptors],
            )
    return Ahead(child, ours)


def _fork(entry: str, connection: socket.socket, descriptors: Sequence[int]) -> Child:
    def call(folder: Path) -> None:
        close_all_but(connection.fileno(), *descriptors)
        function_of(entry)(json.dumps([connection.detach(), str(folder)]))

    return Child.fork(call)
