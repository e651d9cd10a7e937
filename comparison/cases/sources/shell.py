r"""Split shell commands into words, as a POSIX shell and bash's `$'…'` quote them.

The standard library's `shlex` knows neither `$'…'`, which browsers write in "Copy as cURL",
nor where a command begins.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from .variables import as_variable

_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")
_IN_DOUBLE_QUOTES = re.compile(rf"\\(\n|[\"\\$`])|{_VARIABLE.pattern}")
_ESCAPE = re.compile(
    r"\\(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|x([0-9a-fA-F]{1,2})|([0-7]{1,3})|(.))",
    re.DOTALL,
)
_LETTERS = {
    "n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v",
    "e": "\x1b", "E": "\x1b", "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip
_ENDS = "\n;|&"
_QUOTED = re.compile(
    r"""'([^']*)'|\$'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)\"""", re.DOTALL
)


class Command(Struct, frozen=True):
    """The words of one command, and the line on which it begins."""

    line: int
    words: tuple[str, ...]


def commands(text: str) -> Iterator[Command]:
    r"""Yield the commands of a script. Raises ValueError, with the line, for open quotes.

    >>> [each.words for each in commands("curl -d $'a\\nb' \\\n  /x # all\nls 'a b'")]
    [('curl', '-d', 'a\nb', '/x'), ('ls', 'a b')]
    """
    words: list[str] = []
    word: str | None = None
    line = start = 1
    at = 0
    while at < len(text):
        character = text[at]
        if word is None and not words:
            start = line
        taken = 1
        if text.startswith(("\\\n", "\\\r\n"), at):
            taken = 2 + (text[at + 1] == "\r")
        elif quoted := _QUOTED.match(text, at):
            taken = len(quoted[0])
            word = (word or "") + _unquoted(quoted)
        elif character in "'\"":
            raise ValueError(f"{line}: the quote {character} has no end")
        elif character == "\\" and at + 1 < len(text):
            word, taken = (word or "") + text[at + 1], 2
        elif character == "$" and (found := _VARIABLE.match(text, at)):
            word, taken = (
                (word or "") + as_variable(found[1] or found[2]),
                len(found[0]),
            )
        elif character == "#" and word is None:
            end = text.find("\n", at)
            taken = (end if end >= 0 else len(text)) - at
        elif character.isspace() or character in _ENDS:
            if word is not None:
                words.append(word)
                word = None
            if character in _ENDS and words:
                yield Command(start, tuple(words))
                words = []
        else:
            word = (word or "") + character
        line += text.count("\n", at, at + taken)
        at += taken
    if word is not None:
        words.append(word)
    if words:
        yield Command(start, tuple(words))


def _unquoted(quoted: re.Match[str]) -> str:
    single, ansi, double = quoted.groups()
    if single is not None:
        return str(single)
    if ansi is not None:
        return _ESCAPE.sub(_escaped, ansi)
    return _IN_DOUBLE_QUOTES.sub(_literal_or_variable, double)


def _literal_or_variable(found: re.Match[str]) -> str:
    escaped, name, braced = found.groups()
    if escaped is not None:
        return "" if escaped == "\n" else str(escaped)
    return as_variable(name or braced)


def _escaped(found: re.Match[str]) -> str:
    short, long, hexadecimal, octal, letter = found.groups()
    if letter is not None:
        return _LETTERS.get(letter, f"\\{letter}")
    return chr(int(octal, 8) if octal else int(short or long or hexadecimal, 16))
