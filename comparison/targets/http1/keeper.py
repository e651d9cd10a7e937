"""The connections of a session: one after another, or several at once."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack

import httpx
import msgspec

from comparison.models import Failure, Pairs
from comparison.models.connection import CLOSED, CORRUPTED, KEPT, WHOLE
from comparison.targets.http import client_of
from comparison.targets.raw_recording import RawRecording
from comparison.targets.session import Answer, OpenEnd

from .connection import Address, Connection, reason
from .incoming import Closed
from .probing import (
    BAD_STATES,
    PROBE_TIMEOUT,
    Probe,
    after,
    can_be_tested,
    closing,
    confirmed,
    is_plain,
    is_repeatable,
    with_connection,
)

GONE = "the server closed the connection before it answered"


class Glance:
    """A connection of which we have closed our half, after a plain response.

    The server may send more until it closes its half. It has time for that until somebody
    needs to know the `state`.
    """

    def __init__(self, keeper: "ConnectionKeeper", connection: Connection) -> None:
        self.keeper = keeper
        self.connection = connection

    def state(self) -> str:
        """Read what the server sends until it closes, and return the state it leaves."""
        with self.connection as connection:
            if connection.announced_close:
                return closing(connection)
            try:
                connection.more(time.monotonic() + PROBE_TIMEOUT)
            except Closed:
                return WHOLE
            except TimeoutError:
                self.keeper.ignores_end = True
                return WHOLE
            return CORRUPTED


class ConnectionKeeper:
    """The connection of a session. It stays open for the next request on demand.

    `usual` is the state after the first plain response of the session, which a probe found.
    `ignores_end` means that the server does not close when the client does. `glance` is at
    a connection whose state is still open.
    """

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self.connection: Connection | None = None
        self.usual = ""
        self.ignores_end = False
        self.glance: Glance | None = None

    def exchange(
        self,
        address: Address,
        request: httpx.Request,
        extra: Pairs,
        probe: Callable[[], Probe],
        *,
        keep: bool,
        reused: bool,
        probes: bool = False,
        later: bool = False,
    ) -> Answer:
        """Send one request, and test the connection after it.

        The connection stays open if `keep` is true. If it is `reused` by the next request of
        the case, that request tests it. Otherwise a probe does, at least if `probes` is true.
        A glance is enough after a plain response, if the server does as usual and we may
        send the request again. With `later`, the glance stays for the caller.
        """
        self.close_glance()
        client = client_of(request)
        if self.connection is not None and self.connection.has_ended:
            self._close_connection()
        if client is not None and client.reuse_connection and self.connection is None:
            return None, Failure("closed", GONE)
        try:
            connection = self.connection or Connection(address, self.timeout)
        except OSError as error:
            return None, Failure("refused", reason(error))
        self.connection = connection
        response, failure = connection.exchange(request, extra, self.timeout)
        reusable = response is not None and not connection.announced_close
        if response is not None and not reused and can_be_tested(request, response):
            plain = is_plain(request, response)
            expected = CLOSED if connection.announced_close else KEPT
            if (
                plain
                and is_repeatable(request)
                and not probes
                and self.usual == expected
            ):
                found = self._glance(connection, keep, later)
            else:
                found = after(connection, probe())
                self.usual = self.usual or (found if plain else "")
            reusable = reusable and found not in BAD_STATES
            response = with_connection(request, response, found)
        if not (keep or reused) or not reusable:
            self._close_connection()
        return response, failure

    def _glance(self, connection: Connection, keep: bool, later: bool) -> str:
        """Return the state of a connection after a plain response, without a probe.

        A connection that we `keep` shows only what has arrived.
        """
        if not connection.announced_close:
            try:
                if connection.arrived():
                    return CORRUPTED
            except Closed:
                return WHOLE
            if keep or self.ignores_end:
                return WHOLE
        # Werkzeug's server waits a moment for the rest of a request before it closes.
        ended = connection.no_more_requests()
        if not ended and not connection.announced_close:
            return WHOLE
        self.connection, glance = None, Glance(self, connection)
        if not later:
            return glance.state()
        self.glance = glance
        return WHOLE

    def close_glance(self) -> None:
        """Close a connection whose state is not needed any more."""
        if self.glance is not None:
            self.glance.connection.close()
            self.glance = None

    def close(self) -> None:
        """Close all connections."""
        self.close_glance()
        self._close_connection()

    def _close_connection(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def open_end(
        self, request: httpx.Request, send: Callable[[], Answer]
    ) -> OpenEnd | None:
        """Return a function that adds the state of the connection to a recording.

        If it is bad, that calls `send` to confirm it.
        """
        glance, self.glance = self.glance, None
        if glance is None:
            return None

        def end(raw: RawRecording) -> RawRecording:
            response, found = raw.exchange.response, glance.state()
            if response is None or found not in BAD_STATES:
                return raw
            response = msgspec.structs.replace(response, connection=found)
            response, _ = confirmed(request, (response, None), send)
            exchange = msgspec.structs.replace(raw.exchange, response=response)
            return msgspec.structs.replace(raw, exchange=exchange)

        return end


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
