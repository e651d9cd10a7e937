"""Write TOML with inline values, without a library."""

import json
import math
from collections.abc import Mapping
from typing import Any

from .escaping import UNSAFE


def string(text: str) -> str:
    r"""Write a basic string.

    >>> print(string('say "hello"\n'))
    "say \"hello\"\n"
    """
    # A JSON string is a TOML basic string, but TOML has no lone surrogates. We escape
    # all characters that control a terminal, even where TOML does not demand it.
    shown = json.dumps(text, ensure_ascii=False).encode("utf-8", "replace").decode()
    return UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", shown)


def key(name: str) -> str:
    """Write a bare key, or a quoted one if it needs quotes."""
    bare = name.replace("-", "").replace("_", "").isalnum() and name.isascii()
    return name if bare else string(name)


def writable(value: Any) -> bool:
    """Check that TOML can hold a JSON value: no null, no integer beyond 64 bits."""
    if isinstance(value, Mapping):
        return all(map(writable, value.values()))
    if isinstance(value, list | tuple):
        return all(map(writable, value))
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return value is not None


def value(given: Any) -> str:
    """Write a value on one line; write None, which TOML lacks, as false (absent).

    >>> value({"name": "a", "sizes": [1, 2.5, True]})
    '{ name = "a", sizes = [1, 2.5, true] }'
    """
    match given:
        case None | False:
            return "false"
        case True:
            return "true"
        case str():
            return string(given)
        case float() if not math.isfinite(given):
            return {"inf": "inf", "-inf": "-inf"}.get(str(given), "nan")
        case int() | float():
            return repr(given)
        case Mapping():
            inner = ", ".join(f"{key(k)} = {value(v)}" for k, v in given.items())
            return f"{{ {inner} }}" if inner else "{}"
    return f"[{', '.join(map(value, given))}]"
