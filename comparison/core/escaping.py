r"""Make recorded text safe to display: escape characters that control a display.

A terminal obeys control characters. An editor reorders a line by bidirectional ones. A
surrogate alone cannot be encoded. Every output passes its text through `visible`.
"""

import re
from typing import Any

import click

UNSAFE = re.compile(
    # C0 but for tabs and line feeds, DEL and C1, bidirectional formatting (Unicode
    # Standard Annex 9, section 2), line and paragraph separators, surrogates.
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Matches each character that a display would obey or cannot show."""


def visible(text: str) -> str:
    r"""Escape the characters that a display would obey or cannot show.

    >>> print(visible("\x1b[31mred\x9b2J \u202egnp.exe \udce9\n"), end="")
    \x1b[31mred\x9b2J \u202egnp.exe \udce9
    """
    if text.isascii() and text.isprintable():
        return text
    return UNSAFE.sub(_escape, text)


def visible_line(text: str) -> str:
    r"""Escape line feeds and tabs too, so that the text has one line.

    >>> print(visible_line("one\ntwo\t3"))
    one\ntwo\t3
    """
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def echo(message: Any = "", *, err: bool = False, nl: bool = True) -> None:
    """Print a message that may contain recorded text."""
    click.echo(visible(str(message)), err=err, nl=nl)


def _escape(found: re.Match[str]) -> str:
    if found[0] == "\r":
        return "\\r"
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
