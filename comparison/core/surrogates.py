r"""Lone surrogates: half characters, which a Python string may hold and UTF-8 may not.

They come from file names with bytes that are not UTF-8, and from `"\ud800"` in JSON.
"""

import msgspec
from msgspec import Struct


def printable(text: str) -> str:
    r"""Escape lone surrogates, so that the text can be encoded as UTF-8.

    >>> print(printable("caf\udce9"))
    caf\udce9
    """
    return text.encode("utf-8", "backslashreplace").decode()


def check(what: str | Struct) -> None:
    """Raise ValueError if a text, or a text in a struct, has a lone surrogate."""
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
        return  # A value that is not JSON: its field reports that where it matters.
