"""The behaviour of a client around a request: it waits, stalls, or hangs up."""

from msgspec import Struct

from comparison.core.plural import counted

LONGEST_WAIT = 600.0  # seconds


class Disconnect(
    Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True
):
    """When the client hangs up; the first limit that is reached counts.

    `seconds` count from the end of the request. `bytes` are bytes of the response's body:
    with 0 the client hangs up after the head. `events` are server-sent events.
    """

    seconds: float | None = None
    bytes: int | None = None
    events: int | None = None

    def __post_init__(self) -> None:
        if self.seconds is None and self.bytes is None and self.events is None:
            raise ValueError("disconnect has seconds, bytes or events")
        if self.seconds is not None:
            _check_seconds("disconnect.seconds", self.seconds)
        if self.bytes is not None and self.bytes < 0:
            raise ValueError(f"disconnect.bytes is 0 or more, not {self.bytes}")
        if self.events is not None and self.events < 1:
            raise ValueError(f"disconnect.events is 1 or more, not {self.events}")

    def __str__(self) -> str:
        limits = [
            "" if self.seconds is None else f"{self.seconds:g} s",
            "" if self.bytes is None else counted(self.bytes, "byte"),
            "" if self.events is None else counted(self.events, "event"),
        ]
        return " or ".join(filter(None, limits))


class Stall(
    Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True
):
    """A pause of the client within the body of its request: `seconds`, after `bytes`."""

    seconds: float
    bytes: int = 0

    def __post_init__(self) -> None:
        _check_seconds("stall.seconds", self.seconds)
        if self.bytes < 0:
            raise ValueError(f"stall.bytes is 0 or more, not {self.bytes}")

    def __str__(self) -> str:
        return f"{self.seconds:g} s after {counted(self.bytes, 'byte')}"


class Client(
    Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True
):
    """The behaviour of the client around a request.

    It waits `delay` seconds before it sends. With `reuse_connection` it sends on the
    connection of the request before. A `concurrent` request is in flight together with the
    next one of the case.

    With `wait_for_continue` it sends `Expect: 100-continue`. It sends the body after a 100
    response, or after a second without a response. `stall` is a pause within the body. With
    `half_close` it closes its sending half of the connection after the request.
    `disconnect` says when it hangs up.
    """

    delay: float = 0
    reuse_connection: bool = False
    concurrent: bool = False
    wait_for_continue: bool = False
    stall: Stall | None = None
    half_close: bool = False
    disconnect: Disconnect | None = None

    def __post_init__(self) -> None:
        _check_seconds("delay", self.delay)

    @property
    def needs_connection(self) -> str:
        """The first field that has no meaning without a connection; "" if none is set."""
        return next((name for name in NEED_CONNECTION if getattr(self, name)), "")

    @property
    def waits(self) -> float:
        """The seconds that the client lets pass on purpose."""
        return self.delay + (0 if self.stall is None else self.stall.seconds)

    def __str__(self) -> str:
        parts = [
            f"after {self.delay:g} s" if self.delay else "",
            "on the same connection" if self.reuse_connection else "",
            "together with the next" if self.concurrent else "",
            "waits for 100 Continue" if self.wait_for_continue else "",
            "" if self.stall is None else f"stalls for {self.stall}",
            "closes its sending half" if self.half_close else "",
            "" if self.disconnect is None else f"hangs up after {self.disconnect}",
        ]
        return ", ".join(filter(None, parts))


NEED_CONNECTION = (
    "reuse_connection", "concurrent", "wait_for_continue", "half_close",
)  # fmt: skip
"""The fields of a client that have no meaning in process."""


def _check_seconds(name: str, seconds: float) -> None:
    if not 0 <= seconds <= LONGEST_WAIT:
        at_most = f"from 0 to {LONGEST_WAIT:g} seconds"
        raise ValueError(f"{name} is {at_most}, not {seconds:g}")
