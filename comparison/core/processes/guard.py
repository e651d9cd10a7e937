"""The guard: a small process between us and a child. It ends the child when we end.

    we ── guard ── child ── processes that the child starts

The guard holds one end of a socket, the lifeline. We hold the other end. When we close it,
the guard kills the child and everything that the child started. The operating system closes
it for us however we end. The child need not cooperate: it may block its interpreter, be
stopped, or have become another program.

Invariants:

- The child never outlives the guard. Linux kills it with its parent (prctl(2),
  PR_SET_PDEATHSIG). On other systems it is in the guard's process group.

- Processes that the child starts never outlive the guard on Linux. The guard is a subreaper
  (PR_SET_CHILD_SUBREAPER). Orphans become its children, and it kills them all.

- The guard removes the folder after the last of these processes has ended.

Each child has a guard, so this module imports little and starts fast.
"""

import os
import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

from . import folders

TERMINATE = b"t"
"""Written to the lifeline, it sends SIGTERM to the child. The guard writes lines: `pid N`,
then `stopped` or `ended STATUS`, with a status as `os.waitpid` returns it."""

MOMENT = 0.5  # seconds
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_UNCATCHABLE = (signal.SIGKILL, signal.SIGSTOP)


def main(lifeline: int, folder: str, entry: str, argument: str) -> NoReturn:
    """Guard a child that calls `entry`, a function as `module:name`, with the argument."""

    def call() -> None:
        function_of(entry)(argument)

    guard(lifeline, folder, call)


def function_of(entry: str) -> Callable[..., Any]:
    """Import the function that an entry names as `module:name`."""
    from importlib import import_module

    module, _, name = entry.partition(":")
    function: Callable[..., Any] = getattr(import_module(module), name)
    return function


def guard(lifeline: int, folder: str, call: Callable[[], None]) -> NoReturn:
    """Fork a child that calls the function; end everything when one of them ends."""
    _control_process(_PR_SET_CHILD_SUBREAPER, 1)
    waking, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: None)
    guarding = os.getpid()
    child = os.fork()
    if child == 0:
        _become_child(lifeline, (waking, wake), guarding)
        folders.home = folder
        _run(call)
    try:
        close_all_but(lifeline, waking, wake)
        _watch(lifeline, waking, child)
    finally:
        _end_all(child)
        _remove(folder)
        os._exit(0)


def _become_child(lifeline: int, pipes: tuple[int, int], guarding: int) -> None:
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals() - set(_UNCATCHABLE):
        if signal.getsignal(number) not in (signal.SIG_DFL, None):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGPIPE", "SIGXFSZ", "SIGXFZ"):
        with suppress(AttributeError):
            # Python ignores these too when it starts: a failing write raises OSError.
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    for descriptor in (lifeline, *pipes):
        os.close(descriptor)
    end_with(guarding)


def end_with(parent: int) -> None:
    """Let Linux end this process with its parent, even if it blocks its interpreter."""
    _control_process(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # The parent ended before the call of prctl.


def close_all_but(*descriptors: int) -> None:
    """Close all other descriptors but the standard ones.

    An open copy of a socket would hide our end from the other side.
    """
    first = 3
    for descriptor in (*sorted(descriptors), 1 << 16):
        os.closerange(first, descriptor)
        first = descriptor + 1


def _run(call: Callable[[], None]) -> NoReturn:
    """Call the function, then end the interpreter without waiting for threads."""
    code = 0
    try:
        call()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(bool(error.code))
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    import atexit

    with suppress(BaseException):
        atexit._run_exitfuncs()  # noqa: SLF001 - as the interpreter does at its end
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):
            stream.flush()
    os._exit(code)


def _watch(lifeline: int, waking: int, child: int) -> None:
    """Return when the child has ended or the lifeline is closed."""
    _report(lifeline, f"pid {child}")
    poll = select.poll()
    for descriptor in (lifeline, waking):
        poll.register(descriptor, select.POLLIN | select.POLLHUP)
    while True:
        ready = {descriptor for descriptor, _ in poll.poll()}
        if waking in ready:
            numbers = os.read(waking, 4096)
            if _ended(lifeline, child):
                return
            if signal.SIGTERM in numbers:
                _report(lifeline, f"ended {signal.SIGTERM:d}")  # We end the child.
                return
        if lifeline in ready:
            try:
                order = os.read(lifeline, 1)
            except OSError:
                return
            if order != TERMINATE:
                return
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGTERM)


def _ended(lifeline: int, child: int) -> bool:
    """Collect the children that changed; report the status of ours."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
        except ChildProcessError:
            return True
        if pid == 0:
            return False
        if pid == child:
            stopped = os.WIFSTOPPED(status)
            _report(lifeline, "stopped" if stopped else f"ended {status}")
            if not stopped:
                return True


def _report(lifeline: int, words: str) -> None:
    with suppress(OSError):
        os.write(lifeline, f"{words}\n".encode())


def _end_all(child: int) -> None:
    """Kill every descendant. Orphans become our children, so none can escape.

    Some of them may be guards, which have lost their lifelines too. They get a moment to
    remove their folders.
    """
    with suppress(ProcessLookupError, PermissionError):
        os.kill(child, signal.SIGKILL)
    deadline = time.monotonic() + MOMENT
    while time.monotonic() < deadline:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.01)
        except ChildProcessError:
            return
    while True:
        for pid in _children():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _children() -> list[int]:
    """Return our child processes, on systems with `/proc`."""
    own = str(os.getpid())
    found = []
    with suppress(OSError):
        for name in os.listdir("/proc"):  # noqa: PTH208 - pathlib is slow to import
            if name.isdigit():
                with suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                    # The program's name, in parentheses, may contain any character.
                    fields = file.read().rpartition(b")")[2].split()
                    if fields[1].decode() == own:
                        found.append(int(name))
    return found


def _remove(folder: str) -> None:
    if folder:
        import shutil

        shutil.rmtree(folder, ignore_errors=True)
    if sys.platform != "linux":
        with suppress(OSError):
            os.killpg(os.getpgrp(), signal.SIGKILL)


def _control_process(option: int, value: int) -> None:
    """Call prctl(2) on Linux."""
    if sys.platform != "linux":
        return
    with suppress(ImportError, OSError, AttributeError):
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
