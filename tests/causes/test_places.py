"""Places in the source of an app: statements, functions, settings, paths that it sends."""

from pathlib import Path

import pytest

from comparison.causes import places
from comparison.causes.paths import sends_bytes, sent_path

FILE = "placed_shop.py"
SOURCE = """\
import os
from pathlib import Path as P
import flask_mail.core as core
from flask_login import LoginManager as LM, current_user
from .placed_near import X
from placed_helper import Y

HERE = P(__file__).parent
app.config["DEBUG_MODE"] = 1
SECRET = "x"
app.config.update({"OTHER_KEY": 2, "DEBUG_MODE": 3})
login = LM(app)

if __name__ == "__main__":
    app.shelf = 1
    app.config["BOX"] = 2
    helper.prepare(3)

class Store:
    def open(self):
        return 1

    async def close(self):
        return 2

@app.before_serving
def connect():
    app.database = 1
    app.config["POOL"] = 2
    read(app.other)

@app.while_serving()
async def serve():
    app.cache = 1
    yield

@app.get("/")
async def view():
    def plain():
        return 2
    def rows():
        yield 1
    return stream(rows(
    ), current_user, LM, LM)

@app.get("/f")
@other
def sends():
    if HERE:  # why
        return 3
    with open(
        "x"
    ) as f:
        pass
"""
NEAR = "NEAR_KEY = 1\nSECRET = 2\n"


@pytest.fixture(autouse=True)
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / FILE).write_text(SOURCE)
    (tmp_path / "placed_near.py").write_text(NEAR)
    (tmp_path / "placed_helper.py").write_text("HELP_KEY = 1\n")


def line_of(text: str) -> int:
    return SOURCE[: SOURCE.index(text)].count("\n") + 1


@pytest.mark.parametrize(
    ("inside", "first", "source"),
    [
        ("), current", "return stream", "return stream(rows( ), current_user, LM, LM)"),
        ("if HERE", "if HERE", "if HERE:"),
        ('"x"\n    )', "with open", 'with open( "x" ) as f:'),
        ("SECRET =", "SECRET =", 'SECRET = "x"'),
        ("def sends", "def sends", "def sends():"),
        ("        return 1", "        return 1", "return 1"),
    ],
)
def test_a_statement_is_found_at_each_of_its_lines(
    inside: str, first: str, source: str
) -> None:
    found = places.statement_at(FILE, line_of(inside))
    assert found == (FILE, line_of(first), source)


@pytest.mark.parametrize(("file", "line"), [(FILE, 7), (FILE, 999), ("none.py", 1)])
def test_no_statement_is_found_outside_of_the_source(file: str, line: int) -> None:
    assert places.statement_at(file, line) == ("", 0, "")
    assert places.function_at(file, line) is None
    assert places.generator_in(file, line) is None
    assert not places.names_from(file, line, "flask_login")


@pytest.mark.parametrize(
    ("inside", "name"),
    [
        ("yield 1", "rows"), ("def plain", "plain"), ("@other", "sends"),
        ('@app.get("/f")', "sends"), ("return stream", "view"), ("), current", "view"),
        ("    async def close", "close"),
    ],
)  # fmt: skip
def test_the_innermost_function_around_a_line_is_found(inside: str, name: str) -> None:
    found = places.function_at(FILE, line_of(inside))
    assert found is not None and found.name == name


def test_a_whole_function_begins_with_its_decorators() -> None:
    found = places.whole_function(FILE, line_of("def sends"))
    assert found is not None
    assert found.line == line_of('@app.get("/f")')
    assert found.source.startswith('@app.get("/f")\n@other\ndef sends')
    assert places.whole_function(FILE, 1) is None


@pytest.mark.parametrize(
    ("inside", "tested"),
    [("app.shelf", True), ("if __name__", True), ("class Store", False), ("login", False)],
)  # fmt: skip
def test_a_branch_for_scripts_is_recognised(inside: str, tested: bool) -> None:
    assert places.tests_main(FILE, line_of(inside)) is tested
    assert not places.tests_main("none.py", line_of(inside))


@pytest.mark.parametrize(
    ("name", "found"), [("open", True), ("close", False), ("connect", False)]
)
def test_only_a_plain_method_of_a_class_is_found(name: str, found: bool) -> None:
    place = places.plain_method(FILE, name)
    assert place == ((FILE, line_of("def open"), "def open(self):") if found else None)


def test_settings_have_their_first_place() -> None:
    found = {name: place.line for name, place in places.settings_in(FILE).items()}
    assert found == {
        "HERE": line_of("HERE ="), "DEBUG_MODE": line_of('app.config["DEBUG'),
        "SECRET": line_of("SECRET ="), "OTHER_KEY": line_of("app.config.update"),
        "BOX": line_of('app.config["BOX'), "POOL": line_of('app.config["POOL'),
    }  # fmt: skip
    assert not places.settings_in("") and not places.settings_near("", "")


def test_settings_of_imported_modules_are_near() -> None:
    found = places.settings_near(FILE, "")
    assert found["HELP_KEY"] == ("placed_helper.py", 1, "HELP_KEY = 1")
    assert found["NEAR_KEY"].file == "placed_near.py"
    assert found["SECRET"] == places.settings_in(FILE)["SECRET"]


