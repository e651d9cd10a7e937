"""A process that has imported what children and commands need, and forks them.

The tests start hundreds of children. Each would import Flask, Quart and their servers for
half a second of processor time. So would the commands that tests start.

A command that is a fork has the arguments, standard streams, folder, environment, umask and
ignored signals of its caller. Its exit code reaches the caller, and so do signals. It is
not a process of the caller's group, has no bytecode to write, and finds modules imported.
Tests of processes, memory, imports and start times use `python -m comparison`.
"""

import fcntl
import gc
import importlib
import json
import os
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NoReturn

from comparison.core.processes import guard
from comparison.core.processes.child import Child
from comparison.core.processes.folders import make_folder
from comparison.known.shipped import SHIPPED, shipped_files
from tests.rules import compile_once, compile_those_of_the_twins

ROOT = Path(__file__).parent.parent
CLIENT = Path(__file__).with_name("prepared_client.py")
IMPORTED = (
    "comparison.core.processes.call",
    "comparison.known.similar",
    "comparison.lesson",
    "comparison.runner.worker",
    "encodings.idna",
    "flask",
    "httpx",
    "hypercorn.asyncio",
    "hypercorn.config",
    "packaging.specifiers",
    "quart",
    "quart.testing",
    "waitress.server",
    "werkzeug.serving",
)
# Modules that most commands import. The first command has it imported for all that follow.
OF_COMMANDS = (
    "comparison.causes.explain",
    "comparison.cli.run",
    "comparison.cli.serve",
    "comparison.cli.show",
    "comparison.known.observed",
    "comparison.lesson.make",
    "comparison.reports.commands",
    "comparison.reports.html",
    "comparison.reports.json",
    "comparison.reports.junit",
    "comparison.reports.lesson",
    "comparison.reports.lesson_page",
    "comparison.reports.markdown",
    "comparison.reports.self_check",
    "comparison.reports.tables",
    "comparison.reports.terminal",
    "comparison.runner.drafted",
    "comparison.runner.host",
    "comparison.runner.pool",
    "comparison.runner.starting",
)
# Python reads these when it starts. Where they are not ours, the caller starts Python.
OF_INTERPRETER = ("PYTHON", "LC_", "LANG", "LD_")
READ_LATER = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
FREE = 500  # descriptors from here on are free


class Starter:
    """Starts children at the address of a process that is prepared."""

    def __init__(self, address: str) -> None:
        self.address = address

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
        with (
            theirs,
            Path(os.devnull).open("rb") as nothing,
            socket.socket(socket.AF_UNIX) as connection,
        ):
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
            connection.connect(self.address)
            socket.send_fds(connection, [b"{"], list(placed.values()))
            connection.sendall(json.dumps(order)[1:].encode())
            connection.shutdown(socket.SHUT_WR)
            pid = int(connection.recv(100))
        return Child(folder, ours, pid)


