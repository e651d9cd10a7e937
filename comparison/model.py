"""The values that flow through a run: case -> recording -> comparison -> report.

What is asked is in `case` and `loosening`, and is found here too. What studies record is
in `studied`.

Each is immutable and is made in one place. What is written to disk is these same
structs, serialised by msgspec, so the JSON contract is this file. None can be part of a
reference cycle, so the garbage collector is spared them (`gc=False`).
"""

import base64
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from .case import Capture, Case, Expect, Pairs, Part, Request, asked_line
from .loosening import Loosening, Matching

__all__ = [
    "IN_BASE64",
    "SCHEMA_VERSION",
    "Agreement",
    "Capture",
    "Case",
    "Comparison",
    "Control",
    "Difference",
    "Environment",
    "Event",
    "Exchange",
    "Expect",
    "Expectation",
    "Failure",
    "FieldValue",
    "Layer",
    "LoneRule",
    "Loosening",
    "Matching",
    "Normalisation",
    "Pairs",
    "Part",
    "Proposal",
    "Recording",
    "Request",
    "Response",
    "Row",
    "RunHeader",
    "Sent",
    "Stale",
    "Summary",
    "TargetInfo",
    "Unmet",
    "Unsettled",
    "Value",
    "Variable",
    "Verdict",
]

SCHEMA_VERSION = 1

Layer = Literal["framework", "server", "client"]
Verdict = Literal["identical", "known", "different", "failed"]

FieldValue = str | int | tuple[str, ...] | None
"""What one side showed in one field; None where it showed nothing."""

IN_BASE64 = "base64:"
"""What such a value begins with where it is a body that is no text."""


class Value(Struct, frozen=True, gc=False, omit_defaults=True):
    """A Python value as it was when it was seen, safe to keep and to show.

    `text` never holds a memory address and never exceeds a fixed size; `items` are the
    elements of a tuple, list or dict (as pairs); `status` is that of a response.
    """

    type: str
    text: str
    items: tuple["Value", ...] = ()
    status: int | None = None


# What happened -----------------------------------------------------------------------


class Sent(Struct, frozen=True, gc=False, omit_defaults=True):
    """The request as it went out: target and headers after encoding, and the body.

    `mount` is where the app was mounted for it, which the client does not send.
    """

    method: str
    path: str
    headers: Pairs
    body: str | None = None
    body_base64: str | None = None
    mount: str = ""
    http_version: str = "1.1"

    @property
    def asked(self) -> str:
        """What was asked, in one line (see `asked_line`)."""
        return asked_line(self.method, self.path, self.mount, self.http_version)


