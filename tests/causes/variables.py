"""Pairs of apps: variables of a context, keywords passed on, and what the app's classes lack.

As in `apps`, the line of the cause ends with `# here`; a pair whose cause is "" has
similar code and another cause.
"""

from tests.causes.asynchronous import SAME, both
from tests.causes.views import Pair

AUDIT = """
from contextvars import ContextVar

user = ContextVar("user", default="nobody")
audit = []

{gate}

@app.get("/login")
{kind} login():
    user.set("ann")
    return "in"

@app.get("/")
{kind} show():
    return {{"audit": audit}}{other}
"""
GATE_OF_FLASK = """
class Gate:
    def __init__(self, inner):
        self.inner = inner

    def __call__(self, environ, start_response):
        body = self.inner(environ, start_response)
        audit.append(user.get())
        return body

app.wsgi_app = Gate(app.wsgi_app)
"""
GATE_OF_QUART = """
class Gate:
    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, scope, receive, send):
        await self.inner(scope, receive, send)
        if scope["type"] == "http":
            audit.append(user.get())  # here

app.asgi_app = Gate(app.asgi_app)
"""

COPIED = """
import contextvars

number = contextvars.ContextVar("number", default=0)

{kind} work():
    number.set(7)
    return "done"

@app.get("/")
{kind} show():
    context = contextvars.copy_context()
    text = {wait}context.run(work){here}
    return {{"number": number.get(), "text": text{other}}}
"""

NOTED = """
import threading

notes = []

{kind} note({takes}):
    {does}

@app.get("/")
{kind} show():
    {starts}{here}
    return "noted"
"""
STARTED = (
    "thread = threading.Thread(target=note, name='n'); thread.start(); thread.join()"
)

STOCK = """
class InterfaceError(Exception):
    pass

class Connection:
    busy = False

    {kind} count(self, name):
        if self.busy:
            raise InterfaceError("{problem}")
        self.busy = True
        {wait}
        self.busy = {after}
        return len(name)

database = Connection()

@app.get("/")
{kind} show():
    salt, oil = {both}{here}
    return str(salt + oil)
"""
BUSY = "cannot perform operation: another operation is in progress"
GATHERED = 'await asyncio.gather(database.count("salt"), database.count("oil"))'
IN_TURN = 'database.count("salt"), database.count("oil")'

WRITTEN = """
{setting}{here}

@app.get("/")
{kind} show():
    return {{"b": "café", "a": {value}}}
"""

VISITS = """
from {framework} import session
from {framework}.sessions import SecureCookieSessionInterface

app.secret_key = "k"
app.config["SESSION_COOKIE_{name}"] = {value}

class Sessions(SecureCookieSessionInterface):
    {kind} save_session(self, app, session, response):
        text = self.get_signing_serializer(app).dumps(dict(session))
        response.set_cookie("session", text, **self.keywords(app))

    def keywords(self, app):
        return {{"{word}": self.get_cookie_{word}(app)}}
{own}

@app.get("/")
{kind} show():
    session["visits"] = 1
    response = Response("ok")
    response.set_cookie("size", "{size}")
    return response
"""
OWN = """
class Short(Sessions):
    async def save_session(self, app, session, response):
        text = self.get_signing_serializer(app).dumps(dict(session))
        response.set_cookie("session", text)  # here
"""
USED = "\napp.session_interface = {}()\n"

POOL = """
import copy, threading
{wrap}

class Pool:
    def __init__(self):
        self.lock = threading.Lock()

class WithPool:
    def __init__(self, inner):
        self.inner = inner

    {call}

app.{name} = {fix}(app.{name})
app.{name} = WithPool(app.{name})

@app.get("/")
{kind} show():
    return {view}
"""
POOL_OF_FLASK = """def __call__(self, environ, start_response):
        return self.inner(environ, start_response)
"""
POOL_OF_QUART = """async def __call__(self, scope, receive, send):
        {does}
        await self.inner(scope, receive, send){here}
"""

