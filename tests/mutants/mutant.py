"""A mutant, and the two places in which it makes a twin wrong."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from quart import Quart

Mutate = Callable[[Quart], None]
Headers = list[tuple[bytes, bytes]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Mutant:
    """A way to make the twin wrong, the case it shows in, and the field it shows in.

    `also` are other fields that cannot but change with it. `timeout` is in seconds, for
    a mutant that uses it up.
    """

    name: str
    mutate: Mutate
    case: str
    field: str
    also: tuple[str, ...] = ()
    timeout: float = 10.0


MUTANTS: list[Mutant] = []


def mutant(
    case: str, field: str, *also: str, timeout: float = 10.0
) -> Callable[[Mutate], Mutate]:
    """Note a mutant: it must be caught in this field of this case."""

    def note(mutate: Mutate) -> Mutate:
        MUTANTS.append(Mutant(mutate.__name__, mutate, case, field, also, timeout))
        return mutate

    return note


class Answer:
    """A whole response at the HTTP boundary, to be changed before it is sent."""

    def __init__(self, status: int, headers: Headers, chunks: list[bytes]) -> None:
        self.status = status
        self.headers = headers
        self.chunks = chunks

    @property
    def body(self) -> bytes:
        """The chunks as one."""
        return b"".join(self.chunks)

    def values(self, name: bytes) -> list[bytes]:
        """All values of a header."""
        return [value for key, value in self.headers if key.lower() == name]

    def drop(self, name: bytes) -> None:
        """Take a header out."""
        self.headers = [pair for pair in self.headers if pair[0].lower() != name]

    def put(self, name: bytes, *values: bytes) -> None:
        """Put these values in the place of those that a header has, if it has any."""
        if self.values(name):
            self.drop(name)
            self.headers += [(name, value) for value in values]

    def add(self, name: bytes, value: bytes) -> None:
        """Add a header, whether there is one of this name or not."""
        self.headers.append((name, value))

    def replace_body(self, body: bytes) -> None:
        """Set a different body, with its length."""
        self.chunks = [body]
        if self.values(b"content-length"):
            self.put(b"content-length", str(len(body)).encode())


def at_the_boundary(app: Quart, change: Callable[[Answer], None]) -> None:
    """Let every response pass through `change` on its way out of the app."""
    inner: Any = app.asgi_app

    async def changed(scope: Any, receive: Any, send: Send) -> None:
        if scope["type"] != "http":
            await inner(scope, receive, send)
            return
        messages: list[dict[str, Any]] = []

        async def keep(message: dict[str, Any]) -> None:
            messages.append(message)
            # Now, not when the app returns: Quart 0.23 waits for the client to leave.
            if message["type"] == "http.response.body" and not message.get("more_body"):
                await send_changed()

        async def send_changed() -> None:
            start, *rest = messages
            chunks = [message.get("body", b"") for message in rest]
            answer = Answer(start["status"], list(start["headers"]), chunks)
            change(answer)
            await send(start | {"status": answer.status, "headers": answer.headers})
            for chunk in answer.chunks:
                part = {"type": "http.response.body", "body": chunk, "more_body": True}
                await send(part)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        await inner(scope, receive, keep)

    app.asgi_app = changed  # type: ignore[method-assign, assignment]


def in_view(app: Quart, endpoint: str, view: Callable[..., Any]) -> None:
    """Answer an endpoint with another view."""
    assert endpoint in app.view_functions
    app.view_functions[endpoint] = view
