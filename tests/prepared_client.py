"""Run a command of `comparison` as a fork of a process that is prepared (see `prepared`).

`python -IS prepared_client.py ADDRESS SCRIPT ARGUMENT ...` starts in a moment, because it
imports little. Where the process forks nothing, it becomes `python -m comparison`.
"""

import json
import os
import signal
import socket
import sys

PASSED_ON = (
    signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT,
    signal.SIGUSR1, signal.SIGUSR2,
)  # fmt: skip


def main(address: str, *arguments: str) -> None:
    """Send the order, pass on signals, and end as the command does."""
    signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)
    umask = os.umask(0)
    os.umask(umask)
    ignored = [n for n in PASSED_ON if signal.getsignal(n) is signal.SIG_IGN]
    order = {
        "arguments": arguments,
        "cwd": os.getcwd(),  # noqa: PTH109 - pathlib is slow to import
        "environment": dict(os.environ),
        "ignored": ignored,
        "numbers": [0, 1, 2],
        "umask": umask,
    }
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(address)
        socket.send_fds(connection, [b"{"], [0, 1, 2])
        connection.sendall(json.dumps(order)[1:].encode())
        connection.shutdown(socket.SHUT_WR)
        answers = connection.makefile()
        pid = int(answers.readline())
    except (OSError, ValueError):  # A closed stream; an environment that Python reads.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, PASSED_ON)
        python = [sys.executable, "-m", "comparison", *arguments[1:]]
        os.execv(sys.executable, python)
    for number in set(PASSED_ON) - set(ignored):
        signal.signal(number, lambda number, _: os.kill(pid, number))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, PASSED_ON)
    for descriptor in (0, 1, 2):
        os.close(descriptor)  # Its reader waits for the command only.
    code = os.waitstatus_to_exitcode(int(answers.readline()))
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


if __name__ == "__main__":
    main(*sys.argv[1:])
