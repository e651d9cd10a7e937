"""What each visitor has asked on the pages of cases, for the lists of that visitor alone.

A visitor is known by a cookie (RFC 6265), which nobody can guess and no script can read,
from the first case that is asked until the browser ends.
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

from .runs import Watched

COOKIE = "comparison-visitor"
KEPT = 100  # visitors
_TOKEN = re.compile(r"[\w-]{20,64}", re.ASCII)


class RawRecording(NamedTuple):
    """What came of a case, `at` so many seconds of the monotonic clock."""

    verdict: Verdict
    at: float


class Visitors:
    """Who asked what; whoever has asked nothing for the longest time is forgotten."""

    def __init__(self) -> None:
        self._asked: OrderedDict[str, dict[str, RawRecording]] = OrderedDict()

    def note(self, case_id: str, verdict: Verdict) -> None:
        """The visitor whose request is being answered has asked a case."""
        visitor = _known() or _introduced()
        asked = self._asked.setdefault(visitor, {})
        asked[case_id] = RawRecording(verdict, time.monotonic())
        self._asked.move_to_end(visitor)
        while len(self._asked) > KEPT:
            self._asked.popitem(last=False)

    def asked(self) -> Mapping[str, RawRecording]:
        """What came of each case that this visitor has asked on its page."""
        return self._asked.get(_known(), {})


def asked_since(
    watched: Watched | None, asked: Mapping[str, RawRecording]
) -> dict[str, Verdict]:
    """What came of the cases that a visitor has asked on their pages.

    A verdict of the run that came later is the one that counts.
    """
    if watched is None:
        return {id_: case.verdict for id_, case in asked.items()}
    ids = {case.id for case in watched.cases} & asked.keys()
    times = {id_: watched.times.get(id_, watched.began) for id_ in ids}
    return {id_: asked[id_].verdict for id_ in ids if asked[id_].at >= times[id_]}


def _known() -> str:
    """The visitor that the cookie names; empty if it names none.

    The playground at another port of this machine may have introduced the visitor:
    cookies do not tell ports apart (RFC 6265 section 8.5).
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
