"""SPECs, logins, redirects and resets of targets, without an app that runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import httpx
import pytest
import quart
from msgspec.structs import replace

from comparison import Request, TargetError, UsageError
from comparison.core.errors import FactoryNeeded
from comparison.models import Exchange, Failure, Response
from comparison.models.access import Login
from comparison.models.reset import Reset
from comparison.targets.digest import DigestLogin
from comparison.targets.redirects import NoRedirect, redirected
from comparison.targets.reset import MAX_OUTPUT, VARIABLE, Resetting, late
from comparison.targets.resolve import infos_of, resolve_target, resolve_targets
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
from tests.diff.making import SENT, response


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
def long(environ: Any, start_response: Any, more: Any) -> Any: ...


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


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


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


# Digest --------------------------------------------------------------------------------

CHALLENGE = 'Digest realm="shop", nonce="n1", qop="auth", algorithm=SHA-256'


class Sending:
    """Answers requests, and notes them."""

    def __init__(self, *answers: Response | Failure) -> None:
        self.answers: Iterator[Response | Failure] = iter(answers)
        self.sent: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> tuple[Any, Any]:
        self.sent.append(request)
        answer = next(self.answers)
        return (None, answer) if isinstance(answer, Failure) else (answer, None)


def challenge(*fields: tuple[str, str]) -> Response:
    return response(401, (("WWW-Authenticate", CHALLENGE), *fields))


def requested(**options: Any) -> httpx.Request:
    return httpx.Request("GET", "http://shop.example/a%2fb?x=%41", **options)


def test_a_challenge_is_answered_and_later_requests_use_it() -> None:
    login = DigestLogin(Login("ann", "secret"))
    send = Sending(
        challenge(("Set-Cookie", "sid=1"), ("X-A", "2")), response(), response(201)
    )
    request = requested(headers={"X-B": "3", "Cookie": "old=1"})
    last, answer, first = login.exchange(request, send)
    assert answer == (response(), None)
    assert first is not None and first.response == challenge(
        ("Set-Cookie", "sid=1"), ("X-A", "2")
    )
    assert send.sent[0] is request and send.sent[1] is last
    credentials = last.headers["authorization"]
    assert credentials.startswith('Digest username="ann", realm="shop", nonce="n1"')
    # The digest covers the target as we send it.
    assert 'uri="/a%2fb?x=%41"' in credentials and "algorithm=SHA-256" in credentials
    assert last.headers["x-b"] == "3" and last.headers["cookie"] == "old=1; sid=1"
    assert (last.method, last.url) == (request.method, request.url)
    later_, answer, none = login.exchange(requested(), send)
    assert (answer, none) == ((response(201), None), None)
    assert "nc=00000002" in later_.headers["authorization"]


@pytest.mark.parametrize(
    ("answer", "kind", "text"),
    [
        (response(), None, ""), (response(403), None, ""), (Failure("closed", "no"), "closed", "no"),
        (response(401), None, ""), (response(401, (("WWW-Authenticate", "Basic x"),)), None, ""),
        (response(401, (("WWW-Authenticate", CHALLENGE.replace("SHA-256", "X")),)), "unsupported", "digest authentication: httpx has no algorithm X"),
        (response(401, (("WWW-Authenticate", CHALLENGE.replace('"auth"', '"auth-int"')),)), "unsupported", "digest authentication: "),
        (response(401, (("WWW-Authenticate", "Digest x"),)), "protocol", "digest authentication: the challenge is malformed"),
    ],
)  # fmt: skip
def test_only_a_challenge_that_we_can_answer_is_answered(
    answer: Any, kind: str | None, text: str
) -> None:
    send = Sending(answer)
    request = requested()
    last, (made, failure), first = DigestLogin(Login("ann", "b")).exchange(
        request, send
    )
    assert last is request and first is None and len(send.sent) == 1
    assert (failure.kind if failure else None) == kind
    assert (made is answer) is (kind is None)
    if failure:
        assert failure.message.startswith(text)


def test_a_request_with_its_own_credentials_is_sent_as_it_is() -> None:
    send = Sending(challenge())
    request = requested(headers={"Authorization": "Basic x"})
    found = DigestLogin(Login("a", "b")).exchange(request, send)
    assert found == (request, (challenge(), None), None)


# Redirects -----------------------------------------------------------------------------


def followed(
    status: int, location: str | None, before: Request | None = None,
    request: Request | None = None, prefix: str = "", **sent: Any,
) -> Request:  # fmt: skip
    fields = () if location is None else (("Location", location),)
    given = {"path": "/a/b?x=1", "headers": (("Host", "shop.example"),), **sent}
    exchange = Exchange(replace(SENT, **given), response(status, fields))
    return redirected(
        request or Request(follow=True), before or Request(), [exchange], prefix
    )


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/c?y=2", "/c?y=2"), ("c", "/a/c"), ("?z=3", "/a/b?z=3"), ("..", "/"),
        ("http://shop.example/c", "/c"), ("http://shop.example:80/c", "/c"),
        ("https://SHOP.example:443/c", "/c"), ("http://ann@shop.example/c", "/c"),
        ("http://shop.example", "/"), ("//shop.example/c#d", "/c"),
    ],
)  # fmt: skip
def test_a_redirect_leads_to_a_path_of_the_same_host(location: str, path: str) -> None:
    found = followed(302, location)
    assert (found.path, found.follow) == (path, False)


@pytest.mark.parametrize(
    ("status", "before", "after"),
    [
        (301, "POST", "GET"), (302, "POST", "GET"), (303, "POST", "GET"), (303, "PUT", "GET"),
        (303, "HEAD", "HEAD"), (301, "PUT", "PUT"), (302, "HEAD", "HEAD"), (307, "POST", "POST"),
        (308, "POST", "POST"), (303, "GET", "GET"),
    ],
)  # fmt: skip
def test_a_redirect_has_the_method_that_browsers_send(
    status: int, before: str, after: str
) -> None:
    found = followed(status, "/c", Request(before, text="hello"))
    assert found.method == after
    assert (found.text == "hello") is (before == after)


@pytest.mark.parametrize(
    ("status", "location", "prefix", "message"),
    [
        (200, "/c", "", "no redirect to follow: status 200"),
        (304, "/c", "", "no redirect to follow: status 304"),
        (302, None, "", "no redirect to follow: status 302 without a Location"),
        (302, "http://other.example/c", "", "the redirect is to http://other.example/c, another host: write that request with its Host header instead of follow"),
        (302, "http://shop.example:81/c", "", "the redirect is to http://shop.example:81/c, another host"),
        (302, "/c", "/v2", "the redirect is to /c, outside of /v2"),
        (302, "/v22", "/v2", "the redirect is to /v22, outside of /v2"),
    ],
)  # fmt: skip
def test_what_does_not_redirect_to_the_app_is_reported(
    status: int, location: str | None, prefix: str, message: str
) -> None:
    with pytest.raises(NoRedirect) as raised:
        followed(status, location, prefix=prefix)
    assert str(raised.value).startswith(f"request 1 (GET /a/b?x=1): {message}")


def test_a_failure_is_no_redirect() -> None:
    failure = Failure("closed", "no")
    with pytest.raises(NoRedirect, match="no redirect to follow: ") as raised:
        redirected(
            Request(), Request(), [Exchange(SENT), Exchange(SENT, failure=failure)]
        )
    assert str(raised.value) == f"request 2 (GET /): no redirect to follow: {failure}"


def test_a_redirect_keeps_prefix_mount_and_host() -> None:
    assert followed(302, "/v2/c", prefix="/v2").path == "/c"
    assert followed(302, "/v2", prefix="/v2").path == "/"
    mounted = Request(path="/shop/a", mount="/shop", http_version="1.0")
    found = followed(302, "/shop/c", mounted)
    assert (found.mount, found.http_version) == ("/shop", "1.0")
    assert followed(302, "/shop", mounted).mount == "/shop"
    assert followed(302, "/shopping", mounted).mount == ""
    before = Request(headers={"Host": "a.example", "X-A": "1"})
    assert followed(302, "/c", before).headers == (("Host", "a.example"),)
    own = Request(headers={"host": "b.example", "X-B": "2"}, follow=True)
    assert followed(302, "/c", before, own).headers == (
        ("host", "b.example"),
        ("X-B", "2"),
    )
    assert followed(302, "http://localhost/c", headers=()).path == "/c"


# Resets --------------------------------------------------------------------------------


def reset(folder: Path, **fields: Any) -> Resetting:
    return Resetting(Reset(**fields), str(folder))


def problem_of(resetting: Resetting) -> str:
    with pytest.raises(TargetError) as raised:
        resetting.run("quart")
    return str(raised.value)


FUNCTIONS = """
calls = []
def plain(): calls.append("plain")
async def later(): calls.append("later")
def failing(): raise KeyError("shelf")
def slow():
    import time
    time.sleep(0.3)
