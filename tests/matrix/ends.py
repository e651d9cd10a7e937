"""The ways in which a command may end, and what is expected of each."""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.supervised import SLOWER, Supervised

from .commands import Command

MOMENT = 4.0 * SLOWER  # seconds after which a command without a sign is under way
SIGN = 30.0 * SLOWER  # seconds until a sign
MESSAGE = (2, 3)  # exit codes for what could not be written: never those of a verdict


@dataclass(frozen=True)
class End:
    """A way to end. `act` does it once the command is under way.

    `codes` are the exit codes that are right, beside the usual ones if `usual`.
    `whole` says that the outputs have everything, as undisturbed.
    """

    name: str
    codes: tuple[int, ...] = ()
    usual: bool = False
    whole: bool = False
    act: Callable[[Supervised], None] | None = None
    stdout: str = "pipe"
    shell: str = ""
    output: str = ""
    message: bool = False
    applies: Callable[[Command, str], bool] = lambda command, way: True


def under_way(supervised: Supervised, signs: bool) -> bool:
    """Wait until the command is at work. Return whether it still is."""
    assert supervised.process is not None
    begun = time.monotonic()
    reached = supervised.folder / "reached"
    while supervised.process.poll() is None:
        waited = time.monotonic() - begun
        if (signs and reached.exists()) or waited > (SIGN if signs else MOMENT):
            time.sleep(0.2 if signs else 0)
            return supervised.process.poll() is None
        time.sleep(0.02)
    return False


def to_group(number: signal.Signals) -> Callable[[Supervised], None]:
    """Return a function that sends a signal to the group, as a terminal does."""
    return lambda supervised: os.killpg(_process(supervised), number)


def to_command(number: signal.Signals) -> Callable[[Supervised], None]:
    """Return a function that sends a signal to the command alone."""
    return lambda supervised: os.kill(_process(supervised), number)


def _process(supervised: Supervised) -> int:
    assert supervised.process is not None
    return supervised.process.pid


def _parent(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def to_worker(number: signal.Signals) -> Callable[[Supervised], None]:
    """Return a function that sends a signal to a child of the command."""

    def act(supervised: Supervised) -> None:
        command = _process(supervised)
        children = [pid for pid in supervised.processes() if _parent(pid) == command]
        if children:
            os.kill(max(children), number)

    return act


def to_server(supervised: Supervised) -> None:
    """Kill a process that listens, beside the command."""
    listening = _listening()
    found = set(supervised.processes()) - {_process(supervised)}
    if servers := [pid for pid in found if _sockets(pid) & listening]:
        os.kill(max(servers), signal.SIGKILL)


def _listening() -> set[str]:
    sockets = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[3] == "0A":
            sockets.add(f"socket:[{words[9]}]")
    return sockets


def _sockets(pid: int) -> set[str]:
    found = set()
    with suppress(OSError):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                found.add(str(entry.readlink()))
    return found


def leave_fifo(path: Path) -> threading.Thread:
    """Read a little of a FIFO, on a thread, and leave."""

    def read() -> None:
        descriptor = os.open(path, os.O_RDONLY)
        os.read(descriptor, 100)
        os.close(descriptor)

    os.mkfifo(path)
    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread


def _runs(command: Command, way: str) -> bool:
    """Whether the command ends by itself."""
    return not command.endless


def _prints(command: Command, way: str) -> bool:
    return command.prints and not command.endless


def _writes(command: Command, way: str) -> bool:
    return bool(command.output) and not command.endless


def _runs_cases(command: Command, way: str) -> bool:
    """Return whether the output is written at once, into the file that exists."""
    return command.name == "run"


def _works(command: Command, way: str) -> bool:
    """Whether a child of the command does some of its work, and it ends by itself."""
    return not command.endless and not command.name.startswith(("import", "merge"))


def _served(command: Command, way: str) -> bool:
    return "servers" in way and not command.endless


ENDS = (
    End("normal", usual=True, whole=True, applies=_runs),
    End("SIGINT to the group", (130, -2), act=to_group(signal.SIGINT)),
    End("SIGTERM", (143, -15), act=to_command(signal.SIGTERM)),
    End("SIGHUP", (129, -1), act=to_command(signal.SIGHUP)),
    End("SIGKILL", (-9,), act=to_command(signal.SIGKILL)),
    End("reader leaves at once", (141, -13), whole=True, stdout="left", applies=_prints),
    End(
        "reader leaves after 100 bytes", (141, -13), usual=True, whole=True, stdout="head",
        applies=_prints,
    ),
    End(
        "stdout full", MESSAGE, stdout="/dev/full", message=True,
        applies=_prints,
    ),
    End(
        "stdout closed", usual=True, whole=True, shell='exec "$@" >&-', applies=_runs
    ),
    End(
        "output full", MESSAGE, output="/dev/full", message=True,
        applies=_runs_cases,
    ),
    End(
        "files limited", MESSAGE, shell='ulimit -f 1; exec "$@"', message=True,
        applies=_writes,
    ),
    End(
        "reader of a FIFO leaves", MESSAGE, output="fifo", message=True,
        applies=_runs_cases,
    ),
    End(
        "worker killed", (3,), usual=True, act=to_worker(signal.SIGKILL), applies=_works
    ),
    End(
        "worker stopped", (3,), usual=True, act=to_worker(signal.SIGSTOP),
        applies=_works,
    ),
    End(
        "worker terminated", (3,), usual=True, act=to_worker(signal.SIGTERM),
        applies=_works,
    ),
    End("server killed", (3,), usual=True, act=to_server, applies=_served),
)  # fmt: skip
