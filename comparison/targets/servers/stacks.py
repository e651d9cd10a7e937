"""The servers that can run an app: what each needs, and how it starts on a bound socket.

Every server runs one worker with its default settings. We only change settings that hinder
many requests: access logs, limits on connections, long shutdowns.
"""

import logging
import socket
from collections.abc import Callable, Collection, Iterable
from importlib.util import find_spec
from typing import Any, NamedTuple

from comparison.core.errors import TargetError, UsageError, nearest

EXTRA = "flask-quart-comparison[servers]"
SHUTDOWN_TIMEOUT = 1  # seconds for requests in flight when the server stops
THREADS = 4  # the default of waitress
CONNECTIONS = 1000  # Waitress stops accepting at its limit, which is 100 by default.

Launch = Callable[[Any, socket.socket, str, int], None]
"""Serves an app on a listening socket. The interface is wsgi or asgi. The number of threads
is for servers that have a pool of them."""


class Server(NamedTuple):
    """A server under the name that targets use.

    `needs` are the modules to import. `launch` runs it in the child process.
    """

    name: str
    interfaces: tuple[str, ...]
    needs: tuple[str, ...]
    package: str
    launch: Launch

    @property
    def installed(self) -> bool:
        """True if all modules that it needs can be imported."""
        return all(find_spec(module) is not None for module in self.needs)


DEFAULT = {"wsgi": "werkzeug", "asgi": "hypercorn"}
"""The meaning of `@` alone: the server that the framework comes with."""

SHORT = {
    "gunicorn": {"wsgi": "gunicorn-sync", "asgi": "gunicorn-asgi"},
    "uvicorn": {"asgi": "uvicorn-h11"},
}

STACKS = (
    "flask+werkzeug", "flask+gunicorn-sync", "flask+gunicorn-gthread",
    "flask+waitress", "flask+hypercorn", "flask+granian", "quart+hypercorn",
    "quart+uvicorn-h11", "quart+uvicorn-httptools", "quart+granian", "quart+daphne",
    "quart+gunicorn-asgi",
)  # fmt: skip


def werkzeug(app: Any, listener: socket.socket, interface: str, threads: int) -> None:
    """Run the development server of Flask, with a thread for each connection."""
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    host, port = listener.getsockname()[:2]
    server = make_server(host, port, app, threaded=True, fd=listener.fileno())
    server.serve_forever()


def hypercorn(app: Any, listener: socket.socket, interface: str, threads: int) -> None:
    """Run Hypercorn on asyncio; it has a wrapper for WSGI apps."""
    import asyncio

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


SERVERS = {
    server.name: server
    for server in (
        Server("werkzeug", ("wsgi",), ("werkzeug",), "werkzeug", werkzeug),
        Server("gunicorn-sync", ("wsgi",), ("gunicorn",), "gunicorn", gunicorn("sync")),
        Server(
            "gunicorn-gthread",
            ("wsgi",),
            ("gunicorn",),
            "gunicorn",
            gunicorn("gthread"),
        ),
        Server("waitress", ("wsgi",), ("waitress",), "waitress", waitress),
        Server("hypercorn", ("wsgi", "asgi"), ("hypercorn",), "hypercorn", hypercorn),
        Server("granian", ("wsgi", "asgi"), ("granian",), "granian", granian),
        Server("uvicorn-h11", ("asgi",), ("uvicorn", "h11"), "uvicorn", uvicorn("h11")),
        Server(
            "uvicorn-httptools",
            ("asgi",),
            ("uvicorn", "httptools"),
            "uvicorn",
            uvicorn("httptools"),
        ),
        Server("daphne", ("asgi",), ("daphne",), "daphne", daphne),
        Server("gunicorn-asgi", ("asgi",), ("gunicorn",), "gunicorn", gunicorn("asgi")),
    )
}


def check_name(name: str, text: str) -> None:
    """Raise UsageError for an unknown server; an empty name is valid.

    Raises TargetError if the server is not installed.
    """
    if name and name not in SERVERS and name not in SHORT:
        known = [*SERVERS, *SHORT]
        hint = nearest(name, known) or f"; there are {', '.join(sorted(SERVERS))}"
        raise UsageError(f"target {text!r}: unknown server {name!r}{hint}")
    candidates = [n for n in (name, *SHORT.get(name, {}).values()) if n in SERVERS]
    if candidates and not any(SERVERS[n].installed for n in candidates):
        missing = SERVERS[candidates[0]].needs
        raise TargetError(
            f"target {text!r}: {' and '.join(missing)} must be installed:"
            f" pip install '{EXTRA}'"
        )


def find_server(name: str, interface: str, text: str) -> Server:
    """Find the server for an app of this interface; the default for an empty name.

    Raises UsageError for an unknown server, or one that does not serve such apps.
    """
    check_name(name, text)
    full = DEFAULT[interface] if not name else SHORT.get(name, {}).get(interface, name)
    server = SERVERS.get(full)
    if server is None or interface not in server.interfaces:
        fitting = sorted(s.name for s in SERVERS.values() if interface in s.interfaces)
        raise UsageError(
            f"target {text!r}: {name} does not serve {interface.upper()} apps;"
            f" {', '.join(fitting)} do"
        )
    return server


def choose_stacks(
    names: Iterable[str],
    known: Collection[str] = STACKS,
    default: Iterable[str] = STACKS,
) -> tuple[str, ...]:
    """Return the named stacks, or those of the `default` that are installed.

    Raises UsageError for an unknown stack, and TargetError for one that is not installed.
    """
    chosen = tuple(dict.fromkeys(names))
    for name in chosen:
        if name not in known:
            hint = nearest(name, known) or f"; there are {', '.join(known)}"
            raise UsageError(f"--stack {name!r}: unknown stack{hint}")
        if not _installed(name):
            raise TargetError(f"--stack {name!r}: install it: pip install '{EXTRA}'")
    return chosen or tuple(filter(_installed, default))


def _installed(stack: str) -> bool:
    return SERVERS[stack.partition("+")[2]].installed