"""


def test_a_function_resets_the_state(folder: Path) -> None:
    (folder / "resets_of_shop.py").write_text(FUNCTIONS)
    for name in ("plain", "later"):
        reset(folder, function=f"resets_of_shop:{name}").run("quart")
    import importlib

    module = importlib.import_module("resets_of_shop")
    assert module.calls == ["plain", "later"]
    for name, message in (
        ("failing", "KeyError: 'shelf'"), ("none", "resets_of_shop has no attribute 'none'"),
    ):  # fmt: skip
        spec = f"resets_of_shop:{name}"
        assert problem_of(reset(folder, function=spec)) == (
            f"reset {spec!r} before quart: {message}"
        )
    slow = reset(folder, function="resets_of_shop:slow", timeout=0.01)
    assert problem_of(slow).endswith("before quart: did not end within 0.01 s")
    assert late(2.5) == "did not end within 2.5 s"


def test_a_command_resets_the_state_in_the_folder_of_the_project(folder: Path) -> None:
    reset(folder, command=f"echo ${VARIABLE} > out; pwd >> out").run("quart")
    assert (folder / "out").read_text() == f"quart\n{folder}\n"
    assert problem_of(reset(folder, command="echo no >&2; exit 3")) == (
        "reset 'echo no >&2; exit 3' before quart: ended with exit code 3; its output:\nno"
    )
    assert problem_of(reset(folder, command="exit 3")).endswith("exit code 3")
    long = f"head -c {MAX_OUTPUT + 1} /dev/zero | tr '\\0' x; exit 1"
    assert problem_of(reset(folder, command=long)).endswith(
        f"output:\n…{'x' * MAX_OUTPUT}"
    )
    slow = problem_of(reset(folder, command="echo a; exec sleep 9", timeout=0.2))
    assert slow.endswith("before quart: did not end within 0.2 s; its output:\na")


def test_a_url_resets_the_state(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[Any] = []

    def post(url: str, timeout: float) -> httpx.Response:
        assert (url, timeout) == ("http://shop.example/reset", 30)
        answer = answers.pop()
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(*answer[:1], text=answer[1])

    monkeypatch.setattr(httpx, "post", post)
    resetting = reset(folder, url="http://shop.example/reset", timeout=30)
    answers.append((204, "ignored"))
    resetting.run("quart")
    for answer, message in (
        ((300, ""), "status 300"), ((500, "no\n"), "status 500; its output:\nno"),
        (httpx.ReadTimeout(""), "did not end within 30 s"), (httpx.ConnectError("refused"), "refused"),
        (httpx.ConnectError(""), "ConnectError"), (httpx.InvalidURL("bad"), "bad"),
    ):  # fmt: skip
        answers.append(answer)
        assert problem_of(resetting).endswith(f"before quart: {message}")
