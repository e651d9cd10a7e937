"""Pairs of apps: what differs is a setting, middleware, or a method of the app."""

from comparison.models import Client, Disconnect, Part
from tests.causes.views import Pair

PAIRS = [
    Pair(
        "other_host",
        "server-name-restricts-routing",
        """
        app.config["SERVER_NAME"] = "books.example"

        @app.get("/")
        def view():
            return "ok"
        """,
        """
        app.config["SERVER_NAME"] = "books.example"  # here

        @app.get("/")
        async def view():
            return "ok"
        """,
        {"headers": {"Host": "127.0.0.1:9000"}},
        "SERVER_NAME",
    ),
    Pair(
        "other_host_and_no_rule",
        "",
        """
        @app.get("/")
        def view():
            return "ok"
        """,
        """
        @app.get("/shop")
        async def view():
            return "ok"
        """,
        {"headers": {"Host": "127.0.0.1:9000"}},
    ),
    Pair(
        "mounted_by_middleware",
        "root-path-not-in-path",
        """
        @app.get("/")
        def view():
            return "ok"
        """,
        """
        @app.get("/")
        async def view():
            return "ok"

        inner = app.asgi_app

        async def mounted(scope, receive, send):
            await inner(dict(scope, **{"root_path": "/shop"}), receive, send)  # here

        app.asgi_app = mounted
        """,
    ),
    Pair(
        "path_lost_by_middleware",
        "",
        """
        @app.get("/")
        def view():
            return "ok"
        """,
        """
        @app.get("/")
        async def view():
            return "ok"

        inner = app.asgi_app

        async def mounted(scope, receive, send):
            await inner(dict(scope, path="/shop"), receive, send)

        app.asgi_app = mounted
        """,
    ),
    Pair(
        "slow_stream",
        "response-timeout",
        """
        @app.get("/")
        def view():
            return Response(iter(["a", "b"]))
        """,
        """
        app.config.update(RESPONSE_TIMEOUT=0.05)

        async def rows():
            yield "a"
            await asyncio.sleep(5)
            yield "b"

        @app.get("/")
        async def view():
            return Response(rows())  # here
        """,
        {},
        "timeout = None",
    ),
    Pair(
        "broken_stream",
        "",
        """
        @app.get("/")
        def view():
            return Response(iter(["a", "b"]))
        """,
        """
        app.config.update(RESPONSE_TIMEOUT=5)

        async def rows():
            yield "a"
            raise OSError("the disk is full")

        @app.get("/")
        async def view():
            return Response(rows())
        """,
    ),
    Pair(
        "page_of_debug_mode",
        "traceback-page-of-debug-mode",
        """
        app.testing = True

        @app.get("/")
        def view():
            return {}["name"]
        """,
        """
        app.config["TESTING"] = True  # here

        @app.get("/")
        async def view():
            return {}["name"]
        """,
    ),
    Pair(
        "page_of_an_error_without_debug_mode",
        "",
        """
        app.testing = True

        @app.get("/")
        def view():
            return {}["name"]
        """,
        """
        @app.get("/")
        async def view():
            return {}["name"]
        """,
    ),
    Pair(
        "link_made_at_startup",
        "url-scheme-setting",
        """
        app.config.update(SERVER_NAME="books.example", PREFERRED_URL_SCHEME="https")

        @app.get("/")
        def view():
            return LINK

        with app.app_context():
            LINK = url_for("view")
        """,
        """
        app.config.update(SERVER_NAME="books.example", PREFERRED_URL_SCHEME="https")  # here

        @app.get("/")
        async def view():
            return LINK

        async def make():
            async with app.app_context():
                return url_for("view")

        LINK = asyncio.run(make())
        """,
        {"headers": {"Host": "books.example"}},
        "PREFER_SECURE_URLS",
    ),
    Pair(
        "link_written_by_hand",
        "",
        """
        @app.get("/")
        def view():
            return "https://books.example/"
        """,
        """
        @app.get("/")
        async def view():
            return "http://books.example/"
        """,
    ),
    Pair(
        "limit_of_one_view",
        "max-content-length-in-view",
        """
        app.config["MAX_CONTENT_LENGTH"] = 8

        @app.post("/")
        def view():
            request.max_content_length = 100
            return request.get_data()
        """,
        """
        app.config["MAX_CONTENT_LENGTH"] = 8

        @app.post("/")
        async def view():
            request.max_content_length = 100  # here
            return await request.get_data()
        """,
        {"method": "POST", "text": "longer than that"},
    ),
    Pair(
        "other_limits",
        "",
        """
        app.config["MAX_CONTENT_LENGTH"] = 80

        @app.post("/")
        def view():
            return request.get_data()
        """,
        """
        app.config["MAX_CONTENT_LENGTH"] = 8

        @app.post("/")
        async def view():
            return await request.get_data()
        """,
        {"method": "POST", "text": "longer than that"},
    ),
    Pair(
        "large_upload",
        "max-content-length-default",
        """
        @app.post("/")
        def view():
            return {"length": len(request.get_data())}
        """,
        """
        @app.post("/")
        async def view():
            return {"length": len(await request.get_data())}
        """,
        {"method": "POST", "text": "a" * (16 * 1024 * 1024 + 1)},
        "MAX_CONTENT_LENGTH",
    ),
    Pair(
        "left_alone",
        "client-left",
        """
        import time

        @app.get("/")
        def view():
            time.sleep(0.3)
            return "done"
        """,
        """
        @app.get("/")
        async def view():
            await asyncio.sleep(0.3)  # here
            return "done"
        """,
        {"client": Client(disconnect=Disconnect(seconds=0.05))},
        remedy="add_background_task",
    ),
    Pair(
        "body_too_late",
        "body-timeout",
        """
        @app.post("/")
        def view():
            return request.get_data()
        """,
        """
        app.config["BODY_TIMEOUT"] = 0

        class SlowBody(app.request_class.body_class):
            def append(self, data):
                pass

            def set_complete(self):
                pass

        app.request_class.body_class = SlowBody

        @app.post("/")
        async def view():
            return await request.get_data()  # here
        """,
        {"method": "POST", "text": "abc"},
        "BODY_TIMEOUT",
    ),
    Pair(
        "settings_of_the_environment",
        "environment-prefix",
        """
        os.environ["FLASK_GREETING"] = "Hello"
        app.config.from_prefixed_env()

        @app.get("/")
        def view():
            return app.config.get("GREETING", "?")
        """,
        """
        app.config.from_prefixed_env()  # here

        @app.get("/")
        async def view():
            return app.config.get("GREETING", "?")
        """,
        {},
        'from_prefixed_env("FLASK")',
    ),
    Pair(
        "setting_of_one_app",
        "",
        """
        app.config["GREETING"] = "Hello"
        app.config.from_prefixed_env("SHOP")

        @app.get("/")
        def view():
            return app.config.get("GREETING", "?")
        """,
        """
        app.config.from_prefixed_env("SHOP")

        @app.get("/")
        async def view():
            return app.config.get("GREETING", "?")
        """,
    ),
    Pair(
        "files_of_a_blueprint",
        "blueprint-max-age-ignored",
        """
        class Files(Blueprint):
            def get_send_file_max_age(self, filename):
                return 60

        app.register_blueprint(Files("files", __name__, static_folder="lists"))
        """,
        """
        class Files(Blueprint):
            def get_send_file_max_age(self, filename):  # here
                return 60

        app.register_blueprint(Files("files", __name__, static_folder="lists"))
        """,
        {"path": "/lists/a.txt"},
    ),
    Pair(
        "file_of_the_app",
        "files-cached-for-twelve-hours",
        """
        @app.get("/")
        def view():
            return send_from_directory(app.root_path, "lists/a.txt")
        """,
        """
        @app.get("/")
        async def view():
            return await send_from_directory(app.root_path, "lists/a.txt")
        """,
        {},
        "SEND_FILE_MAX_AGE_DEFAULT",
    ),
    Pair(
        "other_ages_of_files",
        "",
        """
        @app.get("/")
        def view():
            return "a", 200, {"Cache-Control": "max-age=10"}
        """,
        """
        @app.get("/")
        async def view():
            return "a", 200, {"Cache-Control": "max-age=20"}
        """,
    ),
    Pair(
        "own_options",
        "plain-method-awaited-by-quart",
        """
        class Shop(type(app)):
            def make_default_options_response(self):
                return Response("", headers={"X-Shop": "1"})

        app = Shop(__name__)

        @app.get("/")
        def view():
            return "ok"
        """,
        """
        class Shop(type(app)):
            def make_default_options_response(self):  # here
                return Response("", headers={"X-Shop": "1"})

        app = Shop(__name__)

        @app.get("/")
        async def view():
            return "ok"
        """,
        {"method": "OPTIONS"},
        "async def make_default_options_response",
        versions="<0.23",
    ),
    Pair(
        "own_processing",
        "plain-method-awaited-by-quart",
        """
        class Shop(type(app)):
            def process_response(self, response):
                response.headers["X-Shop"] = "1"
                return response

        app = Shop(__name__)

        @app.get("/")
        def view():
            return "ok"
        """,
        """
        class Shop(type(app)):
            def process_response(self, response, context=None):  # here
                response.headers["X-Shop"] = "1"
                return response

        app = Shop(__name__)

        @app.get("/")
        async def view():
            return "ok"
        """,
        versions="<0.23",
    ),
    Pair(
        "own_processing_that_fails",
        "",
        """
        @app.get("/")
        def view():
            return "ok"
        """,
        """
        class Shop(type(app)):
            async def process_response(self, response, context=None):
                return response.nothing

        app = Shop(__name__)

        @app.get("/")
        async def view():
            return "ok"
        """,
    ),
    Pair(
        "options_of_a_rule",
        "options-of-hand-made-rule",
        """
        from werkzeug.routing import Rule

        app.url_map.add(Rule("/", endpoint="home"))
        app.view_functions["home"] = lambda: "ok"
        """,
        """
        from werkzeug.routing import Rule

        app.url_map.add(Rule("/", endpoint="home"))  # here
        app.view_functions["home"] = lambda: "ok"
        """,
        {"method": "OPTIONS"},
        "add_url_rule",
    ),
    Pair(
        "other_origin",
        "flask-extension-in-quart",
        """
        import flask_cors

        flask_cors.CORS(app)

        @app.get("/")
        def view():
            return "ok"
        """,
        """
        import flask_cors

        flask_cors.CORS(app)  # here

        @app.get("/")
        async def view():
            return "ok"
        """,
        {"headers": {"Origin": "https://books.example"}},
        "Quart-CORS",
    ),
    Pair(
        "file_for_the_proxy",
        "x-sendfile-setting",
        """
        from flask import send_file

        app.config["USE_X_SENDFILE"] = True

        @app.get("/")
        def view():
            return send_file(os.path.abspath("lists/a.txt"), conditional=True)
        """,
        """
        from quart import send_file

        app.config["USE_X_SENDFILE"] = True

        @app.get("/")
        async def view():
            return await send_file(os.path.abspath("lists/a.txt"), conditional=True)  # here
        """,
        {},
        "X-Sendfile",
    ),
    Pair(
        "field_for_the_proxy",
        "",
        """
        @app.get("/")
        def view():
            return Response("", headers={"X-Sendfile": "/lists/a.txt"})
        """,
        """
        @app.get("/")
        async def view():
            return Response("")
        """,
    ),
    Pair(
        "host_of_a_stranger",
        "trusted-hosts-setting",
        """
        app.config["TRUSTED_HOSTS"] = ["books.example"]

        @app.get("/")
        def view():
            return request.host
        """,
        """
        app.config["TRUSTED_HOSTS"] = ["books.example"]  # here

        @app.get("/")
        async def view():
            return request.host
        """,
        {"headers": {"Host": "evil.example"}},
        "werkzeug.sansio.utils",
    ),
    Pair(
        "host_rejected_by_the_view",
        "",
        """
        from flask import abort

        @app.get("/")
        def view():
            abort(400)
        """,
        """
        app.config["TRUSTED_HOSTS"] = ["books.example"]

        @app.get("/")
        async def view():
            return request.host
        """,
        {"headers": {"Host": "books.example"}},
    ),
    Pair(
        "encoder_as_attribute",
        "json-encoder-attribute",
        """
        import datetime

        from flask.json.provider import DefaultJSONProvider

        class Provider(DefaultJSONProvider):
            def default(self, value):
                return value.isoformat()

        app.json = Provider(app)

        @app.get("/")
        def view():
            return {"day": datetime.date(2024, 2, 29)}
        """,
        """
        import datetime, json

        class Encoder(json.JSONEncoder):
            def default(self, value):
                return value.isoformat()

        app.json_encoder = Encoder  # here

        @app.get("/")
        async def view():
            return {"day": datetime.date(2024, 2, 29)}
        """,
        {},
        "app.json = Provider(app)",
    ),
    Pair(
        "encoder_in_both",
        "",
        """
        app.json_encoder = None

        @app.get("/")
        def view():
            return {"day": "Thursday"}
        """,
        """
        app.json_encoder = None

        @app.get("/")
        async def view():
            return {"day": "Friday"}
        """,
    ),
    Pair(
        "cookie_name_as_attribute",
        "attribute-instead-of-setting",
        """
        from flask import session

        app.secret_key = "dev"
        app.config["SESSION_COOKIE_NAME"] = "basket"

        @app.get("/")
        def view():
            session["tea"] = 1
            return "ok"
        """,
        """
        from quart import session

        app.secret_key = "dev"
        app.session_cookie_name = "basket"  # here

        @app.get("/")
        async def view():
            session["tea"] = 1
            return "ok"
        """,
        {},
        "app.config",
    ),
    Pair(
        "setting_for_a_script",
        "set-in-main-block",
        """
        app.config["SHELF"] = "tea"

        @app.get("/")
        def view():
            return app.config["SHELF"]
        """,
        """
        @app.get("/")
        async def view():
            return app.config["SHELF"]

        if __name__ == "__main__":
            app.config["SHELF"] = "tea"  # here
            app.run()
        """,
        {},
        "out of that branch",
    ),
    Pair(
        "other_setting_for_a_script",
        "",
        """
        app.config["SHELF"] = "tea"

        @app.get("/")
        def view():
            return app.config["SHELF"]
        """,
        """
        @app.get("/")
        async def view():
            return app.config["SHELF"]

        if __name__ == "__main__":
            app.config["DRAWER"] = "jam"
            app.run()
        """,
    ),
    Pair(
        "path_rewritten",
        "path-changed",
        """
        @app.get("/tea")
        def view():
            return "ok"
        """,
        """
        @app.get("/tea")  # here
        async def view():
            return "ok"

        inner = app.asgi_app

        async def to_lists(scope, receive, send):
            await inner(dict(scope, path="/lists" + scope["path"]), receive, send)

        app.asgi_app = to_lists
        """,
        {"path": "/tea"},
        "middleware, or a mount",
    ),
    Pair(
        "field_of_scope",
        "headers-of-scope-are-bytes",
        """
        class Shop:
            def __init__(self, inner):
                self.inner = inner

            def __call__(self, environ, start_response):
                environ["shop.name"] = environ.get("HTTP_X_SHOP")
                return self.inner(environ, start_response)

        app.wsgi_app = Shop(app.wsgi_app)

        @app.get("/")
        def view():
            return str(request.environ["shop.name"])
        """,
        """
        class Shop:
            def __init__(self, inner):
                self.inner = inner

            async def __call__(self, scope, receive, send):
                if scope["type"] == "http":
                    fields = dict(scope["headers"])
                    scope["shop.name"] = fields.get("X-Shop")  # here
                await self.inner(scope, receive, send)

        app.asgi_app = Shop(app.asgi_app)

        @app.get("/")
        async def view():
            return str(request.scope["shop.name"])
        """,
        {"headers": {"X-Shop": "north"}},
        'k.decode("latin-1")',
    ),
    Pair(
        "field_of_scope_in_capitals",
        "headers-of-scope-are-bytes",
        """
        class Shop:
            def __init__(self, inner):
                self.inner = inner

            def __call__(self, environ, start_response):
                environ["shop.name"] = environ.get("HTTP_X_SHOP")
                return self.inner(environ, start_response)

        app.wsgi_app = Shop(app.wsgi_app)

        @app.get("/")
        def view():
            return str(request.environ["shop.name"])
        """,
        """
        class Shop:
            def __init__(self, inner):
                self.inner = inner

            async def __call__(self, scope, receive, send):
                if scope["type"] == "http":
                    names = [value for name, value in scope["headers"] if name == b"X-Shop"]  # here
                    scope["shop.name"] = names[0].decode() if names else None
                await self.inner(scope, receive, send)

        app.asgi_app = Shop(app.asgi_app)

        @app.get("/")
        async def view():
            return str(request.scope["shop.name"])
        """,
        {"headers": {"X-Shop": "north"}},
        "lowercase",
    ),
    Pair(
        "decoded_field_of_scope",
        "",
        """
        class Shop:
            def __init__(self, inner):
                self.inner = inner

            def __call__(self, environ, start_response):
                environ["shop.name"] = "north"
                return self.inner(environ, start_response)

        app.wsgi_app = Shop(app.wsgi_app)

        @app.get("/")
        def view():
            return str(request.environ["shop.name"])
        """,
        """
        class Shop:
            def __init__(self, inner):
                self.inner = inner

            async def __call__(self, scope, receive, send):
                if scope["type"] == "http":
                    fields = {k.decode(): v for k, v in scope["headers"]}
                    scope["shop.name"] = fields.get("x-shop")
                await self.inner(scope, receive, send)

        app.asgi_app = Shop(app.asgi_app)

        @app.get("/")
        async def view():
            return str(request.scope["shop.name"])
        """,
        {"headers": {"X-Shop": "north"}},
    ),
    Pair(
        "query_of_scope",
        "query-of-scope-is-bytes",
        """
        from urllib.parse import parse_qs

        class Shop:
            def __init__(self, inner):
                self.inner = inner

            def __call__(self, environ, start_response):
                environ["shop.name"] = parse_qs(environ["QUERY_STRING"]).get("shop")
                return self.inner(environ, start_response)

        app.wsgi_app = Shop(app.wsgi_app)

        @app.get("/")
        def view():
            return str(request.environ["shop.name"])
        """,
        """
        from urllib.parse import parse_qs

        class Shop:
            def __init__(self, inner):
                self.inner = inner

            async def __call__(self, scope, receive, send):
                if scope["type"] == "http":
                    scope["shop.name"] = parse_qs(scope["query_string"]).get("shop")  # here
                await self.inner(scope, receive, send)

        app.asgi_app = Shop(app.asgi_app)

        @app.get("/")
        async def view():
            return str(request.scope["shop.name"])
        """,
        {"path": "/?shop=north"},
        ".decode()",
    ),
    Pair(
        "decoded_query_of_scope",
        "",
        """
        from urllib.parse import parse_qs

        class Shop:
            def __init__(self, inner):
                self.inner = inner

            def __call__(self, environ, start_response):
                environ["shop.name"] = parse_qs(environ["QUERY_STRING"]).get("shop")
                return self.inner(environ, start_response)

        app.wsgi_app = Shop(app.wsgi_app)

        @app.get("/")
        def view():
            return str(request.environ["shop.name"])
        """,
        """
        from urllib.parse import parse_qs

        class Shop:
            def __init__(self, inner):
                self.inner = inner

            async def __call__(self, scope, receive, send):
                if scope["type"] == "http":
                    scope["shop.name"] = parse_qs(scope["query_string"].decode()).get("name")
                await self.inner(scope, receive, send)

        app.asgi_app = Shop(app.asgi_app)

        @app.get("/")
        async def view():
            return str(request.scope["shop.name"])
        """,
        {"path": "/?shop=north"},
    ),
    Pair(
        "larger_than_the_limit",
        "form-larger-than-limit",
        """
        app.config["MAX_FORM_MEMORY_SIZE"] = 1_000_000

        @app.post("/")
        def view():
            return request.form["text"]
        """,
        """
        @app.post("/")
        async def view():
            return (await request.form)["text"]  # here
        """,
        {"method": "POST", "multipart": (Part("text", text="tea" * 200_000),)},
        'app.config["MAX_FORM_MEMORY_SIZE"] = 1000000',
    ),
    Pair(
        "without_the_limit",
        "limit-of-request-missing",
        """
        app.config["MAX_CONTENT_LENGTH"] = 1000

        @app.post("/")
        def view():
            return str(len(request.get_data()))
        """,
        """
        @app.post("/")
        async def view():
            return str(len(await request.get_data()))
        """,
        {"method": "POST", "text": "tea" * 1000},
        'app.config["MAX_CONTENT_LENGTH"] = 1000',
    ),
    Pair(
        "limit_of_the_view",
        "",
        """
        app.config["MAX_CONTENT_LENGTH"] = 1000

        @app.post("/")
        def view():
            return "ok"
        """,
        """
        from quart import abort

        app.config["MAX_CONTENT_LENGTH"] = 1000

        @app.post("/")
        async def view():
            abort(413)
        """,
        {"method": "POST", "form": {"text": "tea" * 50}},
    ),
    Pair(
        "title_for_a_script",
        "set-in-main-block",
        """
        app.config["TITLE"] = "Books"

        @app.get("/")
        def view():
            return app.config.get("TITLE", "none")
        """,
        """
        @app.get("/")
        async def view():
            return app.config.get("TITLE", "none")

        if __name__ == "__main__":
            app.config["TITLE"] = "Books"  # here
            app.run()
        """,
        {},
        "out of that branch",
    ),
    Pair(
        "middleware_of_wsgi",
        "wsgi-middleware-on-asgi-app",
        """
        class Gate:
            def __init__(self, inner):
                self.inner = inner

            def __call__(self, environ, start_response):
                return self.inner(environ, start_response)

        app.wsgi_app = Gate(app.wsgi_app)

        @app.get("/")
        def view():
            return request.scheme
        """,
        """
        class Gate:
            def __init__(self, inner):
                self.inner = inner

            def __call__(self, environ, start_response):
                return self.inner(environ, start_response)

        app.asgi_app = Gate(app.asgi_app)  # here

        @app.get("/")
        async def view():
            return request.scheme
        """,
        {},
        "async def __call__",
    ),
    Pair(
        "proxy_of_wsgi",
        "proxy-fix-of-werkzeug",
        """
        from werkzeug.middleware.proxy_fix import ProxyFix

        class Gate:
            def __init__(self, inner):
                self.inner = inner

            def __call__(self, environ, start_response):
                return self.inner(environ, start_response)

        app.wsgi_app = ProxyFix(app.wsgi_app)

        @app.get("/")
        def view():
            return request.scheme
        """,
        """
        from werkzeug.middleware.proxy_fix import ProxyFix

        class Gate:
            def __init__(self, inner):
                self.inner = inner

            def __call__(self, environ, start_response):
                return self.inner(environ, start_response)

        app.asgi_app = ProxyFix(app.asgi_app)  # here

        @app.get("/")
        async def view():
            return request.scheme
        """,
        {"headers": {"X-Forwarded-Proto": "https"}},
        "ProxyFixMiddleware",
    ),
    Pair(
        "call_with_too_much",
        "",
        """
        @app.get("/")
        def view():
            return "ok"
        """,
        """
        def price(name, number):
            return name

        @app.get("/")
        async def view():
            return price("tea", 1, 2)
        """,
    ),
]

