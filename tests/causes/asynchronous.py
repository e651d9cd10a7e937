"""Pairs of apps: plain code that a port makes asynchronous, and the other way round.

As in `apps`, the line of the cause ends with `# here`; a pair whose cause is "" has
similar code and another cause.
"""

from tests.causes.views import Pair

WAITED = """
from asgiref.sync import async_to_sync

async def rate(currency):
    return {{"currency": currency}}

@app.get("/")
{kind} show():
    return async_to_sync(rate)("EUR"){here}
"""

PRINTER = """
def print_label(text):
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return text
    raise {error}

@app.get("/")
{kind} show():
    return print_label("fragile")
"""

WORDS = """
{kind} words():
    return ("salt", "oil")

@app.get("/")
{kind} show():
    found = [each {loop} each in {wait}words()]{here}
    return ",".join(found)
"""

LOCKED = """
import threading

class Half:
    {half}

guard = {guard}

@app.get("/")
{kind} show():
    {enter} guard:{here}
        return "shelf"
"""

WHOLE = """__enter__ = __exit__ = lambda self, *error: None"""

ORDER = """
import functools

class Order:
    @{decorator}{here}
    {kind} total(self):
        return 12

    @functools.cached_property
    def name(self):
        return "tea"

@app.get("/")
{kind} show():
    order = Order()
    {first}
    return {{"twice": {total} + {total}, "name": order.name}}
"""

TITLE = """
{kind} translate(text):
    return text.upper()

class Title:
    def __init__(self, text):
        self.text = text

    def __html__(self):
        return {made}{here}

@app.get("/")
{around} show():
    from markupsafe import escape
    return str(escape(Title("salt")))
"""

BASKET = """
class Basket:
    {kind} __len__(self):
        return {size}

@app.get("/")
{around} show():
    return str(len(Basket())){here}
"""

CHUNKS = """
{kind} chunks():
    yield "salt"
    yield "oil"

@app.get("/")
{around} show():
    return ",".join({made}){here}
"""

POOL = """
{serving}
app.rows = {rows}

@app.get("/")
{kind} show():
    return app.{name}

{middleware}
"""
CONNECT = """
@app.before_serving
async def connect():
    app.stock = {"salt": 3}
"""
COUNTED = """
class Counted:
    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, scope, receive, send):
        {check}
        await self.inner(scope, receive, send)

app.asgi_app = Counted(app.asgi_app)
"""
HERE = "  # here"


def both(text: str, **parts: tuple[str, str]) -> tuple[str, str]:
    """Fill in a source for each framework; each part has what Flask and Quart have."""
    parts = {"kind": ("def", "async def"), "here": ("", HERE), **parts}
    flask, quart = (
        text.format(**{name: each[side] for name, each in parts.items()})
        for side in (0, 1)
    )
    return flask, quart


SAME = ("", "")

SAVED = """
import threading

names = []

{kind} save():
    names.append("ann")

@app.get("/")
{kind} show():
    {saves}
    return {{"saved": {shows}}}
"""
TASK = "asyncio.create_task(save())"

JOINED = """
{kind} lines():
    {gives}

@app.get("/")
{kind} show():
    return "".join({what}){here}
"""

