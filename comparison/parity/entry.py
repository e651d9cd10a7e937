"""The known-difference entry for what was just seen, ready to paste."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping

from msgspec.structs import replace

from comparison import toml
from comparison.model import IN_BASE64, Comparison, Difference, FieldValue
from comparison.redact import PLACEHOLDER

MOMENTS = ("header:date", "header:expires", "header:last-modified")
"""Headers that tell when, which is another time the next time."""

# When a cookie expires, but for what is deleted, whose time is always the same.
_EXPIRES = re.compile(r"(?<=Expires=)\w{3}, \d\d \w{3} (?!1970)\d{4} [\d:]{8} GMT")
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}", re.IGNORECASE)
# Addresses, numbers of threads and processes.
_PASSING = re.compile(r"\b0x[0-9a-f]{6,}|\b\d{5,}\b", re.IGNORECASE)


class Alike:
    """Cases that differ in the same fields of one request.

    `varied` are the fields whose values are their own, named by target and field.
    """

    def __init__(self) -> None:
        self.cases: list[str] = []
        self.varied: set[tuple[str, str]] = set()
        self._values: dict[tuple[str, str], tuple[FieldValue, FieldValue]] = {}

    def add(self, case: str, differences: Iterable[Difference]) -> None:
        """One more of them."""
        self.cases.append(case)
        for d in differences:
            field, values = (d.target, d.field), (d.reference, d.candidate)
            if self._values.setdefault(field, values) != values:
                self.varied.add(field)


def entries_toml(
    comparison: Comparison,
    sides_of: Callable[[Difference], tuple[str, str]],
    alike: Mapping[int, Alike] | None = None,
) -> str:
    """Entries that would explain the unexpected differences of a case.

    There is one for each request of it and each pair of sides that differ in something,
    as `sides_of` names them, and one more for a target that differs from the reference
    in another way than a target before it whose side has the same name. `alike` are the
    cases that differ alike, by the request.
    """
    alike = alike or {}
    entries: list[str] = []
    ids: set[str] = set()
    for group in _groups(comparison.unexpected, sides_of):
        part = replace(comparison, differences=group)
        sides, cases = sides_of(group[0]), alike.get(group[0].request or 0)
        entry = entry_toml(part, sides, cases)
        if entry in entries:
            continue
        if (named := entry.splitlines()[1]) in ids:
            entry = entry_toml(part, sides, cases, f"-{group[0].target}")
        ids.add(named)
        entries.append(entry)
    return "\n\n".join(entries)


def _groups(
    differences: Iterable[Difference],
    sides_of: Callable[[Difference], tuple[str, str]],
) -> Iterable[tuple[Difference, ...]]:
    groups: dict[tuple[int, str, tuple[str, str]], list[Difference]] = {}
    for each in differences:
        key = (each.request or 0, each.target, sides_of(each))
        groups.setdefault(key, []).append(each)
    return map(tuple, groups.values())


def entry_toml(
    comparison: Comparison,
    sides: tuple[str, str],
    alike: Alike | None = None,
    ending: str = "",
) -> str:
    """An entry that would explain how one target differs in one exchange.

    `sides` names reference and candidate as the entry does: by framework where these
    differ, else by target. `alike` are the cases that differ alike. The cause is left
    to be filled in: without one the file is not read. `ending` is the end of its id.
    """
    alike = alike or Alike()
    first = comparison.unexpected[0].request
    unexpected = [d for d in comparison.unexpected if d.request == first]
    fields = "_".join(dict.fromkeys(d.field.partition(":")[0] for d in unexpected))
    name = f"{comparison.case.id}-{fields}" + (f"-{first}" if first else "") + ending
    lines = [
        "[[known]]",
        f"id = {toml.string(name)}",
        'cause = ""  # why they differ, in one or two sentences',
        f"cases = {toml.value(alike.cases or [comparison.case.id])}",
        *([f"request = {first}"] if first else []),
        "[known.fields]",
        *_fields(unexpected, sides, alike.varied),
    ]
    return "\n".join(lines)


def settled(field: str, value: FieldValue) -> object:
    """What of a value the next run has too: no times, no addresses.

    >>> settled("header:date", "Thu, 26 Nov 2026 08:29:53 GMT"), settled("status", 404)
    (True, 404)
    """
    if value is None or not isinstance(value, str | tuple):
        return value
    return True if field in MOMENTS else tuple(_parts(field, str(value)))


def lasting(failure: str) -> tuple[str, ...]:
    """The parts of a failure that the next one has too.

    >>> lasting("raised: Error: object at 0x7f00aa11 is none")
    ('raised: Error: object at ', ' is none')
    """
    return tuple(_PASSING.split(failure))


def _fields(
    differences: Iterable[Difference],
    sides: tuple[str, str],
    varied: Collection[tuple[str, str]],
) -> list[str]:
    return [
        f"{toml.key(d.field)} = {{ {toml.key(sides[0])} = {_value(d, d.reference, varied)},"
        f" {toml.key(sides[1])} = {_value(d, d.candidate, varied)} }}"
        + (f"  # like {' or '.join(d.like)}" if d.like else "")
        for d in differences
    ]


def _value(
    difference: Difference, value: FieldValue, varied: Collection[tuple[str, str]]
) -> str:
    """A side's value, told so that the next run shows it too."""
    passing = difference.field in MOMENTS
    if value is not None and (
        passing or (difference.target, difference.field) in varied
    ):
        return "true"
    if isinstance(value, str | tuple):
        # Whoever reads an entry does not learn a secret, and it may be another one.
        parts = [
            each
            for part in PLACEHOLDER.split(str(value))
            for each in _parts(difference.field, part)
        ]
        if len(parts) > 1:
            if parts[0].startswith(IN_BASE64):
                # What follows a secret is other letters behind another one.
                parts = [IN_BASE64, ""]
            pattern = ".+".join(map(re.escape, parts))
            return toml.value({"matches": f"^{pattern}$"})
    return toml.value(value)


def _parts(field: str, text: str) -> Iterable[str]:
    if field == "failure":
        return lasting(text)
    passing = _EXPIRES if field == "header:set-cookie" else _ADDRESS
    return passing.split(text)
