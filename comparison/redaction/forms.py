"""The encodings in which apps, frameworks and reports write one secret."""

import html
import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from functools import lru_cache
from urllib.parse import quote, quote_plus

SHORTEST_LINE = 16  # characters; a line this long identifies the secret
_HEX = re.compile(r"%[0-9A-F]{2}")
_WORD = re.compile(r"[A-Za-z0-9]{12,}")
_URL_SAFE = str.maketrans("+/", "-_")
_IN_SCRIPT = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&'"})


def _json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="replace")


_WRITTEN: tuple[Callable[[str], str], ...] = (
    _json,
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    # The filter `tojson` of Jinja writes it like this.
    lambda text: _json(text).translate(_IN_SCRIPT),
    lambda text: repr(text)[1:-1],
    html.escape,
    lambda text: html.escape(text, quote=False),
    # MarkupSafe writes it like this.
    lambda text: (
        html.escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
    ),
    _quoted,
    lambda text: quote(text, errors="replace"),
    lambda text: quote_plus(text, errors="replace"),
    lambda text: _HEX.sub(lambda found: found[0].lower(), _quoted(text)),
)


@lru_cache(maxsize=256)
def forms(secret: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the encodings that are texts, and those in base64 or hexadecimal.

    Texts are escaped once and twice: a log may show the repr of a document in JSON.
    """
    texts = {*_spellings(secret)}
    once = {write(text) for text in texts for write in _WRITTEN}
    twice = {write(text) for text in once - texts for write in _WRITTEN}
    encoded: set[str] = set()
    for text in {secret, secret.strip(), _json(secret)}:
        encoded.update(_encoded(text.encode("utf-8", "surrogatepass")))
    return frozenset(texts | once | twice), frozenset(encoded)


def pieces(secret: str) -> Iterator[str]:
    """Yield the parts that are secret by themselves: lines of a PEM file, long words.

    Escaping changes the characters between words, but not the words.
    """
    found = secret.splitlines()
    if len(found) > 1:
        for line in map(str.strip, found):
            if len(line) >= SHORTEST_LINE and not line.startswith("-----"):
                yield line
    for word in _WORD.findall(secret):
        if word != secret and any(map(str.isdecimal, word)) and identified(word):
            yield word


def identified(secret: str) -> bool:
    """Return whether a secret is recognisable in any case and is not a common word.

    >>> identified("canary-7Jx2Qp"), identified("response")
    (True, False)
    """
    letters = any(map(str.isalpha, secret))
    unlike = any(map(str.isdecimal, secret)) or len(secret) >= SHORTEST_LINE
    return len(secret) >= 8 and letters and unlike


def _spellings(secret: str) -> Iterator[str]:
    """Yield the secret with other line ends and other encodings of its bytes."""
    yield secret
    if "\n" in secret or "\r" in secret:
        yield " ".join(secret.splitlines())
        yield " ".join(secret.split())
        yield "".join(secret.splitlines())
        yield "\n".join(secret.splitlines())
        yield "\r\n".join(secret.splitlines())
    if not secret.isascii():
        content = secret.encode("utf-8", "surrogatepass")
        yield content.decode("latin-1")
        # In another case these are other bytes, with other letters in base64.
        yield secret.upper()
        yield secret.lower()
        yield repr(content)[2:-1]


def _encoded(content: bytes) -> Iterator[str]:
    yield content.hex()
    yield content.hex().upper()
    yield b64encode(content).decode()
    for before, first in ((0, 0), (1, 2), (2, 3)):
        whole = (before + len(content)) * 8 // 6
        # A letter that neighbouring bytes share is different elsewhere.
        certain = b64encode(bytes(before) + content).decode()[first:whole]
        yield certain
        yield certain.translate(_URL_SAFE)
        yield quote(certain, safe="")
