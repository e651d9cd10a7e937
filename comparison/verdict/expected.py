"""Find the expectations that a target did not meet, in a sequence of requests."""

from collections.abc import Sequence
from typing import Any

import msgspec

from comparison.diff.expectations import failed, uncaptured, unmet
from comparison.models import Case, Recording, Unmet
from comparison.models.captures import filled_expect


def unmet_of(case: Case, name: str, recording: Recording) -> Sequence[Unmet]:
    """Return what a target did not do as expected, in the first request that shows it.

    The later requests of a sequence suffer from an earlier one, so they show nothing more.
    """
    if recording.setup and (found := _before(case, name, recording)):
        return found
    exchange, expect = recording.exchange, case.expect
    if not case.request.capture and not (case.setup and expect is not None):
        return (
            ()
            if expect is None
            else tuple(unmet(expect, name, exchange, recording.trace))
        )
    if found := tuple(uncaptured(case.request, name, exchange)):
        return found
    if expect is not None and exchange.failure is None:
        values: dict[str, Any] = {}
        for each in (*recording.setup, exchange):
            values.update(each.captured)
        expect = filled_expect(expect, values) if values else expect
    return (
        () if expect is None else tuple(unmet(expect, name, exchange, recording.trace))
    )


def _before(case: Case, name: str, recording: Recording) -> Sequence[Unmet]:
    """Return what the first failing setup request of a target did not do as expected."""
    values: dict[str, Any] = {}
    for number, (request, exchange) in enumerate(
        zip(case.setup, recording.setup, strict=False), 1
    ):
        values.update(exchange.captured)
        if request.expect is None:
            found = tuple(failed(name, exchange))
        else:
            traces = recording.setup_traces
            trace = traces[number - 1] if number <= len(traces) else ()
            # A value that a failed capture lacks stays as the case refers to it.
            known = request.capture.keys() <= exchange.captured.keys()
            filled = known and values
            expect = filled_expect(request.expect, values) if filled else request.expect
            found = tuple(unmet(expect, name, exchange, trace))
        if found:
            return tuple(msgspec.structs.replace(f, request=number) for f in found)
    return ()