class Prepared(Starter):
    """Our side of the process, until `close`.

    `comparison` is an executable file, which runs a command as a fork of the process.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="prepared-"))
        super().__init__(str(self.folder / "socket"))
        self.comparison = self.folder / "bin" / "comparison"
        self.comparison.parent.mkdir()
        client = [
            sys.executable,
            "-IS",
            str(CLIENT),
            self.address,
            str(self.comparison),
        ]
        self.comparison.write_text(f'#!/bin/sh\nexec {shlex.join(client)} "$@"\n')
        self.comparison.chmod(0o700)
        theirs, self.lifeline = os.pipe()
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.address)
            listener.listen(128)
            code = (
                f"import sys; sys.path[:] = {sys.path}; from tests.prepared import serve;"
                f" serve({self.address!r}, {listener.fileno()}, {theirs})"
            )
            self.process = subprocess.Popen(
                [sys.executable, "-c", code], pass_fds=[listener.fileno(), theirs]
            )
        os.close(theirs)

    def close(self) -> None:
        """End the process. The children have guards, and the commands have callers."""
        os.close(self.lifeline)
        self.process.wait()
        shutil.rmtree(self.folder)


def serve(address: str, listening: int, lifeline: int) -> NoReturn:
    """Fork for each connection until the other end of the lifeline is closed."""
    for name in IMPORTED:
        importlib.import_module(name)
    for folder in SHIPPED:
        shipped_files(folder)
    compile_once()
    compile_those_of_the_twins()
    _freeze()
    listener = socket.socket(fileno=listening)
    poll = select.poll()
    poll.register(listening, select.POLLIN)
    poll.register(lifeline, select.POLLIN)
    while True:
        if lifeline in dict(poll.poll()):
            os._exit(0)
        connection, _ = listener.accept()
        with connection:
            _fork(connection, address)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _freeze() -> None:
    gc.collect()
    gc.freeze()


def _fork(connection: socket.socket, address: str) -> None:
    """Fork what one connection orders."""
    message, descriptors, _, _ = socket.recv_fds(connection, 1 << 16, 20)
    parts = [message]
    while parts[-1]:
        parts.append(connection.recv(1 << 16))
    if not message:
        return
    order = json.loads(b"".join(parts))
    command = "entry" not in order
    if command and "comparison.cli" not in sys.modules:
        for name in OF_COMMANDS:
            importlib.import_module(name)
        importlib.import_module("comparison.causes.load").load_explanations()
        _freeze()
    pid = os.fork()
    if pid == 0:
        try:
            if command:
                _watch(order, descriptors, connection, address)
            else:
                _become(order, descriptors)
                guard.main(
                    order["lifeline"],
                    order["folder"],
                    order["entry"],
                    order["argument"],
                )
        finally:
            os._exit(1)
    for each in descriptors:
        os.close(each)
    if not command:
        connection.send(str(pid).encode())


def _watch(
    order: dict[str, Any],
    descriptors: list[int],
    connection: socket.socket,
    address: str,
) -> NoReturn:
    """Fork a command; report its number and its status; kill it if its caller ends."""
    if _of_interpreter(order["environment"]) != _of_interpreter(os.environ):
        os._exit(0)  # The caller reads nothing, and starts Python.
    pid = os.fork()
    if pid == 0:
        try:
            _become(order, descriptors)
            _run(order, address)
        finally:
            os._exit(1)
    for each in descriptors:
        os.close(each)
    connection.send(f"{pid}\n".encode())
    ended = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(connection, 0)  # Poll always reports a closed connection.
    if ended not in dict(poll.poll()):
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    connection.send(f"{status}\n".encode())
    os._exit(0)


def _of_interpreter(environment: Any) -> dict[str, str]:
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(OF_INTERPRETER) and name not in READ_LATER
    }


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
    sys.path[:] = order["path"] if "path" in order else _path(order)
    # Tests write a module twice in a second; Python would take its bytecode for current.
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()


def _path(order: dict[str, Any]) -> list[str]:
    """Return the path of a script: its folder, PYTHONPATH, and what is installed."""
    given = order["environment"].get("PYTHONPATH", "").split(os.pathsep)
    ours = {str(ROOT), str(Path.cwd()), ""}
    ours.update(os.environ.get("PYTHONPATH", "").split(os.pathsep))
    return [
        str(Path(order["arguments"][0]).parent),
        *(str(Path(each).absolute()) for each in given if each),
        *(each for each in sys.path if each not in ours),
    ]


def _run(order: dict[str, Any], address: str) -> NoReturn:
    """Run a command as a Python would that has just started."""
    time.tzset()
    os.umask(order["umask"])
    tempfile.tempdir = None  # The caller may have a different TMPDIR.
    for number in order["ignored"]:
        signal.signal(number, signal.SIG_IGN)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, errors="backslashreplace", closefd=False)
    if os.environ.get("PYTHONUNBUFFERED"):
        sys.stdout.reconfigure(write_through=True)
    sys.argv = order["arguments"]
    Child.start = Starter(address).start  # type: ignore[method-assign]
    gc.freeze()
    from comparison.cli import command

    guard._run(command)
