"""Pairs of apps: code that runs in another thread, event loop or framework than it seems.

As in `apps`, the line of the cause ends with `# here`; a pair whose cause is "" has
similar code and another cause.
"""

from tests.causes.views import Pair

DIGEST = """
@app.get("/")
{kind} digest():
    def collect():
        return {{"agent": {agent}}}

    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, collect){here}
"""
PLAIN_DIGEST = """
@app.get("/")
def digest():
    def collect():
        return {"agent": request.headers.get("User-Agent", "")}

    return collect()
"""

POOLED = """
async def in_thread(function, *values):
    return await asyncio.get_running_loop().run_in_executor(None, function, *values)

def collect(name):
    return {{"agent": {agent}}}

@app.get("/")
async def digest():
    return await in_thread(collect, "ann"){here}
"""

HANDLER = """
import sys
import traceback

@app.errorhandler(KeyError)
def missing(error):
    {body}

@app.get("/")
{kind} show():
    return {{}}["drawer"]
"""
EXC_INFO = 'return {"kind": getattr(sys.exc_info()[0], "__name__", "none")}'
LOGGING = """app.logger.error(traceback.format_exc())
    return {{"kind": "{}"}}"""

PAIRS = [
    Pair(
        "words_of_a_response",
        "coroutine-in-expression",
        """
        @app.after_request
        def count(response):
            response.headers["X-Words"] = str(len(response.get_data().split()))
            return response

        @app.get("/")
        def show():
            return "one two"
        """,
        """
        @app.after_request
        async def count(response):
            response.headers["X-Words"] = str(len(response.get_data().split()))  # here
            return response

        @app.get("/")
        async def show():
            return "one two"
        """,
        {},
        "(await response.get_data()).split()",
    ),
    Pair(
        "words_of_an_own_answer",
        "",
        """
        class Answer:
            def get_data(self):
                return "one two"

        @app.get("/")
        def show():
            response = Answer()
            return str(len(response.get_data().split()))
        """,
        """
        class Answer:
            def get_data(self):
                return ["one two"]

        @app.get("/")
        async def show():
            response = Answer()
            return str(len(response.get_data().split()))
        """,
    ),
    Pair(
        "context_in_executor",
        "executor-without-context",
        PLAIN_DIGEST,
        DIGEST.format(
            kind="async def", agent='request.headers.get("User-Agent")', here="  # here"
        ),
        {},
        "pass them to `collect`",
    ),
    Pair(
        "mistake_in_executor",
        "",
        PLAIN_DIGEST,
        DIGEST.format(kind="async def", agent='{}["User-Agent"]', here=""),
    ),
    Pair(
        "context_in_executor_of_a_helper",
        "executor-without-context",
        PLAIN_DIGEST,
        POOLED.format(agent='request.headers.get("User-Agent")', here="  # here"),
        {},
        "pass them to `collect`",
    ),
    Pair(
        "mistake_in_executor_of_a_helper",
        "",
        PLAIN_DIGEST,
        POOLED.format(agent='{}["User-Agent"]', here=""),
    ),
    Pair(
        "variable_in_pool",
        "variable-not-in-executor",
        """
        from contextvars import ContextVar

        currency = ContextVar("currency", default="EUR")

        def price(cents):
            return f"{cents / 100} {currency.get()}"

        @app.before_request
        def choose():
            currency.set("CHF")

        @app.get("/")
        def show():
            return price(250)
        """,
        """
        from concurrent.futures import ThreadPoolExecutor
        from contextvars import ContextVar

        currency = ContextVar("currency", default="EUR")
        pool = ThreadPoolExecutor(1)

        def price(cents):
            return f"{cents / 100} {currency.get()}"

        @app.before_request
        async def choose():
            currency.set("CHF")

        @app.get("/")
        async def show():
            return await asyncio.wrap_future(pool.submit(price, 250))  # here
        """,
        {},
        "asyncio.to_thread(price, ...)",
    ),
    Pair(
        "variable_in_copied_context",
        "",
        """
        from contextvars import ContextVar

        currency = ContextVar("currency", default="EUR")

        def price(cents):
            return f"{cents / 100} {currency.get()}"

        @app.get("/")
        def show():
            currency.set("CHF")
            return price(250)
        """,
        """
        from contextvars import ContextVar

        currency = ContextVar("currency", default="EUR")

        def price(cents):
            return f"{cents / 100} {currency.get()}"

        @app.get("/")
        async def show():
            currency.set("GBP")
            return await asyncio.to_thread(price, 250)
        """,
    ),
    Pair(
        "task_of_a_list",
        "plain-value-as-task",
        """
        def names():
            return ["Ada"]

        @app.get("/")
        def show():
            return names()
        """,
        """
        def names():
            return ["Ada"]

        @app.get("/")
        async def show():
            return await asyncio.ensure_future(names())  # here
        """,
        {},
        "without a task",
    ),
    Pair(
        "task_that_fails",
        "",
        """
        def names():
            return ["Ada"]

        @app.get("/")
        def show():
            return names()
        """,
        """
        async def names():
            raise TypeError("Ada has no name")

        @app.get("/")
        async def show():
            (found,) = await asyncio.gather(names())
            return found
        """,
    ),
    Pair(
        "await_in_a_condition",
        "await-in-template",
        """
        from flask import render_template_string

        @app.get("/")
        def show():
            return render_template_string("{% if open() %}open{% endif %}", open=lambda: True)
        """,
        """
        from quart import render_template_string

        async def is_open():
            return True

        @app.get("/")
        async def show():
            return await render_template_string("{% if await open() %}open{% endif %}", open=is_open)  # here
        """,
        {},
        "Remove `await`",
    ),
    Pair(
        "template_not_closed",
        "",
        """
        from flask import render_template_string

        @app.get("/")
        def show():
            return render_template_string("{% if true %}open{% endif %}")
        """,
        """
        from quart import render_template_string

        @app.get("/")
        async def show():
            return await render_template_string("{% if true %}open")
        """,
    ),
    Pair(
        "exc_info_in_handler",
        "exception-not-in-plain-handler",
        HANDLER.format(kind="def", body=EXC_INFO),
        HANDLER.format(kind="async def", body=f"{EXC_INFO}  # here"),
        {},
        "async def",
    ),
    Pair(
        "exception_in_the_log_only",
        "",
        HANDLER.format(kind="def", body=LOGGING.format("KeyError")),
        HANDLER.format(kind="async def", body=LOGGING.format("missing")),
    ),
    Pair(
        "other_answer_of_handler",
        "",
        HANDLER.format(kind="def", body='return {"kind": "KeyError"}'),
        HANDLER.format(kind="async def", body='return {"kind": "missing"}'),
    ),
    Pair(
        "signal_by_module",
        "signal-of-flask",
        """
        from flask import signals

        seen = []

        @signals.request_started.connect_via(app)
        def note(sender, **more):
            seen.append("started")

        @app.get("/")
        def show():
            return seen
        """,
        """
        from flask import signals

        seen = []

        @signals.request_started.connect_via(app)  # here
        def note(sender, **more):
            seen.append("started")

        @app.get("/")
        async def show():
            return seen
        """,
        {},
        "from `quart`",
    ),
    Pair(
        "signal_not_connected",
        "",
        """
        from flask import signals

        seen = []

        def note(sender, **more):
            seen.append("started")

        signals.request_started.connect(note, app)

        @app.get("/")
        def show():
            return seen
        """,
        """
        from quart import signals

        seen = []

        def note(sender, **more):
            seen.append("started")

        @app.get("/")
        async def show():
            return seen
        """,
    ),
    Pair(
        "form_of_an_extension",
        "flask-extension-in-quart",
        """
        from flask_wtf import FlaskForm
        from wtforms import IntegerField

        app.secret_key = "dev"

        class Base(FlaskForm):
            class Meta:
                csrf = False

        class Order(Base):
            number = IntegerField()

        @app.post("/")
        def order():
            return str(Order().validate())
        """,
        """
        from flask_wtf import FlaskForm
        from wtforms import IntegerField

        app.secret_key = "dev"

        class Base(FlaskForm):
            class Meta:
                csrf = False

        class Order(Base):
            number = IntegerField()

        @app.post("/")
        async def order():
            return str(Order().validate())  # here
        """,
        {"method": "POST", "form": {"number": "3"}},
        "Quart-WTF",
    ),
]

