"""Start a child process of ours, exchange lines with it, and always stop it."""

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
    """A child process that runs the `main` of a module of this package.

    It ends when its standard input closes, so it also ends if this process dies.
    """

    def __init__(self, module: str, *arguments: str) -> None:
        path = [entry or str(Path.cwd()) for entry in sys.path]
        boot = _BOOT.format(path=path, module=module)
        self.module = module
        self.buffer = b""
        self.process = subprocess.Popen(  # noqa: S603 - this interpreter
            [sys.executable, "-c", boot, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Ctrl-C must reach only this process, which then stops the child.
            start_new_session=True,
        )
        self._finalizer = weakref.finalize(self, _end, self.process)

    def send(self, line: bytes) -> None:
        """Send a line to the child. Raises TargetError if the child has ended."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(line + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None

    def receive(self, seconds: float) -> bytes:
        """Read a line from the child. Raises TargetError if it ended or is too slow."""
        assert self.process.stdout is not None
        deadline = time.monotonic() + seconds
        descriptor = self.process.stdout.fileno()
        while b"\n" not in self.buffer:
            left = max(deadline - time.monotonic(), 0)
            if not select.select([descriptor], [], [], left)[0]:
                raise TargetError(f"the {self.module} process did not respond")
            data = os.read(descriptor, 1 << 20)
            if not data:
                raise self._ended()
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line

    def stop(self) -> None:
        """Stop the child."""
        self._finalizer()

    def _ended(self) -> TargetError:
        code = self.process.wait()
        return TargetError(f"the {self.module} process ended with exit code {code}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
