"""Compare the code of two apps, statement by statement."""

from pathlib import Path

import pytest

from comparison.causes.code import (
    changes,
    changes_outside,
    definition_of,
    module,
    websocket_rule,
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)


def pair(one: str, other: str) -> tuple[str, str]:
    """Two files whose names are new for each pair."""
    number = sum(1 for _ in Path().glob("*.py"))
    names = f"changed_one_{number}.py", f"changed_other_{number}.py"
    for name, text in zip(names, (one, other), strict=True):
        Path(name).write_text(text)
    return names


@pytest.mark.parametrize(
    ("one", "other", "lost", "added", "line"),
    [
        # Nothing but the port.
        ("def view():\n    x = request.form['a']\n    return x",
         "async def view():\n    x = (await request.form)['a']\n    return x", [], [], 0),
        ("def view():\n    'Text.'\n    return 1", "def view():\n    return 1", [], [], 0),
        # A changed statement, one more, one less.
        ("def view():\n    return 1", "def view():\n    return 2", ["return 1"], ["return 2"], 2),
        ("def view():\n    return 1", "def view():\n    a = 1\n    return 1", [], ["a = 1"], 2),
        ("def view():\n    a = 1\n    return 1", "def view():\n\n    return 1", ["a = 1"], [], 3),
        ("def view():\n    a = 1\n    b = 2", "def view():\n    a = 1\n", ["b = 2"], [], 2),
        # The first line that differs in a long statement.
        ("def view():\n    return f(\n        1,\n        2,\n    )",
         "def view():\n    return f(\n        1,\n        3,\n    )", ["return f( 1, 2, )"], ["return f( 1, 3, )"], 4),
        ("def view():\n    a = 1\n    return f(1, 2)",
         "def view():\n    a = 1\n    return f(1,\n        2,\n        3)", ["return f(1, 2)"], ["return f(1, 2, 3)"], 3),
        # Headers and what is inside.
        ("def view(a=1):\n    return 1", "def view(a=2):\n    return 1", ["def view(a=1):"], ["def view(a=2):"], 1),
        ("@app.get('/a')\ndef view():\n    return 1", "@app.get('/b')\ndef view():\n    return 1", ["app.get('/a')"], ["app.get('/b')"], 1),
        ("def view():\n    if a:\n        return 1", "def view():\n    if b:\n        return 1", ["if a:"], ["if b:"], 2),
        ("def view():\n    try:\n        f()\n    except KeyError:\n        pass",
         "def view():\n    try:\n        f()\n    except ValueError:\n        pass", ["except KeyError:"], ["except ValueError:"], 4),
        ("def view():\n    match a:\n        case 1:\n            f()", "def view():\n    match a:\n        case 2:\n            f()", ["case 1:"], ["case 2:"], 3),
        ("def view():\n    for a in b:\n        f()\n    else:\n        g()", "def view():\n    for a in b:\n        f()", ["g()"], [], 3),
        # Functions inside are compared by themselves.
        ("def view():\n    def inner():\n        return 1\n    return inner()", "def view():\n    def inner():\n        return 2\n    return inner()", ["return 1"], ["return 2"], 3),
        ("def view():\n    return helper()\ndef helper():\n    return 1", "def view():\n    return helper()\ndef helper():\n    return 2", ["return 1"], ["return 2"], 4),
        ("def view():\n    return 1\ndef other():\n    return 1", "def view():\n    return 1\ndef other():\n    return 2", [], [], 0),
    ],
)  # fmt: skip
def test_functions_that_ran_are_compared_by_statements(
    one: str, other: str, lost: list[str], added: list[str], line: int
) -> None:
    names = pair(one, other)
    found = changes((names[0], ["view", "none"]), (names[1], ["view"]))
    assert len(found) == bool(lost or added)
    for change in found:
        assert [each.source.strip("@") for each in change.reference] == lost
        assert [each.source.strip("@") for each in change.candidate] == added
        assert (change.file, change.line) == (names[1], line)


def test_the_configuration_is_compared_outside_of_views() -> None:
    one = "app = Flask(__name__)\napp.config['A'] = 1\nend()\ndef create_app():\n    return make(1)\ndef view():\n    return 1\n"
    other = "app = Quart(__name__)\nend()\ndef create_app():\n    return make(2)\ndef view():\n    return 2\n"
    names = pair(one, other)
    lost, factory = changes_outside(*names)
    assert [each.source for each in lost.reference] == ["app.config['A'] = 1"]
    assert (lost.candidate, lost.line) == ((), 2)
    assert [each.source for each in factory.candidate] == ["return make(2)"]
    shorter = pair("a = 1\nb = 2\n", "a = 1\n\n\n")
    (change,) = changes_outside(*shorter)
    assert change.line == 3
    assert (
        changes_outside("none.py", names[1])
        == changes_outside(names[0], "none.py")
        == ()
    )
    assert changes(("none.py", []), (names[1], [])) == ()


def test_a_module_has_its_functions_and_imports() -> None:
    text = (
        "import os.path, flask as f\nfrom quart import request as r, g\nfrom . import near\n"
        "def one():\n    two()\n    app.three\ndef two(): one()\ndef three(): pass\n"
        "class A:\n    def one(self): pass\n"
    )
    name, broken = pair(text, "def broken(:\n")
    found = module(name)
    assert found is not None and module(broken) is None and module("none.py") is None
    assert found.imports == {"os": {"os"}, "flask": {"f"}, "quart": {"r", "g"}}
    assert found.functions["one"].lineno == 4
    assert sorted(found.reachable(["one", "none"])) == ["one", "three", "two"]
    assert found.reachable(["three"]) == ["three"]


def test_the_definition_of_a_function_begins_with_its_decorators() -> None:
    name, _ = pair("\n@app.get('/a')\n@other\ndef view(): pass\n", "")
    found = definition_of(name, "view")
    assert found is not None
    assert (found.line, found.end, found.source) == (2, 4, "@app.get('/a')")
    assert (
        definition_of(name, "none") is None and definition_of("none.py", "view") is None
    )


def test_a_websocket_rule_has_exactly_the_path() -> None:
    name, _ = pair("a\n  @app.websocket('/feed')\n@app.websocket( \"/b\" )\n", "")
    Path(name).write_text("a = 1\n@app.websocket('/feed')\nasync def feed(): pass\n")
    found = websocket_rule(name, "/feed")
    assert found is not None
    assert (found.line, found.end, found.source) == (2, 2, "@app.websocket('/feed')")
    assert websocket_rule(name, "/fee") is None
    assert websocket_rule("none.py", "/feed") is None