@pytest.mark.parametrize(
    ("package", "used", "imported"),
    [
        ("flask_login", "login = LM(app)", "from flask_login import LoginManager as LM, current_user"),
        ("flask_mail", "import flask_mail.core as core", "import flask_mail.core as core"),
        ("pathlib", "HERE = P(__file__).parent", "from pathlib import Path as P"),
        ("os", "import os", "import os"),
        ("nothing", None, None),
    ],
)  # fmt: skip
def test_a_package_is_used_where_it_is_called_or_imported(
    package: str, used: str | None, imported: str | None
) -> None:
    for found, source in (
        (places.use_of(FILE, package), used),
        (places.import_of(FILE, package), imported),
    ):
        assert found == (source and (FILE, line_of(source), source))
    assert places.use_of("none.py", package) is None
    assert places.import_of("none.py", package) is None


def test_a_generator_inside_a_view_is_found() -> None:
    found = places.generator_in(FILE, line_of("return stream"))
    assert found == (FILE, line_of("def rows"), "def rows():")
    for inside in ("yield 1", "if HERE"):
        assert places.generator_in(FILE, line_of(inside)) is None


def test_what_is_set_at_startup_or_in_a_script_is_listed() -> None:
    found = [
        (name, who, place.line) for name, who, place in places.set_at_startup(FILE)
    ]
    assert found == [
        ("database", "connect", line_of("def connect")),
        ("POOL", "connect", line_of("def connect")),
        ("cache", "serve", line_of("async def serve")),
    ]
    main = [(name, place.source) for name, place in places.set_in_main(FILE)]
    assert main == [
        ("shelf", "app.shelf = 1"),
        ("BOX", 'app.config["BOX"] = 2'),
        ("prepare", "helper.prepare(3)"),
    ]
    assert not [*places.set_at_startup(""), *places.set_in_main("")]


def test_names_of_a_package_in_a_statement_are_listed_once() -> None:
    line = line_of("), current")
    assert places.names_from(FILE, line, "flask_login") == ["current_user", "LM"]
    assert places.names_from(FILE, line, "os") == []


@pytest.mark.parametrize(
    ("spec", "file"),
    [
        ("placed_shop:app", FILE), ("placed_shop.py:app", FILE), ("placed_shop", FILE),
        ("none:app", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_file_of_an_app_is_that_of_its_spec(spec: str, file: str) -> None:
    assert places.app_file((), spec) == file


def sending(sent: str, before: str = "") -> tuple[str, int]:
    """A file with a view that sends this, and the line of that."""
    name = f"sending_{abs(hash((sent, before)))}.py"
    text = f"HOME = '/srv'\n{before}\ndef view(name):\n    local = HOME\n    return send_file({sent}, 'a')\n"
    Path(name).write_text(text)
    return name, text.count("\n")


@pytest.mark.parametrize(
    ("sent", "start"),
    [
        ("'lists/a.txt'", "lists/a.txt"),
        ("b'a'", ""), ("4", ""),
        ("HOME", "/srv"), ("local", "/srv"), ("unknown", ""),
        ("HOME + name", "/srv"), ("HOME / 'a'", "/srv"), ("f'{HOME}/{name}'", "/srv"),
        ("f'up/{name}'", "up/"), ("f''", ""),
        ("app.config['FOLDER']", "uploads"), ("app.config['NONE']", ""), ("a[name]", ""),
        ("os.path.join('up', name)", "up"), ("Path('up')", "up"), ("Path()", ""),
        ("Path('up').joinpath(name)", "up"), ("Path('up').with_suffix('.x')", "up"),
        ("Path('up/x').parent", "up/x"), ("Path('up/x').parents[0]", ""),
        ("Path('up').resolve()", "/"), ("os.path.abspath(name)", "/"), ("gettempdir()", "/"),
        ("app.root_path", "/"), ("__file__", "/"), ("Path.cwd()", "/"), ("Path.home()", "/"),
        ("Path(app.instance_path).parent", "/"), ("resolve", ""),
        ("a.b.c", ""),
    ],
)  # fmt: skip
def test_the_start_of_a_sent_path_is_evaluated(sent: str, start: str) -> None:
    assert sent_path(*sending(sent), {"FOLDER": "uploads"}) == start


@pytest.mark.parametrize(
    ("sent", "before", "source"),
    [
        ("b'a'", "", "b'a'"),
        ("CONTENT", "CONTENT = b'a'", "CONTENT"),
        ("CONTENT", "MORE = b'a'\nCONTENT = MORE", "CONTENT"),
        ("name.encode()", "", "name.encode()"),
        ("bytes(name)", "", "bytes(name)"),
        ("await request.body.read()", "", "await request.body.read()"),
        ("buffer.getvalue()", "", "buffer.getvalue()"),
        ("'a'", "", ""), ("BytesIO(b'a')", "", ""), ("name.encode", "", ""),
        ("CONTENT", "CONTENT = 'a'", ""),
    ],
)  # fmt: skip
def test_bytes_that_are_sent_as_a_path_are_recognised(
    sent: str, before: str, source: str
) -> None:
    assert sends_bytes(*sending(sent, before)) == source


@pytest.mark.parametrize("call", ["save(b'a')", "send_file()", "x.send_later(b'a')"])
def test_a_statement_that_sends_nothing_has_no_path(call: str) -> None:
    Path("saving.py").write_text(f"def view():\n    return {call}\n")
    assert sent_path("saving.py", 2, {}) == sends_bytes("saving.py", 2) == ""
    assert sent_path("none.py", 2, {}) == sends_bytes("none.py", 2) == ""
