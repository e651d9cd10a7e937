"""The twins differ in async, await and imported names, in nothing else."""

import ast
import io
import re
import tokenize
from pathlib import Path
from types import ModuleType

import pytest

import flask_app
import quart_app

from .client import whole

ONE = Path(flask_app.__file__).parent
OTHER = Path(quart_app.__file__).parent

# Each app has a server of another kind, so only this module may differ.
EXEMPT = {"__main__.py"}


def files(folder: Path) -> list[str]:
    """The modules, templates and static files of a twin, by their paths."""
    found = (p for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc")
    return sorted(path.relative_to(folder).as_posix() for path in found)


MODULES = [name for name in files(ONE) if name.endswith(".py") and name not in EXEMPT]

NAMES = {"flask": "quart", "Flask": "Quart"}


class Erase(ast.NodeTransformer):
    """Turn async constructs into their plain forms."""

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        self.generic_visit(node)
        return ast.FunctionDef(**vars(node))

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AST:
        self.generic_visit(node)
        return ast.For(**vars(node))

    def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.AST:
        self.generic_visit(node)
        return ast.With(**vars(node))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        # A pause blocks in one app and is awaited in the other.
        pause = [alias.name for alias in node.names] == ["sleep"]
        return None if pause else node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        self.generic_visit(node)
        node.is_async = 0
        return node

    def visit_Await(self, node: ast.Await) -> ast.AST:
        awaited: ast.AST = self.visit(node.value)
        return awaited


class Rename(ast.NodeTransformer):
    """Give the names of one framework to what is imported from the other."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        if node.module and not node.level:
            first, dot, rest = node.module.partition(".")
            node.module = NAMES.get(first, first) + dot + rest
        return self.generic_visit(node)

    def visit_alias(self, node: ast.alias) -> ast.AST:
        node.name = NAMES.get(node.name, node.name)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.name = NAMES.get(node.name, node.name)
        return self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        node.attr = NAMES.get(node.attr, node.attr)
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = NAMES.get(node.id, node.id)
        return node


def essence(source: str, rename: bool = False) -> list[str]:
    """Return the parts that are equal in both twins: syntax tree and comments, as lines."""
    tree = Erase().visit(ast.parse(source))
    if rename:
        tree = Rename().visit(tree)
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
    return ast.dump(tree, indent=1).splitlines() + comments


def agree(flask_source: str, quart_source: str) -> bool:
    """Whether two modules are twins."""
    return essence(flask_source, rename=True) == essence(quart_source)


def pausing_with(source: str) -> str:
    """The module from which a source imports `sleep`; "" if it does not."""
    return "".join(re.findall(r"^from (\w+) import sleep$", source, re.MULTILINE))


def suspending(source: str) -> set[str]:
    """The names of a module's async functions."""
    found = ast.walk(ast.parse(source))
    return {node.name for node in found if isinstance(node, ast.AsyncFunctionDef)}


def rules(package: ModuleType) -> list[tuple[object, ...]]:
    """A twin's url map, in order, in all that routing takes into account."""
    return [
        (
            rule.rule,
            rule.endpoint,
            sorted(rule.methods or ()),
            rule.defaults,
            rule.subdomain,
            rule.host,
            rule.strict_slashes,
            rule.merge_slashes,
            rule.websocket,
        )
        for rule in whole(package).url_map.iter_rules()
    ]


def test_both_twins_have_the_same_files() -> None:
    assert files(ONE) == files(OTHER)


@pytest.mark.parametrize("name", [f for f in files(ONE) if "templates/" in f])
def test_both_twins_have_the_same_templates(name: str) -> None:
    assert (ONE / name).read_bytes() == (OTHER / name).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", MODULES)
def test_a_module_differs_only_in_async_await_and_names(name: str) -> None:
    flask_source, quart_source = (ONE / name).read_text(), (OTHER / name).read_text()
    assert essence(flask_source, rename=True) == essence(quart_source)
    pauses = tuple(map(pausing_with, (flask_source, quart_source)))
    assert pauses in {("", ""), ("time", "time"), ("time", "asyncio")}


@pytest.mark.parametrize("name", MODULES)
def test_functions_async_in_flask_are_async_in_quart(name: str) -> None:
    flask_source, quart_source = (ONE / name).read_text(), (OTHER / name).read_text()
    assert suspending(flask_source) <= suspending(quart_source)


def test_the_url_maps_are_equal() -> None:
    assert rules(flask_app) == rules(quart_app)


# Each line of a file costs a parse of all of it: the short files are enough.
@pytest.mark.slow
@pytest.mark.parametrize("name", ["custom.py", "tuples.py", "queries.py", "paths.py"])
def test_a_missing_line_is_noticed_anywhere(name: str) -> None:
    flask_source = (ONE / name).read_text()
    lines = (OTHER / name).read_text().splitlines(keepends=True)
    unnoticed = []
    for number, line in enumerate(lines):
        try:
            same = agree(flask_source, "".join(lines[:number] + lines[number + 1 :]))
        except (SyntaxError, tokenize.TokenError):
            same = False
        if same and line.strip():
            unnoticed.append(line)
    assert unnoticed == []


CHANGES = {
    "a status": ("custom.py", "202", "200"),
    "a name in a body": ("custom.py", "message=", "text="),
    "a value in a body": ("custom.py", "'Hello'", "'hello'"),
    "a path": ("custom.py", "'/custom'", "'/custom/'"),
    "a comment": ("custom.py", "# The lesson's", "# This lesson's"),
    "a docstring": ("tuples.py", "No tuple at all", "No tuple"),
    "a header's name": ("tuples.py", '{"X-Lesson": "tuples"}', '{"X-Topic": "tuples"}'),
    "the order of headers": (
        "tuples.py",
        '("X-Lesson", "tuples"), ("X-Step", "3")',
        '("X-Step", "3"), ("X-Lesson", "tuples")',
    ),
    "a function's name": ("tuples.py", "def body_status(", "def status_body("),
    "a method": ("methods.py", "blueprint.put(", "blueprint.post("),
    "a default": ("methods.py", "strict_slashes=False", "strict_slashes=True"),
    "a condition": ("jobs.py", ">= QUOTA", "> QUOTA"),
    "an imported name": ("jobs.py", "import HTTPException", "import NotFound"),
    "an import from the other framework": (
        "custom.py",
        "from quart import",
        "from flask import",
    ),
    "an annotation": ("statuses.py", "code: int", "code: str"),
    "a topic of the index": (
        "topics.py",
        '"custom", "/custom", "A view returns a body and a status code."',
        '"custom", "/custom", "A view returns a body."',
    ),
    "a line added": ("bodies.py", 'return ""', 'print()\n    return ""'),
}


@pytest.mark.parametrize(("name", "old", "new"), CHANGES.values(), ids=CHANGES)
def test_a_changed_line_is_noticed(name: str, old: str, new: str) -> None:
    flask_source, quart_source = (ONE / name).read_text(), (OTHER / name).read_text()
    assert old in quart_source
    assert not agree(flask_source, quart_source.replace(old, new, 1))


@pytest.mark.parametrize(
    ("flask_source", "quart_source"),
    [
        ("def view(): pass", "async def view(): pass"),
        ("text = read()", "text = await read()"),
        ("for part in parts(): pass", "async def f():\n async for p in q(): pass"),
        ("from flask import Flask", "from quart import Quart"),
        ("from flask.typing import X", "from quart.typing import X"),
        ("import flask", "import quart"),
        ("class Flask(flask.Flask): pass", "class Quart(quart.Quart): pass"),
        ("app = Flask(__name__)", "app = Quart(__name__)"),
    ],
)
def test_only_the_allowed_differences_are_erased(
    flask_source: str, quart_source: str
) -> None:
    plain = "async for" not in quart_source
    assert agree(flask_source, quart_source) is plain
