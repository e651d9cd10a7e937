"""Targets on servers that we start."""

import threading
from itertools import count
from typing import Any

from comparison.core.errors import ComparisonError
from comparison.models import TargetInfo
from comparison.targets.in_process.target import InProcessTarget
from comparison.targets.session import (
    Target,
)
from comparison.targets.spec import parse_spec

from .process import ServerProcess, Turn
from .session import ServerSession
from .stacks import check_name


class ServerTarget(Target):
    """An app on a server, as `module@server` names it.

    The server runs from `start`, or from its first use, until `close`. Sessions share it.
    With `keep_alive` a session sends its requests on one connection, as long as the server
    keeps that open. Otherwise each request gets a new connection.
    """

    def __init__(self, name: str, spec: str, keep_alive: bool = False) -> None:
        self.name = name
        self.spec = spec
        self.keep_alive = keep_alive
        check_name(parse_spec(spec).server or "", spec)
        self.sessions = count(1)
        self._process: ServerProcess | None = None
        self._inside: InProcessTarget | None = None
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        arguments = (self.name, self.spec, self.keep_alive)
        return type(self), arguments, self._options()

    def start(self) -> None:
        """Begin to start the server, without waiting for it, if a slot is free."""
        if self._process is None and (turn := Turn(0)).acquired:
            self._process = ServerProcess(self.spec, turn=turn)

    def load(self) -> None:
        """Wait until the server answers. Raises TargetError."""
        self.running().ready()

    def running(self) -> ServerProcess:
        """Return the server; restart it if it has ended. Raises TargetError."""
        with self._lock:
            if self._process is None:
                self._process = ServerProcess(self.spec)
            elif self._process.loaded is not None and self._process.ended:
                self._process.stop()
                self._process = ServerProcess(self.spec)
            try:
                self._process.ready()
            except ComparisonError:
                self._process = None
                raise
            return self._process

    def replace(self, process: ServerProcess) -> None:
        """Stop a server that does not answer any more; the next use starts a new one."""
        with self._lock:
            if self._process is process:
                self._process.stop()
                self._process = None

    def info(self) -> TargetInfo:
        """Describe the target for reports."""
        loaded = self.running().ready()
        return TargetInfo(
            self.name, self.spec, loaded.framework, loaded.server, loaded.settings
        )

    def session(self, timeout: float) -> ServerSession:
        """Open a session. Use and close it on one thread."""
        return ServerSession(self, timeout, f"s{next(self.sessions)}")

    def another(self) -> "ServerTarget":
        """Return the same app on a separate server: a crash does not affect this one."""
        other = ServerTarget(self.name, self.spec, self.keep_alive)
        self._share_options(other)
        return other

    def in_process(self) -> InProcessTarget:
        """Return the same app without the server."""
        if self._inside is None:
            self._inside = InProcessTarget(self.name, self.spec.partition("@")[0])
            self._share_options(self._inside)
        return self._inside

    def close(self) -> None:
        """Stop the server."""
        with self._lock:
            if self._process is not None:
                self._process.stop()
                self._process = None
