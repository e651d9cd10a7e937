"""Flask applications that Hypothesis makes of the constructs that are ported.

They have no sessions and no flashed messages: Quart sets another `Vary` header for them,
which is a known difference. The topics `sessions` and `flashing` of the twins have both.
"""

import re
from types import ModuleType
from typing import Any, NamedTuple

from hypothesis import strategies as st

from comparison import Case, Request, compare
from comparison.models import Comparison
from comparison.porting import Ported, port

HEAD = """\
from contextlib import contextmanager
from functools import wraps

from flask import (
    Flask, Response, after_this_request, current_app, g, jsonify, make_response,
    render_template_string, request, stream_with_context, url_for,
)
from flask.views import MethodView

app = Flask("program")
app.secret_key = "key"


@app.before_request
def hooked():
    g.hooked = "hooked"


@app.context_processor
def site():
    return {"site": "site"}


def bracketed(function):
    @wraps(function)
    def wrapper(*args, **kwargs):
        return f"[{function(*args, **kwargs)}]"

    return wrapper


class Rejected(Exception):
    pass
"""
ANY = (
    "'text'", "request.args.get('q', '-')", "url_for('view0')",
    "render_template_string('{{ a }}!', a='x')",
    "render_template_string('{{ site }} {{ request.path }}')", "current_app.name",
    "make_response('made', 201).get_data(as_text=True)",
    "str(jsonify(a=1).get_json()['a'])", "Response('body').get_data().decode()",
)  # fmt: skip
BODIES = {
    "form": (
        "request.form.get('name', 'none')", "request.form['name']",
        "request.values.get('name', '-')", "str(len(request.files))",
        "str(sorted(request.form.items()))",
    ),
    "json": (
        "str(request.get_json()['name'])", "request.json['name']",
        "request.get_data(as_text=True)", "str(len(request.data))",
        "str(request.get_json(silent=True))",
    ),
}  # fmt: skip
INLINE = (
    "'<' + %s + '>'", "str(len(%s))", "'-'.join(%s for _ in range(2))", "{0: %s}[0]",
    "'-'.join([%s for _ in range(2)])", "[%s for _ in range(2)][1]", "(%s).upper()",
    "(%s if request.args else 'none')", "str(sorted(%s for _ in range(2)))",
    "(lambda: 'plain')() + %s", "str({n: %s for n in 'ab'})", "(%s)[:5] + 'x'",
)  # fmt: skip
DEFINED = (
    ("def f@():\n    return %s\n", "f@()"),
    ("def f@(value=None):\n    value = %s\n    return value\n", "f@(1)"),
    (("class C@:\n    def method(self):\n        return self.inner()\n\n"
     "    def inner(self):\n        return %s\n"), "C@().method()"),
    ("class S@:\n    @staticmethod\n    def method():\n        return %s\n",
     "S@.method()"),
    ("def o@():\n    def inner():\n        return %s\n\n    return inner()\n", "o@()"),
    ("def g@():\n    yield %s\n    yield 'x'\n", "''.join(g@())"),
    ("def g@():\n    yield %s\n\n\ndef h@():\n    yield from g@()\n    yield 'y'\n",
     "str(list(h@()))"),
    (("def g@():\n    yield %s\n\n\ndef l@():\n    found = []\n    for each in g@():\n"
     "        found.append(each)\n    return str(found)\n"), "l@()"),
    (("@contextmanager\ndef k@():\n    yield %s\n\n\ndef u@():\n"
     "    with k@() as value:\n        return value\n"), "u@()"),
    ("@bracketed\ndef d@():\n    return %s\n", "d@()"),
    ("def t@():\n    return %s\n\n\nTABLE@ = {'a': t@}\n", "TABLE@['a']()"),
    ("def p@(function):\n    return function()\n\n\ndef q@():\n    return %s\n",
     "p@(q@)"),
    ("def e@():\n    try:\n        return %s\n    finally:\n        g.ended = 1\n",
     "e@()"),
    (("def a@():\n    with app.app_context():\n        name = current_app.name\n"
     "    return name + %s\n"), "a@()"),
)  # fmt: skip
VIEWS = (
    "@app.post('/@')\ndef view@():\n    return %s\n",
    "@app.route('/@', methods=['POST'])\ndef view@():\n    return %s, 202\n",
    "@app.post('/@')\n@bracketed\ndef view@():\n    return %s\n",
    ("@app.post('/@')\ndef view@():\n    response = make_response(%s, 201)\n"
    "    response.headers['X-Made'] = 'yes'\n    return response\n"),
    "@app.post('/@')\ndef view@():\n    return jsonify(value=%s)\n",
    ("@app.post('/@')\ndef view@():\n    def lines():\n        yield %s\n"
    "        yield 'end'\n\n    return Response(stream_with_context(lines()))\n"),
    ("class View@(MethodView):\n    def post(self):\n        return %s\n\n\n"
    "app.add_url_rule('/@', view_func=View@.as_view('view@'))\n"),
    ("@app.post('/@')\ndef view@():\n    @after_this_request\n    def add(response):\n"
    "        response.headers['X-Length'] = str(len(response.get_data()))\n"
    "        return response\n\n    return %s\n"),
    ("class Failed@(Rejected):\n    pass\n\n\n@app.errorhandler(Failed@)\n"
    "def handle@(error):\n    return %s, 409\n\n\n@app.post('/@')\ndef view@():\n"
    "    raise Failed@\n"),
)  # fmt: skip


class Program(NamedTuple):
    """A Flask application, and the request that each of its views gets."""

    source: str
    cases: list[Case]


@st.composite
def programs(draw: Any, views: int = 4) -> Program:
    """Draw an application: each view nests up to four constructs."""
    parts, cases, number = [HEAD], [], 0
    for view in range(views):
        body = draw(st.sampled_from(sorted(BODIES)))
        value = draw(st.sampled_from(ANY + BODIES[body]))
        for _ in range(draw(st.integers(0, 4))):
            if draw(st.booleans()):
                value = draw(st.sampled_from(INLINE)).replace("%s", value)
            else:
                number += 1
                made, use = draw(st.sampled_from(DEFINED))
                parts.append(_numbered(made, number).replace("%s", value))
                value = _numbered(use, number)
        made = draw(st.sampled_from(VIEWS))
        parts.append(_numbered(made, view).replace("%s", value))
        cases.append(_case(view, body))
    return Program("\n\n".join(parts), cases)


def _numbered(template: str, number: int) -> str:
    """Write a number for each @ that follows a name; others start decorators."""
    return re.sub(r"(?<=[A-Za-z/])@", str(number), template)


def _case(view: int, body: str) -> Case:
    if body == "json":
        request = Request("POST", f"/{view}?q=1", json={"name": "Ada"})
    else:
        request = Request("POST", f"/{view}", form={"name": "Ada", "more": "x"})
    return Case(id=f"view{view}", request=request)


def ported(program: Program) -> Ported:
    """The port of a program."""
    return port(program.source)


def compared(program: Program, source: str) -> list[Comparison]:
    """What differs between a program and a port of it."""
    reference = _app("flask_program", program.source)
    candidate = _app("quart_program", source)
    # A busy machine may starve a view that ends at once elsewhere.
    return list(compare(reference, candidate, program.cases, timeout=120))


def _app(name: str, source: str) -> Any:
    module = ModuleType(name)
    exec(compile(source, f"{name}.py", "exec"), module.__dict__)  # our own program
    return module.__dict__["app"]
