"""Explanations of what servers do: each is found, and silent where the app differs."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from msgspec import UNSET

from comparison import Case, Request
from comparison.causes.load import load_explanations
from comparison.models import Client, Comparison
from comparison.runner.run import compare
from tests.targets.waiting import needs

APPS = "tests.causes.served"
ORDER = "Keep dry"
LONG = "k" * 40_000


class Explained(NamedTuple):
    """A request, and the causes on a pair of servers.

    On a busy machine a server sees the end of the request before it sends its response.
    Then the causes of `late` are right too.
    """

    id: str
    request: Request
    causes: tuple[str, ...]
    layer: str = "server"
    setup: tuple[Request, ...] = ()
    late: tuple[str, ...] = ()


def parcel(body: str | None = ORDER, path: str = "/parcel", **fields: Any) -> Request:
    """Send a parcel; keyword arguments are header fields with two underscores for `-`."""
    headers = [
        (name.replace("__", "-"), value)
        for name, values in fields.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    method = "GET" if body is None else "POST"
    return Request(
        method, path, headers=tuple(headers), text=UNSET if body is None else body
    )


CHUNKED = "8\r\nKeep dry\r\n0\r\n\r\n"

PAIRS: dict[tuple[str, str], list[Explained]] = {
    ("werkzeug", "hypercorn"): [
        Explained(
            "absolute-target",
            parcel(None, "http://other.example/parcel", Host="shop.example"),
            ("host-of-absolute-target",),
        ),
        Explained("same-host", parcel(None, "http://a.example/parcel", Host="a.example"), ()),
        Explained(
            "h2c",
            parcel(None, Connection="Upgrade, HTTP2-Settings", Upgrade="h2c", HTTP2__Settings="AAMAAABk"),
            ("upgrade-to-http-2",),
        ),
        Explained("octets", Request(raw_path=r"/parcel?from=\xc5\x81"), ("target-not-ascii",)),
        Explained("encoded", parcel(None, "/parcel?from=%C5%81"), ()),
        Explained("delete", Request(raw_path=r"/parcel?from=\x7f"), ("rejected-by-one",)),
        Explained("space", Request(raw_path="/parcel?from=a b"), ("rejected-by-both",)),
        Explained("cut", Request("POST", "/parcel", headers=(("Content-Length", "80"),), text="Keep", client=Client(half_close=True)), ("body-cut-by-client",), "app"),
        Explained("uncut", Request("POST", "/parcel", text="Keep", client=Client(half_close=True)), (), late=("half-close-ends-connection",)),
        Explained("continue", Request("POST", "/parcel", text="Keep", client=Client(wait_for_continue=True)), ("continues-twice",)),
        Explained(
            "reused",
            Request(path="/parcel", client=Client(reuse_connection=True)),
            ("connection-not-kept",),
            setup=(Request(path="/parcel"),),
        ),
        Explained("long-head", parcel(None, Note=["k" * 9000] * 8), ("hypercorn-head-too-long",)),
        Explained("bad-chunk", parcel("zz\r\nKeep", Transfer__Encoding="chunked"), ("chunk-size-found-wrong-in-view",)),
        Explained("plus-chunk", parcel("+8\r\nKeep dry\r\n0\r\n\r\n", Transfer__Encoding="chunked"), ("chunk-without-size",)),
        Explained("extension", parcel("8;a=b\r\nKeep dry\r\n0\r\n\r\n", Transfer__Encoding="chunked"), ("chunk-extension-on-werkzeug",)),
        Explained("trailers", parcel("8\r\nKeep dry\r\n0\r\nA: b\r\n\r\n", Transfer__Encoding="chunked"), ("trailers-on-werkzeug",)),
        Explained("long-line", parcel(None, "/parcel?" + "k" * 66_000), ("hypercorn-head-too-long", "werkzeug-head-too-long")),
        Explained("length-minus", parcel(Content__Length="-8"), ("length-not-a-number",)),
        Explained("two-dates", Request(path="/dated"), ()),
        Explained("as-written", Request("Brew", "/parcel"), ()),
        Explained("own-server", Request(path="/label/named"), ()),
        Explained("app-rejects", parcel(path="/differs/rejects", Content__Length="8"), ()),
        Explained("app-says-431", parcel(path="/differs/rejects?status=431", Note="k"), ()),
        Explained("phrase", Request(path="/label/phrase"), ("reason-lost",)),
        Explained("two-cookies", parcel(None, Cookie=["size=s", "colour=red"]), ("cookie-fields-joined-with-comma",)),
        Explained("one-cookie", parcel(None, Cookie="size=s; colour=red"), ()),
        Explained("dropped", parcel(None, Tracking_Id="7"), ("underscore-dropped",)),
        Explained("not-dropped", parcel(None, "/differs/scheme", Tracking__Id="7"), ()),
    ],
    ("waitress", "uvicorn-httptools"): [
        Explained("half-closed", Request(path="/wrapped", client=Client(half_close=True)), ("half-close-ends-connection",)),
        Explained("continued", Request("POST", "/parcel", text="Keep", client=Client(wait_for_continue=True)), ()),
        Explained("both", parcel(CHUNKED, Transfer__Encoding="chunked", Content__Length="18"), ("length-beside-transfer-encoding",)),
        Explained("coding", parcel(CHUNKED, Transfer__Encoding="chunked,"), ("odd-transfer-encoding",)),
        Explained("lost-body", parcel(Connection="Upgrade", Upgrade="h2c"), ("body-lost-after-upgrade",)),
        Explained("kept-body", parcel(path="/differs/rejects", Connection="close"), ()),
        Explained("method", Request("BREW", "/parcel"), ("method-unknown-to-llhttp",)),
        Explained("method-known", Request("PURGE", "/parcel"), ()),
        Explained("secure", parcel(None, X__Forwarded__Proto="https"), ("forwarded-scheme-on-waitress",)),
        Explained("secure-anyway", parcel(None, "/differs/scheme", X__Forwarded__Proto="https"), ()),
        Explained("address", parcel(None, X__Forwarded__For="203.0.113.7"), ("forwarded-address",)),
        Explained(
            "scheme-and-address",
            parcel(None, X__Forwarded__For="203.0.113.7", X__Forwarded__Proto="https"),
            ("forwarded-scheme-on-waitress",),
        ),
        Explained("640", Request(path="/label/beyond"), ("status-above-599",), "app"),
        Explained("600-raised", Request(path="/differs/raises"), ()),
        Explained("coded", Request(path="/label/coded"), ("hop-by-hop-field-rejected",), "app"),
        Explained("via", Request(path="/label/named"), ("server-field-twice", "via-by-waitress")),
        Explained("short", Request(path="/label/short"), ("wrong-length",), "app"),
        Explained("stamped", Request(path="/label/stamped"), ("date-field-twice",)),
        Explained("old-client", Request(path="/stream", http_version="1.0"), ("chunks-for-http-1-0",)),
        Explained("new-client", Request(path="/stream"), ()),
        Explained("socket", parcel(None, Connection="Upgrade", Upgrade="websocket", Sec__WebSocket__Version="13", Sec__WebSocket__Key="dGhlIHNhbXBsZSBub25jZQ=="), ("upgrade-to-websocket-rejected",)),
    ],
    ("gunicorn-sync", "uvicorn-h11"): [
        Explained("field", parcel(None, Note="k" * 8300), ("gunicorn-field-too-long",)),
        Explained("fields", parcel(None, **{f"N{n}": "k" for n in range(120)}), ("gunicorn-too-many-fields",)),
        Explained("line", parcel(None, "/parcel?note=" + "k" * 5000), ("gunicorn-line-too-long",)),
        Explained("long-field", parcel(None, Note="k" * 200_000), ("gunicorn-field-too-long", "uvicorn-head-too-long")),
        Explained("length-twice", parcel(Content__Length=["8", "8"]), ("length-twice",)),
        Explained("hosts", parcel(None, Host=["a.example", "a.example"]), ("host-twice",)),
        Explained("schemes", parcel(None, X__Forwarded__Proto="https", X__Forwarded__Ssl="off"), ("contradictory-schemes",)),
        Explained("mount", parcel(None, "/shop/parcel", SCRIPT_NAME="/shop"), ("mounted-by-request-field",)),
        Explained("mount-outside", parcel(None, "/parcel", SCRIPT_NAME="/shop"), ("path-outside-request-field",)),
        Explained("mount-elsewhere", parcel(None, "/parcels", Shop="/shop"), ()),
        Explained("lower", Request("brew", "/parcel"), ("method-not-in-capitals",)),
        Explained("upper", Request("BREW", "/parcel"), ()),
        Explained("expects", parcel(Expect="200-ok"), ("expectation-rejected",)),
        Explained("city", Request(path="/label/city"), ("field-in-utf-8",), "framework"),
        Explained("town", Request(path="/label/town"), ("field-beyond-latin-1",), "app"),
        Explained("ascii", Request(path="/differs/field"), ()),
        Explained("padded", Request(path="/label/padded"), ("field-rejected-by-h11",), "app"),
        Explained("spoken", Request(path="/label/spoken"), ("body-of-bodyless-status",), "app"),
        Explained("soon", Request(path="/label/sent-soon"), ("interim-status-rejected",), "app"),
        Explained("upgrade", Request(path="/label/upgrade"), ("hop-by-hop-field-dropped",), "app"),
        Explained("same-exit", Request(path="/parcel"), ()),
    ],
    ("gunicorn-sync", "hypercorn"): [
        Explained("secure", parcel(None, X__Forwarded__Proto="https"), ("forwarded-scheme",)),
        Explained("secure-anyway", parcel(None, "/differs/scheme", X__Forwarded__Proto="https"), ()),
        Explained("types", parcel(Content__Type=["text/plain", "text/html"]), ("content-type-twice",)),
        Explained("one-type", parcel(path="/differs/rejects", Content__Type="text/plain"), ()),
        Explained("folded", parcel(None, Note="Keep\r\n dry"), ("folded-line-rejected",)),
        Explained("bell", Request(path="/label/bell"), ("field-rejected-by-gunicorn",), "app"),
        Explained("no-method", Request("BR(W", "/parcel"), ("rejected-by-both",)),
        Explained("long-method", Request("TRANSPORT-CAREFULLY-AND-DRY", "/parcel"), ("method-too-long-for-gunicorn",)),
        Explained("twice", parcel(None, Tracking__Id=["7", "8"]), ("repeated-field-joined",), "framework"),
        Explained("once", parcel(None, "/differs/scheme", Tracking__Id="7"), ()),
        Explained("no-host", Request(path="/parcel", http_version="1.0"), ("no-host-in-http-1-0",), "framework"),
        Explained("has-host", Request(path="/differs/scheme", http_version="1.0", headers=(("Host", "a.example"),)), ()),
        Explained("odd-name", parcel(None, **{"No(te)": "k"}), ("field-name-not-a-token",)),
        Explained("control", parcel(None, Note="Keep\x01dry"), ("control-character-in-request",)),
        Explained("no-slash", Request(raw_path="parcel"), ("target-of-no-form",)),
        Explained("asterisk", Request(path="*"), ("target-of-no-form",)),
        Explained("asterisk-of-options", Request("OPTIONS", path="*"), ()),
    ],
    ("waitress", "granian"): [
        Explained("long-target", parcel(None, "/parcel?" + "k" * 65_600), ("granian-target-too-long",)),
        Explained("many-fields", parcel(None, **{f"N{n}": "k" for n in range(120)}), ("granian-too-many-fields",)),
        Explained("long-head", parcel(None, Note="k" * 270_000), ("waitress-head-too-long",)),
        Explained("angles", parcel(None, "/parcel?note=<dry>"), ("target-rejected-by-granian",)),
        Explained("soon", Request(path="/label/sent-soon"), ("interim-status-sent",), "app"),
        Explained("removed", parcel(None, "/forwarded", X__Forwarded__Host="shop.example"), ("forwarded-field-removed",)),
        Explained("not-sent", parcel(None, "/differs/scheme"), ()),
        Explained("no-slash", Request(raw_path="parcel"), ("target-taken-for-host",)),
        Explained("slash", Request(raw_path="/differs/raises"), ()),
    ],
    ("gunicorn-sync", "granian"): [
        Explained("secure", parcel(None, X__Forwarded__Proto="https"), ("forwarded-scheme-elsewhere",)),
        Explained("secure-anyway", parcel(None, "/differs/scheme", X__Forwarded__Proto="https"), ()),
    ],
    ("gunicorn-gthread", "granian"): [
        Explained("long", Request(path="/label/long"), ("length-never-reached",), "app"),
        Explained("not-long", Request(path="/label/plain"), ()),
    ],
    ("gunicorn-sync", "uvicorn-httptools"): [
        Explained("no-path", parcel(None, "http://shop.example", Host="shop.example"), ("absolute-target-without-path",)),
        Explained("path", parcel(None, "http://shop.example/differs/scheme", Host="shop.example"), ()),
        Explained("zero", parcel(None, "/parcel", Content__Length="x"), ("length-not-a-number",)),
    ],
    ("hypercorn", "daphne"): [
        Explained("chunks", Request("POST", "/parcel", chunks=("Keep ", "dry")), ("chunked-body-lost",)),
        Explained("one-piece", parcel(), ()),
        Explained("empty", Request(path="/label/empty"), ("wsgi-app-without-body",)),
        Explained("line", parcel(None, Note="k" * 17_000), ("daphne-line-too-long",)),
        Explained("spoof", parcel(None, Tracking_Id="7"), ("underscore-taken-for-hyphen",)),
        Explained("coded", Request(path="/label/coded"), ("own-transfer-encoding",), "app"),
        Explained("breaks", Request(path="/stream?breaks"), ("stream-fails-on-daphne",), "app"),
    ],
    ("granian", "granian"): [
        Explained("spoof", parcel(None, Tracking_Id="7"), ("underscore-taken-for-hyphen",)),
        Explained("octets", parcel(None, Sender="München"), ("octets-dropped-by-granian",)),
        Explained("soon", Request(path="/label/sent-soon"), ()),
        Explained("exits", Request(path="/label/exits"), ("exit-in-app",), "app"),
    ],
}  # fmt: skip
SLOW = [pair for pair in PAIRS if pair != ("werkzeug", "hypercorn")]
OF_SERVERS = {
    explanation.id
    for explanation in load_explanations().values()
    if "server" in explanation.when
}
EACH = [
    pytest.param(
        pair,
        explained,
        id=f"{'-'.join(pair)}-{explained.id}",
        marks=[pytest.mark.slow] if pair in SLOW else [],
    )
    for pair, several in PAIRS.items()
    for explained in several
]
Compared = Callable[[tuple[str, str]], dict[str, Comparison]]


@pytest.fixture(scope="module")
def compared() -> Compared:
    """Return what came of the cases of a pair, which run when a test first needs them."""
    done: dict[tuple[str, str], dict[str, Comparison]] = {}

    def of(pair: tuple[str, str]) -> dict[str, Comparison]:
        if pair not in done:
            flask, quart = pair
            cases = [
                Case(each.id, each.request, setup=each.setup) for each in PAIRS[pair]
            ]
            run = compare(
                f"{APPS}:flask_app@{flask}",
                f"{APPS}:quart_app@{quart}",
                cases,
                timeout=3.0,
            )
            done[pair] = {each.case.id: each for each in run}
        return done[pair]

    return of


@pytest.mark.parametrize(("pair", "explained"), EACH)
def test_server_behaviour_is_explained_and_nothing_else(
    pair: tuple[str, str], explained: Explained, compared: Compared
) -> None:
    needs(*pair)
    comparison = compared(pair)[explained.id]
    findings = [
        f for f in comparison.findings if f.cause in OF_SERVERS or explained.causes
    ]
    causes = sorted(f.cause for f in findings)
    expected = explained.causes, explained.late or explained.causes
    assert causes in [sorted(each) for each in expected]
    assert {f.layer for f in findings} <= {explained.layer}
    assert all(f.remedy for f in findings)


def test_a_response_made_by_the_server_is_attributed_to_it(
    compared: Compared,
) -> None:
    # In process, Flask and Quart read such a body differently.
    comparison = compared(("werkzeug", "hypercorn"))["length-minus"]
    made = {(d.layer, d.server) for d in comparison.differences if d.known is None}
    assert made == {("server", "hypercorn")}


def test_a_method_is_sent_as_written(compared: Compared) -> None:
    comparison = compared(("werkzeug", "hypercorn"))["as-written"]
    sent = [r.exchange.request.method for r in comparison.recordings.values()]
    assert sent == ["Brew", "Brew"]


def test_a_second_date_is_known_to_come_from_the_server(compared: Compared) -> None:
    comparison = compared(("werkzeug", "hypercorn"))["two-dates"]
    known = {d.field: d.known for d in comparison.differences}
    assert known["header:date"] == "two-dates-on-werkzeug"
