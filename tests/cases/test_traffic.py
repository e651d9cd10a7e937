"""Drafts from recorded traffic."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from comparison.cases.sources.har import (
    Content,
    Entry,
    EntryRequest,
    EntryResponse,
    Named,
)
from comparison.cases.sources.traffic import Traffic
from comparison.core.errors import UsageError


def entry(
    url: str = "http://shop.example/a", status: int = 200, **fields: Any
) -> Entry:
    method, headers = fields.pop("method", "GET"), fields.pop("headers", ())
    made = EntryRequest(method, url, headers, **fields.pop("request", {}))
    response = EntryResponse(status, content=Content("text/plain", "Hi"))
    return Entry(made, fields.pop("response", response), **fields)


def traffic(*entries: Entry, hosts: Any = (), **options: Any) -> Traffic:
    def read(path: Path) -> Iterator[Entry]:
        yield from entries

    return Traffic(Path("recorded.har"), hosts, entries=read, **options)


SOCKET = EntryResponse(101)


@pytest.mark.parametrize(
    ("other", "reason", "keep"),
    [
        (entry("ws://shop.example/a"), "for WebSocket connections", ""),
        (entry("wss://shop.example/a"), "for WebSocket connections", ""),
        (entry(response=SOCKET), "for WebSocket connections", ""),
        (entry("data:text/plain,a"), "without an HTTP URL", ""),
        (entry("ftp://shop.example/a"), "without an HTTP URL", ""),
        (entry(method="CONNECT"), "for a proxy (CONNECT)", ""),
        (entry("http://cdn.example/a"), "to cdn.example", ""),
        (entry("http://shop.example/a.css"), "for static files", "static"),
        (entry("http://shop.example/b", 0), "that got no response", "unanswered"),
        (entry("http://shop.example/b", 99), "that got no response", "unanswered"),
        (entry("http://shop.example/first"), "repeated", "repeated"),
    ],
)  # fmt: skip
def test_an_entry_that_becomes_no_case_is_counted(
    other: Entry, reason: str, keep: str
) -> None:
    first = entry("http://shop.example/first")
    found = traffic(first, other)
    assert [draft.path for draft in found] == ["/first"]
    option = f"--keep {keep}" if keep else "--host" if "cdn" in reason else ""
    (line,) = found.left_out
    assert line.startswith(f"1 {reason}")
    assert line == f"1 {reason}" if not option else f" ({option}" in line
    if keep:
        kept = list(traffic(first, other, keep=[keep]))
        assert len(kept) == 2


def test_the_hosts_decide_which_requests_are_drafted() -> None:
    both = (entry(), entry("http://API.example:81/b"))
    assert [d.path for d in traffic(*both, hosts=["api.example:81"])] == ["/b"]
    assert [
        d.path for d in traffic(*both, hosts=["SHOP.example", "api.example:81"])
    ] == ["/a", "/b"]
    with pytest.raises(UsageError, match="recorded.har: no request to 'shop.exampl', did you mean \"shop.example\""):  # fmt: skip
        list(traffic(*both, hosts=["shop.exampl"]))


def test_a_draft_has_the_parts_of_its_entry() -> None:
    cookies = (Named("sid", "12345678"), Named("b", "2"))
    found = traffic(
        entry("http://shop.example/a?x=1", 404, method="PUT", comment="A title",
              request={"http_version": "http/1.0", "cookies": cookies}),
        entry("http://shop.example/b", 404),
        expect=True,
    )  # fmt: skip
    first, second = found
    assert (first.method, first.path, first.title) == ("PUT", "/a?x=1", "A title")
    assert (first.id, first.http_version) == ("put-a", "1.0")
    assert ("Cookie", "sid=${env:COOKIE_SID}; b=${env:COOKIE_B}") in first.headers
    assert (second.title, second.http_version) == ("GET /b", "")
    assert dict(second.expect)["status"] == 404
    assert set(found.variables) == {"COOKIE_SID", "COOKIE_B"}


def test_a_sequence_is_one_case_that_ends_with_the_last_request() -> None:
    entries = (
        entry("http://shop.example/a"),
        entry("http://shop.example/b", 404),
        entry("http://shop.example/a", 500),
    )
    (draft,) = traffic(*entries, sequence=True)
    assert [each.path for each in draft.setup] == ["/a", "/b"] and draft.path == "/a"
    assert (draft.id, draft.title) == ("recorded", "recorded")
    # A request that fails in the recording must not end the sequence.
    assert [each.expect for each in draft.setup] == [(), (("status", 404),)]
    assert draft.expect == ()
    (draft,) = traffic(*entries, sequence=True, expect=True)
    assert dict(draft.expect)["status"] == 500
    assert list(traffic(sequence=True)) == []


@pytest.mark.parametrize(
    ("text", "mime", "expected", "left_out"),
    [
        ('{"a": "${b}"}', "application/json", {"json": {"a": "$${b}"}}, []),
        ('{"a": NaN}', "application/json", {"text": '{"a": NaN}'}, []),
        ('{"a": 1, "a": 2}', "application/json", {"text": '{"a": 1, "a": 2}'}, []),
        ("Hi ${b}", "text/plain; charset=utf-8", {"text": "Hi $${b}"}, []),
        (None, "text/plain", {}, []),
        ("", "text/plain", {}, []),
        ("<p>", "text/html", {}, ["response bodies: 1 text/html"]),
        ("x", None, {}, ["response bodies: 1 without a media type"]),
        ('{"password": "hunter22x"}', "application/json", {}, ["response bodies: 1 with secrets"]),
    ],
)  # fmt: skip
def test_the_body_of_a_recorded_response_is_expected(
    text: str | None, mime: str | None, expected: Any, left_out: list[str]
) -> None:
    response = EntryResponse(200, content=Content(mime, text))
    found = traffic(entry(response=response), expect=True)
    (draft,) = found
    fields = dict(draft.expect)
    assert {k: v for k, v in fields.items() if k in ("json", "text")} == expected
    assert list(found.left_out) == left_out


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("Content-Type", "text/html", "text/html"), ("Set-Cookie", "a=b", True), ("Location", "/a?b=1", "/a?b=1"),
        ("Location", "http://shop.example/a", True), ("Location", "//shop.example/a", True),
        ("Location", "/a?code=1&state=2", True), ("X-A", "1", None),
    ],
)  # fmt: skip
def test_few_headers_of_a_recorded_response_are_expected(
    name: str, value: str, expected: Any
) -> None:
    response = EntryResponse(302, headers=(Named(name, value),))
    (draft,) = traffic(entry(response=response), expect=True)
    headers = dict(draft.expect).get("headers", {})
    assert headers == ({} if expected is None else {name.lower(): expected})


def test_a_response_before_the_last_one_has_no_expectation() -> None:
    for status, expected in ((199, False), (200, True)):
        (draft,) = traffic(entry(status=status), expect=True)
        assert bool(draft.expect) is expected


ADDED = [
    "host",
    "accept-encoding",
    "user-agent",
    "referer",
    "priority",
    "dnt",
    "sec-gpc",
    "sec-fetch-mode",
    "upgrade-insecure-requests",
    "cache-control",
    "pragma",
    "connection",
    "proxy-connection",
    "keep-alive",
    "te",
    "trailer",
    "upgrade",
    "http2-settings",
    "expect",
    "if-none-match",
    "if-modified-since",
    "if-match",
    "if-unmodified-since",
    "if-range",
]
"""What a browser, its cache or a connection adds by itself."""


@pytest.mark.parametrize("name", ADDED)
def test_a_header_that_a_browser_adds_is_left_out(name: str) -> None:
    sent = entry(headers=(Named(name.title(), "x"), Named("X-A", "1")))
    found = traffic(sent)
    (draft,) = found
    assert draft.headers == (("X-A", "1"),)
    assert list(found.left_out) == [f"headers (--keep headers): 1 {name}"]
    (kept,) = traffic(sent, keep=["headers"])
    assert [each for each, _ in kept.headers] == [name.title(), "X-A"]


@pytest.mark.parametrize(
    ("name", "value", "sent", "left_out"),
    [
        ("Accept", "*/*", False, ["headers (--keep headers): 1 accept"]),
        ("Accept", "text/html", True, []),
        (
            "Origin",
            "http://shop.example",
            False,
            ["headers (--keep headers): 1 origin"],
        ),
        ("Origin", "http://other.example", True, []),
        (":authority", "a", False, []),
        ("Content-Length", "3", False, ["bodies: 1 missing in the file"]),
        ("Transfer-Encoding", "chunked", False, ["bodies: 1 chunked before"]),
        ("X-Sec", "1", True, []),
    ],
)
def test_a_header_of_a_request_is_sent_or_not(
    name: str, value: str, sent: bool, left_out: list[str]
) -> None:
    found = traffic(entry(headers=(Named(name, value),)))
    (draft,) = found
    assert bool(draft.headers) is sent
    assert list(found.left_out) == left_out


def test_a_sequence_sends_only_the_cookies_that_responses_set() -> None:
    login = EntryResponse(200, headers=(Named("Set-Cookie", " sid =1; Path=/"),))
    cookies = (Named("Cookie", "sid=1; theme=dark"),)
    found = traffic(
        entry("http://shop.example/a", response=login),
        entry("http://shop.example/b", headers=cookies),
        sequence=True,
    )
    (draft,) = found
    assert draft.headers == ()
    reason = "cookies that no response sets (--keep headers)"
    assert list(found.left_out) == [f"{reason}: 1 theme"]


def test_a_conditional_request_has_no_expectation_without_its_conditions() -> None:
    conditional = entry(status=304, headers=(Named("If-None-Match", "a"),))
    (draft,) = traffic(conditional, expect=True)
    assert draft.expect == ()
    (draft,) = traffic(conditional, expect=True, keep=["headers"])
    assert dict(draft.expect)["status"] == 304
    (draft,) = traffic(entry(status=304), expect=True)
    assert dict(draft.expect)["status"] == 304


def test_an_interim_status_is_a_response() -> None:
    assert [draft.path for draft in traffic(entry(status=100))] == ["/a"]
    assert list(traffic(entry(status=99))) == []
