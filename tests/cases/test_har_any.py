"""Any request that a client can send survives: HAR, then case file, then request.

20,000 examples take some minutes: COMPARISON_HAR_EXAMPLES=20000 runs as many.
"""

import base64
import json
import os
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comparison.cases.loader import load_file
from comparison.cases.sources.draft import case_file
from comparison.cases.sources.traffic import Traffic
from comparison.targets import build_request, sent
from tests.examples import some

FORM = "application/x-www-form-urlencoded"
READ: dict[str, Any] = {
    FORM: lambda text: parse_qsl(text, keep_blank_values=True) or text,
    "application/json": json.loads,
}
EXAMPLES = int(os.environ.get("COMPARISON_HAR_EXAMPLES", "0")) or some(1200)
TOKEN = st.text(
    st.sampled_from("abcXYZ019!#$%&'*+-.^_`|~"), min_size=1, max_size=8
)  # RFC 9110 section 5.6.2
WORDS = st.sampled_from(
    ["token", "password", "author", "id", "${env:HOME}", "$${", "${a}", "a b", "login",
     "7", "é", "%C3%A9", "%", "+", "&", "=", ";", '"', "\\", "hunter2-hunter2", "\u2028"]
)  # fmt: skip
TEXT = st.lists(WORDS | st.text(max_size=6), max_size=6).map("".join)
TARGET = st.lists(
    st.sampled_from(
        ["/", "a", "token", "?", "&", "=", "%2F", "%C3%A9", "%zz", "hunter2-hunter2",
         "${x}", "$", ";", "//", "..", "+", '"', "|", "\\", "[", "7"]
    ),
    max_size=8,
).map(lambda parts: "/" + "".join(parts))  # fmt: skip
# RFC 9110 section 5.5; recorders show octets as Latin-1.
VALUE = (
    st.lists(WORDS | st.text(st.characters(max_codepoint=255), max_size=6), max_size=3)
    .map("".join)
    .map(lambda text: "".join(c for c in text if " " <= c <= "\xff" and c != "\x7f"))
    .map(str.strip)
)
NAMES = TOKEN | st.sampled_from(
    ["User-Agent", "Referer", "If-None-Match", "Origin", "Accept", "Cookie", "Sec-X",
     "Authorization", "X-Token", "x-token", "Connection", "X-Author"]
)  # fmt: skip
HEADERS = st.lists(st.tuples(NAMES, VALUE), max_size=5)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
    ),
    max_leaves=6,
)
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=4)


@st.composite
def parts(draw: st.DrawFn) -> bytes:
    body = b""
    for name, content in draw(st.lists(st.tuples(TEXT, st.binary(max_size=9)))):
        filename = draw(st.sampled_from(["", '; filename="a.bin"', '; filename=""']))
        kind = draw(st.sampled_from([b"", b"\r\nContent-Type: image/png"]))
        head = f'--X\r\nContent-Disposition: form-data; name="{name}"{filename}'
        body += head.encode() + kind + b"\r\n\r\n" + content + b"\r\n"
    return body + b"--X--\r\n"


def spaced(value: Any) -> bytes:
    return json.dumps(value, indent=1).encode()


def compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


BODIES = st.one_of(
    st.just((None, None)),
    st.tuples(st.just("text/plain"), TEXT.map(str.encode)),
    st.tuples(st.just("application/json"), JSON.map(compact) | JSON.map(spaced)),
    st.tuples(st.just("application/json; charset=utf-8"), JSON.map(compact)),
    st.tuples(st.just(FORM),
              PAIRS.map(urlencode).map(str.encode) | TEXT.map(str.encode)),
    st.tuples(st.just("multipart/form-data; boundary=X"), parts()),
    st.tuples(st.just("application/octet-stream"), st.binary(max_size=30)),
    st.tuples(st.just("text/plain; charset=iso-8859-1"), st.binary(max_size=9)),
    st.tuples(st.none(), st.binary(max_size=9)),
)  # fmt: skip