STARTUP = {
    "app.wsgi_app = print(app.wsgi_app)": "app.asgi_app",
    'app.add_url_rule("/a", "a", print, redirect_to="/b")': "redirect(...)",
    'app.add_url_rule("/a", "a", print, alias=True)': "alias=True",
    'app.add_url_rule("/a", "a", print, build_only=True)': "werkzeug.routing",
    "asyncio.get_running_loop()": "before_serving",
    "import flask; flask.current_app.name": "Import these names from `quart`",
    "app.app_context().__enter__()": "async with app.app_context()",
    "with app.app_context(): pass": "async with app.app_context()",
    "from quart import Flask": "from quart import Quart",
    'if __name__ != "__main__": raise SystemError("start it")': "Remove this branch",
    "app.before_first_request(print)": "before_serving",
    "Blueprint('a', 'a').before_app_first_request(print)": "before_app_serving",
    "from quart import _app_ctx_stack": "in `g`",
    "from quart.json import JSONEncoder": "DefaultJSONProvider",
    "from quart.utils import is_coroutine_function": "inspect.iscoroutinefunction",
    "from werkzeug.urls import url_quote": "urllib.parse",
    "import quart.flask_patch": "quart_flask_patch",
    "from werkzeug.wrappers import BaseResponse": "`werkzeug.wrappers`",
    "from quart import json; json.JSONEncoder": "DefaultJSONProvider",
    "import werkzeug; werkzeug.__version__": "changes of `werkzeug`",
    "os()": "from module import name",
    "from quart.exceptions import NotFound": "Import from `werkzeug.exceptions`",
    "from werkzeug.contrib import cache": "changes of `werkzeug`",
}
"""Statements that keep a Quart app from starting, and a part of the remedy."""