CATALOG = """
import string

menu = Blueprint("menu", __name__)
{take}

{kind} cook(name):
    return name

@menu.get("/soup"){here}
{kind} show({takes}):
    return {does}

app.register_blueprint(menu, url_prefix="/<site>")
"""
TAKE = """
@menu.url_value_preprocessor
def take(endpoint, values):
    values.pop("site")
"""

LINKED = """
import asyncio, threading

app.config["SERVER_NAME"] = "books.example"
links = []

@app.get("/item")
{kind} item():
    return "item"

{kind} link():
    {context} app.app_context():
        links.append({link}){here}

@app.get("/")
{kind} show():
    {starts}
    return {{"links": links}}
"""
IN_THREAD = "thread = threading.Thread(target=link); thread.start(); thread.join()"
IN_TASK = "await asyncio.create_task(link())"
LINKS = {"context": ("with", "async with"), "starts": (IN_THREAD, IN_TASK)}
TO_BOOKS = {"headers": [["Host", "books.example"]]}

FRESH = """
import functools
from {framework} import make_response

def fresh(view):
    @functools.wraps(view)
    def inner(*values, **named):
        response = make_response(view(*values, **named)){here}
        response.headers["Cache-Control"] = "no-store"
        return response
    return inner

@app.get("/")
@fresh
{kind} show():
    return "soup"
"""
NAMES = {"framework": ("flask", "quart")}


def _setting(id: str, cause: str, name: str, value: str, attribute: str) -> Pair:
    settings = (f"app.json.{attribute}", f'app.config["{name}"] = {value}')
    return Pair(
        f"setting_{id}",
        cause,
        *both(WRITTEN, setting=settings, value=("1", "1")),
        {},
        attribute.partition(" ")[0],
    )


def _visits(
    id: str, cause: str, name: str, value: str, own: tuple[str, str], size: str = "1"
) -> Pair:
    word = name.lower()
    texts = both(VISITS, name=(name,) * 2, value=(value,) * 2, word=(word,) * 2,
                 own=own, size=("1", size), **NAMES)  # fmt: skip
    return Pair(id, cause, *texts, {}, f"{word}=self.get_cookie_{word}(app)")


def _pool(id: str, cause: str, does: str, view: str = '"ok"') -> Pair:
    here = "  # here" if cause else ""
    texts = both(
        POOL,
        wrap=(
            "from werkzeug.middleware.proxy_fix import ProxyFix",
            "from hypercorn.middleware import ProxyFixMiddleware",
        ),
        call=(POOL_OF_FLASK, POOL_OF_QUART.format(does=does, here=here)),
        name=("wsgi_app", "asgi_app"),
        fix=("ProxyFix", "ProxyFixMiddleware"),
        view=('"ok"', view),
    )
    return Pair(id, cause, *texts, {}, "be the outermost")


