"""Attribute each difference to the framework, a server or the client.

A difference that also occurs in process comes from the framework, unless the server made
the response. Any other difference comes from the server that changed what its app returned.
"""

from collections.abc import Mapping

from msgspec import UNSET
from msgspec.structs import replace

from comparison.diff.effects import EFFECT, differing_effects
from comparison.diff.fields import differing, value_of
from comparison.diff.normalise import ADDED_BY_SERVERS, UNTIL_THE_END
from comparison.known.models import Side
from comparison.models import (
    Comparison,
    Difference,
    Event,
    Exchange,
    FieldValue,
    NormalisationRules,
    Recording,
)

from .pairs import traces_of


def attribute(
    comparison: Comparison, inside: Mapping[str, Recording], sides: Mapping[str, Side]
) -> Comparison:
    """Set the layer and the server of each difference, of known ones too.

    A measured layer counts more than the layer of a known difference's cause.
    `inside` holds the recordings of the same case in process, for the targets whose
    apps can be loaded.
    """
    reference = next(iter(comparison.recordings))
    # Without the rule, when a body arrives is not compared.
    rules = comparison.case.normalisations
    timing = NormalisationRules(timing=None if rules is None else rules.timing)
    differences = tuple(
        _placed(d, reference, comparison.recordings, inside, sides, timing)
        for d in comparison.differences
    )
    return replace(comparison, differences=differences)


def _placed(
    difference: Difference,
    reference: str,
    outside: Mapping[str, Recording],
    inside: Mapping[str, Recording],
    sides: Mapping[str, Side],
    timing: NormalisationRules,
) -> Difference:
    names = (reference, difference.target)
    if _unsupported(difference):
        return replace(difference, layer="client")
    if any(name not in inside for name in names):
        return replace(difference, layer="server")
    number = 0 if difference.request is UNSET else difference.request
    within = {n: _exchange(inside[n], number) for n in names}
    without = {n: _exchange(outside[n], number) for n in names}
    served = [name for name in names if not sides[name].inside]
    if own := [name for name in served if _of_server(outside[name], number)]:
        unique = dict.fromkeys(sides[name].server for name in own)
        return replace(difference, layer="server", server=", ".join(unique))
    found = [*differing(within[reference], within[difference.target], set(), timing)]
    if difference.field == EFFECT:
        traces = traces_of(inside[reference], inside[difference.target], number)
        one, other = (
            (trace, within[name]) for trace, name in zip(traces, names, strict=True)
        )
        found += differing_effects(one, other, set())
    fields = {field for field, _, _ in found}
    field = difference.field
    both = None not in (difference.reference, difference.candidate)
    if both and field.removeprefix("header:") in ADDED_BY_SERVERS:
        # The number of fields differs, because a server adds its own to the app's.
        fields.discard(field)
    if _dropped(without[reference]):
        fields.clear()
    if field in fields or "failure" in fields:
        return replace(difference, layer="framework")
    blamed = [
        name
        for name in served
        if _changed(
            field, value_of(within[name], field), value_of(without[name], field)
        )
    ]
    unique = dict.fromkeys(sides[name].server for name in blamed or served)
    return replace(difference, layer="server", server=", ".join(unique))


def _unsupported(difference: Difference) -> bool:
    values = (difference.reference, difference.candidate)
    return difference.field == "failure" and any(
        isinstance(v, str) and v.startswith("unsupported:") for v in values
    )


def _exchange(recording: Recording, number: int) -> Exchange:
    before = recording.setup
    # In process, the case may end earlier: then its last exchange counts.
    return before[number - 1] if 0 < number <= len(before) else recording.exchange


def _of_server(recording: Recording, number: int) -> bool:
    """Return whether the server made the response, although the app did not raise.

    Then the app handed over nothing, or another status.
    """
    response = _exchange(recording, number).response
    setup = recording.setup_traces
    trace = setup[number - 1] if 0 < number <= len(setup) else recording.trace
    if response is None or not trace or any(map(_ended_early, trace)):
        return False
    statuses = [e.status for e in trace if e.event == "response_handed_over"]
    return not statuses or statuses[-1] != response.status


def _ended_early(event: Event) -> bool:
    """Return whether the app raised, or the trace is not whole."""
    cancelled = event.detail.startswith("CancelledError")
    return event.event == "truncated" or (event.event == "app_raised" and not cancelled)


def _dropped(exchange: Exchange) -> bool:
    """Return whether a WSGI app in process does not get a field that was sent.

    We drop names with an underscore there, as most servers do, but not all.
    """
    return any("_" in name for name, _ in exchange.request.headers)


def _changed(field: str, handed_over: FieldValue, received: FieldValue) -> bool:
    if field == "connection":
        return received != "kept"
    if field.removeprefix("header:") in ADDED_BY_SERVERS:
        # Every server must send these (RFC 9110 section 6.6.1), once.
        several = isinstance(received, tuple) and not isinstance(handed_over, tuple)
        return received is None or several
    if field == "framing" and handed_over == "no length":
        return received not in UNTIL_THE_END
    if field == "framing":
        return not str(handed_over).startswith(str(received))
    if field == "reason" and handed_over is None:
        return True
    return handed_over != received
