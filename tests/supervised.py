"""Run a command with a hard time limit, and find what it leaves behind.

Every process of a command inherits an environment variable with a unique value, and
starts in a unique folder. A process with either of them belongs to the command. A port
needs a process: if no process is left, no port is.
"""

import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

ROOT = Path(__file__).parent.parent
MARK = "COMPARISON_TEST_ID"
COMPARISON = (sys.executable, "-m", "comparison")
# A busy machine may be given more time.
SLOWER = float(os.environ.get("COMPARISON_TEST_SLOWER", "1"))
GONE = 5.0 * SLOWER  # seconds until nothing is left
MEMORY = 8 << 30  # bytes of address space
KEPT = 1 << 20  # bytes of output, at the beginning and at the end


class Output:
    """Read a pipe to its end, on a thread, and keep its beginning and its end."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.head = b""
        self.tail = b""
        self.stream = stream
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        with suppress(OSError, ValueError):
            while data := os.read(self.stream.fileno(), 1 << 16):
                room = KEPT - len(self.head)
                self.head += data[:room] if room > 0 else b""
                self.tail = (self.tail + data[max(room, 0) :])[-KEPT:]

    def text(self) -> str:
        """Return what was read until the last process has ended, and close the pipe."""
        self.thread.join(GONE)
        if not self.thread.is_alive():
            self.stream.close()
        return (self.head + self.tail).decode(errors="replace")


@dataclass(frozen=True)
class Outcome:
    """How a command ended. `code` is None if it did not end within its limit."""

    code: int | None
    stdout: str
    stderr: str
    seconds: float
    left: tuple[str, ...]


class Supervised:
    """A folder, a mark, and the processes that have them."""

    def __init__(self) -> None:
        self.mark = uuid.uuid4().hex
        self.base = Path(tempfile.mkdtemp(prefix="supervised-")).resolve()
        self.folder = self.base / "work"
        self.temporary = self.base / "tmp"
        self.folder.mkdir()
        self.temporary.mkdir()
        self.process: subprocess.Popen[bytes] | None = None
        self.outputs: list[Output | None] = []
        self.begun = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()
        shutil.rmtree(self.base, ignore_errors=True)

    def start(
        self,
        command: Sequence[str],
        *,
        environment: dict[str, str] | None = None,
        shell: str = "",
        stdout: Any = subprocess.PIPE,
        stderr: Any = subprocess.PIPE,
    ) -> "subprocess.Popen[bytes]":
        """Start a command in its own session.

        `shell` is a script that runs it as `"$@"`. Signals are at their defaults, also
        where the tests run in the background of a shell, or under nohup, which ignore
        SIGINT and SIGHUP.
        """
        if shell:
            command = ["/bin/sh", "-c", shell, "sh", *command]
        given = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTEST", "COVERAGE"))
        }
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            command,
            cwd=self.folder,
            env={
                **given,
                "PYTHONPATH": str(ROOT),
                "TMPDIR": str(self.temporary),
                MARK: self.mark,
                **(environment or {}),
            },
            start_new_session=True,
            preexec_fn=_limited,  # noqa: PLW1509 - it takes no lock
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
        )
        self.outputs = [
            None if stream is None else Output(stream)
            for stream in (self.process.stdout, self.process.stderr)
        ]
        return self.process

    def finish(self, limit: float) -> Outcome:
        """Wait for the command and for what it started, then kill what is left."""
        assert self.process is not None
        code: int | None
        try:
            code = self.process.wait(max(0.1, self.begun + limit - time.monotonic()))
        except subprocess.TimeoutExpired:
            code = None
        seconds = time.monotonic() - self.begun
        left = self.leftovers(GONE if code is not None else 0.0)
        self.kill()
        texts = ["" if output is None else output.text() for output in self.outputs]
        stdout, stderr = texts
        return Outcome(code, stdout, stderr, seconds, tuple(left))

    def run(self, command: Sequence[str], limit: float, **options: Any) -> Outcome:
        """Start a command and wait for it."""
        self.start(command, **options)
        return self.finish(limit)

    def processes(self) -> list[int]:
        """Return every live process of the command."""
        mark, folder = f"{MARK}={self.mark}".encode(), str(self.base)
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            with suppress(OSError):
                if entry.joinpath("stat").read_text().rpartition(")")[2][1] == "Z":
                    continue
                ours = mark in entry.joinpath("environ").read_bytes()
                if ours or str(entry.joinpath("cwd").readlink()).startswith(folder):
                    found.append(int(entry.name))
        return found

    def leftovers(self, wait: float) -> list[str]:
        """Return what is still there after so many seconds, as words."""
        end = time.monotonic() + wait
        while True:
            left = [f"process {describe(pid)}" for pid in self.processes()]
            with suppress(OSError):
                left += [f"file {path.name}" for path in self.temporary.iterdir()]
            if not left or time.monotonic() >= end:
                return left
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill every process of the command."""
        for _ in range(200):
            found = self.processes()
            for pid in found:
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            if not found:
                break
            time.sleep(0.02)
        if self.process is not None:
            with suppress(OSError):
                self.process.kill()
            self.process.wait()


def describe(pid: int) -> str:
    """Return the number and the beginning of the command line of a process."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return str(pid)
    return f"{pid} {b' '.join(words).decode(errors='replace')[:80]}"


def default_signals() -> None:
    """Set the signals that end a command to their defaults, before it starts."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def _limited() -> None:
    default_signals()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