USES = USED.format("Sessions")
PAIRS = [
    Pair(
        "variable_after_the_app",
        "variable-not-seen-by-middleware",
        *both(AUDIT, gate=(GATE_OF_FLASK, GATE_OF_QUART), other=SAME),
        {},
        "into the `scope`",
        setup=("/login",),
    ),
    Pair(
        "other_list_after_the_app",
        "",
        *both(AUDIT, gate=SAME, other=("", ' | {"size": 0}')),
        setup=("/login",),
    ),
    Pair(
        "coroutine_run_in_a_copy",
        "context-run-of-coroutine-function",
        *both(COPIED, wait=("", "await "), other=SAME),
        {},
        "asyncio.create_task(work(...), context=context)",
    ),
    Pair(
        "other_text_beside_a_copy",
        "",
        *both(COPIED, wait=("", "await "), other=(', "size": 1', ', "size": 2')),
    ),
    Pair(
        "name_of_a_task",
        "keyword-passed-on",
        *both(
            NOTED,
            takes=SAME,
            does=("notes.append(1)",) * 2,
            starts=(STARTED, 'app.add_background_task(note, name="n")'),
        ),
        {},
        "app.add_background_task(note, ...)`, without `name=`",
    ),
    Pair(
        "keyword_of_a_call",
        "",
        *both(
            NOTED,
            takes=("text", "line"),
            does=("notes.append(1)",) * 2,
            starts=('note(text="n")', 'await note(text="n")'),
        ),
    ),
    Pair(
        "two_queries_at_once",
        "connection-used-twice-at-once",
        *both(
            STOCK,
            problem=(BUSY,) * 2,
            wait=("pass", "await asyncio.sleep(0)"),
            both=(IN_TURN, GATHERED),
            after=("False",) * 2,
        ),
        {},
        "one query after the other",
    ),
    Pair(
        "two_queries_that_fail",
        "",
        *both(
            STOCK,
            problem=("no such table",) * 2,
            wait=("pass", "await asyncio.sleep(0)"),
            both=(IN_TURN, GATHERED),
            after=("False", "True"),
        ),
    ),
    _setting(
        "ascii", "setting-json-as-ascii", "JSON_AS_ASCII", "False", "ensure_ascii = False"
    ),
    _setting("order", "setting-json-sort-keys", "JSON_SORT_KEYS", "False", "sort_keys = False"),
    _setting(
        "lines", "setting-jsonify-prettyprint-regular",
        "JSONIFY_PRETTYPRINT_REGULAR", "True", "compact = False",
    ),
    _setting(
        "type", "setting-jsonify-mimetype",
        "JSONIFY_MIMETYPE", '"application/vnd.api+json"', 'mimetype = "application/vnd.api+json"',
    ),
    Pair(
        "setting_beside_another_value",
        "",
        *both(
            WRITTEN,
            setting=("", 'app.config["JSON_SORT_KEYS"] = False'),
            value=("1", "2"),
        ),
    ),
    _visits(
        "same_site_of_own_class", "cookie-keyword-missing", "SAMESITE", '"Strict"',
        (USES, OWN + USED.format("Short")),
    ),
    _visits(
        "domain_of_own_class", "cookie-keyword-missing", "DOMAIN", '"books.example"',
        (USES, OWN + USED.format("Short")),
    ),
    _visits("same_site_given", "", "SAMESITE", '"Strict"', (USES, USES), "2"),
    Pair(
        "variable_of_a_prefix",
        "view-without-parameter",
        *both(CATALOG, take=(TAKE, ""), takes=SAME, does=('"pea"', '"pea"')),
        {"path": "/north/soup"},
        'values.pop("site")',
    ),
    Pair(
        "keyword_beside_a_prefix",
        "",
        *both(
            CATALOG,
            take=SAME,
            takes=("site",) * 2,
            does=('cook("pea")', 'await cook(site="pea")'),
        ),
        {"path": "/north/soup"},
    ),
    Pair(
        "module_as_function",
        "module-called",
        *both(
            CATALOG,
            take=SAME,
            takes=("site",) * 2,
            does=('string.capwords("pea")', 'string("pea")  # here'),
            here=SAME,
        ),
        {"path": "/north/soup"},
        "from module import name",
    ),
    _pool("pool_in_the_scope", "scope-that-cannot-be-copied", 'scope["pool"] = Pool()'),
    _pool("pool_copied_by_a_view", "", "pass", "str(copy.deepcopy(Pool()))"),
    Pair(
        "url_in_a_task",
        "url-in-task-of-request",
        *both(LINKED, **LINKS, link=('url_for("item")',) * 2),
        TO_BOOKS,
        "`_external=True`",
        versions="<0.23",
    ),
    Pair(
        "other_url_in_a_task",
        "",
        *both(
            LINKED,
            **LINKS,
            link=('url_for("item")', 'url_for("item", _external=True) + "s"'),
            here=SAME,
        ),
        TO_BOOKS,
    ),
    Pair(
        "response_made_in_a_decorator",
        "forgotten-await",
        *both(FRESH, **NAMES),
        {},
        "`await current_app.ensure_async(view)(*values, **named)` instead of",
    ),
]  # fmt: skip
