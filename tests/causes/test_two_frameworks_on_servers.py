"""A port that blocks other requests, or loses a client, is explained on servers."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from comparison import Case, Request, compare
from comparison.causes import load_explanations
from comparison.models import Client, Comparison, Disconnect
from tests.targets.waiting import needs

from . import asynchronous

HEAD = """\
import asyncio, queue, threading, time
from urllib.request import urlopen
from {framework} import {name}, Response, request
app = {name}(__name__)
"""

LETTERS = """
letters = {box}
taken = []

@app.get("/take")
{kind} take():
    try:
        taken.append({get})  # here
    except {empty}:
        taken.append("none")
    return "taken"

@app.post("/put")
{kind} put():
    {put}
    return "put"

@app.get("/")
{kind} show():
    return ",".join(taken)
"""

ROOM = """
readers = {{"ann"}}

@app.get("/read")
{kind} read():
    {kind} pages():
        try:
            for page in range(100):
                yield "page " * 100
                {wait}
        {leave}
            readers.discard("ann")
            raise

    return Response(pages())

@app.get("/")
{kind} show():
    return ",".join(readers){suffix}
"""

ITSELF = """
@app.get("/")
{kind} show():
    port = {port}
    {call}

@app.get("/inner")
{kind} inner():
    return "inner"
"""

GATE = """
class Gate:
    def __init__(self, inner):
        self.inner = inner

    {gate}

app.{name} = Gate(app.{name})
"""
GATE_OF_FLASK = """def __call__(self, environ, start_response):
        start_response("403 Forbidden", [("Content-Length", "0")])
        return []
"""
GATE_OF_QUART = """async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            head = {{"status": 403, "headers": [(b"content-length", b"0")]}}
            await send({{"type": "http.response.start", **head}})  # here
            await send({{"type": "http.response.body"}})
            {after}
        await self.inner(scope, receive, send)
"""


AUDIT = """
import io

class Audit:
    def __init__(self, inner):
        self.inner = inner

    {call}

app.{name} = Audit(app.{name})

@app.post("/")
{kind} show():
    {view}
"""
AUDIT_OF_FLASK = """def __call__(self, environ, start_response):
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        environ["wsgi.input"] = io.BytesIO(body)
        return self.inner(environ, start_response)
"""
AUDIT_OF_QUART = """async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            while (await receive()).get("more_body"):{here}
                pass
        await self.inner(scope, receive, send)
"""

LOCKED = """
lock = {lock}

@app.get("/")
{kind} show():
    {enter} lock:{here}
        {wait}
        return "done"
"""


OWNERS = """
owners = {{}}

@app.get("/<name>")
{kind} show(name):
    owner = owners.setdefault({key}, name){here}
    {wait}
    return owner
"""

CALL = """with urlopen(f"http://127.0.0.1:{port}/inner", timeout=1.5) as inner:  # here
        return inner.read()
"""


class Pair(NamedTuple):
    """The sources of both apps, the requests, and the cause of the difference."""

    id: str
    cause: str
    flask: str
    quart: str
    requests: Sequence[Request]


TENANT = """
local = threading.local()

@app.before_request
{kind} hook():
    local.name = request.args["name"]{here}

@app.get("/")
{kind} show():
    {wait}
    name = {name}
    return name
"""

STOCK = """
class Connection:
    busy = None

    {kind} count(self):
        if self.busy:
            raise RuntimeError("{problem}"){here}
        self.busy = {busy}
        {wait}
        self.busy = None
        return 3

database = Connection()
turn = threading.Lock()

@app.get("/")
{kind} show():
    return str({count})
"""
ONE_QUERY = "read() called while another coroutine is already waiting for incoming data"

SESSIONS = """
class Registry:
    def __init__(self):
        self.kept = threading.local(){here}

    def __call__(self):
        if not hasattr(self.kept, "names"):
            self.kept.names = []
        return self.kept.names

session = Registry()

@app.get("/")
{kind} show():
    session().append(request.args["name"])
    {wait}
    found = ",".join(session())
    session().clear()
    return found
"""

MISSING = """
@app.errorhandler(404)
{kind} missing(error):
    response = Response("no such book", 404)
    response.headers.update({fields}){copied}
    {then}
    return response{returned}
"""
OF_ERROR = "error.get_response().headers"

OPENED = """
class OperationalError(Exception):
    pass

class Database:
    def __init__(self):
        self.state = {state}

    def connect(self):
        if self.state.__dict__.get("open"):
            raise OperationalError("{problem}"){raised}
        self.state.open = True

database = Database()