SAME_LOOP = """
lock = []

@app.get("/")
async def take():
    if not lock:
        lock.append(asyncio.get_running_loop().create_future())
        asyncio.get_running_loop().call_later({delay}, lock[0].set_result, "taken")
        return "taken"
    {wait}
"""
"""The first request makes what the second one waits for."""

CHANGED = (
    """
    def slots(day):
        return {"mon": 3}.get(day, 0)

    @app.get("/")
    def free():
        day = request.args.get("day", "mon")
        return str(10 // slots(day))
    """,
    """
    def slots(day):
        return {"mon": 3}.get(day, 0)

    @app.get("/")
    async def free():
        day = request.args.get("on", "tue")
        return str(10 // slots(day))
    """,
)

WEIGHTS = """
import time
from {low}.wrappers import Request

def size_of(name):
    if name.startswith("flask"):
        return "small"
    return "large"

@app.get("/value")
{kind} value():
    started = time.perf_counter()
    module = Request.__module__
    parts = module.split(".")
    return {{"label": parts[0][:2]}}

@app.get("/branch")
{kind} branch():
    number = 3
    size = size_of(Request.__module__)
    return {{"size": size, "number": number}}

def check(name):
    if not name:
        raise ValueError("no name")

def small():
    return "small"

def large():
    return "large"

@app.get("/helper")
{kind} helper():
    size = check("tea") or (small if len(Request.__module__) < 20 else large)()
    return {{"size": size}}

@app.get("/shown")
{kind} shown():
    size = len(Request.__module__)
    label = "size " + str(size)
    return {{"label": label}}

@app.get("/secret")
{kind} secret():
    password = len(Request.__module__)
    return {{"shown": password}}

@app.get("/same")
{kind} same():
    name = "tea"
    return {{"name": name, "text": str({value})}}
"""
"""Views that both apps have alike. What they import has another value."""