class Response(Struct, frozen=True, gc=False):
    """A response as the client received it.

    `reason` is None where none was sent (ASGI has none, HTTP/2 neither). Header names
    keep their case; values are decoded as Latin-1 (RFC 9110 section 5.5). A body that is
    not UTF-8 is in `body_base64` instead of `body`. `framing` says how the body was
    delimited: on a socket `content-length`, `chunked`, `close` or `no body`.
    `status_line` is the line as it came over a socket, and `connection` what became of
    the connection where that was tried: `kept`, `closed as announced`, `closed without
    notice`, `kept or closed` (not told apart where the request had a body),
    `corrupted` (what came next was not the answer to what was asked next) or
    `stuck` (nothing came).
    """

    status: int
    reason: str | None
    headers: Pairs
    body: str
    framing: str
    http_version: str
    body_base64: str | UnsetType = UNSET
    status_line: str | UnsetType = UNSET
    connection: str | UnsetType = UNSET

    @property
    def content(self) -> bytes:
        """The body, byte for byte."""
        if self.body_base64 is not UNSET:
            return base64.b64decode(self.body_base64)
        return self.body.encode()

    def header(self, name: str) -> tuple[str, ...]:
        """All values of a header field, in order; the name's case does not matter."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == wanted)


class Failure(Struct, frozen=True, gc=False, omit_defaults=True):
    """What came instead of a response.

    Kinds: `raised` (out of the app, before it started the response), `aborted` (after),
    `timeout`, `incomplete` (the app returned without finishing the response), `protocol`
    (the app broke PEP 3333 or the ASGI specification, or the server HTTP), `unsupported`
    (the target cannot be asked this case); on a socket also `refused` (no connection),
    `closed` (the connection, before anything was answered), `interim` (a 1xx response,
    and no final one) and `died` (the server). `partial` is the response as far as it
    came.
    """

    kind: str
    message: str
    partial: Response | None = None

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"


class Exchange(Struct, frozen=True, gc=False, omit_defaults=True):
    """One request, and the response to it or the failure that came instead.

    `captured` are the values that the case names in the response, for later use.
    """

    request: Sent
    response: Response | None = None
    failure: Failure | None = None
    elapsed_ms: float | UnsetType = UNSET
    captured: dict[str, Any] = {}


class Event(Struct, frozen=True, gc=False, omit_defaults=True):
    """One thing that happened inside the app, in the order in which it happened.

    Events: request_sent, route_matched, route_missed, hook_called, hook_returned,
    view_called, view_returned, view_raised, suspended, resumed, automatic_options,
    error_caught, handler_called, handler_returned, handler_raised, response_made,
    response_handed_over, client_received, failed, logged, truncated. Where lines were
    asked for also: line, function_called, function_returned, function_raised, yielded,
    continued, lines_truncated; these have `depth`, 0 in the view or error handler
    itself. `changed` are the variables that a line set or changed, `removed` those that
    it deleted.
    """

    event: str
    name: str = ""
    file: str = ""
    line: int = 0
    source: str = ""
    rule: str = ""
    arguments: dict[str, Value] = {}
    value: Value | None = None
    status: int | None = None
    status_before: int | None = None
    detail: str = ""
    thread: str = ""
    depth: int = 0
    changed: dict[str, Value] = {}
    removed: tuple[str, ...] = ()


class Row(Struct, frozen=True, gc=False):
    """One row of an execution table: the lesson's five columns."""

    step: int
    action: str
    status_code_set: int | str
    response_content: str
    client_receives: str


class Variable(Struct, frozen=True, gc=False):
    """One row of a variable tracker; `steps` is keyed by the step's number."""

    name: str
    start: int | str | None
    steps: dict[str, int | str | None]
    final: int | str | None


class Recording(Struct, frozen=True, gc=False, omit_defaults=True):
    """What one target did with one case: exchange, trace, and the two tables.

    `before` holds the exchanges of the case's earlier requests.
    """

    exchange: Exchange
    trace: tuple[Event, ...]
    table: tuple[Row, ...]
    variables: tuple[Variable, ...]
    before: tuple[Exchange, ...] = ()


# What differs ------------------------------------------------------------------------


class Difference(Struct, frozen=True, gc=False, kw_only=True):
    """One field in which a candidate (`target`) did not answer as the reference did.

    `field` is status, reason, header:NAME, body, framing, connection or failure. `known`
    is the id of the known difference that explains it; `like` names shipped ones that
    look the same where none does. `server` names the server that a difference is put
    down to. `request` counts the requests of a sequence from 1; it is left out for the
    last one.
    """

    target: str
    field: str
    reference: FieldValue
    candidate: FieldValue
    layer: Layer = "framework"
    known: str | None = None
    server: str | UnsetType = UNSET
    request: int | UnsetType = UNSET
    like: tuple[str, ...] | UnsetType = UNSET


class Unmet(Struct, frozen=True, gc=False, kw_only=True):
    """One field in which a target did not answer as the case expects."""

    target: str
    field: str
    expected: str
    actual: str
    known: str | None = None


class Expectation(Struct, frozen=True, gc=False):
    """Whether every target answered as the documentation says."""

    met: bool
    failures: tuple[Unmet, ...] = ()


class Stale(Struct, frozen=True, gc=False):
    """A known difference that did not occur in a case it is listed for."""

    known: str
    field: str


