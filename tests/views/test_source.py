"""The source of a described view does what the endpoint does for the description."""

from types import ModuleType
from typing import Any

import pytest

import flask_app
import quart_app
from comparison.known import KnownDifferences
from comparison.runner.engine import CaseRunner
from comparison.targets import resolve_target
from comparison.views import Body, View, case_of, sources_of, view_to_json
from tests.views.described import VIEWS

TWINS = {"flask": flask_app, "quart": quart_app}


class Written:
    """The app that a source makes, in the place of the one before."""

    def __init__(self, framework: str) -> None:
        self.framework = framework
        self.app: Any = None

    def write(self, view: View) -> None:
        source = sources_of(view)[self.framework]
        module = ModuleType("written")
        exec(compile(source, "written.py", "exec"), vars(module))
        self.app = module.app

    def wsgi(self, environ: Any, start_response: Any) -> Any:
        return self.app(environ, start_response)

    async def asgi(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await self.app(scope, receive, send)


@pytest.mark.slow
@pytest.mark.parametrize("framework", ["flask", "quart"])
def test_the_source_does_what_the_endpoint_does(framework: str) -> None:
    app = Written(framework)
    targets = {
        "twin": resolve_target(TWINS[framework].create_app({"TOPICS": ["composed"]})),
        "written": resolve_target(app.wsgi if framework == "flask" else app.asgi),
    }
    asker = CaseRunner(
        targets, KnownDifferences(), timeout=2
    )  # one view hangs in Quart
    unlike = []
    for view in VIEWS:
        app.write(view)
        comparison = asker.run(case_of(view))
        if comparison.differences:
            unlike.append((view_to_json(view), comparison.differences))
    asker.close()
    assert unlike == []


def test_the_sources_are_idiomatic() -> None:
    made = next(v for v in VIEWS if v.made == "make_response" and v.changes)
    assert sources_of(made)["quart"] == (
        "from quart import Quart, make_response\n"
        "\n"
        "app = Quart(__name__)\n"
        "\n"
        "\n"
        '@app.route("/composed", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])\n'
        "async def composed():\n"
        '    response = await make_response("Hello", 202, {"X-Lesson": "composed"})\n'
        '    response.set_data("Bye")\n'
        '    response.headers.remove("X-Lesson")\n'
        "    return response\n"
    )


def test_a_text_that_contains_a_name_adds_no_import() -> None:
    words = ["HTTPStatus.OK", "BytesIO(1)", "Headers(", "abort(404)", "NotFound(1)"]
    text = f"call {' '.join(words)} or catch (HTTPException)"
    source = sources_of(View(body=Body("text", text)))["flask"]
    assert source.startswith("from flask import Flask\n\napp = ")
    assert text in source


def test_the_style_decides_where_async_is_used() -> None:
    source = sources_of(View(body=VIEWS[0].body, style="sync"))
    assert "\ndef composed" in source["flask"] and "\ndef composed" in source["quart"]
    source = sources_of(View(body=VIEWS[0].body, style="async"))
    assert "async def composed" in source["flask"]
    source = sources_of(View(body=VIEWS[0].body))
    assert "\ndef composed" in source["flask"]
    assert "async def composed" in source["quart"]
