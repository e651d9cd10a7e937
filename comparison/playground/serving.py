"""Serve the playground on a loopback socket until a signal stops it."""

import asyncio
import errno
import signal
import socket
from collections.abc import Callable
from contextlib import suppress

from hypercorn.asyncio import serve as hypercorn_serve
from hypercorn.config import Config

from comparison.core.errors import TargetError, UsageError
from comparison.core.processes.signals import SIGNALS
from comparison.targets.url import is_loopback

from .app import create_app
from .state import Playground

GRACE = 0.5  # seconds that running requests have to finish at the end


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket; port 0 takes a free one.

    Raises UsageError for a host that is not loopback, and TargetError if the port is not
    available.
    """
    if not is_loopback(host):
        raise UsageError(
            f"--host {host}: the playground serves this machine only. Use 127.0.0.1, ::1"
            " or localhost"
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0].lower()
        hint = ""
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            hint = "; choose another with --port, or a free one with --port 0"
        raise TargetError(f"port {port} of {host}: {reason}{hint}") from None


def address(host: str, listener: socket.socket) -> str:
    """Return the URL of the first page."""
    authority = f"[{host}]" if ":" in host else host
    return f"http://{authority}:{listener.getsockname()[1]}/"


def serve(
    state: Playground, listener: socket.socket, announce: Callable[[], None]
) -> int:
    """Serve until SIGINT, SIGTERM or SIGHUP, then stop all servers; return the exit code.

    We call `announce` as soon as these signals stop the server.

    SIGINT returns 0, because people stop the playground with Ctrl-C.
    """
    try:
        number = asyncio.run(_serve(state, listener, announce))
        return 0 if number == signal.SIGINT else 128 + number
    finally:
        state.close()


async def _serve(
    state: Playground, listener: socket.socket, announce: Callable[[], None]
) -> int:
    config = Config()
    config.loglevel = "WARNING"
    config.graceful_timeout = GRACE
    config.bind = [f"fd://{listener.detach()}"]
    stop = asyncio.Event()
    received: list[int] = []
    loop = asyncio.get_running_loop()

    def receive(number: int) -> None:
        received.append(number)
        stop.set()

    for number in SIGNALS:
        if signal.getsignal(number) is signal.SIG_IGN:
            continue  # nohup and shells ignore it on purpose
        with suppress(NotImplementedError):  # Windows raises KeyboardInterrupt instead
            loop.add_signal_handler(number, receive, number)
    announce()
    app = create_app(state)
    serving = asyncio.create_task(
        hypercorn_serve(app, config, shutdown_trigger=stop.wait)
    )
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    # Notify watchers that the run has finished, then close their connections.
    state.runs.stop()
    await asyncio.wait({serving}, timeout=2 * GRACE)
    if serving.done():
        serving.result()
    return received[0] if received else signal.SIGINT