@app.before_request
{kind} connect():
    database.connect()

@app.teardown_request
{kind} close(error):
    database.state.open = False

@app.get("/")
{kind} show():
    {wait}
    return "done"
"""
OPEN = "Connection already opened."

LIMITS = """
class Limits:
    def __init__(self, inner):
        self.inner = inner

    {limits}

app.{name} = Limits(app.{name})

@app.get("/")
{kind} show():
    {kind} parts():
        yield "salt"
        yield "oil"
    return Response(parts())
"""
LIMITS_OF_FLASK = """def __call__(self, environ, start_response):
        return self.inner(environ, start_response)
"""
LIMITS_OF_QUART = """async def __call__(self, scope, receive, send):
        head = {}

        async def limited(message):
            if message["type"] == "http.response.start":
                head.update(message)
            elif message["type"] == "http.response.body":
                await send(dict(head))  # here
                await send(message)
            else:
                await send(message)

        await self.inner(scope, receive, limited)
"""


def _letters(id: str, cause: str, **quart: str) -> Pair:
    flask = {"kind": "def", "box": "queue.Queue()", "empty": "queue.Empty"}
    flask |= {"get": "letters.get(timeout=2)", "put": 'letters.put("hello")'}
    requests = [
        Request("GET", "/take", client=Client(concurrent=True)),
        Request("POST", "/put", client=Client(delay=0.5)),
        Request("GET", "/"),
    ]
    texts = (LETTERS.format(**flask), LETTERS.format(**flask | quart))
    return Pair(id, cause, *texts, requests)


def _room(id: str, cause: str, leave: str, suffix: str = "") -> Pair:
    flask = {"kind": "def", "wait": "time.sleep(0.05)", "suffix": ""}
    quart = {"kind": "async def", "wait": "await asyncio.sleep(0.05)", "suffix": suffix}
    requests = [
        Request("GET", "/read", client=Client(disconnect=Disconnect(bytes=600))),
        Request("GET", "/", client=Client(delay=2)),
    ]
    texts = (
        ROOM.format(**each, leave=text)
        for each, text in ((flask, "except GeneratorExit:"), (quart, leave))
    )
    return Pair(id, cause, *texts, requests)


def _gate(id: str, cause: str, after: str) -> Pair:
    quart = GATE_OF_QUART.format(after=after)
    texts = (
        GATE.format(gate=gate, name=name)
        for gate, name in ((GATE_OF_FLASK, "wsgi_app"), (quart, "asgi_app"))
    )
    return Pair(id, cause, *texts, [Request("GET", "/")])


def _itself(id: str, cause: str, call: str) -> Pair:
    flask = {"kind": "def", "port": 'request.environ["SERVER_PORT"]', "call": CALL}
    quart = {"kind": "async def", "port": 'request.scope["server"][1]', "call": call}
    texts = (ITSELF.format(**each) for each in (flask, quart))
    return Pair(id, cause, *texts, [Request("GET", "/")])


def _audit(id: str, cause: str, view: str) -> Pair:
    here = "  # here" if cause else ""
    gate = AUDIT_OF_QUART.replace("{here}", here)
    get = "return request.get_data()"
    flask = AUDIT.format(call=AUDIT_OF_FLASK, name="wsgi_app", kind="def", view=get)
    quart = AUDIT.format(call=gate, name="asgi_app", kind="async def", view=view)
    return Pair(id, cause, flask, quart, [Request("POST", "/", text="tea")])


def _locked(id: str, cause: str, **quart: str) -> Pair:
    flask = {"kind": "def", "lock": "threading.Lock()", "enter": "with", "here": ""}
    flask["wait"] = "time.sleep(0.3)"
    requests = [
        Request("GET", "/", client=Client(concurrent=True)),
        Request("GET", "/"),
    ]
    texts = (LOCKED.format(**each) for each in (flask, flask | quart))
    return Pair(id, cause, *texts, requests)


def _owners(id: str, cause: str, key: str) -> Pair:
    here = "  # here" if cause else ""
    flask = {"kind": "def", "wait": "time.sleep(1)", "here": ""}
    quart = {"kind": "async def", "wait": "await asyncio.sleep(1)", "here": here}
    requests = [
        Request("GET", "/ann", client=Client(concurrent=True)),
        Request("GET", "/ben", client=Client(delay=0.3)),
    ]
    thread = "threading.get_ident()"
    texts = (OWNERS.format(**flask, key=thread), OWNERS.format(**quart, key=key))
    return Pair(id, cause, *texts, requests)


def _together(id: str, cause: str, text: str, **quart: str) -> Pair:
    """Make a pair whose two requests are in flight at once."""
    here = "  # here" if cause else ""
    flask = {"kind": "def", "wait": "time.sleep(0.6)", "here": "", "name": "local.name"}
    flask |= {"state": "threading.local()", "raised": ""}
    flask |= {"problem": "", "busy": "None", "count": "database.count()"}
    defaults = {"wait": "await asyncio.sleep(0.6)", "here": here}
    requests = [
        Request("GET", "/?name=ann", client=Client(concurrent=True)),
        Request("GET", "/?name=ben", client=Client(delay=0.2)),
    ]
    texts = (text.format(**each) for each in (flask, flask | ASYNC | defaults | quart))
    return Pair(id, cause, *texts, requests)


def _missing(id: str, cause: str, **quart: str) -> Pair:
    flask = {"kind": "def", "copied": "", "then": "pass", "returned": ""}
    flask |= {"fields": '{"X-Shelf": "7"}'}
    texts = (MISSING.format(**each) for each in (flask, flask | ASYNC | quart))
    return Pair(id, cause, *texts, [Request("GET", "/books")])


def _limits() -> Pair:
    texts = (
        LIMITS.format(kind=kind, limits=limits, name=name)
        for kind, limits, name in (
            ("def", LIMITS_OF_FLASK, "wsgi_app"),
            ("async def", LIMITS_OF_QUART, "asgi_app"),
        )
    )
    return Pair(
        "start_again", "start-sent-with-each-part", *texts, [Request("GET", "/")]
    )


ASYNC = {"kind": "async def"}
BLOCKED = "event-loop-blocked"
LEFT = "generator-exit-not-raised"

PAIRS = [
    _letters("queue_of_threads", BLOCKED, **ASYNC),
    _letters(
        "other_letter",
        "",
        **ASYNC,
        box="asyncio.Queue()",
        get="await asyncio.wait_for(letters.get(), 2)",
        put='letters.put_nowait("goodbye")',
        empty="TimeoutError",
    ),
    _room("reader_stays", LEFT, "except GeneratorExit:  # here"),
    _room("reader_leaves", "", "except asyncio.CancelledError:", ' + "."'),
    _itself("inner_view", "request-to-itself-blocks-the-loop", CALL),
    _itself("inner_printer", "", 'raise TimeoutError(f"printer {port} timed out")'),
    _gate("gate_open", "second-response", "pass"),
    _audit("body_read", "body-read-by-middleware", "return await request.get_data()"),
    _audit("body_ignored", "", "await asyncio.sleep(60)"),
    _locked(
        "lock_of_threads",
        "thread-lock-held-across-await",
        **ASYNC,
        wait="await asyncio.sleep(0.3)",
        here="  # here",
    ),
    _owners("of_thread", "value-of-thread-shared", "threading.get_ident()"),
    _owners("of_all", "", '"all"'),
    _together("local_of_hook", "local-of-thread-shared", TENANT),
    _together("local_of_object", "local-of-thread-shared", SESSIONS),
    _together("name_of_request", "", TENANT, name='"tenant " + request.args["name"]'),
    _together(
        "query_of_another_request",
        "connection-of-all-requests",
        STOCK,
        problem=ONE_QUERY,
        busy="asyncio.current_task()",
        count="await database.count()",
    ),
    _together(
        "empty_stock",
        "",
        STOCK,
        problem="no salt",
        busy="asyncio.current_task()",
        count="await database.count()",
    ),
    _together(
        "connection_of_thread",
        "local-of-thread-shared",
        OPENED,
        problem=OPEN,
        state="threading.local()  # here",
    ),
    _together(
        "connection_of_program",
        "connection-of-thread-shared",
        OPENED,
        problem=OPEN,
        state="type('State', (), {})()",
        raised="  # here",
    ),
    _limits(),
    _missing(
        "length_of_page", "length-of-other-response", fields=OF_ERROR, copied="  # here"
    ),
    _missing(
        "length_of_its_own",
        "wrong-length",
        then="response.content_length = 3",
        returned="  # here",
    ),
    _locked(
        "lock_of_loop",
        "",
        **ASYNC,
        lock="asyncio.Lock()",
        enter="async with",
        wait="await asyncio.sleep(60)",
    ),
    *(
        Pair(each.id, each.cause, each.flask, each.quart, [Request("GET", "/")])
        for each in asynchronous.PAIRS
        if each.id.startswith("start_")
    ),
]  # fmt: skip


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the apps, which are imported from it, and forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.endswith(("_on_flask", "_on_quart")):
            del sys.modules[name]


def _compared(pair: Pair, root: Path) -> Comparison:
    for framework in ("flask", "quart"):
        head = HEAD.format(framework=framework, name=framework.title())
        source = head + getattr(pair, framework)
        (root / f"{pair.id}_on_{framework}.py").write_text(source)
    *setup, last = pair.requests
    (found,) = compare(
        f"{pair.id}_on_flask:app@waitress",
        f"{pair.id}_on_quart:app@hypercorn",
        [Case("pair", last, setup=setup)],
        timeout=4.0,
    )
    return found


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS, ids=[pair.id for pair in PAIRS])
def test_a_pair_on_two_servers_gives_its_expected_causes(
    pair: Pair, root: Path
) -> None:
    needs("waitress", "hypercorn")
    found = _compared(pair, root)
    assert found.verdict in ("different", "failed")
    causes = {each.cause for each in found.findings} & load_explanations().keys()
    assert causes == ({pair.cause} if pair.cause else set())
    lines = (root / f"{pair.id}_on_quart.py").read_text().splitlines()
    place = [n for n, text in enumerate(lines, 1) if text.endswith("# here")]
    if pair.cause:
        first = next(each for each in found.findings if each.cause)
        assert first.place == f"{pair.id}_on_quart.py:{place[0]}"


WAITING = """
ready = threading.Event()

