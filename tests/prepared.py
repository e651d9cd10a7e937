"""A process that has imported what children need, and forks them.

The tests start hundreds of children. Each would import Flask, Quart and their servers for
half a second of processor time. Commands that tests start as a subprocess are not affected.
"""

import fcntl
import gc
import importlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NoReturn

from comparison.core.processes import guard
from comparison.core.processes.child import Child
from comparison.core.processes.folders import make_folder

IMPORTED = (
    "comparison.core.processes.call",
    "comparison.lesson",
    "comparison.runner.worker",
    "flask",
    "httpx",
    "hypercorn.asyncio",
    "hypercorn.config",
    "quart",
    "quart.testing",
    "waitress.server",
    "werkzeug.serving",
)
FREE = 500  # descriptors from here on belong to nobody


class Prepared:
    """Our side of the process, until `close`."""

    def __init__(self) -> None:
        self.connection, theirs = socket.socketpair(
            socket.AF_UNIX, socket.SOCK_SEQPACKET
        )
        with theirs:
            call = f"from tests.prepared import serve; serve({theirs.fileno()})"
            self.process = subprocess.Popen(
                [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path}; {call}"],
                pass_fds=[theirs.fileno()],
            )

    def start(
        self,
        entry: str,
        argument: Callable[[Path], str] | str,
        *,
        descriptors: Sequence[int] = (),
        output: IO[bytes] | int | None = None,
    ) -> Child:
        """Start a child as `Child.start` does."""
        folder = make_folder()
        ours, theirs = socket.socketpair()
        with theirs, Path(os.devnull).open("rb") as nothing:
            written = 2 if output is None else output
            if not isinstance(written, int):
                written = written.fileno()
            placed = {
                0: nothing.fileno(),
                1: written,
                2: written,
                **{number: number for number in (theirs.fileno(), *descriptors)},
            }
            order = {
                "lifeline": theirs.fileno(),
                "folder": str(folder),
                "entry": entry,
                "argument": argument if isinstance(argument, str) else argument(folder),
                "path": [each or str(Path.cwd()) for each in sys.path],
                "cwd": str(Path.cwd()),
                "environment": dict(os.environ),
                "numbers": list(placed),
            }
            # Far more than a datagram holds: the environment, for one.
            with (folder / "order").open("w") as file:
                json.dump(order, file)
            message = str(folder / "order").encode()
            socket.send_fds(self.connection, [message], list(placed.values()))
            pid = int(self.connection.recv(100))
        return Child(folder, ours, pid)

    def close(self) -> None:
        """End the process. What it has forked has guards."""
        self.connection.close()
        self.process.wait()


def serve(descriptor: int) -> NoReturn:
    """Fork a child for each message until the other end is closed."""
    for name in IMPORTED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    connection = socket.socket(fileno=descriptor)
    while True:
        message, descriptors, _, _ = socket.recv_fds(connection, 4096, 20)
        if not message:
            os._exit(0)
        pid = os.fork()
        if pid == 0:
            path = Path(os.fsdecode(message))
            order = json.loads(path.read_text())
            path.unlink()
            try:
                _become(order, descriptors)
            finally:
                os._exit(1)
        for each in descriptors:
            os.close(each)
        connection.send(str(pid).encode())
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _become(order: dict[str, Any], descriptors: list[int]) -> None:
    os.setsid()
    moved = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, FREE) for each in descriptors]
    guard.close_all_but(*moved)
    for each, number in zip(moved, order["numbers"], strict=True):
        os.dup2(each, number)
        os.close(each)
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.path[:] = order["path"]
    # Tests write a module twice in a second; Python would take its bytecode for current.
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    guard.main(order["lifeline"], order["folder"], order["entry"], order["argument"])
