"""Check whether a target responded as the documentation says."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from msgspec import UNSET

from comparison.models import Exchange, Expect, Request, Response, Unmet
from comparison.models.captures import missing

from .effects import EFFECT, Trace, effects, lost_work
from .expected_bodies import unmet_body
from .normalise import as_method_set

ERROR = 400  # the first status of an error (RFC 9110 section 15.5)
A_RESPONSE = "a response"
"""The expectation unless a case expects a failure."""
MAX_SHOWN = 300
ON_SOCKET = ("closed", "incomplete", "died", "timeout")


def unmet(
    expect: Expect, target: str, exchange: Exchange, trace: Trace = ()
) -> Iterator[Unmet]:
    """Yield each field in which a target did not behave as expected."""
    failing = [*_failing(expect, exchange), *_effects(expect, exchange, trace)]
    for field, expected, actual in failing:
        yield Unmet(
            target=target, field=field, expected=_cut(expected), actual=_cut(actual)
        )


def failed(target: str, exchange: Exchange) -> Iterator[Unmet]:
    """Yield why a request without an expectation cannot lead to the next ones."""
    response = exchange.response
    if response is None and not exchange.failed:
        return
    if response is None:
        field, expected, actual = "failure", A_RESPONSE, str(exchange.failure)
    elif response.status >= ERROR:
        field, expected, actual = "status", f"below {ERROR}", str(response.status)
    else:
        return
    yield Unmet(target=target, field=field, expected=expected, actual=_cut(actual))


def uncaptured(request: Request, target: str, exchange: Exchange) -> Iterator[Unmet]:
    """Yield each capture of the case's own request that finds nothing in the response."""
    if exchange.response is None:
        return
    for capture, there in missing(request, exchange.response).items():
        place = str(request.capture[capture])
        yield Unmet(
            target=target, field=f"capture:{capture}", expected=f"a value at {place}",
            actual=_cut(there),
        )  # fmt: skip


def _effects(
    expect: Expect, exchange: Exchange, trace: Trace
) -> Iterator[tuple[str, str, str]]:
    if expect.effects is UNSET or not trace:
        return
    found = effects(trace, exchange)
    for pattern in expect.effects:
        if not any(fnmatchcase(text, pattern) for text in found):
            yield EFFECT, pattern, " | ".join(found) or "none"
    for text in lost_work(trace):
        if not any(fnmatchcase(text, pattern) for pattern in expect.effects):
            yield EFFECT, "no lost work", text


def _failing(expect: Expect, exchange: Exchange) -> Iterator[tuple[str, str, str]]:
    failure, response = exchange.failure, exchange.response
    if expect.failure is not None:
        if response is not None and response.status_line is not UNSET:
            # A failure of the app reaches a client as a server error.
            if response.status < 500:
                yield "status", "an error of the server", str(response.status)
            return
        if failure is not None and failure.kind in ON_SOCKET:
            return
        if failure is None or failure.kind != expect.failure:
            got = A_RESPONSE if failure is None else str(failure)
            yield "failure", expect.failure, got
        return
    if response is None:
        yield "failure", A_RESPONSE, str(failure)
        return
    if expect.interim is not UNSET and response.status_line is not UNSET:
        interim = () if response.interim is UNSET else response.interim
        found = tuple(each.status for each in interim)
        if found != expect.interim:
            yield "interim", _statuses(expect.interim), _statuses(found)
    if expect.statuses and response.status not in expect.statuses:
        yield "status", " or ".join(map(str, expect.statuses)), str(response.status)
    if expect.reason is not None and response.reason not in (None, expect.reason):
        yield "reason", expect.reason, str(response.reason)
    for name, expected in expect.headers.items():
        yield from _header(response, name.lower(), expected)
    yield from unmet_body(expect, response)


def _statuses(statuses: tuple[int, ...]) -> str:
    return ", ".join(map(str, statuses)) or "none"


def _header(
    response: Response, name: str, expected: str | bool | tuple[str, ...]
) -> Iterator[tuple[str, str, str]]:
    values = response.header(name)
    if expected is True:
        met, expected = bool(values), "any value"
    elif expected is False:
        met, expected = not values, "absent"
    else:
        several = (expected,) if isinstance(expected, str) else expected
        met, expected = values == several, " | ".join(several)
        if name == "allow" and values:
            met = as_method_set(values) == as_method_set(several)
    if not met:
        yield f"header:{name}", expected, " | ".join(values) or "absent"


def _cut(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"
