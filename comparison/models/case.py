"""Cases: requests with a description, and the response that must come back."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct, to_builtins

from comparison.core import surrogates
from comparison.core.errors import nearest

from .expect import Expect
from .request import SAFE_METHODS, Capture, Request, references
from .rules import NormalisationRules

FILLED_IN = ("secrets", "unique", "origin")
"""Fields of a case that its file does not have: the loader fills them in."""


class Case(
    Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True
):
    """One request, its description, and what must come back.

    We send the `setup` requests first, in order; they share cookies with `request`. Each
    has its own expectation.
    The app factory gets the `settings`. A `fresh` case gets a new app instance.
    `normalisations` are rules for this case alone. `tags` are words to select cases by.
    The loader fills in `secrets` (values from the environment), `unique` (the value of
    `${unique}`), `topic` and `origin` (file:line).
    """

    id: str
    request: Request
    title: str = ""
    description: str = ""
    docs: str = ""
    expect: Expect | None = None
    setup: tuple[Request, ...] = ()
    settings: dict[str, Any] = {}
    fresh: bool = False
    normalisations: NormalisationRules | None = None
    tags: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    unique: str = ""
    topic: str = ""
    origin: str = ""

    @property
    def requests(self) -> tuple[Request, ...]:
        """All requests of the case, in order; its own request is the last."""
        return (*self.setup, self.request)

    @property
    def safe(self) -> bool:
        """True if all requests have safe methods, which should not change anything."""
        return all(request.method in SAFE_METHODS for request in self.requests)

    @property
    def captures(self) -> bool:
        """True if the case captures anything from a response."""
        return any(request.capture for request in self.requests)

    @property
    def needs_connection(self) -> str:
        """The field of a request that has no meaning in process; "" if there is none."""
        if not self.setup:
            return self.request.needs_connection
        return next(filter(None, (each.needs_connection for each in self.requests)), "")

    @property
    def waits(self) -> float:
        """The seconds that the client lets pass on purpose."""
        return sum(each.client.waits for each in self.requests if each.client)

    def __post_init__(self) -> None:
        for text in (self.id, self.title, self.description, self.docs, *self.tags):
            if not text.isascii():
                surrogates.check(text)
        if self.request.expect is not None:
            raise ValueError(
                "request.expect is for setup requests: write [case.expect] for the"
                " last request"
            )
        if self.requests[0].follow:
            raise ValueError(
                "follow needs a request before it, whose redirect it follows: write"
                " that as [[case.setup]]"
            )
        if self.request.client is not None or self.setup:
            _check_clients(self.requests)
        if not self.captures:
            return
        known: dict[str, Capture] = {}
        in_flight: dict[str, Capture] = {}
        for request in self.requests:
            plain = to_builtins(request)
            expected = plain.pop("expect", None)
            _check_references(plain, known)
            in_flight.update(request.capture)
            _check_references(expected, {**known, **request.capture})
            if request.client is None or not request.client.concurrent:
                known.update(in_flight)
                in_flight.clear()
        if self.expect is not None:
            _check_references(to_builtins(self.expect), known)


def _check_clients(requests: tuple[Request, ...]) -> None:
    first, last = requests[0].client, requests[-1].client
    if first is not None and first.reuse_connection:
        raise ValueError("request: client.reuse_connection: no request comes before")
    if last is not None and last.concurrent:
        raise ValueError("request: client.concurrent: no request comes after")


def _check_references(value: Any, known: Iterable[str]) -> None:
    for name in references(value):
        if name not in known:
            there = f"; there are {', '.join(known)}" if known else ""
            hint = nearest(name, known) or there
            raise ValueError(f"nothing is captured as {name!r} before it{hint}")


WRITTEN = (
    *(each.name for each in msgspec.structs.fields(Case) if each.name not in FILLED_IN),
    "parameters",
)
"""The fields of a case in its file."""
