"""Variables in requests that are imported, as `$TOKEN` of a shell.

A draft escapes `${`. So a variable is a mark in the text until the draft is made.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from .draft import Draft

BEGIN, END = "\ue000", "\ue001"  # of the private use area: no request has them
_VARIABLE = re.compile(r"\$\$\{|\$\{env:([^{}]*)\}")
_MARK = re.compile(f"{BEGIN}(env:)?([^{END}]*){END}")


def as_variable(name: str) -> str:
    """Return the mark of an environment variable."""
    word = re.sub(r"\W+", "_", name).strip("_") or "VARIABLE"
    return f"{BEGIN}env:{word}{END}"


def as_value(name: str) -> str:
    """Return the mark of a value of the run, as `unique`."""
    return f"{BEGIN}{name}{END}"


def names_in(text: str) -> list[str]:
    """Return the names of the environment variables in a text, each once."""
    return list(dict.fromkeys(name for env, name in _MARK.findall(text) if env))


def filled(draft: Draft) -> Draft:
    """Return a draft with placeholders in place of the marks."""
    values: dict[str, Any] = {
        name: _filled(getattr(draft, name)) for name in draft.__struct_fields__
    }
    return msgspec.structs.replace(draft, **values)


def env_names(draft: Draft) -> Iterator[str]:
    """Yield the names of the environment variables in a draft."""
    for found in _VARIABLE.finditer(msgspec.json.encode(draft).decode()):
        if found[1]:
            yield found[1]


def _filled(value: Any) -> Any:
    if isinstance(value, str):
        return _MARK.sub(lambda mark: f"${{{mark[1] or ''}{mark[2]}}}", value)
    if isinstance(value, dict):
        return {_filled(key): _filled(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_filled, value))
    return filled(value) if isinstance(value, Draft) else value
