"""Pairs of apps whose settings differ, or that read the path as the other side has it.

As in `apps`, the line of the cause ends with `# here`; a pair whose cause is "" has
similar code and another cause.
"""

from tests.causes.views import Pair

COUNTER = """
from {framework} import session

app.secret_key = {key}
app.config["SESSION_COOKIE_NAME"] = "{name}"{here}
app.config["SEND_FILE_MAX_AGE_DEFAULT"] = {age}{there}

@app.get("/")
{kind} view():
    {does}
"""
VISIT = 'session["visits"] = 1{end}\n    return "ok"'
COOKIE = 'response = Response("ok")\n    response.set_cookie("{}", "{}")\n    return response'
FILE = 'return {}send_from_directory(os.path.abspath("lists"), "a.txt")'
BASKET = """
class Basket:{here}
    def content(self):
        return ["tea"]

    {more}

@app.get("/")
{kind} view():
    return {{"items": {counts}}}
"""
COUNTS = "def count(self): return len(self.content())"
PATH = """
@app.get("/<word>")
{kind} view(word):
    return {path}.encode("latin-1").decode("utf-8"){here}
"""


def _pair(id: str, cause: str, remedy: str, **words: tuple[str, str]) -> Pair:
    """Make a pair from `COUNTER`; a word has one text for each app."""
    texts = []
    for side, (kind, framework) in enumerate(
        (("def", "flask"), ("async def", "quart"))
    ):
        values = {"key": '"k"', "name": "s", "age": "60", "here": "", "there": ""}
        values |= {name: both[side] for name, both in words.items()}
        texts.append(COUNTER.format(kind=kind, framework=framework, **values))
    return Pair(id, cause, *texts, {}, remedy)


def _path(id: str, cause: str, remedy: str, path: tuple[str, str]) -> Pair:
    flask = PATH.format(kind="def", path=path[0], here="")
    quart = PATH.format(kind="async def", path=path[1], here="  # here")
    return Pair(id, cause, flask, quart, {"path": "/caf%C3%A9"}, remedy)


PAIRS = [
    Pair(
        "class_of_port",
        "class-lacks-attribute",
        BASKET.format(kind="def", more=COUNTS, counts="Basket().count()", here=""),
        BASKET.format(
            kind="async def", more="", counts="Basket().count()", here="  # here"
        ),
        {},
        "Add `count` to `Basket`",
    ),
    Pair(
        "attribute_of_list",
        "",
        BASKET.format(kind="def", more="", counts="len(Basket().content())", here=""),
        BASKET.format(
            kind="async def", more="", counts="Basket().content().size()", here=""
        ),
    ),
    _pair(
        "cookie_of_session",
        "session-cookie-setting",
        'Set `app.config["SESSION_COOKIE_NAME"]` to s here too',
        does=(VISIT.format(end=""),) * 2,
        name=("s", "soup"),
        here=("", "  # here"),
    ),
    _pair(
        "cookie_of_view",
        "",
        "",
        does=(COOKIE.format("a", "1"), COOKIE.format("a", "2")),
        age=("60", "90"),
    ),
    _pair(
        "age_of_files",
        "file-cache-setting",
        "SEND_FILE_MAX_AGE_DEFAULT",
        does=(FILE.format(""), FILE.format("await ")),
        age=("60", "90"),
        there=("", "  # here"),
    ),
    _pair(
        "key_of_session",
        "secret-key-missing",
        "app.secret_key",
        does=(VISIT.format(end=""), VISIT.format(end="  # here")),
        key=('"k"', "None"),
    ),
    _pair(
        "other_runtime_error",
        "",
        "",
        does=(VISIT.format(end=""), 'raise RuntimeError("no soup")'),
    ),
    _path(
        "path_of_scope",
        "path-decoded-already",
        "as it is",
        ('request.environ["PATH_INFO"]', 'request.scope["path"]'),
    ),
    _path("text_of_body", "", "", ('"caf\\xc3\\xa9"', '"caf\\xe9"')),
]
