"""Facts about one side, what explanations match in them, and what threads read."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from comparison.causes import threads
from comparison.causes.environs import lacking_class, object_of_server, optional_keys
from comparison.causes.fact import Fact
from comparison.causes.facts import Request, facts_of, request_of, requests_that_differ
from comparison.causes.match import MAX_TEXT, matching
from comparison.causes.models import Explanation, meaning_of
from comparison.causes.startup import why_ended
from comparison.models import Difference, Event, Exchange, Failure, TargetInfo, Value
from tests.diff.making import SENT, judged, recording, response

FILE = "stated_shop.py"
SOURCE = """\
import threading
from contextvars import ContextVar
from flask import url_for
import stated_far as far

local = threading.local()
current: ContextVar[str] = ContextVar("current")
plain = dict()
app.config["SERVER_NAME"] = "shop.example"
app.asgi_app = Wrapped(app.asgi_app)

class Shelf:
    size = 3
    def __init__(self):
        self.books = []
    def open(self):
        pass
    def _close(self):
        pass

@app.get("/")
async def view():
    shelf = Shelf()
    stream = request.environ["wsgi.input"]
    stream.peek(3)
    form = request.form["a"]
    name = request.environ.get("REMOTE_USER")
    if "HTTP_X" in request.environ and "other" in stock:
        pass
    threading.Thread(target=work, args=(1,)).start()
    asyncio.to_thread(copying)
    executor.submit(functools.partial(work))
    return save()

def work():
    helper()
    return local.user, far.remote.user

def helper():
    return current.get()

def copying():
    return local.user

@app.before_request
def hook():
    local.user = 1
    current.set("a")
    plain["a"] = 1

@functools.lru_cache(maxsize=3)
async def rates():
    pass

@app.memoize
async def more():
    pass

@other
async def never():
    pass

@functools.cache
def sync():
    pass
