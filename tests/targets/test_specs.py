"""SPECs of targets: what they name, and what is wrong with them."""

from pathlib import Path
from typing import Any

import flask
import pytest
import quart

from comparison import TargetError, UsageError
from comparison.core.errors import FactoryNeeded
from comparison.targets.resolve import infos_of, resolve_target, resolve_targets
from comparison.targets.servers.recording_header import (
    header_value,
    parse,
    probe_value,
)
from comparison.targets.spec import (
    Spec,
    from_factory,
    interface_of,
    is_factory,
    load_factory,
    parse_spec,
    parse_target,
    ready_made,
)
from comparison.targets.url import UrlTarget
from tests.targets.specified import folder, long

__all__ = ["folder"]


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("app", Spec("app", None, None, None)),
        ("a.b:c.d", Spec("a.b", "c.d", None, None)),
        ("a:make()", Spec("a", "make", "", None)),
        ("a:make('(', 2)@waitress", Spec("a", "make", "'(', 2", "waitress")),
        ("a@", Spec("a", None, None, "")),
        ("a@gunicorn@x", Spec("a", None, None, "gunicorn@x")),
    ],
)
def test_a_spec_has_its_parts(text: str, spec: Spec) -> None:
    assert parse_spec(text) == spec


@pytest.mark.parametrize(
    "text", ["", "a:", "a-b", "a:b-c", "a:b c", "1a:b", "a..b", "a:b."]
)
def test_a_malformed_spec_is_rejected(text: str) -> None:
    with pytest.raises(UsageError, match="write module:attribute, module:factory") as e:
        parse_spec(text)
    assert str(e.value).startswith(f"target {text!r}: ")


@pytest.mark.parametrize("text", ["a", "=a", "a=", "="])
def test_a_target_has_a_name_and_a_spec(text: str) -> None:
    assert parse_target("a=b=c") == ("a", "b=c")
    with pytest.raises(UsageError, match=f"^--target '{text}': write NAME=SPEC"):
        parse_target(text)


class Called:
    def __call__(self, environ: Any, start_response: Any) -> Any: ...


class CalledLater:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


async def asgi(scope: Any, receive: Any, send: Any, *, more: int = 0) -> None: ...


async def short(scope: Any, receive: Any) -> None: ...


def wsgi(environ: Any, start_response: Any) -> Any: ...


@pytest.mark.parametrize(
    ("app", "interface"),
    [
        (flask.Flask("a"), "wsgi"), (quart.Quart("a"), "asgi"), (wsgi, "wsgi"), (asgi, "asgi"),
        (Called(), "wsgi"), (CalledLater(), "asgi"), (Called().__call__, "wsgi"),
        (short, None), (long, None), (4, None), (Called, None), (len, None),
    ],
)  # fmt: skip
def test_an_app_has_an_interface(app: Any, interface: str | None) -> None:
    if interface is not None:
        assert interface_of(app, "x") == interface
        return
    with pytest.raises(TargetError, match="neither a WSGI app") as raised:
        interface_of(app, "x")
    assert str(raised.value).startswith(f"target 'x': {type(app).__name__} is neither")


@pytest.mark.parametrize(
    ("found", "factory"),
    [
        (lambda: 1, True), (lambda a=1, *b, c=2, **d: 1, True), (lambda a: 1, False),
        (wsgi, False), (Called, False), (Called(), False), (flask.Flask("a"), False),
    ],
)  # fmt: skip
def test_a_factory_needs_no_arguments(found: Any, factory: bool) -> None:
    assert is_factory(found) is factory


