r"""Lone surrogates: half characters, which Python has in texts and UTF-8 does not.

They come from bytes that are not UTF-8, in names of files, say, and from `"\ud800"` in
JSON.
"""

import msgspec
from msgspec import Struct


def printable(text: str) -> str:
    r"""The text with lone surrogates written as escapes, so that it can be written.

    >>> print(printable("caf\udce9"))
    caf\udce9
    """
    return text.encode("utf-8", "backslashreplace").decode()


def check(what: str | Struct) -> None:
    """Raise ValueError where a text, or one in a struct, has a lone surrogate."""
    try:
        if isinstance(what, str):
            what.encode()
        else:
            msgspec.json.encode(what)
    except UnicodeEncodeError as error:
        found = error.object[error.start]
        raise ValueError(
            f"{error.object!r} has a lone surrogate, {found!r}, which is not a"
            " character. Write a byte of a path as %FF, and that of a body as base64"
        ) from None
    except (TypeError, OverflowError, RecursionError):
        return  # a value that is not JSON: its field says so where that matters
