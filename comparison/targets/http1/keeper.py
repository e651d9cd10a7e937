"""The connections of a session: one after another, or several at once."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack

import httpx

from comparison.models import Failure, Pairs
from comparison.targets.http import client_of
from comparison.targets.session import Answer

from .connection import Address, Connection, reason
from .probing import KEPT, Probe, after, matters, with_connection

GONE = "the server closed the connection before it answered"


class ConnectionKeeper:
    """The connection of a session. It stays open for the next request on demand."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self.connection: Connection | None = None

    def exchange(
        self,
        address: Address,
        request: httpx.Request,
        extra: Pairs,
        probe: Callable[[], Probe],
        *,
        keep: bool,
        reused: bool,
    ) -> Answer:
        """Send one request, and test the connection after it.

        The connection stays open if `keep` is true. If it is `reused` by the next request of
        the case, that request tests it.
        """
        client = client_of(request)
        if self.connection is not None and self.connection.has_ended:
            self.close()
        if client is not None and client.reuse_connection and self.connection is None:
            return None, Failure("closed", GONE)
        try:
            connection = self.connection or Connection(address, self.timeout)
        except OSError as error:
            return None, Failure("refused", reason(error))
        self.connection = connection
        found = ""
        response, failure = connection.exchange(request, extra, self.timeout)
        if response is not None and not reused and matters(request, response):
            found = after(connection, probe())
            response = with_connection(request, response, found)
        reusable = response is not None and found in ("", KEPT)
        if not (keep or reused) or not reusable or connection.announced_close:
            self.close()
        return response, failure

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def exchange_together(
    address: Address, sent: Sequence[tuple[httpx.Request, Pairs]], timeout: float
) -> list[Answer]:
    """Send requests that are in flight at once, each on its own connection.

    Every server has all of each request but its last byte before we send the first last
    byte. A request with a delay gets its last byte that much later.
    """
    with ExitStack() as stack:
        try:
            connections = [
                stack.enter_context(Connection(address, timeout)) for _ in sent
            ]
        except OSError as error:
            return [(None, Failure("refused", reason(error))) for _ in sent]
        deadline = time.monotonic() + timeout
        for connection, (request, extra) in zip(connections, sent, strict=True):
            connection.send(request, extra, deadline, hold=True)
        begun = time.monotonic()
        for delay, number in sorted(
            (_delay(request), number) for number, (request, _) in enumerate(sent)
        ):
            time.sleep(max(0.0, begun + delay - time.monotonic()))
            connections[number].release()
        answers = []
        for connection, (request, _) in zip(connections, sent, strict=True):
            answers.append(connection.answer(request, deadline, timeout))
            # A server with one worker may wait for the end of this connection.
            connection.close()
        return answers


def _delay(request: httpx.Request) -> float:
    client = client_of(request)
    return 0.0 if client is None else client.delay
