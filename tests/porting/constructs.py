"""The constructs of generated Flask applications, as templates.

`%s` is the place of an expression, which is a string, and `@` after a name a number.
"""

HEAD = """\
import os
import time
from contextlib import contextmanager, suppress
from functools import partial, wraps
from io import BytesIO
from tempfile import NamedTemporaryFile

from flask import (
    Blueprint, Flask, Response, abort, after_this_request, copy_current_request_context,
    current_app, flash, g, get_flashed_messages, jsonify, make_response, redirect,
    render_template_string, request, send_file, send_from_directory, session,
    stream_template_string, stream_with_context, url_for,
)
from flask.views import MethodView, View

app = Flask("program")
app.secret_key = "key"
LIBRARY = os.path.dirname(os.__file__)


@app.before_request
def hooked():
    g.hooked = "hooked"


@app.teardown_request
def closed(error):
    g.ended = True


@app.context_processor
def site():
    return {"site": "site"}


@app.post("/hello")
def hello():
    return "Hello " + request.form["name"]


def bracketed(function):
    @wraps(function)
    def wrapper(*args, **kwargs):
        return f"[{function(*args, **kwargs)}]"

    return wrapper


def tagged(tag):
    def decorate(function):
        @wraps(function)
        def wrapper(*args, **kwargs):
            found = function(*args, **kwargs)
            return f"<{tag}>{found}"

        return wrapper

    return decorate


class Rejected(Exception):
    pass
"""
ANY = (
    "'text'", "request.args.get('q', '-')", "url_for('hello')",
    "render_template_string('{{ a }}!', a='x')",
    "render_template_string('{{ site }} {{ request.path }}')", "current_app.name",
    "make_response('made', 201).get_data(as_text=True)",
    "str(jsonify(a=1).get_json()['a'])", "Response('body').get_data().decode()",
    "Response('body').data.decode()", "str(jsonify(a=1).json)",
    "app.test_client().post('/hello', data={'name': 'Eve'}).get_data(as_text=True)",
)  # fmt: skip
BODIES = {
    "form": (
        "request.form.get('name', 'none')", "request.form['name']",
        "request.values.get('name', '-')", "str(len(request.files))",
        "str(sorted(request.form.items()))", "request.form.getlist('name')[0]",
    ),
    "json": (
        "str(request.get_json()['name'])", "request.json['name']",
        "request.get_data(as_text=True)", "str(len(request.data))",
        "str(request.get_json(silent=True))",
    ),
    "files": (
        "request.files['upload'].filename", "str(sorted(request.files))",
        "str([each.filename for each in request.files.getlist('upload')])",
        "request.form['name']", "request.files.get('upload').mimetype",
    ),
}  # fmt: skip
INLINE = (
    "'<' + %s + '>'", "str(len(%s))", "'-'.join(%s for _ in range(2))", "{0: %s}[0]",
    "'-'.join([%s for _ in range(2)])", "[%s for _ in range(2)][1]", "%s.upper()",
    "(%s if request.args else 'none')", "str(sorted(%s for _ in range(2)))",
    "(lambda: 'plain')() + %s", "str({n: %s for n in 'ab'})", "%s[:5] + 'x'",
    "(lambda text: text + '!')(%s)", "'{}'.format(%s)", "('full' if %s else 'empty')",
    "str(not %s)", "str(%s == 'text')", "str({**{'a': %s}, 'b': 1})", "str([*[%s]])",
    "str(-len(%s))", "' '.join((%s, 'x'))", "str([n for n in 'ab' if %s])",
    "str(%s in 'text')", "dict(a=%s)['a']", "max(%s, 'a')", "(%s or 'none')",
)  # fmt: skip
DEFINED = (
    ("def f@():\n    return %s\n", "f@()"),
    ("def f@(value=None):\n    value = %s\n    return value\n", "f@(1)"),
    (("class C@:\n    def method(self):\n        return self.inner()\n\n"
     "    def inner(self):\n        return %s\n"), "C@().method()"),
    ("class S@:\n    @staticmethod\n    def method():\n        return %s\n",
     "S@.method()"),
    (("class K@:\n    @classmethod\n    def made(cls):\n        return cls()()\n\n"
     "    def __call__(self):\n        return %s\n"), "K@.made()"),
    (("class B@:\n    def method(self):\n        return 'base'\n\n\n"
     "class I@(B@):\n    def method(self):\n        return super().method() + %s\n"),
     "I@().method()"),
    ("def o@():\n    def inner():\n        return %s\n\n    return inner()\n", "o@()"),
    ("def g@():\n    yield %s\n    yield 'x'\n", "''.join(g@())"),
    ("def g@():\n    yield %s\n\n\ndef h@():\n    yield from g@()\n    yield 'y'\n",
     "str(list(h@()))"),
    (("def g@():\n    yield %s\n\n\ndef l@():\n    found = []\n    for each in g@():\n"
     "        found.append(each)\n    return str(found)\n"), "l@()"),
    (("@contextmanager\ndef k@():\n    yield %s\n\n\ndef u@():\n"
     "    with k@() as value:\n        return value\n"), "u@()"),
    ("@bracketed\ndef d@():\n    return %s\n", "d@()"),
    ("@tagged('b')\n@bracketed\ndef d@(text):\n    return text + %s\n", "d@('x')"),
    ("def t@():\n    return %s\n\n\nTABLE@ = {'a': t@}\n", "TABLE@['a']()"),
    ("def p@(function):\n    return function()\n\n\ndef q@():\n    return %s\n",
     "p@(q@)"),
    ("def q@(first, second):\n    return first + second + %s\n", "partial(q@, 'a')('b')"),
    ("def r@(times):\n    return %s if times == 0 else r@(times - 1)\n", "r@(2)"),
    ("def e@():\n    try:\n        return %s\n    finally:\n        g.ended = 1\n",
     "e@()"),
    (("def e@():\n    try:\n        raise Rejected(%s)\n    except Rejected as error:\n"
     "        return str(error)\n"), "e@()"),
    (("def w@():\n    value = 'a'\n    while True:\n        value += %s\n        break\n"
     "    return value\n"), "w@()"),
    (("def m@():\n    match %s:\n        case 'text':\n            return 'matched'\n"
     "        case other:\n            return other\n"), "m@()"),
    ("def s@():\n    with suppress(KeyError):\n        return {}[%s]\n    return 'none'\n",
     "s@()"),
    (("KEPT@ = {}\n\n\ndef keep@(function):\n    KEPT@['a'] = function\n"
     "    return function\n\n\n@keep@\ndef y@():\n    return %s\n"), "KEPT@['a']()"),
    ("def y@():\n    return %s\n\n\nKEPT@ = []\nKEPT@.append(y@)\n",
     "str([each() for each in KEPT@])"),
    (("def every@(*functions):\n    return str([each() for each in functions])\n\n\n"
     "def y@():\n    return %s\n"), "every@(y@, y@)"),
    ("class G@:\n    def method(self):\n        return %s\n",
     "getattr(G@(), 'method')()"),
    (("def a@():\n    with app.app_context():\n        name = current_app.name\n"
     "    return name + %s\n"), "a@()"),
    (("def a@(text):\n    with app.test_request_context('/?q=inner'):\n"
     "        return text + request.args['q']\n"), "a@(%s)"),
    (("def c@():\n    @copy_current_request_context\n    def copied():\n"
     "        return %s\n\n    return copied()\n"), "c@()"),
    (("def n@():\n    flash(%s)\n    return str(get_flashed_messages())\n"), "n@()"),
    (("def n@():\n    session['text'] = %s\n    return session.pop('text')\n"), "n@()"),
    ("def z@(text):\n    time.sleep(0)\n    return text + '!'\n", "z@(%s)"),
    (("def x@():\n    response = app.test_client().post('/hello', data=dict(name=%s))\n"
     "    return str(response.status_code) + response.get_data(as_text=True)\n"), "x@()"),
    ("@app.template_filter('i@')\ndef i@(text):\n    return text + %s\n",
     "render_template_string(\"{{ 'a'|i@ }}\")"),
    ("@app.template_global('j@')\ndef j@():\n    return %s\n",
     "render_template_string('{{ j@() }}')"),
)  # fmt: skip
SAVED = (
    ("def v@():\n    with NamedTemporaryFile() as file:\n"
     "        request.files['upload'].save(file.name)\n"
     "        return file.read().decode() + %s\n"), "v@()",
)  # fmt: skip
"""Only for requests with a file."""
VIEWS = (
    "@app.post('/@')\ndef view@():\n    return %s\n",
    "@app.route('/@', methods=['POST'])\ndef view@():\n    return g.hooked + %s, 202\n",
    "@app.post('/@')\n@bracketed\ndef view@():\n    return %s\n",
    ("@app.post('/@')\ndef view@():\n    response = make_response(%s, 201)\n"
    "    response.headers['X-Made'] = 'yes'\n    return response\n"),
    "@app.post('/@')\ndef view@():\n    return jsonify(value=%s)\n",
    ("@app.post('/@')\ndef view@():\n    def lines():\n        yield %s\n"
    "        yield 'end'\n\n    return Response(stream_with_context(lines()))\n"),
    "@app.post('/@')\ndef view@():\n    return stream_template_string('{{ a }}', a=%s)\n",
    ("class View@(MethodView):\n    def post(self):\n        return %s\n\n\n"
    "app.add_url_rule('/@', view_func=View@.as_view('view@'))\n"),
    ("class View@(View):\n    methods = ['POST']\n    decorators = [bracketed]\n\n"
    "    def dispatch_request(self):\n        return self.text()\n\n"
    "    def text(self):\n        return %s\n\n\n"
    "app.add_url_rule('/@', view_func=View@.as_view('view@'))\n"),
    ("@app.post('/@')\ndef view@():\n    @after_this_request\n    def add(response):\n"
    "        response.headers['X-Length'] = str(len(response.get_data()))\n"
    "        return response\n\n    return %s\n"),
    ("class Failed@(Rejected):\n    pass\n\n\n@app.errorhandler(Failed@)\n"
    "def handle@(error):\n    return %s, 409\n\n\n@app.post('/@')\ndef view@():\n"
    "    raise Failed@\n"),
    "@app.post('/@')\ndef view@():\n    abort(make_response(%s, 409))\n",
    "@app.post('/@')\ndef view@():\n    return redirect(url_for('hello', text=%s))\n",
    ("@app.post('/@')\ndef view@():\n"
    "    return send_file(BytesIO(%s.encode()), download_name='a.txt')\n"),
    ("@app.post('/@')\ndef view@():\n"
    "    response = send_from_directory(LIBRARY, path='this.py')\n"
    "    response.headers['X-Length'] = len(%s)\n    return response\n"),
    ("bp@ = Blueprint('bp@', 'program')\n\n\n@bp@.before_request\ndef before@():\n"
    "    g.text = %s\n\n\n@bp@.after_request\ndef after@(response):\n"
    "    response.headers['X-Text'] = str(len(response.get_data(as_text=True)))\n"
    "    return response\n\n\n@bp@.post('/@')\ndef view@():\n    return g.text\n\n\n"
    "app.register_blueprint(bp@)\n"),
    ("bp@ = Blueprint('bp@', 'program')\n\n\n@bp@.context_processor\ndef values@():\n"
    "    if 'asked' in g:\n        return {}\n    g.asked = True\n"
    "    return {'value': %s}\n\n\n@bp@.post('/@')\ndef view@():\n"
    "    return render_template_string('{{ value }}')\n\n\napp.register_blueprint(bp@)\n"),
)  # fmt: skip