def test_a_factory_takes_the_settings_of_a_case() -> None:
    given: list[Any] = []

    def make(first: Any = None, settings: Any = None) -> Any:
        given.append((first, settings))
        return wsgi

    plain = from_factory(make, "x", ("a",))
    assert plain({}, False) is wsgi and plain({"A": 1}, True) is wsgi
    both = from_factory(make, "x", ("a", {"A": 0, "B": 2}))
    assert both({"A": 1}, False) is wsgi and both({}, False) is wsgi
    assert given == [
        ("a", None), ("a", {"A": 1}), ("a", {"A": 1, "B": 2}), ("a", {"A": 0, "B": 2}),
    ]  # fmt: skip
    with pytest.raises(FactoryNeeded, match="the settings of x are not a mapping"):
        from_factory(make, "x", ("a", 4))({"A": 1}, False)
    with pytest.raises(FactoryNeeded, match="x has no parameter named settings"):
        from_factory(lambda: wsgi, "x")({"A": 1}, False)
    assert from_factory(lambda: wsgi, "x")({}, True) is wsgi


async def later() -> Any: ...


def failing() -> Any:
    raise KeyError("shelf")


def test_a_factory_that_makes_no_app_is_reported() -> None:
    for function, message in (
        (later, "target 'x': the factory is a coroutine function; write one that returns an app"),
        (failing, "target 'x': KeyError: 'shelf' (test_specs.py:"),
        (lambda: 4, "target 'x': int is neither"),
    ):  # fmt: skip
        with pytest.raises(TargetError) as raised:
            from_factory(function, "x")({}, False)
        assert str(raised.value).startswith(message)


def test_an_app_is_no_factory() -> None:
    give = ready_made(wsgi, "x")
    assert give({}, False) is wsgi
    for settings, fresh in (({"A": 1}, False), ({}, True)):
        with pytest.raises(FactoryNeeded, match="^x is an app, not a factory$"):
            give(settings, fresh)


APP = "def app(environ, start_response): ...\n"


MADE = "def create_app(): return app\n"


@pytest.mark.parametrize(
    ("source", "spec", "message"),
    [
        (APP, "NAME:app", None), (APP, "NAME", None), (APP + MADE, "NAME", None),
        (APP + MADE, "NAME:create_app()", None), (APP.replace("app", "application"), "NAME", None),
        (f"{APP}class c: app = app\n", "NAME:c.app", None),
        (APP, "NAME:apps", "target 'NAME:apps': NAME has no attribute 'apps', did you mean \"app\"?"),
        (APP, "NAME:_app", "target 'NAME:_app': NAME has no attribute '_app'"),
        ("", "NAME", "target 'NAME': NAME has no create_app, app or application; write NAME:attribute"),
        ("def create_app(a): ...", "NAME", "target 'NAME': create_app needs arguments; write NAME:create_app(ARGUMENTS)"),
        ("create_app = 4", "NAME", "target 'NAME': int is neither"),
        ("a = 4", "NAME:a()", "target 'NAME:a()': a is not callable"),
        (MADE, "NAME:create_app(x)", "target 'NAME:create_app(x)': a factory's arguments are literals, not 'x'"),
        ("1 / 0", "NAME:a", "target 'NAME:a': ZeroDivisionError: division by zero (NAME.py:1)"),
        ("import nothing_here", "NAME:a", "target 'NAME:a': ModuleNotFoundError: No module named 'nothing_here' (NAME.py:1)"),
        ("a = (", "NAME:a", "target 'NAME:a': SyntaxError: '(' was never closed (NAME.py, line 1)"),
        ("", "NAMES:a", "target 'NAMES:a': no module named 'NAMES', did you mean \"NAME\"?"),
        ("", "NAME.sub:a", "target 'NAME.sub:a': no module named 'NAME.sub'"),
        ("raise SystemExit(3)", "NAME:a", "target 'NAME:a': SystemExit: 3 (NAME.py:1)"),
    ],
)  # fmt: skip
def test_a_spec_names_an_app_or_why_not(
    source: str, spec: str, message: str | None, folder: Path, request: Any
) -> None:
    name = f"specified_{abs(hash((source, spec)))}"
    (folder / f"{name}.py").write_text(source)
    spec = spec.replace("NAME", name)
    if message is None:
        made = load_factory(parse_spec(spec), spec)({}, False)
        assert made.__name__ in ("app", "application")
        return
    with pytest.raises((TargetError, UsageError)) as raised:
        load_factory(parse_spec(spec), spec)
    assert str(raised.value).startswith(message.replace("NAME", name))


