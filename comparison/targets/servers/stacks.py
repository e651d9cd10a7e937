"""The servers that can run an app, and the modules that each needs."""

from importlib.util import find_spec
from typing import NamedTuple

from comparison.core.errors import TargetError, UsageError, nearest

EXTRA = "flask-quart-comparison[servers]"


class Server(NamedTuple):
    """A server under the name that targets use; `needs` are the modules to import."""

    name: str
    interfaces: tuple[str, ...]
    needs: tuple[str, ...]
    package: str

    @property
    def installed(self) -> bool:
        """True if all modules that it needs can be imported."""
        return all(find_spec(module) is not None for module in self.needs)


SERVERS = {
    server.name: server
    for server in (
        Server("werkzeug", ("wsgi",), ("werkzeug",), "werkzeug"),
        Server("gunicorn-sync", ("wsgi",), ("gunicorn",), "gunicorn"),
        Server("gunicorn-gthread", ("wsgi",), ("gunicorn",), "gunicorn"),
        Server("waitress", ("wsgi",), ("waitress",), "waitress"),
        Server("hypercorn", ("wsgi", "asgi"), ("hypercorn",), "hypercorn"),
        Server("granian", ("wsgi", "asgi"), ("granian",), "granian"),
        Server("uvicorn-h11", ("asgi",), ("uvicorn", "h11"), "uvicorn"),
        Server("uvicorn-httptools", ("asgi",), ("uvicorn", "httptools"), "uvicorn"),
        Server("daphne", ("asgi",), ("daphne",), "daphne"),
        Server("gunicorn-asgi", ("asgi",), ("gunicorn",), "gunicorn"),
    )
}

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
