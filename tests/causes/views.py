"""Pairs of views: what Flask has, what Quart has, and the cause of their difference.

Each pair is a module of a blueprint `bp`. The line of the cause ends with `# here`; a pair
whose cause is "" only says that no explanation of an exception may match.
"""

from importlib.metadata import version
from typing import Any, NamedTuple

import pytest

from comparison.known.versions import in_range

_NAMES = (
    "Blueprint, Response, abort, after_this_request, copy_current_request_context,"
    " current_app, flash, g, get_template_attribute, jsonify, make_response,"
    " render_template_string, request, send_file, send_from_directory, session,"
    " stream_with_context, url_for"
)
HEAD = f"""\
import asyncio, functools, io, itertools, threading
from FRAMEWORK import {_NAMES}
bp = Blueprint("PATH", __name__)
"""


class Pair(NamedTuple):
    """Two sources of a module, a request, the cause, and a part of the remedy.

    `versions` are those of Quart that differ so, if not all do. `setup` are the paths of
    requests that are sent first.
    """

    id: str
    cause: str
    flask: str
    quart: str
    request: dict[str, Any] = {}
    remedy: str = ""
    versions: str = ""
    setup: tuple[str, ...] = ()


def skip_other_versions(pair: Pair) -> None:
    """Skip a test if the installed Quart does not differ in this way."""
    installed = version("quart")
    if pair.versions and not in_range(installed, pair.versions):
        pytest.skip(f"Quart {installed} does not differ in this way")


JSON = {"method": "POST", "json": {"name": "Ada", "tags": ["a"]}}
FORM = {"method": "POST", "form": {"page": "3", "name": "Ada"}}
TEXT = {"method": "POST", "text": "{}", "headers": {"Content-Type": "text/plain"}}

WITH_LOCK = """
        @bp.get("/PATH")
        def view():
            with threading.Lock():
                return "ok"
        """

