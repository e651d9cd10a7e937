"""Find secrets in any text: JSON, XML, HTML, GraphQL, a form, prose."""

import html
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

from .names import STEMS, about, counting, is_secret_name

LONGEST_NAME = 64
MOST_BLANKS = 40

_BLANKS = rf"\s{{0,{MOST_BLANKS}}}"
_REST = re.compile(rf"[\w-]{{0,{LONGEST_NAME}}}")
# In Python, a bracket may follow the name, and a letter may precede the value.
_SEPARATOR = re.compile(
    rf"""\\*["']?\]?{_BLANKS}(=>|[:=]){_BLANKS}(?:[bruBRU]{{1,2}}(?=["']))?"""
)
_PAIR = re.compile(
    rf"""\\*["'],{_BLANKS}\\*["']value\\*["']{_BLANKS}(:){_BLANKS}""", re.IGNORECASE
)
_QUOTE = re.compile(r"""(\\*)(["'])""")
_TEXTS = {
    '"': re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL),
    "'": re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL),
}
_LIST = re.compile(r"\[[^\[\]]{0,5000}\]")
_BARE = re.compile(r"""[^\s,;&<>"'(){}\[\]\\|]+""")
_SCHEMES = re.compile(rf"(?:bearer|basic|token|digest){_BLANKS}", re.IGNORECASE)
_ELEMENT = re.compile(
    r"(?:\s[^<>]{0,500})?>\s*(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))", re.DOTALL
)
_TAGGED = re.compile(
    r"""(?:name|id|property|key)\\*["']?\s?[:=]\s?\\*["']$""", re.IGNORECASE
)
_HELD = re.compile(
    r"""\b(?:value|content)\s?=\s?\\*(["'])(.*?)\\*\1""", re.IGNORECASE | re.DOTALL
)
_RUN = re.compile(r"[\w-]+")
_TOKEN = re.compile(r"eyJ[\w-]{5,}(?:\.[\w-]*){2,4}")
_USER = re.compile(r"://[^\s/@:\"'<>]{0,200}:([^\s/@\"'<>]{1,200})@")
_BEARER = re.compile(r"bearer\s+([\w.~+/-]{8,}=*)", re.IGNORECASE)
_KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]+-----", re.DOTALL
)

_decoder = json.JSONDecoder()


def fold(text: str) -> str:
    """Return the text in lower case, with each character at the same index.

    >>> len(fold("İ")), fold("Token")
    (1, 'token')
    """
    # Only this character becomes two (SpecialCasing.txt of Unicode).
    return (text if text.isascii() else text.replace("İ", "i")).lower()


def secrets_in(text: str) -> Iterator[str]:
    """Yield the values with secret names in a text, and secrets with a known format."""
    for _, value in fields_in(text):
        yield value


