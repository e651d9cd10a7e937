"""Store what a visitor made with a button: recordings of requests, ported sources.

Each has an address, so that reloading the page does not send the request again.
"""

import secrets
from collections import OrderedDict
from typing import Generic, NamedTuple, TypeVar

from .pool import CaseLesson

MAX_STORED = 20

T = TypeVar("T")


class StoredRecording(NamedTuple):
    """A recording with the `version` of the apps' source that it was made from."""

    case_id: str
    explained: CaseLesson
    version: int


class Stored(Generic[T]):
    """The latest results by their random tokens."""

    def __init__(self) -> None:
        self._stored: OrderedDict[str, T] = OrderedDict()

    def add(self, result: T) -> str:
        """Store a result and return its token; drop the oldest of too many."""
        token = secrets.token_urlsafe(12)
        self._stored[token] = result
        while len(self._stored) > MAX_STORED:
            self._stored.popitem(last=False)
        return token

    def find(self, token: str) -> T | None:
        """Return a result, unless it has been dropped."""
        return self._stored.get(token)
