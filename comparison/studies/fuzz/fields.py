"""Find header fields of a view description that are invalid in HTTP."""

import re
from collections.abc import Iterator

from comparison.views import AddHeader, SetHeader, View

_TOKEN = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
_NO_CONTENT = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]|^[ \t]|[ \t]$")


def odd_fields(view: View) -> str:
    """Name what is invalid in the header fields of a view.

    `name`: not a token (RFC 9110 section 5.6.2). `value`: control characters, or white
    space around it (section 5.5). `beyond Latin-1`: text that PEP 3333 cannot carry.
    """
    return ", ".join(dict.fromkeys(_odd(view)))


def _odd(view: View) -> Iterator[str]:
    for name, value in _given(view):
        if not _TOKEN.fullmatch(name):
            yield "name"
        if _NO_CONTENT.search(value):
            yield "value"
        if any(ord(character) > 0xFF for character in name + value):
            yield "beyond Latin-1"


def _given(view: View) -> Iterator[tuple[str, str]]:
    fields = [] if view.headers is None else list(view.headers.fields)
    fields += [
        (change.name, change.value)
        for change in view.changes
        if isinstance(change, SetHeader | AddHeader)
    ]
    for name, value in fields:
        for each in value if isinstance(value, list | tuple) else (value,):
            yield name, str(each)