def fields_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield each secret with its name; one without a name gets its kind as name."""
    folded = fold(text)
    yield from _by_form(text, folded)
    failed = end = 0
    for start, stop in _names(text, folded):
        name = text[start:stop]
        if start < end or not is_secret_name(name):
            continue
        found, end, failed = _values(text, name, start, stop, failed)
        for value in found:
            if value and not counting(name, value):
                yield name, value


def leaves(value: Any, name: str) -> Iterator[str]:
    """Yield the texts and numbers in a JSON value below a secret name."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if not counting(name, str(value)):
            yield str(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not about(str(key)):
                yield from leaves(item, str(key))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from leaves(item, name if isinstance(item, int) else "")


def _by_form(text: str, folded: str) -> Iterator[tuple[str, str]]:
    end = 0
    for at in _all("eyJ", text):
        if at < end:
            continue
        if found := _TOKEN.match(text, at):
            yield "jwt", found[0]
            end = found.end()
        elif run := _RUN.match(text, at):
            end = run.end()
    for at in _all("://", text):
        if found := _USER.match(text, at):
            yield "password", found[1]
    for at in _all("bearer ", folded):
        if (found := _BEARER.match(text, at)) and _random(found[1]):
            yield "token", found[1]
    if "PRIVATE KEY-----" in text:
        for found in _KEY.finditer(text):
            yield "private_key", found[0].replace("\\n", "\n")


def _names(text: str, folded: str) -> Iterator[tuple[int, int]]:
    """Yield where each name starts and ends that may be a secret name."""
    end = 0
    for at in sorted({m.start() for stem in STEMS for m in stem.finditer(folded)}):
        if at < end:
            continue
        start, least = at, max(0, at - LONGEST_NAME)
        while start > least and (text[start - 1].isalnum() or text[start - 1] in "_-"):
            start -= 1
        if start and text[start - 1] == "\\" and start < at:
            start += 1  # the letter of an escape, as in \n
        rest = _REST.match(text, at)
        assert rest is not None
        end = rest.end()
        yield start, end


def _all(word: str, text: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + len(word))


def _values(
    text: str, name: str, start: int, stop: int, failed: int
) -> tuple[list[str], int, int]:
    """Return the values of a name, their end, and where JSON may start again."""
    before = text[max(0, start - 24) : start]
    if _TAGGED.search(before) and text[stop : stop + 1] in ("\\", '"', "'"):
        if pair := _PAIR.match(text, stop):
            return _value(text, name, pair, failed, formed=False)
        if (value := _element_value(text, start, stop)) is not None:
            return [value], stop, failed
    if before.endswith("<") or re.search(r"<[\w.-]+:$", before):
        if found := _ELEMENT.match(text, stop):
            value = (found[1] or html.unescape(found[2] or "")).strip()
            return [value], found.end(), failed
        return [], stop, failed
    if separator := _SEPARATOR.match(text, stop):
        formed = separator[0] == "=" and (not before or before[-1] in "?&\n\r")
        return _value(text, name, separator, failed, formed=formed)
    return [], stop, failed


def _value(
    text: str, name: str, separator: re.Match[str], failed: int, *, formed: bool
) -> tuple[list[str], int, int]:
    at = separator.end()
    if quote := _QUOTE.match(text, at):
        return [*_quoted(text, at, quote)], _end_of(text, at, quote), failed
    if text[at : at + 1] in ("[", "{") and at >= failed:
        try:
            value, end = _decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            failed = error.pos
        except RecursionError:
            failed = len(text)
        else:
            return list(leaves(value, name)), end, failed
        if listed := _LIST.match(text, at):
            inside = re.findall(r"""(["'])((?:(?!\1)[^\\]|\\.)*)\1""", listed[0])
            return [value for _, value in inside], listed.end(), failed
        return [], at, failed
    if scheme := _SCHEMES.match(text, at):
        at = scheme.end()
    bare = _BARE.match(text, at)
    if bare is None:
        return [], at, failed
    value = bare[0].rstrip(".:!?")
    if formed:
        return [value, unquote_plus(value)], bare.end(), failed
    number = value.isdecimal()
    return ([value] if number or _random(value) else []), bare.end(), failed


def _quoted(text: str, at: int, quote: re.Match[str]) -> Iterator[str]:
    """Yield a quoted value, as written and unescaped once or twice."""
    end = _end_of(text, at, quote)
    value = text[quote.end() : end - len(quote[0])]
    yield value
    for _ in range(2):
        if "\\" not in value:
            return
        try:
            plain = json.loads(f'"{value}"', strict=False)
        except ValueError:
            plain = value.replace("\\'", "'").replace('\\"', '"')
        if plain == value:
            return
        value = plain
        yield value


def _end_of(text: str, at: int, quote: re.Match[str]) -> int:
    escapes, mark = quote[1], quote[2]
    if not escapes:
        found = _TEXTS[mark].match(text, at)
        return found.end() if found else quote.end() + len(quote[0])
    end = text.find(quote[0], quote.end())
    while end > 0 and text[end - 1] == "\\":
        end = text.find(quote[0], end + 1)
    return end + len(quote[0]) if end >= 0 else quote.end() + len(quote[0])


def _element_value(text: str, start: int, stop: int) -> str | None:
    """Return the value of an element whose name is an attribute, as in `<input>`."""
    first = text.rfind("<", max(0, start - 500), start)
    last = text.find(">", stop, stop + 10_000)
    if first < 0 or last < 0:
        return None
    if found := _HELD.search(text, first, last):
        return html.unescape(found[2])
    following = re.compile(r"([^<]*)</").match(text, last + 1)
    return html.unescape(following[1]).strip() if following else None


def _random(value: str) -> bool:
    """Return whether a word mixes letters and digits, as random secrets do."""
    letters = any(map(str.isalpha, value))
    return len(value) >= 6 and letters and any(map(str.isdecimal, value))
