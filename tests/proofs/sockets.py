"""Start servers by their own commands, and talk to them over plain sockets."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

from tests.ports import free_port

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LINGER = 3.0  # seconds
FLASK, QUART = "tests.proofs.flask_served:app", "tests.proofs.quart_served:app"
WERKZEUG = (
    "from werkzeug.serving import run_simple; from tests.proofs.flask_served import app;"
    " run_simple('127.0.0.1', {port}, app, threaded=True)"
)
COMMANDS = {
    "flask+werkzeug": ["-c", WERKZEUG],
    "flask+gunicorn-sync": ["-m", "gunicorn", "-b", "127.0.0.1:{port}", FLASK],
    "flask+gunicorn-gthread": [
        "-m", "gunicorn", "-k", "gthread", "--threads", "4", "-b", "127.0.0.1:{port}",
        FLASK,
    ],
    "flask+waitress": ["-m", "waitress", "--listen", "127.0.0.1:{port}", FLASK],
    "flask+hypercorn": ["-m", "hypercorn", "-b", "127.0.0.1:{port}", "wsgi:" + FLASK],
    "flask+granian": [
        "-m", "granian", "--interface", "wsgi", "--port", "{port}", FLASK,
    ],
    "quart+hypercorn": ["-m", "hypercorn", "-b", "127.0.0.1:{port}", QUART],
    "quart+uvicorn-h11": [
        "-m", "uvicorn", "--http", "h11", "--port", "{port}", "--interface", "asgi3",
        QUART,
    ],
    "quart+uvicorn-httptools": [
        "-m", "uvicorn", "--http", "httptools", "--port", "{port}",
        "--interface", "asgi3", QUART,
    ],
    "quart+granian": [
        "-m", "granian", "--interface", "asgi", "--port", "{port}", QUART,
    ],
    "quart+daphne": ["-m", "daphne", "-p", "{port}", "-b", "127.0.0.1", QUART],
    "quart+gunicorn-asgi": [
        "-m", "gunicorn", "-k", "asgi", "-b", "127.0.0.1:{port}", QUART,
    ],
}  # fmt: skip


class Serving(NamedTuple):
    """A server that runs: its port, and the id of the group of its processes."""

    port: int
    group: int


@contextmanager
def serving(stack: str, patches: tuple[str, ...] = ()) -> Iterator[Serving]:
    """Serve the program on a stack until the block ends."""
    port = free_port()
    command = [part.format(port=port) for part in COMMANDS[stack]]
    environment = {**os.environ, "PROOF_PATCHES": " ".join(patches)}
    with TemporaryFile() as output:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", *command], cwd=ROOT, env=environment,
            stdout=subprocess.DEVNULL, stderr=output, start_new_session=True,
        )  # fmt: skip
        try:
            wait_for(port, process, output)
            yield Serving(port, process.pid)
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            # Workers outlive a server that is killed, or that does not wait for them.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(port: int, process: "subprocess.Popen[bytes]", output: IO[bytes]) -> None:
    """Wait until a server responds."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            output.seek(0)
            text = output.read().decode(errors="replace")
            raise RuntimeError(f"the server ended: {text[-2000:]}")
        try:
            hello = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            if talk(port, hello, wait=5).startswith(b"HTTP/1.1 200"):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server never responded")


def talk(
    port: int,
    *parts: bytes,
    wait: float = 30,
    pause: float = 0,
    ends: bool = False,
    stopped: int = 0,
) -> bytes:
    """Send bytes and return all that comes until the server closes or says no more.

    After `wait` seconds of silence the client gives up. After a whole response it waits
    for no more than `LINGER` seconds. It waits for `pause` seconds between two parts.
    With `ends` it closes its sending half after the last one. A process group `stopped`
    runs on when the client has sent everything, so that all arrives together.
    """
    received = bytearray()
    if stopped:
        os.killpg(stopped, signal.SIGSTOP)
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        for number, part in enumerate(parts):
            if number:
                time.sleep(pause)
            connection.sendall(part)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        if stopped:
            os.killpg(stopped, signal.SIGCONT)
        connection.settimeout(wait)
        try:
            while data := connection.recv(65536):
                received += data
                whole = is_whole(bytes(received))
                connection.settimeout(min(wait, LINGER) if whole else wait)
        except TimeoutError:
            received += b"[silent]"
        except OSError:
            received += b"[reset]"
        else:
            received += b"[closed]"
    return bytes(received)


def is_whole(received: bytes) -> bool:
    """Whether bytes end with the end of a response that has a length or chunks."""
    head, _, body = received.rpartition(b"\r\n\r\nHTTP/")[2].partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)\r", head + b"\r")
    return body.endswith(b"0\r\n\r\n") or (
        length is not None and len(body) >= int(length[1])
    )
