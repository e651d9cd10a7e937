"""Routes, hooks, handlers and middleware of two apps, by traces written by hand."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from comparison.causes.facts import Request
from comparison.causes.making import Made
from comparison.causes.routes import missing_route
from comparison.causes.structure import STRUCTURAL, structural
from comparison.causes.wrapping import middleware_missing
from comparison.models import Difference, Event, Exchange, Finding, Value
from tests.diff.making import SENT, response

FILE = "structured_shop.py"
SOURCE = """\
from structured_near import Wrapped

app = Quart(__name__)
app.register_blueprint(shelf, url_prefix="/books")

@app.websocket("/feed")
async def feed():
    pass

@app.before_request
@other
async def check():
    pass

@app.get("/tea")
async def tea():
    pass
"""
FLASK = SOURCE.replace('url_prefix="/books"', 'url_prefix="/shelf"')
MATCHED = Event("route_matched", name="tea", rule="/tea", file="a.py", line=3)


@pytest.fixture(autouse=True)
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / FILE).write_text(SOURCE)
    (tmp_path / "structured_flask.py").write_text(FLASK)


def request(*trace: Event, path: str = "/tea", method: str = "GET") -> Request:
    sent = replace(SENT, path=path, method=method)
    return Request(Exchange(sent, response()), trace)


def route(ours: Request, theirs: Request, file: str = FILE) -> Finding:
    found = missing_route(ours, theirs, "flask", "quart", file)
    assert found is not None and found.target == "quart"
    return found


def missed(detail: str = "NotFound", name: str = "") -> Event:
    return Event("route_missed", detail=detail, name=name)


def test_another_rule_is_another_route() -> None:
    other = replace(MATCHED, name="any", rule="/<name>", file="b.py", line=5)
    found = route(request(MATCHED), request(other, path="/tea?x=1"))
    assert (found.cause, found.file, found.line) == ("another-route", "b.py", 5)
    assert found.summary == "GET /tea matches /<name> in quart, and /tea in flask."
    assert found.evidence == ("flask: /tea → tea", "quart: /<name> → any")


@pytest.mark.parametrize(
    ("paths", "rules", "same"),
    [
        (("/tea", "/tea"), ("/tea", "/tea"), True),
        (("/shop/tea", "/v2/tea"), ("/shop/tea", "/v2/tea"), True),
        (("/shop/tea?a=1", "/tea"), ("/shop/tea", "/tea"), True),
        (("/shop/tea", "/v2/tea"), ("/shop/tea", "/v2/<name>"), False),
        (("/shop/tea", "/shop/tea"), ("/shop/tea", "/shop/<name>"), False),
    ],
)
def test_rules_are_compared_without_the_prefixes_of_the_targets(
    paths: tuple[str, str], rules: tuple[str, str], same: bool
) -> None:
    ours, theirs = (
        request(replace(MATCHED, rule=rule), path=path)
        for path, rule in zip(paths, rules, strict=True)
    )
    found = missing_route(ours, theirs, "flask", "quart", FILE)
    assert (found is None) is same


@pytest.mark.parametrize(
    ("detail", "why", "place"),
    [
        ("NotFound", "quart has no rule for it.", (15, '@app.get("/tea")')),
        ("MethodNotAllowed", "The rule in quart does not allow GET.", (15, '@app.get("/tea")')),
        ("RequestRedirect", "quart has the rule with or without a slash at its end.", (15, '@app.get("/tea")')),
        ("WebsocketMismatch", "quart has a rule for websockets only there.", (15, '@app.get("/tea")')),
    ],
)  # fmt: skip
def test_a_route_that_only_one_app_has_is_missing(
    detail: str, why: str, place: tuple[int, str]
) -> None:
    found = route(request(MATCHED), request(missed(detail)))
    assert found.cause == "route-missing"
    assert found.summary == f"GET /tea has a view in flask only. {why}"
    assert found.remedy == "Register the rule '/tea' for GET in quart, as in a.py:3."
    assert (found.line, found.source) == place


def test_a_websocket_rule_at_the_path_is_the_place() -> None:
    matched = replace(MATCHED, name="feed", rule="/feed")
    theirs = request(missed("WebsocketMismatch"), path="/feed")
    found = route(request(matched), theirs)
    assert (found.line, found.source) == (6, '@app.websocket("/feed")')
    found = route(request(missed()), theirs)
    assert found.cause == "rules-differ" and found.line == 6
    assert found.summary == (
        "GET /feed: flask has no rule, quart has a rule for websockets only, which"
        " answers HTTP with 400."
    )
    assert found.remedy.startswith("Add a rule for HTTP to quart that answers as flask")


def test_rules_for_other_methods_differ() -> None:
    ours, theirs = request(missed()), request(missed("MethodNotAllowed"))
    found = route(ours, theirs)
    assert found.summary == (
        "GET /tea: flask has no rule, quart has a rule for other methods."
    )
    assert found.remedy == "Make the rules of both apps equal."
    assert route(ours, request(missed("Odd"))).summary.endswith("quart has Odd.")
    for pair in (
        (request(missed()), request(missed())),
        (request(), request(missed())),
        (request(MATCHED), request(MATCHED)),
        (request(MATCHED), request()),
        (request(missed()), request(MATCHED)),
    ):
        assert missing_route(*pair, "flask", "quart", FILE) is None


@pytest.mark.parametrize(
    ("arrived", "changed"), [("/x", True), ("/b ä", False), ("", False)]
)
def test_a_path_that_arrives_otherwise_is_changed_before_the_app(
    arrived: str, changed: bool
) -> None:
    ours = request(MATCHED, path="/a/b%20%C3%A4")
    found = route(ours, request(missed(name=arrived), path="/a/b%20%C3%A4?q=1"))
    assert (found.cause == "path-changed") is changed
    if changed:
        assert "/a/b%20%C3%A4 arrives in quart as '/x', for which" in found.summary
        assert found.remedy.startswith(
            "Look at what changes the path before quart gets"
        )
        assert found.line == 15


def test_a_blueprint_that_is_registered_otherwise_is_the_cause() -> None:
    matched = replace(MATCHED, name="shelf.tea", file="structured_flask.py")
    found = route(request(matched), request(missed()))
    assert found.cause == "blueprint-differs" and found.place == f"{FILE}:4"
    assert found.summary == (
        "The views of the blueprint shelf are not where flask has them: its registration"
        " differs."
    )
    ours = 'app.register_blueprint(shelf, url_prefix="/shelf")'
    assert found.remedy == f"Write it as in structured_flask.py:4: `{ours}`"
    lines = SOURCE.splitlines(keepends=True)
    Path(FILE).write_text("".join(each for each in lines if "blueprint" not in each))
    found = route(request(matched), request(missed()))
    assert found.summary.endswith(f"has them: quart lacks `{ours}`.")
    assert found.source == ""
    assert route(request(MATCHED), request(missed())).cause == "route-missing"
    assert route(request(matched), request(missed()), "").cause == "route-missing"


# Hooks and handlers --------------------------------------------------------------------


def hook(name: str, **fields: Any) -> Event:
    return Event("hook_called", name=name, file="h.py", line=len(name), source="s", **fields)  # fmt: skip


def handler(name: str) -> Event:
    return Event("handler_called", name=name, file="h.py", line=4)


def caught(detail: str = "KeyError: 'a'") -> Event:
    return Event("error_caught", detail=detail)


def found_in(ours: list[Event], theirs: list[Event]) -> list[Finding]:
    pair = request(MATCHED, *ours), request(MATCHED, *theirs)
    return list(structural(*pair, "flask", "quart", FILE))


HANDED = Event("response_handed_over")


@pytest.mark.parametrize(
    ("ours", "theirs", "causes"),
    [
        ([hook("a"), hook("b")], [hook("a"), hook("b")], []),
        ([hook("a")], [], ["hook-missing"]),
        ([], [hook("a")], ["hook-added"]),
        ([hook("a")], [hook("a"), hook("b")], ["hook-added"]),
        ([hook("a")], [hook("b")], ["hook-missing"]),
        ([hook("a"), hook("b")], [hook("b"), hook("a")], ["hook-order"]),
        ([hook("a", detail="signal")], [], []),
        # After an exception in a hook, the others do not run.
        ([hook("a"), hook("b")], [hook("a"), Event("hook_raised")], []),
        ([hook("b"), hook("a")], [hook("a"), Event("hook_raised")], ["hook-missing"]),
        ([caught(), handler("a")], [caught()], ["handler-missing"]),
        ([caught()], [caught(), handler("a")], ["handler-added"]),
        ([caught(), handler("b")], [caught(), handler("a")], ["handler-missing"]),
        ([caught(), handler("a")], [caught(), handler("a")], []),
        ([caught(), handler("a")], [caught("ValueError: a")], []),
        ([caught(), handler("a")], [caught("KeyError: 'b'")], ["handler-missing"]),
        ([caught(), handler("a")], [], []),
        ([handler("a")], [caught()], []),
    ],
)
def test_hooks_and_handlers_that_one_app_runs_are_causes(
    ours: list[Event], theirs: list[Event], causes: list[str]
) -> None:
    assert [each.cause for each in found_in(ours, theirs)] == causes
    assert set(causes) <= STRUCTURAL.keys()


def test_a_missing_hook_has_a_place_and_a_remedy() -> None:
    (found,) = found_in([hook("shop.check")], [])
    assert found.summary == "The hook shop.check runs in flask only."
    assert found.remedy == "Register shop.check in quart: flask does it in h.py:10."
    assert (found.line, found.source) == (10, "@app.before_request")
    assert found.fields == ()
    (found,) = found_in([hook("close")], [])
    assert found.remedy == "Register close in quart as in h.py:5."
    assert found.place == ""
    # After the response, it cannot change it.
    (found,) = found_in([HANDED, hook("close")], [])
    assert found.fields == ("effect",)


def test_another_hook_or_order_has_a_place_and_a_remedy() -> None:
    (found,) = found_in([], [hook("open")])
    assert found.summary == "The hook open runs in quart only."
    assert found.remedy == "Register it in flask too, or remove it."
    assert (found.place, found.source) == ("h.py:4", "s")
    assert found.evidence == ("quart: open called",)
    (found,) = found_in([hook("a"), hook("bb")], [hook("bb"), hook("a")])
    assert found.summary == "The same hooks run in another order in quart."
    assert found.remedy == "Register them in the same order."
    assert found.place == "h.py:2"
    assert found.evidence == ("flask: a, bb", "quart: bb, a")


def returned(kind: str, **fields: Any) -> Event:
    value = Value(type=kind, text="", **fields)
    return Event("hook_returned", name="close", file="h.py", line=9, source="r", value=value)  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "theirs", "cause"),
    [
        (returned("Response", status=200), returned("NoneType"), True),
        (returned("NoneType"), returned("NoneType"), False),
        (returned("Response", status=200), returned("Response", status=200), False),
        (Event("hook_returned", name="close"), returned("NoneType"), False),
        (returned("Response", status=200), Event("hook_returned", name="close"), False),
        (Event("hook_called", name="close"), returned("NoneType"), False),
    ],
)
def test_a_hook_that_returns_nothing_is_a_cause(
    ours: Event, theirs: Event, cause: bool
) -> None:
    called = hook("close")
    found = found_in([called, ours], [called, theirs])
    assert [each.cause for each in found] == ["hook-returns-nothing"] * cause
    if cause:
        assert (
            found[0].summary == "The hook close returns None instead of the response."
        )
        assert found[0].remedy == "Return the response, as h.py:9 does."
        assert (found[0].place, found[0].source) == ("h.py:9", "r")


def test_a_missing_handler_has_a_place_and_a_remedy() -> None:
    (found,) = found_in([caught(), handler("shop.tea")], [caught()])
    assert found.summary == "The error handler shop.tea handles KeyError in flask only."
    assert found.remedy == "Register shop.tea for KeyError in quart, as in h.py:4."
    assert (found.line, found.source) == (15, '@app.get("/tea")')
    assert found.evidence == ("flask: shop.tea called for KeyError",)
    (found,) = found_in([caught()], [caught(), handler("a")])
    assert found.summary == "The error handler a handles KeyError in quart only."
    assert found.remedy == "Register it in flask too, or remove it."
    assert found.place == "h.py:4"
    assert found.evidence == ("quart: a called for KeyError",)


def test_without_a_view_its_hooks_are_no_cause() -> None:
    pair = request(MATCHED, hook("a")), request(missed())
    (found,) = structural(*pair, "flask", "quart", FILE)
    assert found.cause == "route-missing"


# Middleware ----------------------------------------------------------------------------

WRAPPED = """\
from structured_near import Wrapped

