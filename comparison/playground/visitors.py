"""Record the verdicts of the cases that each visitor ran, for the visitor's own lists.

A cookie (RFC 6265) identifies the visitor from the first case until the browser closes.
It is random, and no script can read it.
"""

import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import NamedTuple

from quart import after_this_request, request
from quart.typing import ResponseTypes

from comparison.models import Verdict

COOKIE = "comparison-visitor"
MAX_VISITORS = 100  # visitors
_TOKEN = re.compile(r"[\w-]{20,64}", re.ASCII)


class CaseResult(NamedTuple):
    """The verdict of a case, and the time `at` which it ran, of the monotonic clock."""

    verdict: Verdict
    at: float


class Visitors:
    """The results of each visitor; the least recently active visitors are dropped."""

    def __init__(self) -> None:
        self._results: OrderedDict[str, dict[str, CaseResult]] = OrderedDict()
        self._runs: dict[str, str] = {}

    def note(self, case_id: str, verdict: Verdict) -> None:
        """Record a verdict for the visitor of the current request."""
        _, results = self._active()
        results[case_id] = CaseResult(verdict, time.monotonic())

    def note_run(self, run_id: str) -> None:
        """Record the latest run of the visitor of the current request."""
        visitor, _ = self._active()
        self._runs[visitor] = run_id

    def _active(self) -> tuple[str, dict[str, CaseResult]]:
        visitor = _known() or _introduced()
        results = self._results.setdefault(visitor, {})
        self._results.move_to_end(visitor)
        while len(self._results) > MAX_VISITORS:
            dropped, _ = self._results.popitem(last=False)
            self._runs.pop(dropped, None)
        return visitor, results

    def run(self) -> str:
        """Return the id of the visitor's latest run, or ""."""
        return self._runs.get(_known(), "")

    def results(self) -> Mapping[str, CaseResult]:
        """Return the result of each case that the current visitor ran on its page."""
        return self._results.get(_known(), {})


def _known() -> str:
    """Return the visitor's token from the cookie, or "" if the cookie has none.

    A playground at another port may have set the cookie, because cookies apply to all
    ports of a host (RFC 6265 section 8.5).
    """
    token = request.cookies.get(COOKIE, "")
    return token if _TOKEN.fullmatch(token) else ""


def _introduced() -> str:
    token = secrets.token_urlsafe(16)

    @after_this_request
    async def introduce(response: ResponseTypes) -> ResponseTypes:
        response.set_cookie(COOKIE, token, httponly=True, samesite="Strict")
        return response

    return token