@app.get("/wait")
def wait():
    return str({waits})

@app.get("/ready")
def set_ready():
    ready.set()
    return "set"
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("waits", "explained"),
    [("ready.wait(2)", True), ('request.environ["SERVER_SOFTWARE"]', False)],
)
def test_a_server_handles_one_request_at_a_time(
    waits: str, explained: bool, root: Path
) -> None:
    needs("werkzeug", "gunicorn-sync")
    source = HEAD.format(framework="flask", name="Flask")
    (root / "bell_on_flask.py").write_text(source + WAITING.format(waits=waits))
    first = Request("GET", "/wait", client=Client(concurrent=True))
    case = Case(
        "pair", Request("GET", "/ready", client=Client(delay=0.4)), setup=[first]
    )
    specs = (f"bell_on_flask:app@{server}" for server in ("werkzeug", "gunicorn-sync"))
    (found,) = compare(*specs, [case])
    assert found.verdict == "different"
    causes = {each.cause for each in found.findings}
    assert ("one-request-at-a-time" in causes) == explained


@pytest.mark.slow
@pytest.mark.parametrize("end", ["except GeneratorExit:", "except ValueError:"])
def test_a_generator_is_not_closed(end: str, root: Path) -> None:
    needs("waitress", "hypercorn")
    pair = _room("room", "", end)
    source = HEAD.format(framework="flask", name="Flask") + pair.flask
    if "ValueError" in end:
        # The reader stays for another reason.
        source = source.replace("except GeneratorExit:", end).replace(
            'return ",".join(readers)', 'return request.environ["SERVER_SOFTWARE"]'
        )
    (root / "room_on_flask.py").write_text(source)
    *setup, last = pair.requests
    specs = (f"room_on_flask:app@{server}" for server in ("waitress", "hypercorn"))
    (found,) = compare(*specs, [Case("pair", last, setup=setup)])
    causes = {each.cause for each in found.findings}
    assert ("stream-goes-on-in-hypercorn" in causes) == ("GeneratorExit" in end)


@pytest.mark.slow
def test_one_response_of_middleware_is_no_difference(root: Path) -> None:
    needs("waitress", "hypercorn")
    found = _compared(_gate("gate_closed", "", "return"), root)
    assert "effect" not in {each.field for each in found.differences}
    assert not found.findings


LAZY_GATE = """
async def gate(scope, receive, send):
    if scope["type"] != "http":
        return await inner(scope, receive, send)
    fields = iter([(b"content-length", b"0"), (b"x-gate", b"closed")])
    await send({"type": "http.response.start", "status": 403, "headers": fields})
    await send({"type": "http.response.body"})

inner = app.asgi_app
app.asgi_app = gate
"""


@pytest.mark.slow
def test_recording_takes_no_header_fields_from_the_server(root: Path) -> None:
    needs("uvicorn-h11")
    head = HEAD.format(framework="quart", name="Quart")
    (root / "lazy_on_quart.py").write_text(head + LAZY_GATE)
    spec = "lazy_on_quart:app@uvicorn-h11"
    (found,) = compare(spec, spec, [Case("pair", Request("GET", "/"))])
    for recording in found.recordings.values():
        response = recording.exchange.response
        assert response is not None
        assert ("x-gate", "closed") in response.headers
