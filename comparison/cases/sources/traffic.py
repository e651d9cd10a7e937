"""Draft cases from recorded traffic."""

from collections.abc import Callable, Collection, Iterator
from hashlib import blake2b
from pathlib import Path

import msgspec

from comparison.cases.placeholders import Placeholders, escaped
from comparison.core.errors import UsageError, nearest

from .body_drafts import BodyDrafts
from .captures import Captures
from .draft import Draft, identifier, unsendable
from .expected import Expectations, text_of, with_captures
from .har import Entry, EntryRequest, Named, read_entries
from .left_out import LeftOut
from .recorded_headers import RecordedHeaders
from .recorded_urls import Address, address_of
from .static_files import is_static
from .variables import env_names, filled

LONGEST_ID = 60
ERROR = 400  # the first status of an error (RFC 9110 section 15.5)
ANSWERED = 100  # a recorder writes a lower status if no response came


class Traffic:
    """The cases of one HAR file, or of another file that `entries` reads.

    Iterate over it for drafts. We draft only the requests to `hosts` (as `localhost:5000`),
    by default to the host of the first request. With `expect`, the case expects the
    recorded response. As a `sequence` they are one case: all requests in order, with the
    cookies that the responses set, and with values that earlier responses gave. `keep`
    has what we would leave out: the values of `--keep`. Afterwards `left_out` counts
    what reached no case, by reason. `variables` names the environment variables for
    secrets. Raises UsageError if no request went to one of the `hosts`.
    """

    def __init__(
        self,
        path: Path,
        hosts: Collection[str] = (),
        *,
        expect: bool = False,
        sequence: bool = False,
        keep: Collection[str] = (),
        entries: Callable[[Path], Iterator[Entry]] = read_entries,
        left_out: LeftOut | None = None,
    ) -> None:
        self.path = path
        self.entries = entries
        self.hosts = {host.lower() for host in hosts}
        self.expect = expect
        self.sequence = sequence
        self.keep = frozenset(keep)
        self.left_out = LeftOut() if left_out is None else left_out
        self.captures = Captures()
        self.places = Placeholders(self.captures.find if sequence else None)
        self.bodies = BodyDrafts(
            self.places,
            self.left_out,
            recorded=entries is read_entries,
            keep="bodies" in self.keep,
        )
        self.headers = RecordedHeaders(
            self.places, self.left_out, sequence=sequence, keep="headers" in self.keep
        )
        self.expectations = Expectations(
            self.places, self.left_out, keep="bodies" in self.keep
        )
        self._variables: dict[str, None] = {}  # those that the drafts have
        self._seen: set[bytes] = set()
        self._met: set[str] = set()

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables to set before the cases run."""
        known = [name for name in self.places.names if name in self._variables]
        return tuple(dict.fromkeys([*known, *self._variables]))

    def __iter__(self) -> Iterator[Draft]:
        if not self.sequence:
            yield from self._drafts()
        elif drafts := self._with_captures(list(self._drafts())):
            name = self.path.stem
            yield msgspec.structs.replace(
                drafts[-1],
                id=identifier(name)[:LONGEST_ID].rstrip("-"),
                title=self.places.text(name),
                setup=tuple(drafts[:-1]),
                expect=drafts[-1].expect if self.expect else (),
            )

    def _drafts(self) -> Iterator[Draft]:
        number = 0
        for entry in self.entries(self.path):
            if entry.messages:
                self.left_out.noun("WebSocket message", len(entry.messages))
            address = address_of(entry.request, self.left_out)
            if address is None:
                self.left_out.request("without an HTTP URL")
                continue
            reason, option = self._reason(entry, address)
            if reason:
                self.left_out.request(reason, option)
                continue
            draft = filled(self._draft(entry, address))
            if unsendable(draft):
                self.left_out.request("that no case can send")
            elif self.sequence or "repeated" in self.keep or self._is_new(draft):
                self._variables.update(dict.fromkeys(env_names(draft)))
                if self.sequence and entry.response is not None:
                    body = text_of(entry.response)
                    self.captures.learn(number, entry.response, body)
                    self.headers.learn(entry.response.headers)
                number += 1
                yield draft
            else:
                self.left_out.request("repeated", "--keep repeated")
        for host in sorted(self.hosts - self._met):
            hint = nearest(host, self._met)
            raise UsageError(f"{self.path}: no request to {host!r}{hint}")

    def _with_captures(self, drafts: list[Draft]) -> list[Draft]:
        """Return the drafts with the captures that later ones use."""
        made = []
        for number, draft in enumerate(drafts):
            known = {
                f"${{capture:{name}}}": value
                for name, (source, value) in self.captures.values.items()
                if source <= number
            }
            capture = tuple(self.captures.used.get(number, {}).items())
            filled_in = with_captures(draft, known, self.left_out) if known else draft
            made.append(msgspec.structs.replace(filled_in, capture=capture))
        return made

    def _reason(self, entry: Entry, address: Address) -> tuple[str, str]:
        """Explain why an entry becomes no case, with the option that keeps it, or ""."""
        response = entry.response
        if address.scheme in ("ws", "wss") or (response and response.status == 101):
            return "for WebSocket connections", ""
        if address.scheme not in ("http", "https"):
            return "without an HTTP URL", ""
        if entry.request.method == "CONNECT":
            return "for a proxy (CONNECT)", ""
        self.hosts = self.hosts or {address.host}
        self._met.add(address.host)
        if address.host not in self.hosts:
            return f"to {address.host}", f"--host {address.host}"
        if "static" not in self.keep and is_static(entry, address.path):
            return "for static files", "--keep static"
        unanswered = response is not None and response.status < ANSWERED
        if unanswered and "unanswered" not in self.keep:
            return "that got no response", "--keep unanswered"
        return "", ""

    def _is_new(self, draft: Draft) -> bool:
        request = repr((draft.method, draft.path, draft.headers, draft.body))
        digest = blake2b(request.encode("utf-8", "replace"), digest_size=16).digest()
        if digest in self._seen:
            return False
        self._seen.add(digest)
        return True

    def _draft(self, entry: Entry, address: Address) -> Draft:
        request = _with_cookies(entry.request)
        given = self.headers.of(request, self.hosts)
        body, mime, decoded = self.bodies.body(request)
        headers = self.headers.with_body(given, mime, decoded=decoded)
        path = self.places.target(address.target)
        plain = path.partition("?")[0]
        method: str = escaped(request.method)
        http_10 = (request.http_version or "").upper() == "HTTP/1.0"
        return Draft(
            id=identifier(request.method, plain)[:LONGEST_ID].rstrip("-"),
            title=self.places.text(entry.comment or "") or f"{method} {plain}",
            method=method,
            path=path,
            headers=headers,
            body=body,
            http_version="1.0" if http_10 else "",
            expect=self._expected(entry, request),
        )

    def _expected(
        self, entry: Entry, request: EntryRequest
    ) -> tuple[tuple[str, object], ...]:
        response = entry.response
        if response is None or response.status < ANSWERED:
            return ()
        if self.expect:
            conditional = response.status in (304, 412)
            sent = not conditional or self.headers.sends_conditions(request)
            return self.expectations.of(response) if sent else ()
        if self.sequence and response.status >= ERROR:
            # A request that fails in the recording must not end the sequence.
            return (("status", response.status),)
        return ()


def _with_cookies(request: EntryRequest) -> EntryRequest:
    """Return the request with a Cookie header, if the recorder listed cookies only."""
    if not request.cookies or request.header("cookie") is not None:
        return request
    value = "; ".join(f"{each.name}={each.text}" for each in request.cookies)
    headers = (*request.headers, Named("Cookie", value))
    return msgspec.structs.replace(request, headers=headers)
