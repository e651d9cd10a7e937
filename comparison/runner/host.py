"""The pool's side of the host: the process that loads the targets and makes workers."""

import faulthandler
import json
import os
import re
import select
import socket
import sysconfig
import time
from contextlib import suppress
from pathlib import Path

from comparison.core.errors import TargetError
from comparison.core.processes.call import error_of
from comparison.core.processes.child import Child
from comparison.core.processes.signals import interruptible
from comparison.core.start_timeout import not_in_time
from comparison.targets import Target

from .ahead import HOST, Ahead, start_ahead
from .case_thread import TICK
from .journal import LOADING, Journal
from .messages import Failed, Load, Ready, Unreadable, UrlMap, take, to_worker
from .threads import CLOSING
from .worker import TRACEBACK, WHERE

HELD = 1.0  # seconds beyond its limit, after which we end a process from outside
STARTING = 60.0  # seconds for the interpreter to start


class Host:
    """A process that loads the targets, from its creation until `close`.

    `forks` says, once it is ready, whether it can make several workers. `ahead` is its
    process, if that was started earlier. Raises OSError if none can be started.
    """

    def __init__(
        self, targets: dict[str, Target], url_maps: bool, ahead: Ahead | None = None
    ) -> None:
        self.targets = targets
        self.forks = False
        self.made = 0
        if ahead is None:
            paces = [
                getattr(target, "rate_limiter", None) for target in targets.values()
            ]
            shared = {
                rate_limiter.descriptor
                for rate_limiter in paces
                if rate_limiter is not None
            }
            ahead = start_ahead(HOST, tuple(shared))
        self.child, self.connection = ahead
        self.journal = Journal(self.child.folder, create=True)
        self.started_at = time.monotonic()
        self.outgoing = memoryview(to_worker(Load(targets, url_maps)))
        self.incoming = bytearray()
        self.connection.setblocking(False)
        self._write()

    def _write(self) -> None:
        with suppress(BlockingIOError, OSError):
            self.outgoing = self.outgoing[self.connection.send(self.outgoing) :]

    def wait(self) -> dict[str, UrlMap]:
        """Wait until everything is loaded; return the url maps of the apps.

        Raises TargetError or UsageError if a target cannot be loaded.
        """
        while True:
            with interruptible():
                select.select(
                    [self.connection.fileno(), self.child.fileno()],
                    [self.connection.fileno()] if self.outgoing else [],
                    [],
                    TICK,
                )
            self._write()
            with suppress(BlockingIOError, OSError):
                self.incoming += self.connection.recv(1 << 20)
            try:
                message = take(self.incoming)
            except Unreadable:
                self.child.close()
                message = None
            if isinstance(message, Failed):
                raise error_of(message.problem)
            if isinstance(message, Ready):
                self.forks = message.forks
                return message.url_maps
            self._check()

    def make(self, connection: socket.socket, number: int) -> tuple[Child, Journal]:
        """Make a worker, which gets the connection; return it and its journal.

        Raises TargetError if the host has ended.
        """
        self.made += 1
        folder = self.child.folder / f"worker-{self.made}-{number}"
        try:
            folder.mkdir()
            journal = Journal(folder, create=True)
        except OSError:
            raise self._ended() from None
        ours, theirs = socket.socketpair()
        with theirs:
            place = json.dumps([str(folder), self.forks]).encode()
            descriptors = [theirs.fileno(), connection.fileno()]
            try:
                socket.send_fds(self.connection, [place], descriptors)
            except OSError:
                ours.close()
                journal.close()
                raise self._ended() from None
        if self.forks:
            return Child(folder, ours), journal
        ours.close()
        return self.child, journal

    def _ended(self) -> TargetError:
        self.child.wait(HELD)
        how = self.child.how()
        return TargetError(f"the process that loads the apps ended {how}")

    def close(self, seconds: float = CLOSING) -> None:
        """Give the host some seconds to end; its forked workers have already ended."""
        self.connection.close()
        self.child.close(seconds)
        self.journal.close()

    def _check(self) -> None:
        """Raise TargetError if the host has ended, or if what it loads blocks it."""
        mark = self.journal.mark
        loading = mark.case == LOADING
        late = mark.late if loading else time.monotonic() - self.started_at - STARTING
        if not self.child.ended and late < HELD:
            return
        where = "" if self.child.ended else where_of(self.child)
        how = self.child.how() if self.child.ended else ""
        specs = [target.spec for target in self.targets.values()]
        self.close()
        raise TargetError(not_loaded(specs[mark.target], how, where))


def not_loaded(spec: str, how: str, where: str) -> str:
    """Return the message about a target whose app ends or blocks its host."""
    if how:
        return f"target {spec!r}: the process ended {how} while the app was loaded"
    return f"target {spec!r}: {not_in_time('the app did not start')}{where}"


def where_of(child: Child) -> str:
    """Return the line of the app that blocks a process, in parentheses, or ""."""
    if child.pid is None or not hasattr(faulthandler, "register"):
        return ""
    with suppress(ProcessLookupError):
        os.kill(child.pid, WHERE)
    child.wait(TICK)
    try:
        return app_line((child.folder / TRACEBACK).read_text("utf-8", "replace"))
    except OSError:
        return ""


_FRAME = re.compile(r'^  File "(.+)", line (\d+) in (.+)$', re.MULTILINE)
_OURS = str(Path(__file__).parent.parent)
_LIBRARIES = tuple(
    {
        sysconfig.get_path(name)
        for name in ("stdlib", "platstdlib", "purelib", "platlib")
    }
)


def app_line(traceback: str) -> str:
    r"""Return the line of the app in a traceback that `faulthandler` wrote.

    >>> app_line('Thread 0x1 (most recent call first):\n  File "/app/shop.py", line 3 in f')
    ' (shop.py:3 in f)'
    """
    for thread in traceback.split("\n\n"):
        for file, line, name in _FRAME.findall(thread):
            if not file.startswith((_OURS, "<", *_LIBRARIES)):
                return f" ({Path(file).name}:{line} in {name})"
    return ""
