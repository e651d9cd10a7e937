"""Take a recorded URL apart: its host, and the target that the client sent."""

import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import quote, unquote_plus

from msgspec import Struct

from .har import EntryRequest, Named
from .left_out import LeftOut
from .recorded_bodies import ENCODED

_URL = re.compile(r"([a-z][a-z0-9+.-]*)://([^/?#]*)([^#]*)", re.IGNORECASE)
_ESCAPED = re.compile("[\udc80-\udcff]")


class Address(Struct, frozen=True):
    """A URL in its parts: the scheme, the host with its port, and the request target."""

    scheme: str
    host: str
    target: str

    @property
    def path(self) -> str:
        """The path, without the query."""
        return self.target.partition("?")[0]


def address_of(request: EntryRequest, left_out: LeftOut) -> Address | None:
    """Return the address of a request; None if it has no URL.

    Some recorders write parameters only in `queryString`. We append these to the target.
    """
    found = _URL.match(request.url)
    if found is None:
        return None
    scheme, authority, target = found.groups()
    if not target.startswith("/"):
        target = f"/{target}"
    more = _missing(target.partition("?")[2], request.query_string or (), left_out)
    if more:
        encoded = "&".join(map(_pair, more))
        target += ("&" if "?" in target else "?") + encoded
    host = authority.rpartition("@")[2].lower()
    return Address(scheme.lower(), host, _ESCAPED.sub(_octet, target))


def octets(text: str) -> str:
    """Return a header value whose bytes a recorder wrote as lone surrogates, as Latin-1."""
    if not _ESCAPED.search(text):
        return text
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _missing(query: str, parameters: Iterable[Named], left_out: LeftOut) -> list[Named]:
    """Return the parameters that the query does not have.

    Recorders write the values of the query as they are, or decoded. Decoding may replace
    bytes, so a name that the query has at least as often is not missing.
    """
    parameters = tuple(parameters)
    pairs = [pair.partition("=")[::2] for pair in query.split("&")] if query else []
    known = Counter(unquote_plus(name) for name, _ in pairs)
    values = {(name, value) for name, value in pairs}
    values |= {(unquote_plus(name), unquote_plus(value)) for name, value in pairs}
    given = Counter(unquote_plus(each.name) for each in parameters)
    missing = []
    for each in parameters:
        name = unquote_plus(each.name)
        if (each.name, each.text) in values or (
            name,
            unquote_plus(each.text),
        ) in values:
            continue
        if given[name] > known[name]:
            missing.append(each)
        elif "\ufffd" not in each.text:
            left_out.part("parameters", "unlike those in the URL")
    return missing


def _pair(parameter: Named) -> str:
    return f"{_quoted(parameter.name)}={_quoted(parameter.text)}"


def _quoted(text: str) -> str:
    # Chromium writes parameters encoded, others decode them.
    return text if "%" in text and ENCODED.fullmatch(text) else quote(text, safe="")


def _octet(found: re.Match[str]) -> str:
    return f"%{ord(found[0]) - 0xDC00:02X}"
