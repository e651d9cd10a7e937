"""Start each server on a bound socket, in the child process.

Every server runs one worker with its default settings. We only change settings that hinder
many requests: access logs, limits on connections, long shutdowns.
"""

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Any

SHUTDOWN_TIMEOUT = 1  # seconds for requests in flight when the server stops
THREADS = 4  # the default of waitress
CONNECTIONS = 1000  # Waitress stops accepting at its limit, which is 100 by default.

Launch = Callable[[Any, socket.socket, str, int], None]
"""Serves an app on a listening socket. The interface is wsgi or asgi. The number of threads
is for servers that have a pool of them."""


def werkzeug(app: Any, listener: socket.socket, interface: str, threads: int) -> None:
    """Run the development server of Flask, with a thread for each connection."""
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    host, port = listener.getsockname()[:2]
    server = make_server(host, port, app, threaded=True, fd=listener.fileno())
    server.serve_forever()


def hypercorn(app: Any, listener: socket.socket, interface: str, threads: int) -> None:
    """Run Hypercorn on asyncio; it has a wrapper for WSGI apps."""
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    config = Config()
    config.loglevel = "WARNING"
    config.graceful_timeout = SHUTDOWN_TIMEOUT
    config.bind = [f"fd://{listener.detach()}"]
    mode: Any = interface
    asyncio.run(serve(app, config, mode=mode))


def waitress(app: Any, listener: socket.socket, interface: str, threads: int) -> None:
    """Run Waitress."""
    from waitress.server import create_server

    server = create_server(
        app, sockets=[listener], threads=threads, connection_limit=CONNECTIONS
    )
    server.run()


def gunicorn(worker: str) -> Launch:
    """Make a function that runs Gunicorn with one worker of this class."""

    def serve(app: Any, listener: socket.socket, interface: str, threads: int) -> None:
        from gunicorn.app.base import BaseApplication

        class Application(BaseApplication):  # type: ignore[misc]
            def load_config(self) -> None:
                settings = {
                    "bind": f"fd://{listener.detach()}",
                    "worker_class": worker,
                    "threads": threads if worker == "gthread" else 1,
                    "graceful_timeout": SHUTDOWN_TIMEOUT,
                    "loglevel": "warning",
                    "control_socket_disable": True,
                }
                for name, value in settings.items():
                    if name in self.cfg.settings:
                        self.cfg.set(name, value)

            def load(self) -> Any:
                return app

        Application().run()

    return serve


def uvicorn(http: str) -> Launch:
    """Make a function that runs Uvicorn with this HTTP implementation."""

    def serve(app: Any, listener: socket.socket, interface: str, threads: int) -> None:
        from uvicorn import Config, Server

        implementation: Any = http
        config = Config(
            app, http=implementation, loop="asyncio", interface="asgi3",
            log_config=None, access_log=False, timeout_graceful_shutdown=SHUTDOWN_TIMEOUT,
        )  # fmt: skip
        Server(config).run(sockets=[listener])

    return serve


def daphne(app: Any, listener: socket.socket, interface: str, threads: int) -> None:
    """Run Daphne, which does not support lifespan."""
    from daphne.server import Server

    endpoint = f"fd:fileno={listener.detach()}"
    server = Server(
        app,
        endpoints=[endpoint],
        application_close_timeout=SHUTDOWN_TIMEOUT,
        verbosity=0,
    )
    server.run()


def granian(app: Any, listener: socket.socket, interface: str, threads: int) -> None:
    """Run Granian. It has no option for a bound socket, so we override a method."""
    from granian._granian import SocketHolder
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    host, port = listener.getsockname()[:2]
    descriptor = listener.detach()

    class OnSocket(Server):  # type: ignore[misc]
        def _init_shared_socket(self) -> None:
            self._ssp = None
            self._sso = None
            self._sfd = descriptor
            self._shd = _holder(SocketHolder, descriptor)

    server = OnSocket(
        "app", host, port, interface=Interfaces(interface), log_level=LogLevels.warning,
        workers_kill_timeout=SHUTDOWN_TIMEOUT,
    )  # fmt: skip
    server.serve(target_loader=lambda: app, wrap_loader=False)


def _holder(kind: Any, descriptor: int) -> Any:
    # Later releases added parameters: descriptor, then uds, then backlog.
    for arguments in ((descriptor, False, 1024), (descriptor, False), (descriptor,)):
        try:
            return kind(*arguments)
        except TypeError:
            continue
    raise RuntimeError("this release of Granian does not accept a bound socket")


LAUNCH: dict[str, Launch] = {
    "werkzeug": werkzeug,
    "gunicorn-sync": gunicorn("sync"),
    "gunicorn-gthread": gunicorn("gthread"),
    "gunicorn-asgi": gunicorn("asgi"),
    "waitress": waitress,
    "hypercorn": hypercorn,
    "granian": granian,
    "uvicorn-h11": uvicorn("h11"),
    "uvicorn-httptools": uvicorn("httptools"),
    "daphne": daphne,
}