def as_chromium(kind: str | None, body: bytes) -> dict[str, Any]:
    """A body as UTF-8 text, or in base64 as HAR 1.3 proposes it."""
    try:
        return {"mimeType": kind or "", "text": body.decode()}
    except UnicodeDecodeError:
        text = base64.b64encode(body).decode()
        return {"mimeType": kind or "", "text": text, "encoding": "base64"}


def as_mitmproxy(kind: str | None, body: bytes) -> dict[str, Any]:
    """A body as Latin-1, or as UTF-8 with lone surrogates."""
    utf_8 = kind is not None and ("json" in kind or "form" in kind)
    text = body.decode("utf-8", "surrogateescape") if utf_8 else body.decode("latin-1")
    return {"mimeType": kind or "", "text": text, "params": []}


@pytest.mark.slow
@settings(max_examples=EXAMPLES)
@given(
    method=TOKEN,
    target=TARGET,
    headers=HEADERS,
    content=BODIES,
    recorder=st.sampled_from([as_chromium, as_mitmproxy]),
)
@example("GET", "/?", [], (None, None), as_chromium)
@example("POST", "/", [("Cookie", "a=1; a=2")], ("text/plain", b""), as_chromium)
@example(
    "POST", "/", [], (FORM, b"a1token=hunter-2&a1hunter-2=&a1hunter-2="), as_chromium
)
@example(
    "GET", "/", [("Cookie", "aaaaa"), ("Cookie", '"=b')], (None, None), as_chromium
)
@example("GET", "/", [("Cookie", "a-b=1; a_b=2; A-B=3")], (None, None), as_chromium)
@example("POST", "/", [], ("application/json", b'{"token":[null,"\\""]}'), as_chromium)
@example("GET", "/$%C3%A9", [("Cookie", "%C3%A9")], (None, None), as_chromium)
def test_any_request_survives(
    tmp_path: Path,
    method: str,
    target: str,
    headers: list[tuple[str, str]],
    content: tuple[str | None, bytes | None],
    recorder: Any,
) -> None:
    if method == "CONNECT":
        return
    kind, body = content
    given_headers = list(headers)
    if kind is not None:
        given_headers.append(("Content-Type", kind))
    query = target.partition("?")[2]
    request: dict[str, Any] = {
        "method": method,
        "url": f"http://shop.example:5000{target}",
        "headers": [{"name": n, "value": v} for n, v in given_headers],
        "queryString": [
            {"name": n, "value": v}
            for n, v in parse_qsl(query, keep_blank_values=True)
        ],
    }  # fmt: skip
    if body is not None:
        request["headers"].append({"name": "Content-Length", "value": str(len(body))})
        request["postData"] = recorder(kind, body)
    har = tmp_path / "any.har"
    har.write_text(json.dumps({"log": {"entries": [{"request": request}]}}), "utf-8")

    traffic = Traffic(har, keep=["headers", "static", "bodies"])
    text = case_file("any", [], list(traffic))
    assert not [line for line in traffic.left_out if "URL" not in line], list(
        traffic.left_out
    )
    cases = tmp_path / "cases.toml"
    cases.write_text(text, "utf-8")
    values = {**traffic.places.names}
    with patch.object(os, "environ", values):
        (case,) = load_file(cases)
    made = build_request(case.request)
    out = sent(made)
    assert (out.method, out.path) == (method, target)
    if body and traffic.variables and kind and kind.startswith(tuple(READ)):
        # A body in which a secret is filled in is encoded anew.
        read = next(READ[each] for each in READ if kind.startswith(each))
        assert read(made.read().decode()) == read(body.decode())
        return
    assert made.read() == (body or b"")
    added = {"host"} if "host" not in {n.lower() for n, _ in headers} else set()
    added |= {"content-length"} if body is not None else set()
    rest = [(n, v) for n, v in out.headers if n.lower() not in added]
    assert rest == given_headers
