"""The known-difference entry for what was just seen, ready to paste."""

import re
from collections.abc import Collection, Iterable

from comparison import toml
from comparison.model import IN_BASE64, Comparison, Difference, FieldValue
from comparison.redact import PLACEHOLDER

MOMENTS = ("header:date", "header:expires", "header:last-modified")
"""Headers that tell when, which is another time the next time."""

# Addresses, numbers of threads and processes.
_PASSING = re.compile(r"\b0x[0-9a-f]{6,}|\b\d{5,}\b", re.IGNORECASE)


class Alike:
    """Cases that differ in the same fields, and the fields whose values are their own."""

    def __init__(self) -> None:
        self.cases: list[str] = []
        self.varied: set[str] = set()
        self._values: dict[str, tuple[FieldValue, FieldValue]] = {}

    def add(self, comparison: Comparison) -> None:
        """One more of them."""
        self.cases.append(comparison.case.id)
        for d in comparison.unexpected:
            values = (d.reference, d.candidate)
            if self._values.setdefault(d.field, values) != values:
                self.varied.add(d.field)


def entry_toml(
    comparison: Comparison, sides: tuple[str, str], alike: Alike | None = None
) -> str:
    """An entry that would explain the unexpected differences of one exchange.

    `sides` names reference and candidate as the entry does: by framework where these
    differ, else by target. `alike` are the cases that differ alike. The cause is left
    to be filled in: without one the file is not read.
    """
    alike = alike or Alike()
    first = comparison.unexpected[0].request
    unexpected = [d for d in comparison.unexpected if d.request == first]
    fields = "_".join(dict.fromkeys(d.field.partition(":")[0] for d in unexpected))
    name = f"{comparison.case.id}-{fields}" + (f"-{first}" if first else "")
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


def lasting(failure: str) -> tuple[str, ...]:
    """The parts of a failure that the next one has too.

    >>> lasting("raised: Error: object at 0x7f00aa11 is none")
    ('raised: Error: object at ', ' is none')
    """
    return tuple(_PASSING.split(failure))


def _fields(
    differences: Iterable[Difference], sides: tuple[str, str], varied: Collection[str]
) -> list[str]:
    return [
        f"{toml.key(d.field)} = {{ {toml.key(sides[0])} = {_value(d, d.reference, varied)},"
        f" {toml.key(sides[1])} = {_value(d, d.candidate, varied)} }}"
        + (f"  # like {' or '.join(d.like)}" if d.like else "")
        for d in differences
    ]


def _value(difference: Difference, value: FieldValue, varied: Collection[str]) -> str:
    """A side's value, told so that the next run shows it too."""
    if value is not None and difference.field in (*MOMENTS, *varied):
        return "true"
    if isinstance(value, str | tuple):
        # Whoever reads an entry does not learn a secret, and it may be another one.
        parts = PLACEHOLDER.split(str(value))
        if difference.field == "failure":
            parts = [each for part in parts for each in lasting(part)]
        if len(parts) > 1:
            if parts[0].startswith(IN_BASE64):
                # What follows a secret is other letters behind another one.
                parts = [IN_BASE64, ""]
            pattern = ".+".join(map(re.escape, parts))
            return toml.value({"matches": f"^{pattern}$"})
    return toml.value(value)
