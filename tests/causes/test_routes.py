"""Routes of two apps, by traces written by hand."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from comparison.causes.facts import Request
from comparison.causes.routes import missing_route
from comparison.models import Finding
from tests.causes.structured import FILE, MATCHED, SOURCE, app, missed, request

__all__ = ["app"]


def route(ours: Request, theirs: Request, file: str = FILE) -> Finding:
    found = missing_route(ours, theirs, "flask", "quart", file)
    assert found is not None and found.target == "quart"
    return found


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
