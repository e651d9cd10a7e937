"""The known-difference entry for what was just seen, ready to paste."""

from collections.abc import Iterable

from comparison import toml
from comparison.model import Comparison, Difference


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
        f"{toml.key(d.field)} = {{ {toml.key(sides[0])} = {toml.value(d.reference)},"
        f" {toml.key(sides[1])} = {toml.value(d.candidate)} }}"
        for d in differences
    ]
