"""The known-difference entry for what was just seen, ready to paste."""

import json
from collections.abc import Iterable

from comparison.model import Comparison, Difference, FieldValue


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
        f"id = {_string(f'{comparison.case.id}-{fields}')}",
        'cause = ""  # why they differ, in one or two sentences',
        f"cases = [{_string(comparison.case.id)}]",
        *([f"request = {first}"] if first else []),
        "[known.fields]",
        *_fields(unexpected, sides),
    ]
    return "\n".join(lines)


def _fields(differences: Iterable[Difference], sides: tuple[str, str]) -> list[str]:
    return [
        f"{_key(d.field)} = {{ {_key(sides[0])} = {_value(d.reference)},"
        f" {_key(sides[1])} = {_value(d.candidate)} }}"
        for d in differences
    ]


def _key(name: str) -> str:
    bare = name.replace("-", "").replace("_", "").isalnum() and name.isascii()
    return name if bare else _string(name)


def _value(value: FieldValue) -> str:
    if value is None:
        return "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_string, value))}]"
    return str(value) if isinstance(value, int) else _string(value)


def _string(text: str) -> str:
    # A JSON string is a TOML basic string, except that TOML escapes DEL too.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
