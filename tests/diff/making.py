"""Exchanges and recordings written by hand."""

from collections.abc import Mapping
from typing import Any

from comparison import Case, Expect, KnownDifferences, Request
from comparison.known.models import KnownDifference
from comparison.models import (
    Comparison,
    Exchange,
    Failure,
    Pairs,
    Recording,
    Response,
    SentRequest,
    TargetInfo,
)
from comparison.verdict import Comparator

SENT = SentRequest("GET", "/", ())
SIDES = {"flask": "flask", "quart": "quart"}


def response(
    status: int = 200,
    headers: Pairs = (("Content-Type", "text/plain"),),
    body: str = "Hello",
    framing: str = "content-length",
    reason: str | None = None,
    **fields: Any,
) -> Response:
    """A response as a transport gives it."""
    return Response(status, reason, headers, body, framing, "HTTP/1.1", **fields)


def recording(what: Response | Failure, *before: Response | Failure) -> Recording:
    """A recording of an exchange, and of those before it."""
    first = tuple(exchange(earlier) for earlier in before)
    return Recording(exchange(what), (), (), (), first)


def exchange(what: Response | Failure) -> Exchange:
    """An exchange that ended in this."""
    if isinstance(what, Failure):
        return Exchange(SENT, failure=what)
    return Exchange(SENT, what)


def known(
    fields: dict[str, dict[str, Any]], id: str = "entry", **more: Any
) -> KnownDifference:
    """A known difference in the case named `small`."""
    return KnownDifference(
        id=id, cause="on purpose", cases=("small",), fields=fields, **more
    )


def targets(sides: Mapping[str, str | None]) -> list[TargetInfo]:
    """Targets in process: each name with its framework, the reference first."""
    return [
        TargetInfo(name, name, framework, "in-process")
        for name, framework in sides.items()
    ]


def judged(
    one: Any,
    other: Any,
    *entries: KnownDifference,
    expect: Expect | None = None,
    sides: dict[str, str | None] = SIDES,
    packages: dict[str, str] | None = None,
) -> Comparison:
    """The comparison of two responses, failures or recordings."""
    one, other = (
        side if isinstance(side, Recording) else recording(side)
        for side in (one, other)
    )
    comparator = Comparator(
        targets(sides), KnownDifferences(entries, packages=packages)
    )
    names = list(sides)
    sent = Case("small", Request(), expect=expect)
    return comparator.compare(sent, {names[0]: one, names[1]: other})