class Plain:
    def __call__(self, environ, start_response):
        headers.append(("X-Served-By", "shop"))

app = Flask(__name__)
{wrap}
"""
NEAR = """\
from structured_far import Wrapped
"""
FAR = """\
def Wrapped(app):
    environ["PATH_INFO"] = "x-far"
"""


def made(wrap: str, name: str, *trace: Event) -> Made:
    Path(f"structured_{name}_app.py").write_text(WRAPPED.format(wrap=wrap))
    Path("structured_near.py").write_text(NEAR)
    Path("structured_far.py").write_text(FAR)
    return Made(name, "", f"structured_{name}_app:app", request(*trace))


def differing(field: str, one: Any = None, other: Any = None) -> Difference:
    return Difference(target="quart", field=field, reference=one, candidate=other)


PLAIN = "app.wsgi_app = Plain(app.wsgi_app)"


@pytest.mark.parametrize(
    ("ours", "theirs", "difference", "found"),
    [
        (PLAIN, "", differing("header:x-served-by", "shop"), "Plain"),
        (PLAIN, "", differing("body", "the shop", "the bank"), "Plain"),
        (PLAIN, "", differing("header:x-other", "shop"), None),
        (PLAIN, "", differing("body", "the bank", "the river"), None),
        (PLAIN, "", differing("body", "shop one", "shop two"), None),
        (PLAIN, "", differing("header:content-length", "1", "2"), None),
        (PLAIN, "app.asgi_app = Plain(app.asgi_app)", differing("header:x-served-by"), None),
        ("app.wsgi_app = middleware.Wrapped(app)", "", differing("body", "x-far", ""), "Wrapped"),
        ("app = deep.PlainMiddleware(app)", "", differing("body", "x-far", ""), None),
        ("app.other = Plain(app)", "", differing("header:x-served-by"), None),
    ],
)  # fmt: skip
def test_middleware_that_mentions_a_difference_is_missing(
    ours: str, theirs: str, difference: Difference, found: str | None
) -> None:
    pair = made(ours, "flask"), made(theirs, "quart")
    got = list(middleware_missing(*pair, [difference], route=False))
    assert len(got) == (found is not None)
    if found is not None:
        assert got[0].cause == "middleware-missing" and got[0].target == "quart"
        assert got[0].summary == f"The middleware {found} is around flask only."
        assert got[0].remedy == (
            f"Write it as ASGI middleware and set `app.asgi_app = {found}(app.asgi_app)`"
            " in quart, or do its work in functions with `@app.before_request` and"
            " `@app.after_request`."
        )
        assert got[0].place == "structured_flask_app.py:8"
        assert got[0].source == ours


@pytest.mark.parametrize(
    ("ours", "trace", "shown"),
    [
        ("app.wsgi_app = Wrapped(app)", [missed()], True),
        ("app.wsgi_app = Wrapped(app)", [MATCHED], False),
        (PLAIN, [missed()], False),
    ],
)
def test_middleware_that_decides_the_route_is_missing(
    ours: str, trace: list[Event], shown: bool
) -> None:
    pair = made(ours, "flask"), made("", "quart", *trace)
    assert bool(list(middleware_missing(*pair, [], route=True))) is shown
