"""A process of ours that takes and gives lines: started, asked, always ended."""

import os
import select
import subprocess
import sys
import time
import weakref
from pathlib import Path

from comparison.core.errors import TargetError

_BOOT = (
    "import sys; sys.path[:] = {path!r};"
    " from comparison.studies.load.{module} import main; main()"
)


class Child:
    """A module of this package with a `main`, in a process of its own.

    It ends when its standard input does, so also where this process is gone.
    """

    def __init__(self, module: str, *arguments: str) -> None:
        path = [entry or str(Path.cwd()) for entry in sys.path]
        boot = _BOOT.format(path=path, module=module)
        self.module = module
        self.buffer = b""
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", boot, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Ctrl-C is for who has started it.
            start_new_session=True,
        )
        self._finalizer = weakref.finalize(self, _end, self.process)

    def send(self, line: bytes) -> None:
        """Give it a line. Raises TargetError if it is gone."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(line + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise self._gone() from None

    def receive(self, seconds: float) -> bytes:
        """Its next line. Raises TargetError if it is gone, or nothing comes in time."""
        assert self.process.stdout is not None
        deadline = time.monotonic() + seconds
        descriptor = self.process.stdout.fileno()
        while b"\n" not in self.buffer:
            left = max(deadline - time.monotonic(), 0)
            if not select.select([descriptor], [], [], left)[0]:
                raise TargetError(f"the {self.module} process says nothing")
            data = os.read(descriptor, 1 << 20)
            if not data:
                raise self._gone()
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line

    def stop(self) -> None:
        """End it."""
        self._finalizer()

    def _gone(self) -> TargetError:
        code = self.process.wait()
        return TargetError(f"the {self.module} process ended with exit code {code}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
