"""Draft the headers of recorded requests; count those that no case has."""

from collections.abc import Collection

from comparison.cases.placeholders import Placeholders, escaped

from .har import EntryRequest, Named
from .left_out import LeftOut
from .recorded_urls import octets
from .variables import names_in

CONDITIONS = frozenset(
    {
        "if-none-match",
        "if-modified-since",
        "if-match",
        "if-unmodified-since",
        "if-range",
    }
)
FRAMING = ("content-length", "transfer-encoding")
"""Headers about the length of the body, which the client writes anew."""

_ADDED = frozenset(
    {"host", "accept-encoding", "user-agent", "referer", "priority", "dnt", "sec-gpc",
     "upgrade-insecure-requests", "cache-control", "pragma", "connection",
     "proxy-connection", "keep-alive", "te", "trailer", "upgrade", "http2-settings",
     "expect"}
)  # fmt: skip
"""Headers that a browser, its cache or a connection adds by itself."""

KEEP = "--keep headers"


class RecordedHeaders:
    """Drafts headers without secrets. With `keep`, all that a case can send stay."""

    def __init__(
        self, places: Placeholders, left_out: LeftOut, *, sequence: bool, keep: bool
    ) -> None:
        self.places = places
        self.left_out = left_out
        self.sequence = sequence
        self.keep = keep
        self._set: set[str] = set()

    def of(
        self, request: EntryRequest, hosts: Collection[str]
    ) -> list[tuple[str, str]]:
        """Return the headers to send with a request to one of the hosts."""
        drafted: list[tuple[str, str]] = []
        cookies: set[str] = set()
        for header in request.headers:
            name, value = header.name.lower(), octets(header.text)
            if self._is_sent(name, value, hosts):
                drafted.append(
                    (escaped(header.name), self._value(header, value, cookies))
                )
            elif name == "transfer-encoding":
                self.left_out.part("bodies", "chunked before")
            elif not name.startswith(":") and name not in FRAMING:
                self._leave_out(header, name)
        return drafted

    def with_body(
        self, headers: list[tuple[str, str]], mime: str, *, decoded: bool
    ) -> tuple[tuple[str, str], ...]:
        """Return the headers for a body of a media type, which is "" if it is implied.

        A body that is `decoded` has no content coding.
        """
        given = {name.lower() for name, _ in headers}
        implied = not mime and not self.keep
        drafted = [
            (name, value)
            for name, value in headers
            if not (implied and name.lower() == "content-type")
            and not (decoded and name.lower() == "content-encoding")
        ]
        if mime and "content-type" not in given:
            drafted.append(("Content-Type", escaped(mime)))
        return tuple(drafted)

    def sends_conditions(self, request: EntryRequest) -> bool:
        """Return whether a case sends the conditions of a request (RFC 9110 section 13)."""
        names = {header.name.lower() for header in request.headers}
        return self.keep or CONDITIONS.isdisjoint(names)

    def _value(self, header: Named, value: str, cookies: set[str]) -> str:
        if names_in(value):  # A variable is not a secret.
            return str(escaped(value))
        return self.places.header(header.name, value, cookies)

    def _is_sent(self, name: str, value: str, hosts: Collection[str]) -> bool:
        if name in FRAMING or name.startswith(":"):
            return False
        if self.keep:
            return True
        if name == "cookie" and self.sequence:
            return False
        if name == "origin":
            return value.partition("://")[2].lower() not in hosts
        if name == "accept" and value == "*/*":  # equal to no header, RFC 9110 12.5.1
            return False
        return name not in _ADDED | CONDITIONS and not name.startswith("sec-")

    def _leave_out(self, header: Named, name: str) -> None:
        if name == "cookie":
            for pair in header.text.split(";"):
                cookie = pair.partition("=")[0].strip()
                if cookie not in self._set:
                    reason = "cookies that no response sets"
                    self.left_out.part(reason, cookie, KEEP)
            return
        self.left_out.part("headers", name, KEEP)

    def learn(self, headers: Collection[Named]) -> None:
        """Note the cookies that a response sets."""
        for header in headers:
            if header.name.lower() == "set-cookie":
                self._set.add(header.text.partition("=")[0].strip())
