"""Pairs of apps: what a port moves to another thread, loop, moment or class.

As in `apps`, the line of the cause ends with `# here`; a pair whose cause is "" has
similar code and another cause.
"""

from tests.causes.views import Pair

ONE_VIEW = """
@app.get("/")
def view():
    return "ok"
"""

PAIRS = [
    Pair(
        "thread_of_async_function",
        "coroutine-function-in-thread",
        """
        import threading

        def send(address):
            return None

        @app.get("/")
        def view():
            thread = threading.Thread(target=send, args=["a"])
            thread.start()
            thread.join()
            return "ok"
        """,
        """
        import threading

        async def send(address):
            return None

        @app.get("/")
        async def view():
            thread = threading.Thread(target=send, args=["a"])  # here
            thread.start()
            thread.join()
            return "ok"
        """,
        {},
        "app.add_background_task(send, ...)",
    ),
    Pair(
        "thread_of_plain_function",
        "",
        """
        import threading

        @app.get("/")
        def view():
            threading.Thread(target=print).start()
            return "ok"
        """,
        """
        import threading

        @app.get("/")
        async def view():
            threading.Thread(target=print).start()
            return "OK"
        """,
    ),
    Pair(
        "cache_of_async_function",
        "cached-coroutine",
        """
        import functools

        @functools.lru_cache
        def rate():
            return "2"

        @app.get("/")
        def view():
            return rate() + rate()
        """,
        """
        import functools

        @functools.lru_cache  # here
        async def rate():
            return "2"

        @app.get("/")
        async def view():
            return await rate() + await rate()
        """,
        {},
        "Remove the decorator",
    ),
    Pair(
        "coroutine_used_again",
        "coroutine-awaited-twice",
        """
        def rate():
            return "2"

        @app.get("/")
        def view():
            pending = rate()
            return pending + pending
        """,
        """
        async def rate():
            return "2"

        @app.get("/")
        async def view():
            pending = rate()
            return await pending + await pending  # here
        """,
        {},
        "Await it once",
    ),
    Pair(
        "object_around_view",
        "object-around-async-view",
        """
        class Checked:
            def __init__(self, view):
                self.view = view
                self.__name__ = "view"

            def __call__(self):
                return self.view()

        @app.get("/")
        @Checked
        def view():
            return "ok"
        """,
        """
        class Checked:
            def __init__(self, view):
                self.view = view
                self.__name__ = "view"

            def __call__(self):
                return self.view()  # here

        @app.get("/")
        @Checked
        async def view():
            return "ok"
        """,
        {},
        "a function that returns an `async def` function",
    ),
    Pair(
        "template_loader",
        "coroutine-function-called-by-library",
        """
        import jinja2
        from flask import render_template

        def source_of(name):
            return "ok"

        app.jinja_loader = jinja2.FunctionLoader(source_of)

        @app.get("/")
        def view():
            return render_template("a.html")
        """,
        """
        import jinja2
        from quart import render_template

        async def source_of(name):  # here
            return "ok"

        app.jinja_loader = jinja2.FunctionLoader(source_of)

        @app.get("/")
        async def view():
            return await render_template("a.html")
        """,
        {},
        "`def source_of` without `async`",
    ),
    Pair(
        "template_loader_without_template",
        "",
        """
        import jinja2
        from flask import render_template

        app.jinja_loader = jinja2.FunctionLoader({"a.html": "ok"}.get)

        @app.get("/")
        def view():
            return render_template("a.html")
        """,
        """
        import jinja2
        from quart import render_template

        app.jinja_loader = jinja2.FunctionLoader({"b.html": "ok"}.get)

        @app.get("/")
        async def view():
            return await render_template("a.html")
        """,
    ),
    Pair(
        "class_of_views",
        "flask-context-in-quart",
        """
        from flask.views import MethodView

        class Home(MethodView):
            def get(self):
                return "ok"

        app.add_url_rule("/", view_func=Home.as_view("home"))
        """,
        """
        from flask.views import MethodView  # here

        class Home(MethodView):
            async def get(self):
                return "ok"

        app.add_url_rule("/", view_func=Home.as_view("home"))
        """,
        {},
        "from `quart`",
    ),
    Pair(
        "class_of_requests",
        "request-class-of-flask",
        """
        from flask import Request

        class Short(Request):
            pass

        app.request_class = Short
        """
        + ONE_VIEW.replace("\n", "\n        "),
        """
        from flask import Request  # here

        class Short(Request):
            pass

        app.request_class = Short

        @app.get("/")
        async def view():
            return "ok"
        """,
        {},
        "quart.Request",
    ),
    Pair(
        "request_made_wrongly",
        "",
        ONE_VIEW,
        """
        class Short:
            def __init__(self):
                pass

        @app.get("/")
        async def view():
            return Short("ok")
        """,
    ),
    Pair(
        "class_of_responses",
        "response-class-of-werkzeug",
        """
        from flask import jsonify
        from werkzeug.wrappers import Response as Plain

        def finished(value):
            return value if isinstance(value, Plain) else jsonify(value)

        @app.get("/")
        def view():
            return finished(Response("ok"))
        """,
        """
        from quart import jsonify
        from werkzeug.wrappers import Response

        def finished(value):
            return value if isinstance(value, Response) else jsonify(value)  # here

        @app.get("/")
        async def view():
            return finished(app.response_class("ok"))
        """,
        {},
        "Import `Response` from `quart`",
    ),
    Pair(
        "response_in_json",
        "",
        """
        from flask import jsonify

        @app.get("/")
        def view():
            return jsonify(isinstance(Response("ok"), Response))
        """,
        """
        from quart import jsonify

        @app.get("/")
        async def view():
            return jsonify(Response("ok"))
        """,
    ),
    Pair(
        "future_of_import",
        "object-of-import-time-loop",
        ONE_VIEW,
        """
        async def connect():
            return asyncio.get_running_loop().create_future()

        ready = asyncio.run(connect())  # here

        @app.get("/")
        async def view():
            await ready
            return "ok"
        """,
        {},
        "@app.before_serving",
    ),
    Pair(
        "future_of_a_thread",
        "object-of-another-event-loop",
        ONE_VIEW,
        """
        def connect():
            loop = asyncio.new_event_loop()
            try:
                return loop.create_future()
            finally:
                loop.close()

        @app.get("/")
        async def view():
            await connect()  # here
            return "ok"
        """,
        {},
        "in the event loop that uses it",
    ),
    Pair(
        "future_of_a_class",
        "object-of-import-time-loop",
        ONE_VIEW,
        """
        class Client:
            def __init__(self):
                self.made = None
                loop = asyncio.new_event_loop()
                self.made = loop.run_until_complete(self.connect(loop))  # here

            async def connect(self, loop):
                return loop.create_future()

        client = Client()

        @app.get("/")
        async def view():
            await client.made
            return "ok"
        """,
        {},
        "@app.before_serving",
    ),
    Pair(
        "future_of_a_plain_view",
        "object-of-another-event-loop",
        ONE_VIEW,
        """
        made = []

        async def connect(loop):
            return loop.create_future()

        def make():
            loop = asyncio.new_event_loop()
            made.append(loop.run_until_complete(connect(loop)))

        @app.get("/")
        async def view():
            await asyncio.to_thread(make)
            await made[0]  # here
            return "ok"
        """,
        {},
        "in the event loop that uses it",
    ),
    Pair(
        "task_needed",
        "object-of-import-time-loop",
        ONE_VIEW,
        """
        async def connect():
            return asyncio.get_running_loop()

        loop = asyncio.run(connect())  # here

        @app.get("/")
        async def view():
            if asyncio.current_task(loop) is None:
                raise RuntimeError("Timeout context manager should be used inside a task")
            return "ok"
        """,
        {},
        "@app.before_serving",
    ),
    Pair(
        "future_that_fails",
        "",
        ONE_VIEW,
        """
        async def connect():
            return "ok"

        ready = asyncio.run(connect())

        @app.get("/")
        async def view():
            raise RuntimeError(ready)
        """,
    ),
    Pair(
        "work_called_in_place",
        "called-instead-of-passed",
        """
        import concurrent.futures

        pool = concurrent.futures.ThreadPoolExecutor(1)

        def work(name):
            return None

        @app.get("/")
        def view():
            pool.submit(work, "a").result()
            return "ok"
        """,
        """
        def work(name):
            return None

        @app.get("/")
        async def view():
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, work("a"))  # here
            return "ok"
        """,
        {},
        "loop.run_in_executor(None, work, ...)",
    ),
    Pair(
        "work_not_callable",
        "",
        ONE_VIEW,
        """
        work = None

        @app.get("/")
        async def view():
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, work, "a")
            return "ok"
        """,
    ),
    Pair(
        "local_of_a_hook",
        "variable-of-plain-hook-lost",
        """
        import threading

        here = threading.local()

        @app.before_request
        def load():
            here.user = request.args.get("user")

        def user():
            return getattr(here, "user", "nobody")

        @app.get("/")
        def view():
            return user()
        """,
        """
        import threading

        here = threading.local()

        @app.before_request
        def load():  # here
            here.user = request.args.get("user")

        def user():
            return getattr(here, "user", "nobody")

        @app.get("/")
        async def view():
            return user()
        """,
        {"path": "/?user=ann"},
        "async def load",
    ),
    Pair(
        "variable_of_a_hook",
        "variable-of-plain-hook-lost",
        """
        import contextvars

        tenant = contextvars.ContextVar("tenant")

        @app.before_request
        def choose():
            tenant.set("acme")

        @app.get("/")
        def view():
            return tenant.get()
        """,
        """
        import contextvars

        tenant = contextvars.ContextVar("tenant")

        @app.before_request
        def choose():  # here
            tenant.set("acme")

        @app.get("/")
        async def view():
            return tenant.get()
        """,
        {},
        "async def choose",
    ),
    Pair(
        "variable_of_another_hook",
        "",
        """
        import contextvars

        tenant = contextvars.ContextVar("tenant")

        @app.before_request
        def choose():
            tenant.set("acme")

        @app.get("/")
        def view():
            return "acme"
        """,
        """
        import contextvars

        tenant = contextvars.ContextVar("tenant")

        @app.before_request
        def choose():
            tenant.set("acme")

        @app.get("/")
        async def view():
            return "other"
        """,
    ),
    Pair(
        "connection_of_a_hook",
        "connection-of-another-thread",
        """
        import sqlite3
        from flask import g

        @app.before_request
        def connect():
            g.db = sqlite3.connect(":memory:")

        @app.get("/")
        def view():
            return str(g.db.execute("select 1").fetchone()[0])
        """,
        """
        import sqlite3
        from quart import g

        @app.before_request
        def connect():  # here
            g.db = sqlite3.connect(":memory:")

        @app.get("/")
        async def view():
            return str(g.db.execute("select 1").fetchone()[0])
        """,
        {},
        "async def connect",
    ),
    Pair(
        "connection_in_a_plain_view",
        "connection-made-in-other-thread",
        """
        import sqlite3

        db = sqlite3.connect(":memory:", check_same_thread=False)

        @app.get("/")
        def view():
            return str(db.execute("select 1").fetchone()[0])
        """,
        """
        import sqlite3

        db = sqlite3.connect(":memory:")

        @app.get("/")
        def view():
            return str(db.execute("select 1").fetchone()[0])  # here
        """,
        {},
        "check_same_thread=False",
    ),
    Pair(
        "connection_closed",
        "",
        """
        import sqlite3
        from flask import g

        @app.before_request
        def connect():
            g.db = sqlite3.connect(":memory:", check_same_thread=False)

        @app.get("/")
        def view():
            return str(g.db.execute("select 1").fetchone()[0])
        """,
        """
        import sqlite3
        from quart import g

        @app.before_request
        def connect():
            g.db = sqlite3.connect(":memory:", check_same_thread=False)
            g.db.close()

        @app.get("/")
        async def view():
            return str(g.db.execute("select 1").fetchone()[0])
        """,
    ),
    Pair(
        "signal_to_coroutine_function",
        "signal-sent-to-coroutine-function",
        """
        from blinker import Signal

        created = Signal()

        @created.connect
        def welcome(sender):
            return None

        @app.get("/")
        def view():
            created.send(app)
            return "ok"
        """,
        """
        from blinker import Signal

        created = Signal()

        @created.connect
        async def welcome(sender):
            return None

        @app.get("/")
        async def view():
            created.send(app)  # here
            return "ok"
        """,
        {},
        "send_async",
    ),
    Pair(
        "signal_to_plain_function",
        "signal-sent-to-plain-function",
        """
        from blinker import Signal

        created = Signal()

        @created.connect
        def welcome(sender):
            return None

        @app.get("/")
        def view():
            created.send(app)
            return "ok"
        """,
        """
        from blinker import Signal

        created = Signal()

        @created.connect
        def welcome(sender):
            return None

        @app.get("/")
        async def view():
            await created.send_async(app)  # here
            return "ok"
        """,
        {},
        "_sync_wrapper=app.ensure_async",
    ),
    Pair(
        "signal_that_fails",
        "",
        ONE_VIEW,
        """
        from blinker import Signal

        created = Signal()

        @created.connect
        def welcome(sender):
            raise RuntimeError("full")

        @app.get("/")
        async def view():
            created.send(app)
            return "ok"
        """,
    ),
    Pair(
        "open_file_sent",
        "send-file-of-file-object",
        """
        from flask import send_file

        @app.get("/")
        def view():
            return send_file(open(app.root_path + "/lists/a.txt", "rb"), "text/plain")
        """,
        """
        from quart import send_file

        @app.get("/")
        async def view():
            file = open(app.root_path + "/lists/a.txt", "rb")
            return await send_file(file, "text/plain")  # here
        """,
        {},
        "io.BytesIO(file.read())",
    ),
    Pair(
        "number_sent",
        "",
        """
        from flask import send_file

        @app.get("/")
        def view():
            return send_file(app.root_path + "/lists/a.txt", "text/plain")
        """,
        """
        from quart import send_file

        @app.get("/")
        async def view():
            return await send_file(7, "text/plain")
        """,
    ),
    Pair(
        "file_removed_by_a_hook",
        "file-removed-before-sent",
        """
        from flask import after_this_request, send_file

        @app.get("/")
        def view():
            path = app.root_path + "/lists/f.txt"
            open(path, "w").close()

            @after_this_request
            def clean(response):
                os.remove(path)
                return response

            return send_file(path, "text/plain")
        """,
        """
        from quart import after_this_request, send_file

        @app.get("/")
        async def view():
            path = app.root_path + "/lists/q.txt"
            open(path, "w").close()

            @after_this_request
            async def clean(response):
                os.remove(path)  # here
                return response

            return await send_file(path, "text/plain")
        """,
        {},
        "Read the file before it is removed",
    ),
    Pair(
        "absolute_folder_misspelt",
        "",
        """
        FOLDER = app.root_path + "/lists"

        @app.get("/")
        def view():
            return send_from_directory(FOLDER, "a.txt")
        """,
        """
        FOLDER = app.root_path + "/list"

        @app.get("/")
        async def view():
            return await send_from_directory(FOLDER, "a.txt")
        """,
    ),
    Pair(
        "relative_folder_of_settings",
        "relative-send-file",
        """
        os.makedirs(app.root_path + "/lists", exist_ok=True)
        app.config["FOLDER"] = "lists"

        @app.get("/")
        def view():
            return send_from_directory(app.config["FOLDER"], "a.txt")
        """,
        """
        app.config["FOLDER"] = "shop/lists"

        @app.get("/")
        async def view():
            folder = app.config["FOLDER"]
            return await send_from_directory(folder, "a.txt")  # here
        """,
        {},
        "root_path",
    ),
    Pair(
        "mounted_by_dispatcher",
        "prefix-of-mounted-app",
        """
        from werkzeug.middleware.dispatcher import DispatcherMiddleware

        inner = type(app)("inner")

        @inner.get("/items")
        def view():
            return "ok"

        app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/shop": inner})
        """,
        """
        inner = type(app)("inner")

        @inner.get("/items")
        async def view():
            return "ok"

        outer = app.asgi_app

        async def mounted(scope, receive, send):
            found = inner if scope.get("path", "").startswith("/shop") else outer
            await found(scope, receive, send)

        app.asgi_app = mounted  # here
        """,
        {"path": "/shop/items"},
        "root_path",
    ),
    Pair(
        "mounted_without_the_rule",
        "",
        """
        from werkzeug.middleware.dispatcher import DispatcherMiddleware

        inner = type(app)("inner")

        @app.get("/items")
        def view():
            return "ok"

        app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/shop": inner})
        """,
        """
        outer = app.asgi_app

        async def mounted(scope, receive, send):
            await outer(scope, receive, send)

        app.asgi_app = mounted
        """,
        {"path": "/items"},
    ),
    Pair(
        "context_preserved",
        "context-preserved-after-exception",
        """
        app.config.update(PROPAGATE_EXCEPTIONS=True, PRESERVE_CONTEXT_ON_EXCEPTION=True)

        @app.teardown_request
        def close(error):
            return None

        @app.get("/")
        def view():
            raise ValueError
        """,
        """
        app.config["PROPAGATE_EXCEPTIONS"] = True
        app.config["PRESERVE_CONTEXT_ON_EXCEPTION"] = True  # here

        @app.teardown_request
        async def close(error):
            return None

        @app.get("/")
        async def view():
            raise ValueError
        """,
        {},
        "Remove the setting",
        versions="<0.23",
    ),
    Pair(
        "exception_that_leaves",
        "exception-in-task-group",
        """
        app.config["PROPAGATE_EXCEPTIONS"] = True

        @app.get("/")
        def view():
            raise ValueError
        """,
        """
        app.config["PROPAGATE_EXCEPTIONS"] = True

        @app.get("/")
        async def view():
            raise ValueError
        """,
        {},
        "Nothing",
        versions=">=0.23",
    ),
    Pair(
        "teardown_lost",
        "",
        """
        app.config.update(PROPAGATE_EXCEPTIONS=True, PRESERVE_CONTEXT_ON_EXCEPTION=False)

        @app.teardown_request
        def close(error):
            return None

        @app.get("/")
        def view():
            raise ValueError
        """,
        """
        app.config.update(PROPAGATE_EXCEPTIONS=True, PRESERVE_CONTEXT_ON_EXCEPTION=False)

        async def close(error):
            return None

        @app.get("/")
        async def view():
            raise ValueError
        """,
        versions="<0.23",
    ),
    Pair(
        "end_of_a_transaction",
        "teardown-without-exception",
        """
        done = []

        @app.teardown_request
        def finish(error):
            done.append("rolled back" if error else "committed")

        @app.get("/fail")
        def fail():
            raise ValueError

        @app.get("/")
        def view():
            return done[-1]
        """,
        """
        done = []

        @app.teardown_request
        async def finish(error):
            done.append("rolled back" if error else "committed")  # here

        @app.get("/fail")
        async def fail():
            raise ValueError

        @app.get("/")
        async def view():
            return done[-1]
        """,
        {},
        "got_request_exception",
        setup=("/fail",),
    ),
    Pair(
        "end_of_a_good_transaction",
        "",
        """
        done = []

        @app.teardown_request
        def finish(error):
            done.append("rolled back" if error else "committed")

        @app.get("/")
        def view():
            return str(done)
        """,
        """
        done = []

        @app.teardown_request
        async def finish(error):
            done.append("rolled back" if error else "saved")

        @app.get("/")
        async def view():
            return str(done)
        """,
        setup=("/",),
    ),
    Pair(
        "rows_to_close",
        "iterable-never-closed",
        """
        opened = []

        class Rows:
            def __init__(self):
                opened.append(self)

            def __iter__(self):
                yield "a"

            def close(self):
                opened.remove(self)

        @app.get("/rows")
        def rows():
            return Response(Rows())

        @app.get("/")
        def view():
            return str(len(opened))
        """,
        """
        opened = []

        class Rows:
            def __init__(self):
                opened.append(self)

            def __iter__(self):
                yield "a"

            def close(self):
                opened.remove(self)

        @app.get("/rows")
        async def rows():
            return Response(Rows())  # here

        @app.get("/")
        async def view():
            return str(len(opened))
        """,
        {},
        "`try` and `finally`",
        setup=("/rows",),
    ),
    Pair(
        "rows_closed_by_the_view",
        "",
        """
        opened = []

        @app.get("/rows")
        def rows():
            return Response(iter("a"))

        @app.get("/")
        def view():
            return str(len(opened))
        """,
        """
        opened = []

        @app.get("/rows")
        async def rows():
            opened.append("a")
            return Response("a")

        @app.get("/")
        async def view():
            return str(len(opened))
        """,
        setup=("/rows",),
    ),
    Pair(
        "default_of_a_setting",
        "environment-prefix",
        """
        os.environ["FLASK_GREETING"] = "Hello"
        app.config["GREETING"] = "Hi"
        app.config.from_prefixed_env()

        @app.get("/")
        def view():
            return app.config["GREETING"]
        """,
        """
        app.config["GREETING"] = "Hi"
        app.config.from_prefixed_env()  # here

        @app.get("/")
        async def view():
            return app.config["GREETING"]
        """,
        {},
        'from_prefixed_env("FLASK")',
    ),
    Pair(
        "other_default_of_a_setting",
        "",
        """
        app.config["GREETING"] = "Hello"
        app.config.from_prefixed_env()

        @app.get("/")
        def view():
            return app.config["GREETING"]
        """,
        """
        app.config["GREETING"] = "Hi"
        app.config.from_prefixed_env()

        @app.get("/")
        async def view():
            return app.config["GREETING"]
        """,
    ),
    Pair(
        "session_read",
        "session-read-without-vary",
        """
        from flask import session

        app.secret_key = "dev"

        def name():
            return session.get("name", "nobody")

        @app.get("/")
        def view():
            return name()
        """,
        """
        from quart import session

        app.secret_key = "dev"

        def name():
            return session.get("name", "nobody")

        @app.get("/")
        async def view():
            return name()
        """,
        versions="<0.23",
    ),
    Pair(
        "vary_of_the_app",
        "",
        """
        @app.get("/")
        def view():
            return "ok", {"Vary": "Cookie"}
        """,
        """
        @app.get("/")
        async def view():
            return "ok"
        """,
    ),
    Pair(
        "vary_of_a_hook",
        "",
        """
        @app.after_request
        def vary(response):
            response.vary.add("Cookie")
            return response

        @app.get("/")
        def view():
            return "ok"
        """,
        """
        @app.get("/")
        async def view():
            return "ok"
        """,
    ),
]