class Comparison(Struct, frozen=True, gc=False):
    """One case asked of every target, and what is to be said about it.

    `normalised` are the names of the rules that were needed. Where there are more than
    two targets, `agreed` are the pairs that did the same.
    """

    case: Case
    verdict: Verdict
    expectation: Expectation
    differences: tuple[Difference, ...]
    recordings: dict[str, Recording]
    stale: tuple[Stale, ...] = ()
    normalised: tuple[str, ...] = ()
    agreed: tuple[tuple[str, str], ...] = ()

    @property
    def unexpected(self) -> tuple[Difference, ...]:
        """The differences that no known difference explains."""
        return tuple(d for d in self.differences if d.known is None)

    def as_document(self) -> dict[str, Any]:
        """The comparison as the JSON contract writes it."""
        document: dict[str, Any] = {
            "case": self.case.id,
            "title": self.case.title,
            "verdict": self.verdict,
            "expectation": self.expectation,
            "differences": self.differences,
            "recordings": self.recordings,
        }
        for name in ("stale", "normalised", "agreed"):
            if value := getattr(self, name):
                document[name] = value
        return document


# The run -----------------------------------------------------------------------------


class Environment(Struct, frozen=True, gc=False):
    """What the run was made with: behaviour depends on it."""

    python: str
    platform: str
    packages: dict[str, str]


class TargetInfo(Struct, frozen=True, gc=False):
    """A target as the report names it; `settings` are its app's, secrets masked."""

    name: str
    spec: str
    framework: str | None
    server: str
    settings: dict[str, Any] = {}


class Normalisation(Struct, frozen=True, gc=False):
    """A rule that kept noise out, and how many comparisons it was applied in."""

    name: str
    applied: int
    description: str = ""


class Proposal(Struct, frozen=True, gc=False, kw_only=True):
    """Rules that would keep out what one app answers differently each time.

    They are for the whole project or for one `case`, the first that needs them, which
    stands at `origin`. `applied` of a rule counts the cases that need it. `toml` is what
    to paste.
    """

    scope: Literal["project", "case"]
    case: str
    origin: str
    rules: tuple[Normalisation, ...]
    toml: str


class Unsettled(Struct, frozen=True, gc=False):
    """A field in which an app asked twice differs, and that no rule keeps out."""

    case: str
    field: str
    first: FieldValue
    second: FieldValue
    request: int | UnsetType = UNSET


class Control(Struct, frozen=True, gc=False, kw_only=True):
    """What came of asking one target every case twice; nothing of it was applied."""

    target: str
    asked: int
    differing: int
    proposals: tuple[Proposal, ...] = ()
    unsettled: tuple[Unsettled, ...] = ()


class LoneRule(Struct, frozen=True, gc=False):
    """A rule and method of the url map that some targets have and others do not."""

    rule: str
    method: str
    present: tuple[str, ...]
    missing: tuple[str, ...]


class Summary(Struct, frozen=True, gc=False):
    """How many cases ended in each verdict."""

    identical: int = 0
    known: int = 0
    different: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        """All cases that were asked."""
        return self.identical + self.known + self.different + self.failed


class Agreement(Struct, frozen=True, gc=False):
    """In how many cases two targets did the same, but for what their servers always do."""

    one: str
    other: str
    agreed: int
    asked: int


class RunHeader(Struct, frozen=True, gc=False, kw_only=True):
    """Everything about a run except its comparisons, in the order of the contract.

    `summary` and `exit_code` are None until the run has ended. `agreement` is there
    where more than two targets were asked. The digests say what was asked and what was
    known, where that is to be told later.
    """

    schema_version: int = SCHEMA_VERSION
    command: str
    environment: Environment
    targets: tuple[TargetInfo, ...]
    lone_rules: tuple[LoneRule, ...] = ()
    normalisations: tuple[Normalisation, ...] = ()
    agreement: tuple[Agreement, ...] | UnsetType = UNSET
    summary: Summary | None = None
    exit_code: int | None = None
    interrupted: bool = False
    shard: str = ""
    cases_digest: str = ""
    known_digest: str = ""
    control: Control | UnsetType = UNSET