"""
FAR = """\
import threading
remote = threading.local()
"""


@pytest.fixture(autouse=True)
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / FILE).write_text(SOURCE)
    (tmp_path / "stated_far.py").write_text(FAR)


def line_of(text: str) -> int:
    return SOURCE[: SOURCE.index(text)].count("\n") + 1


INFO = TargetInfo("quart", "stated_shop:app", "quart", "hypercorn", {"DEBUG": "True"})


def facts(*trace: Event, what: Any = None, **more: Any) -> dict[str, list[str]]:
    exchange = Exchange(replace(SENT, **more), response() if what is None else what)
    if isinstance(what, Failure):
        exchange = Exchange(replace(SENT, **more), failure=what)
    found = facts_of(Request(exchange, trace), INFO, (), True)
    return {name: [each.text for each in several] for name, several in found.items()}


def test_facts_of_an_exchange_are_its_fields() -> None:
    made = response(
        404,
        (("X-A", "1"), ("X-A", "2")),
        "Hello" * 1000,
        reason="No",
        connection="kept",
    )
    found = facts(
        what=made, method="PUT", path="/a?b=1", headers=(("X-B", "3"),), body="c"
    )
    assert found["request"] == ["PUT /a?b=1"]
    assert found["request-head"] == ["PUT /a?b=1\nX-B: 3"]
    assert found["request-header:x-b"] == ["3"] and found["request-body"] == ["c"]
    assert found["status"] == ["404"] and found["header:x-a"] == ["1", "2"]
    assert found["response-head"] == ["404\nX-A: 1\nX-A: 2"]
    assert found["body"] == [("Hello" * 1000)[:4000]]
    assert (found["framing"], found["reason"]) == (["content-length"], ["No"])
    assert found["connection"] == ["kept"]
    assert (found["server"], found["framework"]) == (["hypercorn"], ["quart"])
    assert found["setting"] == ["DEBUG=True"]
    assert "app" not in found and "failure" not in found and "hangs-at" not in found
    plain = facts()
    assert "reason" not in plain and "connection" not in plain
    assert plain["request-body"] == [""]


def test_a_failure_has_its_part_of_a_response() -> None:
    failed = Failure("incomplete", "no", partial=response(201))
    found = facts(what=failed)
    assert found["failure"] == [str(failed)] and found["status"] == ["201"]
    assert "status" not in facts(what=Failure("closed", "no"))


@pytest.mark.parametrize(
    ("names", "kind", "waits"),
    [
        (["suspended"], "timeout", True), (["resumed", "suspended"], "timeout", True),
        (["suspended", "resumed"], "timeout", False), ([], "timeout", False),
        (["suspended"], "closed", False),
    ],
)  # fmt: skip
def test_an_app_that_times_out_waits_at_its_last_await(
    names: list[str], kind: Any, waits: bool
) -> None:
    trace = [Event(n, source="await queue.get()", file=FILE, line=3) for n in names]
    found = facts(*trace, what=Failure(kind, "no"))
    assert found.get("hangs-at") == (["await queue.get()"] if waits else None)


def test_a_session_cookie_and_another_host_are_facts() -> None:
    info = replace(INFO, settings={"SESSION_COOKIE_NAME": "sid", "SERVER_NAME": "a.b"})
    made = response(headers=(("Set-Cookie", "sid=1; Path=/"),))
    sent = replace(SENT, headers=(("Host", "c.d"),))
    found = facts_of(Request(Exchange(sent, made), ()), info, (), True)
    assert found["session-cookie"] == [Fact("set")]
    where = (FILE, line_of("app.config"), 'app.config["SERVER_NAME"] = "shop.example"')
    assert found["other-host"] == [Fact("c.d a.b", *where)]
    for cookie, host, setting in (
        ("sid2=1", "a.b", "a.b"), ("x=sid=1", "c.d", None), ("SID=1", "c.d", None),
    ):  # fmt: skip
        named = {"SESSION_COOKIE_NAME": "sid", "SERVER_NAME": setting}
        other = Exchange(
            replace(SENT, headers=(("Host", host),)),
            response(headers=(("Set-Cookie", cookie),)),
        )
        got = facts_of(Request(other, ()), replace(INFO, settings=named), (), True)
        assert "session-cookie" not in got and "other-host" not in got


def test_effects_of_the_own_side_are_facts() -> None:
    found = [
        Difference(target="quart", field="effect", reference=("a", "b"), candidate="c"),
        Difference(target="quart", field="body", reference="x", candidate="y"),
    ]
    request = Request(Exchange(SENT, response()), ())
    for this, effects in ((True, ["c"]), (False, ["a", "b"])):
        got = facts_of(request, INFO, found, this)
        assert [each.text for each in got["effect"]] == effects
        assert [each.text for each in got["field"]] == ["effect", "body"]
    lost = replace(found[0], candidate=None)
    assert "effect" not in facts_of(request, INFO, [lost], True)


VIEW = Event("route_matched", name="view", file=FILE, line=line_of("async def view"))
RETURNED = Event("view_returned", name="view", file=FILE, line=33, source="return save()", value=Value("str", "a"))  # fmt: skip
LIBRARY: dict[str, Any] = {"file": "flask/app.py", "line": 5, "source": "raise"}


@pytest.mark.parametrize(
    ("event", "name", "text", "place"),
    [
        (Event("view_raised", detail="KeyError: 1", file=FILE, line=4), "exception", "KeyError: 1", f"{FILE}:4"),
        (Event("thread_raised", detail="KeyError: 1", file=FILE, line=4), "thread-raised", "KeyError: 1", f"{FILE}:4"),
        (Event("task_raised", detail="KeyError: 1", file=FILE, line=4), "task-raised", "KeyError: 1", f"{FILE}:4"),
        (Event("app_raised", detail="KeyError: 1", **LIBRARY), "raised", "KeyError: 1", f"{FILE}:33"),
        (Event("app_raised", detail="KeyError: 1", **LIBRARY), "library", "raise", "flask/app.py:5"),
        (Event("never_awaited", name="save", file=FILE, line=4), "never-awaited", "save", f"{FILE}:4"),
        (Event("logged", name="ERROR", detail="no"), "log", "ERROR: no", ""),
        (Event("hook_called", name="h", detail="d"), "event", "hook_called h d", ""),
    ],
)  # fmt: skip
def test_an_event_is_a_fact(event: Event, name: str, text: str, place: str) -> None:
    exchange = Exchange(SENT, response())
    trace = (VIEW, Event("view_called", name="view"), RETURNED, event)
    found = facts_of(Request(exchange, trace), INFO, (), True)[name]
    assert text in [each.text for each in found]
    where = next(each for each in found if each.text == text)
    assert (f"{where.file}:{where.line}" if where.file else "") == place
    assert (where.library == "flask/app.py:5") is (name == "raised")


def test_what_the_view_returned_is_a_fact_and_others_are_not() -> None:
    called = Event("view_called", name="view")
    processor = replace(RETURNED, name="processor", value=Value("dict", "{}"))
    found = facts(
        VIEW, called, RETURNED, Event("view_called", name="processor"), processor
    )
    assert found["returned"] == ["str"] and found["code"] == ["return save()"]
    assert found["view"][0].startswith('@app.get("/")\nasync def view')
    assert found["app"] == ["called"]
    assert facts(Event("request_sent"))["app"] == ["not called"]


def test_requests_have_their_own_traces() -> None:
    whole = replace(
        recording(response(), response(201), response(202)),
        setup_traces=((VIEW,),), trace=(RETURNED,),
    )  # fmt: skip
    for number, status, trace in (
        (0, 200, (RETURNED,)), (1, 201, (VIEW,)), (2, 202, ()), (3, 200, (RETURNED,)),
    ):  # fmt: skip
        found = request_of(whole, number)
        assert found.exchange.response is not None
        assert (found.exchange.response.status, found.trace) == (status, trace)
    differing = judged(
        recording(response(), response(), response()),
        recording(response(500), response(), response(404)),
    )
    assert requests_that_differ(differing, "quart") == [2, 0]
    assert requests_that_differ(differing, "other") == []
    assert {d.request for d in differing.unexpected} == {2, UNSET}


# Matching ------------------------------------------------------------------------------


def explained(this: Any, other: Any = None, **fields: Any) -> Any:
    given = {"id": "e", "summary": "{source}|{function}", "remedy": "{awaited}|{ensured}|{wrapper}{in_async_def}"}  # fmt: skip
    explanation = Explanation(**{**given, **fields})
    return list(matching(explanation, this, other or {}, "quart"))


RAISED = {"raised": [Fact("KeyError: save", FILE, line_of("return save"), "return save()")]}  # fmt: skip
WHEN = {"raised": r"KeyError: (?P<coroutine>\w+)"}


def test_a_fact_that_matches_is_a_finding() -> None:
    (found,) = explained(RAISED, when=WHEN, docs=("https://a",), layer="client")
    assert found.summary == "return save()|save"
    assert found.remedy == (
        "return await save()|return await current_app.ensure_async(save)()|view"
    )
    assert found.place == f"{FILE}:{line_of('return save')}"
    assert found.evidence == (f"KeyError: save ({found.place})",)
    assert (found.cause, found.target, found.layer) == ("e", "quart", "client")
    assert found.docs == ("https://a",)


@pytest.mark.parametrize(
    ("fields", "other", "matches"),
    [
        ({"when": {**WHEN, "status": "^500"}}, {}, False),
        ({"when": {**WHEN, "other.status": "^200"}}, {"status": [Fact("200")]}, True),
        ({"when": {**WHEN, "other.status": "^500"}}, {"status": [Fact("200")]}, False),
        ({"when": WHEN, "unless": {"other.status": "2"}}, {"status": [Fact("200")]}, False),
        ({"when": WHEN, "unless": {"other.status": "5"}}, {"status": [Fact("200")]}, True),
        ({"when": {"raised": "Value"}}, {}, False),
        ({"when": {"other.status": "200"}}, {"status": [Fact("200")]}, True),
    ],
)  # fmt: skip
def test_each_fact_must_match(fields: Any, other: Any, matches: bool) -> None:
    assert bool(explained(RAISED, other, **fields)) is matches


@pytest.mark.parametrize(
    ("place", "line", "source"),
    [
        ("evidence", "return save", "return save()"),
        ("none", None, ""),
        ("import", "from flask", "from flask import url_for"),
        ("middleware", "app.asgi_app", "app.asgi_app = Wrapped(app.asgi_app)"),
        ("return", "return local", "return local.user"),
        ("view", "async def view", "async def view():"),
        ("generator", "return save", "return save()"),
    ],
)
def test_an_explanation_names_its_place(
    place: Any, line: str | None, source: str
) -> None:
    this = {
        **RAISED,
        "module": [Fact(SOURCE, FILE, 1)],
        "code": [Fact("a", FILE, line_of("return local"), "return local.user")],
        "view": [Fact("b", FILE, line_of("async def view"), "async def view():")],
    }
    (found,) = explained(this, when=WHEN, place=place)
    assert found.place == (f"{FILE}:{line_of(line)}" if line else "")
    assert found.source == source


def test_the_line_of_a_match_in_a_source_is_the_place() -> None:
    this = {"module": [Fact(SOURCE, FILE, 1)]}
    (found,) = explained(this, when={"module": r"local\(\)\s+(?P<at>current)"})
    assert (found.line, found.source) == (
        line_of("current:"),
        'current: ContextVar[str] = ContextVar("current")',
    )
    (found,) = explained(this, when={"module": "plain = dict"})
    assert found.line == line_of("plain =") and found.evidence == ()


def test_evidence_is_what_happened_inside() -> None:
    long = Fact("KeyError: " + "x" * 500, "", 0, "", "flask/app.py:5")
    this = {"status": [Fact("500")], "raised": [Fact("NotFound: 404 No"), long]}
    (found,) = explained(this, when={"status": "500"})
    assert found.evidence == (f"{long.text[:MAX_TEXT]}… (flask/app.py:5)",)
    assert found.remedy.startswith("await (...)|await current_app.ensure_async()(...)|the wrapper")  # fmt: skip
    (found,) = explained({"raised": [Fact("KeyError: a\nb")]}, when={"raised": "Key"})
    assert found.evidence == ("KeyError: a",)


def test_a_fact_is_described_and_an_unknown_one_rejected() -> None:
    assert meaning_of("request-header:x-a") != meaning_of("header:x-a")
    assert "x-a" in meaning_of("header:x-a")
    assert meaning_of("other.status").endswith(meaning_of("status"))
    for when, message in (
        ({}, "when must name at least one fact"),
        ({"statu": "a"}, "'statu' is not a fact"),
        ({"other.nothing:x": "a"}, "'other.nothing:x' is not a fact"),
    ):
        with pytest.raises(ValueError, match=message):
            Explanation(id="a", summary="b", remedy="c", when=when)


# Threads -------------------------------------------------------------------------------


def test_a_function_that_a_thread_gets_is_found() -> None:
    found = threads.started_with(FILE, "Shop.work")
    assert found is not None
    assert found.line in (line_of("threading.Thread"), line_of("executor.submit"))
    found = threads.started_with(FILE, "copying")
    assert found is not None and found.line == line_of("asyncio.to_thread")
    assert threads.started_with(FILE, "helper") is None
    assert threads.started_with("none.py", "work") is None


def test_variables_that_another_thread_reads_are_found() -> None:
    found = [
        (names, kind, place.line)
        for names, kind, place in threads.variables_of_executor(
            FILE, line_of("async def view")
        )
    ]
    first, second = line_of("threading.Thread"), line_of("executor.submit")
    assert ("work local", "thread-local value", second) in found
    assert ("work current", "context variable", second) in found
    assert {line for *_, line in found} <= {first, second}
    assert not any(names.startswith("copying") for names, *_ in found)
    assert not list(threads.variables_of_executor("none.py", 1))


def test_variables_that_a_hook_sets_for_a_view_are_lost() -> None:
    found = threads.lost_variables(FILE, line_of("def hook"), line_of("def work"))
    assert list(found) == [
        ("current", "context variable"),
        ("local", "thread-local value"),
    ]
    kept = threads.lost_variables(FILE, line_of("def hook"), line_of("def helper"))
    assert list(kept) == [("current", "context variable")]
    assert not list(threads.lost_variables(FILE, line_of("def work"), line_of("def helper")))  # fmt: skip
    assert not list(threads.lost_variables(FILE, 1, line_of("def helper")))


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("rates", "@functools.lru_cache(maxsize=3)"), ("more", "@app.memoize"),
        ("never", None), ("sync", None), ("none", None),
    ],
)  # fmt: skip
def test_a_cached_coroutine_function_is_found(name: str, source: str | None) -> None:
    found = threads.cache_of(FILE, name)
    assert found == (source and (FILE, line_of(source[1:]), source))
    assert threads.cache_of("none.py", name) is None


# What a server gives -------------------------------------------------------------------


def test_optional_keys_of_a_request_are_found() -> None:
    found = {key: place.line for key, place in optional_keys(FILE, ["view"])}
    assert found == {"REMOTE_USER": line_of("name = "), "HTTP_X": line_of('if "HTTP_X')}
    assert dict(optional_keys(FILE, ["work"])) == {}
    assert len(dict(optional_keys(FILE, []))) == 2
    assert not list(optional_keys("", ["view"]))


def test_the_class_or_object_that_lacks_an_attribute_is_found() -> None:
    text = "AttributeError: 'Shelf' object has no attribute '{}'"
    line = line_of("return save")
    found = lacking_class(Fact(text.format("close"), FILE, line))
    assert found == Fact(
        "Shelf close `open`", FILE, line_of("class Shelf"), "class Shelf:"
    )
    for name in ("size", "books", "open", "_close"):
        assert lacking_class(Fact(text.format(name), FILE, line)) is None
    assert lacking_class(Fact("KeyError: 'close'", FILE, line)) is None
    assert lacking_class(Fact(text.format("close"))) is None

    missing = "AttributeError: 'BodyReader' object has no attribute 'peek'"
    at = line_of("stream.peek")
    found = object_of_server(Fact(missing, FILE, at))
    assert found is not None and found.text == "wsgi.input peek BodyReader"
    assert found.line == at
    assert object_of_server(Fact(missing, FILE, line)) is None
    assert object_of_server(Fact("KeyError: 'a'", FILE, at)) is None


def test_the_last_line_of_the_app_in_an_output_names_what_ended_it() -> None:
    output = (
        'Traceback (most recent call last):\n  File "/lib/x.py", line 1, in run\n    go()\n'
        f'  File "{Path(FILE).absolute()}", line 23, in view\n    shelf = Shelf()\n'
        "KeyError: 'SHELF'\n"
    )
    assert why_ended(output) == f"`view` raised KeyError: 'SHELF' ({FILE}:23)."
    assert why_ended("KeyError: 'SHELF'\n") == why_ended("") == ""