PAIRS = [
    Pair(
        "text_of_a_caller",
        "template-caller-lost",
        """
        from jinja2 import nodes
        from jinja2.ext import Extension

        class Loud(Extension):
            tags = {"loud"}

            def parse(self, parser):
                line = next(parser.stream).lineno
                body = parser.parse_statements(["name:endloud"], drop_needle=True)
                call = self.call_method("render")
                return nodes.CallBlock(call, [], [], body).set_lineno(line)

            def render(self, caller):
                return f'<b>{caller()}</b>'

        @bp.get("/PATH")
        def view():
            current_app.jinja_env.add_extension(Loud)
            return render_template_string("{% loud %}a{% endloud %}")
        """,
        """
        from jinja2 import nodes
        from jinja2.ext import Extension

        class Loud(Extension):
            tags = {"loud"}

            def parse(self, parser):
                line = next(parser.stream).lineno
                body = parser.parse_statements(["name:endloud"], drop_needle=True)
                call = self.call_method("render")
                return nodes.CallBlock(call, [], [], body).set_lineno(line)

            def render(self, caller):
                return f'<b>{caller()}</b>'  # here

        @bp.get("/PATH")
        async def view():
            current_app.jinja_env.add_extension(Loud)
            return await render_template_string("{% loud %}a{% endloud %}")
        """,
        {},
        "auto_await(caller())",
    ),
    Pair(
        "method_of_a_caller",
        "template-caller-lost",
        """
        from jinja2 import nodes
        from jinja2.ext import Extension

        class Loud(Extension):
            tags = {"shout"}

            def parse(self, parser):
                line = next(parser.stream).lineno
                body = parser.parse_statements(["name:endshout"], drop_needle=True)
                call = self.call_method("render")
                return nodes.CallBlock(call, [], [], body).set_lineno(line)

            def render(self, caller):
                return caller().upper()

        @bp.get("/PATH")
        def view():
            current_app.jinja_env.add_extension(Loud)
            return render_template_string("{% shout %}a{% endshout %}")
        """,
        """
        from jinja2 import nodes
        from jinja2.ext import Extension

        class Loud(Extension):
            tags = {"shout"}

            def parse(self, parser):
                line = next(parser.stream).lineno
                body = parser.parse_statements(["name:endshout"], drop_needle=True)
                call = self.call_method("render")
                return nodes.CallBlock(call, [], [], body).set_lineno(line)

            def render(self, caller):
                return caller().upper()  # here

        @bp.get("/PATH")
        async def view():
            current_app.jinja_env.add_extension(Loud)
            return await render_template_string("{% shout %}a{% endshout %}")
        """,
        {},
        "auto_await(caller())",
    ),
    Pair(
        "cached_view",
        "async-view-not-recognised",
        """
        @bp.get("/PATH")
        @functools.lru_cache
        def view():
            return "cached"
        """,
        """
        @bp.get("/PATH")
        @functools.lru_cache
        async def view():
            return "cached"  # here
        """,
    ),
    Pair(
        "page_read_by_a_hook",
        "foreign-response-awaited",
        """
        @bp.after_request
        def measure(response):
            response.headers["X-Length"] = str(len(response.get_data()))
            return response

        @bp.get("/PATH")
        def view():
            abort(404)
        """,
        """
        @bp.after_request
        async def measure(response):
            response.headers["X-Length"] = str(len(await response.get_data()))  # here
            return response

        @bp.get("/PATH")
        async def view():
            abort(404)
        """,
        {},
        "inspect.isawaitable",
    ),
    Pair(
        "plain_view_behind_async_wrapper",
        "plain-view-awaited",
        """
        def logged(view):
            @functools.wraps(view)
            def inner(*args, **kwargs):
                return view(*args, **kwargs)
            return inner

        @bp.get("/PATH")
        @logged
        def view():
            return "plain"
        """,
        """
        def logged(view):
            @functools.wraps(view)
            async def inner(*args, **kwargs):
                return await view(*args, **kwargs)  # here
            return inner

        @bp.get("/PATH")
        @logged
        def view():
            return "plain"
        """,
        {},
        "ensure_async",
    ),
    Pair(
        "stream_without_context_in_both",
        "",
        """
        @bp.get("/PATH")
        def view():
            def rows():
                yield request.path
            return Response(rows())
        """,
        """
        @bp.get("/PATH")
        async def view():
            async def rows():
                yield request.path
            return Response(rows())
        """,
        # Later versions put the exception into a group, which has a cause.
        versions="<0.23",
    ),
    Pair(
        "forgotten_flash",
        "forgotten-await",
        """
        @bp.post("/PATH")
        def view():
            flash("saved")
            return "ok"
        """,
        """
        @bp.post("/PATH")
        async def view():
            flash("saved")  # here
            return "ok"
        """,
        {"method": "POST"},
        '`await flash("saved")`',
    ),
    Pair(
        "own_function_called_flash",
        "coroutine-never-awaited",
        """
        def flash_lamp():
            return None

        @bp.post("/PATH")
        def view():
            flash_lamp()
            return "ok"
        """,
        """
        async def flash_lamp():
            return None

        @bp.post("/PATH")
        async def view():
            flash_lamp()  # here
            return "ok"
        """,
        {"method": "POST"},
        "`await flash_lamp()`",
    ),
    Pair(
        "coroutine_of_an_object",
        "coroutine-used-as-value",
        """
        class Store:
            books = {"title": "Books"}

        @bp.get("/PATH")
        def view():
            return Store.books["title"]
        """,
        """
        class Store:
            pass

        async def load():
            return {"title": "Books"}

        @bp.get("/PATH")
        async def view():
            Store.books = load()
            return Store.books["title"]  # here
        """,
        {},
        "Await the coroutine",
    ),
    Pair(
        "wsgi_app_in_a_view",
        "wsgi-app",
        """
        @bp.get("/PATH")
        def view():
            return str(callable(current_app.wsgi_app))
        """,
        """
        @bp.get("/PATH")
        async def view():
            return str(callable(current_app.wsgi_app))  # here
        """,
        {},
        "asgi_app",
    ),
    Pair(
        "number_of_a_form",
        "await-in-wrong-place",
        """
        @bp.post("/PATH")
        def view():
            return {"page": int(request.form.get("page", 1)) + 1}
        """,
        """
        @bp.post("/PATH")
        async def view():
            return {"page": int(await request.form.get("page", 1)) + 1}  # here
        """,
        FORM,
        'int((await request.form).get("page", 1)) + 1}',
    ),
    Pair(
        "saved_upload",
        "await-in-wrong-place",
        """
        @bp.post("/PATH")
        def view():
            return {"name": request.files["f"].filename}
        """,
        """
        @bp.post("/PATH")
        async def view():
            return {"name": await request.files["f"].filename}  # here
        """,
        {"method": "POST", "multipart": [{"name": "f", "filename": "a", "text": "b"}]},
        '(await request.files)["f"].filename',
    ),
    Pair(
        "method_that_a_form_lacks",
        "",
        """
        @bp.post("/PATH")
        def view():
            return dict(request.form)
        """,
        """
        @bp.post("/PATH")
        async def view():
            return (await request.form).to_json()
        """,
        FORM,
    ),
    Pair(
        "number_of_fields",
        "coroutine-in-expression",
        """
        @bp.post("/PATH")
        def view():
            return {"fields": len(request.form)}
        """,
        """
        @bp.post("/PATH")
        async def view():
            return {"fields": len(request.form)}  # here
        """,
        FORM,
        "len(await request.form)",
    ),
    Pair(
        "own_coroutine_in_a_plain_view",
        "coroutine-in-expression",
        """
        def load():
            return {"name": "Ada"}

        @bp.get("/PATH")
        def view():
            return load()["name"]
        """,
        """
        async def load():
            return {"name": "Ada"}

        @bp.get("/PATH")
        def view():
            return load()["name"]  # here
        """,
        {},
        '`return (await load())["name"]`, in `async def view`',
    ),
    Pair(
        "hash_of_a_stream",
        "request-stream",
        """
        @bp.post("/PATH")
        def view():
            return {"length": len(request.stream.read())}
        """,
        """
        @bp.post("/PATH")
        async def view():
            return {"length": len(await request.stream.read())}  # here
        """,
        TEXT,
    ),
    Pair(
        "stream_of_something_else",
        "",
        """
        class Job:
            stream = io.BytesIO(b"abc")

        @bp.get("/PATH")
        def view():
            return Job.stream.read()
        """,
        """
        class Job:
            stream = None

        @bp.get("/PATH")
        async def view():
            return Job.stream.read()
        """,
    ),
    Pair(
        "timed_view",
        "plain-wrapper-of-async-view",
        """
        def timed(view):
            @functools.wraps(view)
            def inner(*args, **kwargs):
                result = view(*args, **kwargs)
                return result, 200, {"X-Timed": "1"}
            return inner

        @bp.get("/PATH")
        @timed
        def view():
            return "done"
        """,
        """
        def timed(view):
            @functools.wraps(view)
            def inner(*args, **kwargs):
                result = view(*args, **kwargs)  # here
                return result, 200, {"X-Timed": "1"}
            return inner

        @bp.get("/PATH")
        @timed
        async def ask():
            return "done"
        """,
        {},
        "in `async def inner`: `result = await current_app.ensure_async(view)(*args, **kwargs)",
    ),
    Pair(
        "pickled_view",
        "plain-wrapper-of-async-view",
        """
        import pickle

        def kept(view):
            @functools.wraps(view)
            def inner(*args, **kwargs):
                return pickle.loads(pickle.dumps(view(*args, **kwargs)))
            return inner

        @bp.get("/PATH")
        @kept
        def ask():
            return "done"
        """,
        """
        import pickle

        def kept(view):
            @functools.wraps(view)
            def inner(*args, **kwargs):
                return pickle.loads(pickle.dumps(view(*args, **kwargs)))  # here
            return inner

        @bp.get("/PATH")
        @kept
        async def ask():
            return "done"
        """,
        {},
        "`return pickle.loads(pickle.dumps(await current_app.ensure_async(view)(*args,",
    ),
    Pair(
        "async_wrapper_that_forgets",
        "coroutine-never-awaited",
        """
        def timed(view):
            @functools.wraps(view)
            def inner():
                return view()
            return inner

        @bp.get("/PATH")
        @timed
        def ask():
            return "done"
        """,
        """
        def timed(view):
            @functools.wraps(view)
            async def inner():
                return view()  # here
            return inner

        @bp.get("/PATH")
        @timed
        async def ask():
            return "done"
        """,
        {},
        "`return await view()`",
    ),
    Pair(
        "copied_context",
        "copied-context-in-thread",
        """
        DONE = []

        @bp.get("/PATH")
        def view():
            @copy_current_request_context
            def work():
                DONE.append(request.path)
            thread = threading.Thread(target=work)
            thread.start()
            thread.join(5)
            return {"done": len(DONE)}
        """,
        """
        DONE = []

        @bp.get("/PATH")
        async def view():
            @copy_current_request_context  # here
            def work():
                DONE.append(request.path)
            thread = threading.Thread(target=work)
            thread.start()
            thread.join(5)
            return {"done": len(DONE)}
        """,
        {},
        "add_background_task",
    ),
    Pair(
        "thread_without_context",
        "thread-without-context",
        """
        DONE = []

        @bp.get("/PATH")
        def view():
            @copy_current_request_context
            def work():
                DONE.append(request.path)
            thread = threading.Thread(target=work)
            thread.start()
            thread.join(5)
            return {"done": len(DONE)}
        """,
        """
        DONE = []

        @bp.get("/PATH")
        async def view():
            def work():
                DONE.append(request.path)  # here
            thread = threading.Thread(target=work)
            thread.start()
            thread.join(5)
            return {"done": len(DONE)}
        """,
    ),
    Pair(
        "thread_that_divides",
        "",
        """
        DONE = []

        @bp.get("/PATH")
        def view():
            DONE.append(1)
            return {"done": len(DONE)}
        """,
        """
        DONE = []

        @bp.get("/PATH")
        async def view():
            def work():
                DONE.append(1 / 0)
            thread = threading.Thread(target=work)
            thread.start()
            thread.join(5)
            return {"done": len(DONE)}
        """,
    ),
    Pair(
        "awaited_jsonify",
        "awaited-plain-value",
        """
        @bp.get("/PATH")
        def view():
            return jsonify(a=1)
        """,
        """
        @bp.get("/PATH")
        async def view():
            return await jsonify(a=1)  # here
        """,
    ),
    Pair(
        "request_of_flask",
        "flask-context-in-quart",
        """
        @bp.get("/PATH")
        def view():
            return request.args.get("q", "none")
        """,
        """
        import flask  # here

        @bp.get("/PATH")
        async def view():
            return flask.request.args.get("q", "none")
        """,
    ),
    Pair(
        "stream_without_context",
        "stream-without-context",
        """
        @bp.get("/PATH")
        def view():
            @stream_with_context
            def rows():
                yield "path:"
                yield request.path
            return Response(rows())
        """,
        """
        @bp.get("/PATH")
        async def view():
            async def rows():
                yield "path:"
                yield request.path
            return Response(rows())  # here
        """,
        {},
        "@stream_with_context",
    ),
    Pair(
        "plain_generator_with_context",
        "plain-generator-in-stream",
        """
        @bp.get("/PATH")
        def view():
            @stream_with_context
            def parts():
                yield "for "
                yield request.path
            return Response(parts())
        """,
        """
        @bp.get("/PATH")
        async def view():
            @stream_with_context
            def parts():  # here
                yield "for "
                yield request.path
            return Response(parts())
        """,
        {},
        "async def",
    ),
    Pair(
        "stream_that_fails_otherwise",
        "",
        """
        @bp.get("/PATH")
        def view():
            def rows():
                yield "a"
                yield "b"
            return Response(rows())
        """,
        """
        @bp.get("/PATH")
        async def view():
            async def rows():
                yield "a"
                raise RuntimeError("no more rows")
            return Response(rows())
        """,
    ),
    Pair(
        "value_of_g_in_a_stream",
        "g-in-stream",
        """
        @bp.get("/PATH")
        def view():
            g.user = "Ada"
            @stream_with_context
            def rows():
                yield "user: "
                yield getattr(g, "user", "nobody")
            return Response(rows())
        """,
        """
        @bp.get("/PATH")
        async def view():
            g.user = "Ada"
            @stream_with_context
            async def rows():
                yield "user: "
                yield getattr(g, "user", "nobody")  # here
            return Response(rows())
        """,
        versions="<0.23",
    ),
    Pair(
        "plain_with",
        "plain-with-of-context",
        """
        @bp.get("/PATH")
        def view():
            with current_app.test_request_context("/x"):
                return request.path
        """,
        """
        @bp.get("/PATH")
        async def view():
            with current_app.test_request_context("/x"):  # here
                return request.path
        """,
        {},
        "async with",
    ),
    Pair(
        "plain_with_of_a_lock",
        "plain-with-of-async-object",
        WITH_LOCK,
        """
        @bp.get("/PATH")
        async def view():
            with asyncio.Lock():  # here
                return "ok"
        """,
        {},
        "async with",
    ),
    Pair(
        "plain_with_of_another_object",
        "",
        WITH_LOCK,
        """
        @bp.get("/PATH")
        async def view():
            with asyncio.Queue():
                return "ok"
        """,
    ),
    Pair(
        "rendered_by_hand",
        "render-in-event-loop",
        """
        @bp.get("/PATH")
        def view():
            return current_app.jinja_env.from_string("{{ 1 + 1 }}").render()
        """,
        """
        @bp.get("/PATH")
        async def view():
            return current_app.jinja_env.from_string("{{ 1 + 1 }}").render()  # here
        """,
        {},
        "render_async",
    ),
    Pair(
        "loop_in_a_loop",
        "asyncio-run-in-event-loop",
        """
        async def load():
            return "loaded"

        @bp.get("/PATH")
        def view():
            return asyncio.run(load())
        """,
        """
        async def load():
            return "loaded"

        @bp.get("/PATH")
        async def view():
            return asyncio.run(load())  # here
        """,
    ),
    Pair(
        "task_of_a_plain_view",
        "no-event-loop-in-plain-view",
        """
        @bp.get("/PATH")
        def view():
            return "started"
        """,
        """
        async def load():
            return "loaded"

        @bp.get("/PATH")
        def view():
            loop = asyncio.get_running_loop()  # here
            return "started"
        """,
        {},
        "async def",
    ),
    Pair(
        "called_by_ensure_sync",
        "ensure-sync",
        """
        @bp.get("/PATH")
        def view():
            return current_app.ensure_sync(lambda: "ok")()
        """,
        """
        @bp.get("/PATH")
        async def view():
            return current_app.ensure_sync(lambda: "ok")()  # here
        """,
    ),
    Pair(
        "misspelt_ensure_async",
        "",
        """
        @bp.get("/PATH")
        def view():
            return "ok"
        """,
        """
        @bp.get("/PATH")
        async def view():
            return await current_app.ensure_asynchronous(lambda: "ok")()
        """,
    ),
    *(
        Pair(
            f"file_with_{argument}",
            cause,
            f"""
            @bp.get("/PATH")
            def view():
                return send_file(io.BytesIO(b"a"), mimetype="text/plain", {argument}={value})
            """,
            f"""
            @bp.get("/PATH")
            async def view():
                data = io.BytesIO(b"a")
                return await send_file(data, mimetype="text/plain", {argument}={value})  # here
            """,
            {},
            remedy,
        )
        for argument, value, cause, remedy in (
            (
                "download_name",
                '"a.txt"',
                "send-file-download-name",
                "attachment_filename",
            ),
            ("max_age", "60", "send-file-max-age", "cache_timeout"),
            ("etag", "False", "send-file-etag", "add_etags"),
        )
    ),
    Pair(
        "status_code_of_an_error",
        "status-code-of-http-exception",
        """
        @bp.errorhandler(404)
        def missing(error):
            return {"code": error.code}, error.code

        @bp.get("/PATH")
        def view():
            abort(404)
        """,
        """
        @bp.errorhandler(404)
        async def missing(error):
            return {"code": error.status_code}, error.status_code  # here

        @bp.get("/PATH")
        async def view():
            abort(404)
        """,
        {},
        ".code",
    ),
    Pair(
        "status_code_of_another_object",
        "class-lacks-attribute",
        """
        @bp.get("/PATH")
        def view():
            return {"code": 1}
        """,
        """
        class Order:  # here
            pass

        @bp.get("/PATH")
        async def view():
            return {"code": Order().status_code}
        """,
        {},
        "Add `status_code` to `Order`",
    ),
    Pair(
        "environment_of_the_request",
        "request-environ",
        """
        @bp.get("/PATH")
        def view():
            return request.environ["REQUEST_METHOD"]
        """,
        """
        @bp.get("/PATH")
        async def view():
            return request.environ["REQUEST_METHOD"]  # here
        """,
        {},
        "request.scope",
    ),
    Pair(
        "closed_response",
        "response-of-wsgi",
        """
        @bp.get("/PATH")
        def view():
            response = Response("ok")
            response.call_on_close(lambda: None)
            return response
        """,
        """
        @bp.get("/PATH")
        async def view():
            response = Response("ok")
            response.call_on_close(lambda: None)  # here
            return response
        """,
    ),
    Pair(
        "mapped_and_sorted",
        "template-filter-of-generator",
        """
        PAGE = "{{ [3, 1] | map('string') | sort | join }}"

        @bp.get("/PATH")
        def view():
            return render_template_string(PAGE)
        """,
        """
        PAGE = "{{ [3, 1] | map('string') | sort | join }}"

        @bp.get("/PATH")
        async def view():
            return await render_template_string(PAGE)  # here
        """,
        {},
        "| list",
    ),
    Pair(
        "number_in_a_template",
        "",
        """
        @bp.get("/PATH")
        def view():
            return render_template_string("{{ values | sort | join }}", values=[2, 1])
        """,
        """
        @bp.get("/PATH")
        async def view():
            return await render_template_string("{{ values | sort | join }}", values=2)
        """,
    ),
    Pair(
        "joined_block",
        "template-block-joined",
        """
        @bp.get("/PATH")
        def view():
            page = current_app.jinja_env.from_string("{% block a %}A{% endblock %}")
            return "".join(page.blocks["a"](page.new_context()))
        """,
        """
        @bp.get("/PATH")
        async def view():
            page = current_app.jinja_env.from_string("{% block a %}A{% endblock %}")
            return "".join(page.blocks["a"](page.new_context()))  # here
        """,
    ),
    Pair(
        "module_of_a_template",
        "template-module-in-async-environment",
        """
        @bp.get("/PATH")
        def view():
            page = current_app.jinja_env.from_string("{% macro a() %}A{% endmacro %}")
            return str(page.module.a())
        """,
        """
        @bp.get("/PATH")
        async def view():
            page = current_app.jinja_env.from_string("{% macro a() %}A{% endmacro %}")
            return str(page.module.a())  # here
        """,
        {},
        "make_module_async",
    ),
    Pair(
        "plain_loop",
        "plain-for-over-async-generator",
        """
        def words():
            yield "a"
            yield "b"

        @bp.get("/PATH")
        def view():
            return " ".join([word for word in words()])
        """,
        """
        async def words():
            yield "a"
            yield "b"

        @bp.get("/PATH")
        async def view():
            return " ".join([word for word in words()])  # here
        """,
        {},
        "async for",
    ),
    Pair(
        "plain_loop_over_a_number",
        "",
        """
        @bp.get("/PATH")
        def view():
            return {"sum": sum(n for n in [1, 2])}
        """,
        """
        @bp.get("/PATH")
        async def view():
            return {"sum": sum(n for n in 12)}
        """,
    ),
    Pair(
        "returned_chain",
        "iterator-not-streamed",
        """
        @bp.get("/PATH")
        def view():
            return itertools.chain(["a"], ["b"])
        """,
        """
        @bp.get("/PATH")
        async def view():
            return itertools.chain(["a"], ["b"])  # here
        """,
        {},
        "Response(iterator)",
    ),
    Pair(
        "returned_object",
        "",
        """
        @bp.get("/PATH")
        def view():
            return "ok"
        """,
        """
        @bp.get("/PATH")
        async def view():
            return object()
        """,
    ),
    Pair(
        "item_of_no_json",
        "json-of-another-type",
        """
        @bp.post("/PATH")
        def view():
            return {"name": request.json.get("name")}
        """,
        """
        @bp.post("/PATH")
        async def view():
            return {"name": (await request.json).get("name")}  # here
        """,
        TEXT,
        "abort(415)",
    ),
    Pair(
        "item_of_none",
        "",
        """
        @bp.post("/PATH")
        def view():
            return {"name": request.get_json(force=True).get("name")}
        """,
        """
        @bp.post("/PATH")
        async def view():
            return {"name": {}.get("name").get("name")}
        """,
        TEXT,
    ),
    Pair(
        "no_json_accepted",
        "json-of-another-type-accepted",
        """
        @bp.post("/PATH")
        def view():
            event = request.get_json()
            return {"got": event}
        """,
        """
        @bp.post("/PATH")
        async def view():
            event = await request.get_json()  # here
            return {"got": event}
        """,
        TEXT,
        "abort(415)",
    ),
    Pair(
        "relative_file",
        "relative-send-file",
        """
        @bp.get("/PATH")
        def view():
            return send_file("lists/a.txt")
        """,
        """
        @bp.get("/PATH")
        async def view():
            return await send_file("lists/a.txt")  # here
        """,
        {},
        "root_path",
    ),
    Pair(
        "missing_file",
        "",
        """
        @bp.get("/PATH")
        def view():
            return "a"
        """,
        """
        @bp.get("/PATH")
        async def view():
            return open("missing.txt").read()
        """,
    ),
    Pair(
        "raw_upload",
        "raw-body-of-upload",
        """
        @bp.post("/PATH")
        def view():
            return request.files["f"].read()
        """,
        """
        @bp.post("/PATH")
        async def view():
            return await request.get_data()  # here
        """,
        {"method": "POST", "multipart": [{"name": "f", "filename": "a", "text": "b"}]},
        "request.files",
    ),
    Pair(
        "data_of_an_upload",
        "",
        """
        @bp.post("/PATH")
        def view():
            return request.files["f"].read()
        """,
        """
        @bp.post("/PATH")
        async def view():
            return await request.data
        """,
        {"method": "POST", "multipart": [{"name": "f", "filename": "a", "text": "b"}]},
    ),
    Pair(
        "context_copied_into_a_task",
        "",
        """
        @bp.get("/PATH")
        def view():
            return copy_current_request_context(lambda: request.path)()
        """,
        """
        @bp.get("/PATH")
        async def view():
            return await copy_current_request_context(lambda: request.path + "/")()
        """,
    ),
    Pair(
        "part_of_a_file",
        "unconditional-send-file",
        """
        @bp.get("/PATH")
        def view():
            return send_file(io.BytesIO(b"0123456789"), mimetype="text/plain")
        """,
        """
        @bp.get("/PATH")
        async def view():
            return await send_file(io.BytesIO(b"0123456789"), mimetype="text/plain")  # here
        """,
        {"headers": {"Range": "bytes=0-3"}},
        "conditional=True",
    ),
    Pair(
        "part_of_a_text",
        "",
        """
        @bp.get("/PATH")
        def view():
            response = make_response("0123456789")
            return response.make_conditional(request.environ, True, 10)
        """,
        """
        @bp.get("/PATH")
        async def view():
            return "0123456789"
        """,
        {"headers": {"Range": "bytes=0-3"}},
    ),
    Pair(
        "language_varies",
        "",
        """
        @bp.get("/PATH")
        def view():
            return "hallo", 200, {"Vary": "Accept-Language"}
        """,
        """
        @bp.get("/PATH")
        async def view():
            return "hallo"
        """,
    ),
    Pair(
        "nothing_returned",
        "length-of-empty-response",
        """
        @bp.post("/PATH")
        def view():
            return "", 204
        """,
        """
        @bp.post("/PATH")
        async def view():
            return "", 204  # here
        """,
        {"method": "POST"},
        "Response(status=204)",
    ),
    Pair(
        "length_of_a_text",
        "",
        """
        @bp.get("/PATH")
        def view():
            return "a"
        """,
        """
        @bp.get("/PATH")
        async def view():
            return ""
        """,
    ),
    Pair(
        "context_without_decorator",
        "async-generator-as-context-manager",
        """
        import contextlib

        @contextlib.contextmanager
        def basket():
            yield ["tea"]

        @bp.get("/PATH")
        def view():
            with basket() as found:
                return jsonify(found)
        """,
        """
        async def basket():
            yield ["tea"]

        @bp.get("/PATH")
        async def view():
            async with basket() as found:  # here
                return jsonify(found)
        """,
        {},
        "@contextlib.asynccontextmanager",
    ),
    Pair(
        "context_of_async_function",
        "plain-contextmanager-of-async-function",
        """
        import contextlib

        @contextlib.contextmanager
        def basket():
            yield ["tea"]

        @bp.get("/PATH")
        def view():
            with basket() as found:
                return jsonify(found)
        """,
        """
        import contextlib

        @contextlib.contextmanager
        async def basket():
            yield ["tea"]

        @bp.get("/PATH")
        async def view():
            with basket() as found:  # here
                return jsonify(found)
        """,
        {},
        "@contextlib.asynccontextmanager",
    ),
    Pair(
        "context_of_plain_function",
        "async-contextmanager-of-plain-function",
        """
        import contextlib

        @contextlib.contextmanager
        def basket():
            yield ["tea"]

        @bp.get("/PATH")
        def view():
            with basket() as found:
                return jsonify(found)
        """,
        """
        import contextlib

        @contextlib.asynccontextmanager
        def basket():
            yield ["tea"]

        @bp.get("/PATH")
        async def view():
            async with basket() as found:  # here
                return jsonify(found)
        """,
        {},
        "async def",
    ),
    Pair(
        "plain_generator_entered",
        "generator-as-context-manager",
        """
        import contextlib

        @contextlib.contextmanager
        def basket():
            yield ["tea"]

        @bp.get("/PATH")
        def view():
            with basket() as found:
                return jsonify(found)
        """,
        """
        def basket():
            yield ["tea"]

        @bp.get("/PATH")
        async def view():
            with basket() as found:  # here
                return jsonify(found)
        """,
        {},
        "@contextlib.contextmanager",
    ),
    Pair(
        "context_of_a_list",
        "",
        """
        import contextlib

        @contextlib.contextmanager
        def basket():
            yield ["tea"]

        @bp.get("/PATH")
        def view():
            with basket() as found:
                return jsonify(found)
        """,
        """
        def basket():
            return ["tea"]

        @bp.get("/PATH")
        async def view():
            with basket() as found:
                return jsonify(found)
        """,
    ),
    Pair(
        "chunks_of_a_response",
        "body-object-of-response",
        """
        @bp.get("/PATH")
        def view():
            response = make_response("tea")
            return str(sum(len(each) for each in response.response))
        """,
        """
        @bp.get("/PATH")
        async def view():
            response = await make_response("tea")
            return str(sum(len(each) for each in response.response))  # here
        """,
        {},
        "response.iter_encode()",
    ),
    Pair(
        "chunks_of_a_number",
        "",
        """
        @bp.get("/PATH")
        def view():
            return str(sum(len(each) for each in ["tea"]))
        """,
        """
        @bp.get("/PATH")
        async def view():
            return str(sum(len(each) for each in 3))
        """,
    ),
    Pair(
        "any_of_coroutines",
        "coroutine-never-awaited",
        """
        def may(user):
            return user == "ann"

        @bp.get("/PATH")
        def view():
            if any(may(user) for user in ["eve"]):
                return "secret"
            return "no"
        """,
        """
        async def may(user):
            return user == "ann"

        @bp.get("/PATH")
        async def view():
            if any(may(user) for user in ["eve"]):  # here
                return "secret"
            return "no"
        """,
        {},
        'any([await may(user) for user in ["eve"]])',
    ),
    Pair(
        "filter_of_coroutines",
        "coroutine-never-awaited",
        """
        def may(user):
            return user == "ann"

        @bp.get("/PATH")
        def view():
            if list(filter(may, ["eve"])):
                return "secret"
            return "no"
        """,
        """
        async def may(user):
            return user == "ann"

        @bp.get("/PATH")
        async def view():
            if list(filter(may, ["eve"])):  # here
                return "secret"
            return "no"
        """,
        {},
        '[each for each in ["eve"] if await may(each)]',
    ),
    Pair(
        "filter_with_lambda",
        "coroutine-never-awaited",
        """
        def may(user):
            return user == "ann"

        @bp.get("/PATH")
        def view():
            if list(filter(lambda user: may(user), ["eve"])):
                return "secret"
            return "no"
        """,
        """
        async def may(user):
            return user == "ann"

        @bp.get("/PATH")
        async def view():
            if list(filter(lambda user: may(user), ["eve"])):  # here
                return "secret"
            return "no"
        """,
        {},
        '[user for user in ["eve"] if await may(user)]',
    ),
    Pair(
        "name_of_flask",
        "flask-name-in-quart",
        """
        from flask import has_request_context

        @bp.get("/PATH")
        def view():
            if has_request_context():
                return "inside"
            return "outside"
        """,
        """
        from flask import has_request_context  # here

        @bp.get("/PATH")
        async def view():
            if has_request_context():
                return "inside"
            return "outside"
        """,
        {},
        "Import `has_request_context` from `quart`",
    ),
    Pair(
        "other_name_of_flask",
        "",
        """
        from flask import Flask

        @bp.get("/PATH")
        def view():
            if issubclass(Flask, type(current_app._get_current_object())):
                return "this"
            return "other"
        """,
        """
        from flask import Flask

        @bp.get("/PATH")
        async def view():
            if issubclass(Flask, type(current_app._get_current_object())):
                return "this"
            return "other"
        """,
    ),
    Pair(
        "folder_by_keyword",
        "parameter-renamed",
        """
        @bp.get("/PATH")
        def view():
            return send_from_directory(directory="lists", path="a.txt")
        """,
        """
        @bp.get("/PATH")
        async def view():
            return await send_from_directory(directory="lists", path="a.txt")  # here
        """,
        {},
        "`file_name=`",
    ),
    Pair(
        "own_function_by_keyword",
        "",
        """
        def price(name, tax):
            return name

        @bp.get("/PATH")
        def view():
            return price("tea", tax=1)
        """,
        """
        def price(name):
            return name

        @bp.get("/PATH")
        async def view():
            return price("tea", tax=1)
        """,
    ),
    Pair(
        "content_as_path",
        "bytes-sent-as-path",
        """
        @bp.get("/PATH")
        def view():
            return send_file(io.BytesIO(b"tea"), mimetype="text/plain")
        """,
        """
        @bp.get("/PATH")
        async def view():
            data = io.BytesIO(b"tea").getvalue()
            return await send_file(data, mimetype="text/plain")  # here
        """,
        {},
        "io.BytesIO(data)",
    ),
    Pair(
        "file_with_another_name",
        "",
        """
        @bp.get("/PATH")
        def view():
            return send_file(io.BytesIO(b"tea"), mimetype="text/plain")
        """,
        """
        @bp.get("/PATH")
        async def view():
            return await send_file("/nowhere/tea.txt", mimetype="text/plain")
        """,
    ),
    Pair(
        "url_of_another_name",
        "endpoint-missing",
        """
        @bp.get("/PATH")
        def view():
            return url_for(".shelf")

        @bp.get("/PATH/shelf")
        def shelf():
            return "ok"
        """,
        """
        @bp.get("/PATH")
        async def view():
            return url_for(".shelf")  # here

        @bp.get("/PATH/shelf")
        async def shelves():
            return "ok"
        """,
        {},
        "url_for",
    ),
    Pair(
        "url_without_a_value",
        "",
        """
        @bp.get("/PATH")
        def view():
            return url_for(".other_shelf")

        @bp.get("/PATH/shelf")
        def other_shelf():
            return "ok"
        """,
        """
        @bp.get("/PATH")
        async def view():
            raise LookupError("no shelf")

        @bp.get("/PATH/shelf")
        async def other_shelf():
            return "ok"
        """,
    ),
    Pair(
        "streamed_response",
        "response-length-of-wsgi",
        """
        @bp.get("/PATH")
        def view():
            response = Response("ok")
            return str(bool(response.is_streamed))
        """,
        """
        @bp.get("/PATH")
        async def view():
            response = Response("ok")
            return str(bool(response.is_streamed))  # here
        """,
        {},
        "content_length",
    ),
    Pair(
        "encoded_response",
        "response-body-of-wsgi",
        """
        @bp.get("/PATH")
        def view():
            response = Response("ok")
            return str(bool(list(response.iter_encoded())))
        """,
        """
        @bp.get("/PATH")
        async def view():
            response = Response("ok")
            return str(bool(list(response.iter_encoded())))  # here
        """,
        {},
        "iter_encode()",
    ),
    Pair(
        "forced_response",
        "response-made-of-wsgi",
        """
        @bp.get("/PATH")
        def view():
            response = Response("ok")
            return str(bool(response))
        """,
        """
        @bp.get("/PATH")
        async def view():
            response = Response("ok")
            return str(bool(Response.force_type(response)))  # here
        """,
        {},
        "make_response(value)",
    ),
    Pair(
        "client_in_a_view",
        "forgotten-await",
        """
        @bp.get("/PATH")
        def view():
            data = current_app.test_client().get("/PATH/price").json
            return data

        @bp.get("/PATH/price")
        def price():
            return {"price": 3}
        """,
        """
        @bp.get("/PATH")
        async def view():
            data = current_app.test_client().get("/PATH/price").json  # here
            return data

        @bp.get("/PATH/price")
        async def price():
            return {"price": 3}
        """,
        {},
        "await (await current_app.test_client().get(",
    ),
]