PAIRS = [
    Pair(
        "saved_in_task",
        "task-not-awaited",
        SAVED.format(kind="def", saves="save()", shows="names"),
        SAVED.format(kind="async def", saves=f"{TASK}  # here", shows="names"),
        {},
        "await save(...)",
    ),
    Pair(
        "saved_in_thread",
        "",
        SAVED.format(
            kind="def", saves="threading.Thread(target=save).start()", shows=1
        ),
        SAVED.format(kind="async def", saves=TASK, shows=2),
    ),
    Pair(
        "joined_generator",
        "async-generator-joined",
        JOINED.format(kind="def", gives='yield "a"', what="lines()", here=""),
        JOINED.format(
            kind="async def", gives='yield "a"', what="lines()", here="  # here"
        ),
        {},
        "`[each async for each in lines(...)]`",
    ),
    Pair(
        "joined_coroutine",
        "coroutine-in-expression",
        JOINED.format(kind="def", gives='return ["a"]', what="lines()", here=""),
        JOINED.format(
            kind="async def", gives='return ["a"]', what="lines()", here="  # here"
        ),
        {},
        "join(await lines())",
    ),
    Pair(
        "joined_number",
        "",
        JOINED.format(kind="def", gives='yield "a"', what="lines()", here=""),
        JOINED.format(kind="async def", gives='yield "a"', what="len([])", here=""),
    ),
    Pair(
        "waits_for_coroutine",
        "asyncio-run-in-event-loop",
        *both(WAITED),
        remedy="`async_to_sync`",
    ),
    Pair(
        "plain_printer",
        "plain-library-in-event-loop",
        *both(
            PRINTER,
            error=(
                "OSError",
                'OSError("This printer cannot be used from an async context.")  # here',
            ),
        ),
        remedy="asyncio.to_thread",
    ),
    Pair(
        "printer_without_paper",
        "",
        *both(
            PRINTER, error=("OSError", 'OSError("The paper of this loop is used up.")')
        ),
    ),
    Pair(
        "words_of_tuple",
        "async-for-over-plain-value",
        *both(WORDS, loop=("for", "async for"), wait=("", "await ")),
        remedy="`for`",
    ),
    Pair(
        "words_of_half_an_iterator",
        "",
        *both(
            WORDS.replace("words():\n    return", "other():\n    return")
            + "\nclass words:\n    def __aiter__(self):\n        return self\n"
            + "\n    def __iter__(self):\n        return iter(['salt'])\n",
            loop=("for", "async for"),
            wait=SAME,
            here=SAME,
        ),
    ),
    Pair(
        "plain_lock",
        "async-with-of-plain-object",
        *both(
            LOCKED,
            guard=("threading.Lock()",) * 2,
            enter=("with", "async with"),
            half=("pass", "pass"),
        ),
        remedy="`with`",
    ),
    Pair(
        "half_a_lock",
        "",
        *both(
            LOCKED,
            guard=("Half()",) * 2,
            enter=("with", "async with"),
            half=(WHOLE, "async def __aenter__(self):\n        return self"),
            here=SAME,
        ),
    ),
    Pair(
        "lock_of_asyncio",
        "plain-with-of-async-object",
        *both(
            LOCKED,
            guard=("threading.Lock()", "asyncio.Lock()"),
            enter=("with", "with"),
            half=("pass", "pass"),
        ),
        remedy="`async with`",
    ),
    Pair(
        "no_lock",
        "",
        *both(
            LOCKED,
            guard=("Half()", "Half()"),
            enter=("with", "with"),
            half=(WHOLE, "pass"),
            here=SAME,
        ),
    ),
    Pair(
        "total_of_order",
        "cached-property-of-coroutine",
        *both(
            ORDER,
            decorator=("functools.cached_property",) * 2,
            first=("pass", "pass"),
            total=("order.total", "(await order.total)"),
        ),
        remedy="`@property` instead of `@functools.cached_property`",
    ),
    Pair(
        "total_kept",
        "coroutine-awaited-twice",
        *both(
            ORDER.replace("@{decorator}{here}", "@{decorator}").replace(
                "order.name}}", "order.name}}{here}"
            ),
            decorator=("property",) * 2,
            first=("total = order.total",) * 2,
            total=("total", "(await total)"),
        ),
    ),
    Pair(
        "title_as_html",
        "coroutine-in-special-method",
        *both(
            TITLE,
            made=("translate(self.text)",) * 2,
            around=("def", "async def"),
        ),
        remedy="`def translate` without `async`",
    ),
    Pair(
        "title_as_number",
        "",
        *both(
            TITLE,
            kind=("def", "def"),
            made=("translate(self.text)", "len(translate(self.text))"),
            around=("def", "async def"),
            here=SAME,
        ),
    ),
    Pair(
        "size_of_basket",
        "async-special-method",
        *both(BASKET, size=("2", "2"), around=("def", "async def")),
        remedy="`def __len__` without `async`",
    ),
    Pair(
        "size_below_zero",
        "",
        *both(
            BASKET,
            kind=("def", "def"),
            size=("2", "-2"),
            around=("def", "async def"),
            here=SAME,
        ),
    ),
    Pair(
        "chunks_awaited",
        "async-generator-awaited",
        *both(CHUNKS, made=("chunks()", "await chunks()"), around=("def", "async def")),
        remedy="async for each in",
    ),
    Pair(
        "plain_chunks_awaited",
        "awaited-plain-value",
        *both(
            CHUNKS,
            kind=("def", "def"),
            made=("chunks()", "await chunks()"),
            around=("def", "async def"),
        ),
    ),
    Pair(
        "start_refused",
        "lifespan-refused",
        *both(
            POOL,
            serving=("app.stock = {'salt': 3}", CONNECT),
            rows=("{}", "{}"),
            name=("stock",) * 2,
            middleware=(
                "",
                COUNTED.format(check='path = scope["path"]' + HERE),
            ),
        ),
        remedy='if scope["type"] != "http"',
    ),
    Pair(
        "start_not_refused",
        "",
        *both(
            POOL,
            serving=("app.stock = {'salt': 3}", CONNECT.replace("stock", "stocks")),
            rows=("{}", "{}"),
            name=("stock",) * 2,
            middleware=("", COUNTED.format(check='kind = scope["type"]')),
        ),
    ),
]
