"""The known-difference entry for what was just seen, ready to paste."""

import re
from collections.abc import Iterable

from comparison import toml
from comparison.model import Comparison, Difference, FieldValue

MOMENTS = ("header:date", "header:expires", "header:last-modified")
"""Headers that tell when, which is another time the next time."""

# Addresses, numbers of threads and processes.
_PASSING = re.compile(r"\b0x[0-9a-f]{6,}|\b\d{5,}\b", re.IGNORECASE)


def entry_toml(comparison: Comparison, sides: tuple[str, str]) -> str:
    """An entry that would explain the unexpected differences of one exchange.

    `sides` names reference and candidate as the entry does: by framework where these
    differ, else by target. The cause is left to be filled in: without one the file is
    not read.
    """
    first = comparison.unexpected[0].request
    unexpected = [d for d in comparison.unexpected if d.request == first]
    fields = "_".join(dict.fromkeys(d.field.partition(":")[0] for d in unexpected))
    lines = [
        "[[known]]",
        f"id = {toml.string(f'{comparison.case.id}-{fields}')}",
        'cause = ""  # why they differ, in one or two sentences',
        f"cases = [{toml.string(comparison.case.id)}]",
        *([f"request = {first}"] if first else []),
        "[known.fields]",
        *_fields(unexpected, sides),
    ]
    return "\n".join(lines)


def _fields(differences: Iterable[Difference], sides: tuple[str, str]) -> list[str]:
    return [
        f"{toml.key(d.field)} = {{ {toml.key(sides[0])} = {_value(d, d.reference)},"
        f" {toml.key(sides[1])} = {_value(d, d.candidate)} }}"
        + (f"  # like {' or '.join(d.like)}" if d.like else "")
        for d in differences
    ]


def _value(difference: Difference, value: FieldValue) -> str:
    """A side's value, told so that the next run shows it too."""
    if difference.field in MOMENTS and value is not None:
        return "true"
    if difference.field == "failure" and isinstance(value, str):
        parts = _PASSING.split(value)
        if len(parts) > 1:
            pattern = ".+".join(map(re.escape, parts))
            return toml.value({"matches": f"^{pattern}$"})
    return toml.value(value)
