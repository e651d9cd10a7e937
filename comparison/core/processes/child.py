"""A child process that ends with us, together with everything that it started."""

import os
import re
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import time
import warnings
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from . import guard
from .folders import make_folder

CAN_FORK = hasattr(os, "fork")
ENDING = 5.0  # seconds for the guard to kill what is left
_LINE = re.compile(rb"(\w+)(?: (\d+))?\n")
_BOOT = (
    "import sys; sys.path[:] = {path!r}; from comparison.core.processes.guard import main;"
    " main({lifeline}, {folder!r}, {entry!r}, {argument!r})"
)


class Child:
    """A child process under a guard (see `guard`), with a temporary folder.

    It lives until it ends, until `close`, or until nothing refers to it any more. Use
    `start` for a new interpreter, `fork` for a copy of this one. `guarding` is the process
    number of the guard, or None where another child has started the guard.
    """

    def __init__(
        self, folder: Path, lifeline: socket.socket, guarding: int | None = None
    ) -> None:
        self.folder = folder
        self.lifeline = lifeline
        self._pid: int | None = None
        self.stopped = False
        self._status: int | None = None
        self._received = b""
        self._guard = guarding
        self._disconnected = False
        lifeline.setblocking(False)
        self._finalizer = weakref.finalize(
            self, _close, lifeline, guarding, os.getpid()
        )

    @classmethod
    def start(
        cls,
        entry: str,
        argument: Callable[[Path], str] | str,
        *,
        descriptors: Sequence[int] = (),
        output: IO[bytes] | int | None = None,
    ) -> "Child":
        """Start an interpreter that calls `entry`, as `module:function`, with a string.

        `argument` may be a function of the folder. The child has the `descriptors` and an
        empty standard input. It writes standard output and error to `output`, or to our
        standard error if that is None. Raises OSError if the process cannot start.
        """
        folder = make_folder()
        ours, theirs = socket.socketpair()
        try:
            text = argument if isinstance(argument, str) else argument(folder)
            boot = _BOOT.format(
                path=_search_path(), lifeline=theirs.fileno(), folder=str(folder),
                entry=entry, argument=text,
            )  # fmt: skip
            flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]  # noqa: SLF001
            process = subprocess.Popen(  # noqa: S603 - our own interpreter
                [sys.executable, *flags, "-c", boot],
                pass_fds=[*descriptors, theirs.fileno()],
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=_standard_error() if output is None else output,
                stderr=_standard_error() if output is None else subprocess.STDOUT,
            )
        except BaseException:
            ours.close()
            shutil.rmtree(folder, ignore_errors=True)
            raise
        finally:
            theirs.close()
        # `close` collects the process. Popen would warn that it is still running.
        process.returncode = 0
        return cls(folder, ours, process.pid)

    @classmethod
    def fork(
        cls,
        call: Callable[[Path], None],
        prepare: Callable[[Path], None] = lambda _: None,
    ) -> "Child":
        """Fork a child that calls the function, with everything that is in memory.

        Both functions take the folder. This process calls `prepare` before it forks. The
        child must not use anything that a thread of this process may have locked.
        """
        folder = make_folder()
        prepare(folder)
        ours, theirs = socket.socketpair()
        for stream in (sys.stdout, sys.stderr):
            with suppress(AttributeError, OSError, ValueError):
                stream.flush()  # The child would write the same again when it ends.
        with warnings.catch_warnings():
            # Python 3.12 warns about threads. The child uses nothing that they lock.
            warnings.simplefilter("ignore", DeprecationWarning)
            guarding = os.fork()
        if guarding == 0:
            try:
                os.setsid()
                ours.close()
                null = os.open(os.devnull, os.O_RDONLY)
                os.dup2(null, 0)
                os.dup2(_standard_error(), 1)
                guard.guard(theirs.detach(), str(folder), lambda: call(folder))
            finally:
                os._exit(1)
        theirs.close()
        return cls(folder, ours, guarding)

    def fileno(self) -> int:
        """Return the descriptor that is readable when the guard has news."""
        return self.lifeline.fileno()

    @property
    def pid(self) -> int | None:
        """The process number, once the guard has reported it."""
        self.read()
        return self._pid

    @property
    def ended(self) -> bool:
        """True if the child has ended. A stopped child counts as ended."""
        self.read()
        return self._status is not None or self.stopped or self._disconnected

    @property
    def exit_code(self) -> int | None:
        """The exit code, minus the number of the signal that ended it; None before."""
        self.read()
        return None if self._status is None else os.waitstatus_to_exitcode(self._status)

    def how(self) -> str:
        """Describe how the child ended: `with exit code 1`, `by SIGKILL`."""
        code = self.exit_code
        if code is None:
            return "because it was stopped (SIGSTOP)" if self.stopped else "by itself"
        return f"by {_signal_name(-code)}" if code < 0 else f"with exit code {code}"

    def read(self) -> None:
        """Read what the guard has reported so far."""
        while not self._disconnected:
            try:
                data = self.lifeline.recv(4096)
            except BlockingIOError:
                break
            except OSError:
                data = b""
            self._disconnected = not data
            self._received += data
        for word, number in _LINE.findall(self._received):
            if word == b"pid":
                self._pid = int(number)
            elif word == b"stopped":
                self.stopped = True
            else:
                self._status = int(number)
        self._received = self._received[self._received.rfind(b"\n") + 1 :]

    def wait(self, seconds: float) -> bool:
        """Wait for the child to end; return False if it takes longer than `seconds`."""
        return self._until(lambda: self.ended, seconds)

    def terminate(self) -> None:
        """Send SIGTERM to the child."""
        with suppress(OSError):
            self.lifeline.send(guard.TERMINATE)

    def close(self, seconds: float = 0.0) -> None:
        """Wait so many seconds for the child; then end it and all that it started.

        Returns when the processes have ended and the folder is removed, or after `ENDING`
        more seconds. The guard continues without us.
        """
        if self.lifeline.fileno() < 0:
            return
        try:
            if seconds and not self.ended:
                self.wait(seconds)
        finally:
            with suppress(OSError):
                self.lifeline.shutdown(socket.SHUT_WR)
        if (
            not self._until(lambda: self._disconnected, ENDING)
            and self._guard is not None
        ):
            # A signal has stopped the guard itself. The child dies with it.
            with suppress(ProcessLookupError):
                os.kill(self._guard, signal.SIGKILL)
        if self._guard is not None:
            with suppress(OSError):
                os.waitpid(self._guard, 0)
        # A guard that was killed could not remove the folder.
        shutil.rmtree(self.folder, ignore_errors=True)
        self._finalizer()

    def _until(self, happened: Callable[[], bool], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self.lifeline, selectors.EVENT_READ)
            while not happened():
                self.read()
                left = deadline - time.monotonic()
                if happened() or left <= 0 or self._disconnected:
                    break
                selector.select(left)
        return happened()


def _close(lifeline: socket.socket, guarding: int | None, owner: int) -> None:
    if os.getpid() != owner:
        return  # This is a fork of the process that started the child.
    lifeline.close()
    if guarding is not None:
        # If the guard is still killing, init collects it when we end.
        with suppress(OSError):
            os.waitpid(guarding, os.WNOHANG)


def _search_path() -> list[str]:
    # An empty entry means the folder that Python was started in, as it is now.
    return [entry or str(Path.cwd()) for entry in sys.path]


def _standard_error() -> int:
    """Return the descriptor of standard error, or of the null device if it is closed."""
    try:
        os.fstat(2)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)
    return 2


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
