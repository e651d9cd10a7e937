"""Start the playground in another process, on a free port."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from comparison.cases import CATALOGUE
from comparison.known import BUNDLED, ON_SERVERS

from .making import APPS, HERE

STOPPED = 60.0  # seconds, which a busy machine may take

TWINS = (
    *(
        p
        for t in ("custom", "tuples")
        for p in ("--cases", str(CATALOGUE / f"{t}.toml"))
    ),
    *("--known", str(BUNDLED), "--known", str(ON_SERVERS)),
)
HOSTILE = (
    *(part for app in APPS for part in ("--target", app)),
    *("--cases", str(HERE / "cases.toml"), "--cases", str(HERE / "slow.toml")),
    *("--timeout", "3"),
)


PYTHON = (sys.executable, "-m", "comparison")


@contextmanager
def started(
    *options: str, comparison: Sequence[str | Path] = PYTHON
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`comparison serve` with these options, and its address; interrupted at the end.

    `comparison` starts a command: as people do, or as a fork.
    """
    command = [*comparison, "serve", "--port", "0", *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            found = re.search(r"http://\S+/", server.stdout.readline())
            assert found is not None, server.communicate()[1]
            yield server, found[0]
        finally:
            if server.poll() is None:
                server.send_signal(signal.SIGINT)
            try:
                server.wait(STOPPED)
            finally:
                server.kill()