def test_targets_are_resolved_from_what_they_are() -> None:
    named = resolve_target(flask.Flask("shop"))
    assert (named.name, named.spec) == ("flask", "shop")
    assert resolve_target(named) is named
    assert resolve_target(Called()).name == "Called"
    assert resolve_target(lambda: wsgi, "mine").name == "mine"
    assert resolve_target(lambda: wsgi).name == "<lambda>"
    assert resolve_target(wsgi).name == "wsgi"
    assert resolve_target("http://shop.example:81/v2").name == "shop.example"
    assert resolve_target("a.b:c").name == "a.b"
    assert resolve_target("a.b:c", "x").name == "x"
    served = resolve_target("a.b:c@waitress")
    assert (type(served).__name__, served.name) == ("ServerTarget", "a.b")
    with pytest.raises(TargetError, match="int is neither"):
        resolve_target(4)


def test_targets_of_the_command_line_are_resolved() -> None:
    given = ["one=http://a.example", "two=a:b@waitress", "three=a:b"]
    found = resolve_targets(given, keep_alive=True, rate=3)
    assert list(found) == ["one", "two", "three"]
    assert isinstance(found["one"], UrlTarget)
    assert found["one"].rate_limiter is not None
    assert getattr(found["two"], "keep_alive", None) is True
    assert getattr(resolve_targets(given)["two"], "keep_alive", None) is False
    assert list(resolve_targets(given[:1], alone=True)) == ["one"]
    for arguments, options, message in (
        (["a=b", "a=c"], {}, "--target 'a=c': the name 'a' is used twice"),
        (["a=b"], {}, "give two targets or more: --target NAME=SPEC"),
        ([], {"alone": True}, "give two targets or more"),
        (["a=b", "c=d"], {"rate": 2}, "--rate is for targets at URLs: give a target at a URL too"),
    ):  # fmt: skip
        with pytest.raises(UsageError) as raised:
            resolve_targets(arguments, **options)
        assert str(raised.value).startswith(message)


def test_targets_are_described_under_the_names_of_the_run() -> None:
    target = resolve_target(flask.Flask("shop"), "other")
    (info,) = infos_of({"mine": target})
    assert (info.name, info.spec, info.framework, info.server) == (
        "mine", "shop", "flask", "in-process",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://shop.example/v2", ""),
        ("http://ann@shop.example", "give credentials as a header of the cases, not in the URL"),
        ("http://ann:b@shop.example", "give credentials as a header of the cases, not in the URL"),
        ("http://:b@shop.example", "give credentials as a header of the cases, not in the URL"),
        ("http://shop.example/?a=1", "a URL is the prefix of all paths: write it without ? and #"),
        ("http://shop.example/#a", "a URL is the prefix of all paths: write it without ? and #"),
        ("http:///a", "the URL has no host"),
        ("ftp://shop.example", "a URL begins with http:// or https://, not ftp://"),
    ],
)  # fmt: skip
def test_a_url_is_a_prefix_without_credentials(url: str, problem: str) -> None:
    if not problem:
        assert resolve_target(url).name == "shop.example"
        return
    with pytest.raises(UsageError) as raised:
        resolve_target(url)
    assert problem in str(raised.value)


def test_the_header_of_a_request_is_parsed_as_it_was_made() -> None:
    for given, parsed in (
        (header_value("s1", 7), ("s1", 7, "", {}, "", "", False)),
        (
            header_value("s1", 7, {"A": 1}, "f", "/m"),
            ("s1", 7, "", {"A": 1}, "f", "/m", False),
        ),
        (header_value("s1", 7, mount="/m"), ("s1", 7, "", {}, "", "/m", False)),
        (probe_value("token"), ("", 0, "token", {}, "", "", False)),
        (probe_value("token", fail=True), ("", 0, "token", {}, "", "", True)),
    ):
        assert parse(given) == parsed
        assert given.isascii() and "\n" not in given
