"""Store the recordings of requests that a visitor sent by a button.

Each has an address, so that reloading the page does not send the request again.
"""

import secrets
from collections import OrderedDict
from typing import NamedTuple

from .pool import CaseLesson

MAX_RECORDINGS = 20


class StoredRecording(NamedTuple):
    """A recording with the `version` of the apps' source that it was made from."""

    case_id: str
    explained: CaseLesson
    version: int


class StoredRecordings:
    """The latest recordings by their random tokens."""

    def __init__(self) -> None:
        self._stored: OrderedDict[str, StoredRecording] = OrderedDict()

    def add(self, stored: StoredRecording) -> str:
        """Store a recording and return its token; drop the oldest of too many."""
        token = secrets.token_urlsafe(12)
        self._stored[token] = stored
        while len(self._stored) > MAX_RECORDINGS:
            self._stored.popitem(last=False)
        return token

    def find(self, token: str, case_id: str) -> StoredRecording | None:
        """Return a recording of this case, unless it has been dropped."""
        found = self._stored.get(token)
        return found if found is not None and found.case_id == case_id else None
