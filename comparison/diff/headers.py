"""Compare the header fields of two responses."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from msgspec import UNSET

from comparison.models import FieldValue, Pairs

from .cookies import same_but_captured, same_but_when
from .http_dates import as_fresh
from .normalise import ADDED_BY_SERVERS, HOP_BY_HOP, as_method_set
from .pair import Differing, ResponsePair

Values = tuple[str, ...]


class Header(NamedTuple):
    """A header that differs: its lower-case name, and its values on each side.

    A side without the header has no values.
    """

    name: str
    reference: Values
    candidate: Values


class Headers(NamedTuple):
    """All headers of a pair of responses, by lower-case name.

    `equal_by_rule` says that the bodies are equal only by a rule of the case.
    """

    pair: ResponsePair
    reference: Mapping[str, Values]
    candidate: Mapping[str, Values]
    equal_by_rule: bool

    def differing(self) -> list[Header]:
        """Return the headers that differ, in the order of the reference."""
        return [
            Header(name, self.reference.get(name, ()), self.candidate.get(name, ()))
            for name in {**self.reference, **self.candidate}
            if self.reference.get(name) != self.candidate.get(name)
        ]


def differing_headers(pair: ResponsePair, *, equal_by_rule: bool) -> Differing:
    """Yield the headers that differ and that no rule ignores."""
    one, other = pair.reference.headers, pair.candidate.headers
    if one == other:
        return
    if _equal_but_for_case(one, other):
        pair.applied.add("header-name-case")
        return
    headers = Headers(pair, by_name(one), by_name(other), equal_by_rule)
    for header in headers.differing():
        if not _is_ignored(headers, header):
            yield (
                f"header:{header.name}",
                field_value(header.reference),
                field_value(header.candidate),
            )
    if _same_names_in_other_case(headers, one, other):
        pair.applied.add("header-name-case")
    if _same_names_in_other_order(headers):
        pair.applied.add("header-order")


def _same_names_in_other_case(headers: Headers, one: Pairs, other: Pairs) -> bool:
    different = {name for name, _ in one} ^ {name for name, _ in other}
    missing = headers.reference.keys() ^ headers.candidate.keys()
    return any(name.lower() not in missing for name in different)


def _same_names_in_other_order(headers: Headers) -> bool:
    ours, theirs = headers.reference, headers.candidate
    return [n for n in ours if n in theirs] != [n for n in theirs if n in ours]


def _is_ignored(headers: Headers, header: Header) -> bool:
    """Apply the first rule that ignores a difference; return whether there is one."""
    both = header.reference and header.candidate
    for rule, ignores in RULES_OF_BOTH if both else RULES_OF_ONE:
        if ignores(headers, header):
            headers.pair.applied.add(rule.format(header.name))
            return True
    return bool(both) and _is_captured(headers, header)


def _is_hop_by_hop(headers: Headers, header: Header) -> bool:
    return headers.pair.on_socket and header.name in HOP_BY_HOP


def _is_added_by_servers(headers: Headers, header: Header) -> bool:
    pair = headers.pair
    inside = pair.reference.status_line is UNSET
    values = header.reference if inside else header.candidate
    return pair.half_in_process and header.name in ADDED_BY_SERVERS and not values


def _may_be_one_sided(headers: Headers, header: Header) -> bool:
    return header.name in map(str.lower, headers.pair.rules.one_sided)


def _is_date(headers: Headers, header: Header) -> bool:
    return header.name == "date" and _is_as_often(header)


def _is_server(headers: Headers, header: Header) -> bool:
    return header.name == "server" and _is_as_often(header)


def _is_as_often(header: Header) -> bool:
    return len(header.reference) == len(header.candidate)


def _is_cookie_but_for_time(headers: Headers, header: Header) -> bool:
    return header.name == "set-cookie" and same_but_when(
        header.reference, header.candidate, headers.pair.tolerance
    )


def _is_as_fresh(headers: Headers, header: Header) -> bool:
    return header.name == "expires" and as_fresh(
        headers.reference, headers.candidate, headers.pair.tolerance
    )


def _allows_the_same(headers: Headers, header: Header) -> bool:
    return header.name == "allow" and (
        as_method_set(header.reference) == as_method_set(header.candidate)
    )


def _is_length_of_equal_bodies(headers: Headers, header: Header) -> bool:
    return headers.equal_by_rule and header.name == "content-length"


def _is_compared_by_presence(headers: Headers, header: Header) -> bool:
    return header.name in map(str.lower, headers.pair.rules.presence)


def _is_captured(headers: Headers, header: Header) -> bool:
    """Whether values differ only in captured values; the rule names each of them."""
    captured, pair = headers.pair.captured, headers.pair
    if captured is None:
        return False
    one, other = header.reference, header.candidate
    if header.name == "set-cookie":
        return same_but_captured(one, other, captured, pair.applied, pair.tolerance)
    return len(one) == len(other) and all(
        # A short value counts only in a field with a name.
        captured.equal(f"{header.name}={ours}", f"{header.name}={theirs}", pair.applied)
        for ours, theirs in zip(one, other, strict=True)
    )


Ignores = Callable[[Headers, Header], bool]
RULES_OF_ONE: tuple[tuple[str, Ignores], ...] = (
    ("hop-by-hop", _is_hop_by_hop),
    ("fields-in-process", _is_added_by_servers),
    ("one-sided:{}", _may_be_one_sided),
)
"""The rules for a header that one side lacks, in the order in which they are tried."""
RULES_OF_BOTH: tuple[tuple[str, Ignores], ...] = (
    ("hop-by-hop", _is_hop_by_hop),
    ("date-value", _is_date),
    ("server-value", _is_server),
    ("cookie-time", _is_cookie_but_for_time),
    ("expires-time", _is_as_fresh),
    ("allow-as-set", _allows_the_same),
    ("length-of-equal-bodies", _is_length_of_equal_bodies),
    ("presence:{}", _is_compared_by_presence),
)
"""The rules for a header that both sides have, in the order in which they are tried."""


def by_name(headers: Pairs) -> dict[str, Values]:
    """Return the values of each header field, in order, by lower-case name."""
    fields: dict[str, Values] = {}
    for name, value in headers:
        key = name.lower()
        fields[key] = (*fields[key], value) if key in fields else (value,)
    return fields


def field_value(values: Values) -> FieldValue:
    """Return a header's values as a difference shows them: one, several, or None."""
    if not values:
        return None
    return values[0] if len(values) == 1 else values


def _equal_but_for_case(one: Pairs, other: Pairs) -> bool:
    """Return whether fields differ only in the case of their names."""
    return len(one) == len(other) and all(
        ours[1] == theirs[1] and ours[0].lower() == theirs[0].lower()
        for ours, theirs in zip(one, other, strict=True)
    )
