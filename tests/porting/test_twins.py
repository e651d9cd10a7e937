"""Porting `flask_app` gives `quart_app`, except where that is deliberately otherwise."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from comparison.porting.files import (
    Application,
    PortedFiles,
    find_application,
    port_files,
    write_files,
)

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
ROOT = Path(__file__).parents[2]
OTHERWISE = Path(__file__).parent / "deliberately_otherwise.toml"
MODULES = sorted(
    path.relative_to(ROOT / "flask_app").as_posix()
    for path in (ROOT / "flask_app").rglob("*.py")
)


@cache
def ported_twin() -> tuple[Application, PortedFiles]:
    application = find_application(str(ROOT / "flask_app"))
    ported = PortedFiles()
    for _ in port_files(application, ported, jobs=1):
        pass
    return application, ported


@cache
def deliberate() -> dict[str, dict[str, str]]:
    """For each module the functions that differ, each with the reason."""
    found: dict[str, dict[str, str]] = {}
    for entry in tomllib.loads(OTHERWISE.read_text("utf-8"))["otherwise"]:
        functions = found.setdefault(entry["module"], {})
        functions.update(dict.fromkeys(entry["functions"], entry["why"]))
    return found


def source_of_port(module: str) -> str:
    application, ported = ported_twin()
    path = Path("flask_app", module)
    content = ported.changed.get(path) or (application.root / path).read_bytes()
    return content.decode()


def functions_of(source: str) -> dict[str, str]:
    """The text of each function without its docstring and its inner functions.

    The rest of the module has the name "".
    """
    found: dict[str, str] = {}

    def take(node: Any, name: str) -> None:
        _drop_docstring(node)
        for child in list(ast.iter_child_nodes(node)):
            inner = name
            if isinstance(child, DEFINITIONS):
                inner = f"{name}.{child.name}".strip(".")
            take(child, inner)
            if isinstance(child, DEFINITIONS[:2]):
                while inner in found:  # Two functions of a topic have the same name.
                    inner += "'"
                found[inner] = ast.dump(child)
        for _, value in ast.iter_fields(node):
            if isinstance(value, list):
                value[:] = [
                    ast.Name(each.name) if isinstance(each, DEFINITIONS[:2]) else each
                    for each in value
                ]

    tree = ast.parse(source)
    take(tree, "")
    found[""] = ast.dump(tree)
    return found


def _drop_docstring(node: Any) -> None:
    body = getattr(node, "body", None)
    if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
        value = body[0].value
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            del body[0]


@pytest.mark.parametrize("module", MODULES)
def test_porting_a_topic_gives_its_twin(module: str) -> None:
    ported = functions_of(source_of_port(module))
    twin = functions_of((ROOT / "quart_app" / module).read_text("utf-8"))
    names = sorted(ported.keys() | twin.keys())
    different = {name for name in names if ported.get(name) != twin.get(name)}
    assert different == set(deliberate().get(module, {}))


def test_every_reason_refers_to_an_existing_module() -> None:
    assert deliberate().keys() <= set(MODULES)


def test_porting_the_port_of_the_twin_changes_nothing(tmp_path: Path) -> None:
    application, ported = ported_twin()
    write_files(application, ported, tmp_path)
    again = PortedFiles()
    for _ in port_files(find_application(str(tmp_path / "flask_app")), again, jobs=1):
        pass
    assert (again.changed, again.rewritten) == ({}, 0)
    assert again.undecided == ported.undecided


def test_undecided_places_are_what_quart_lacks_or_blocks_or_does_otherwise() -> None:
    _, ported = ported_twin()
    reasons = [each.reason for each in ported.undecided]
    lacking = [reason for reason in reasons if reason.startswith("Quart has no ")]
    assert lacking
    # The last three are known differences of the topics uploads, streaming and static.
    assert {re.split("[,:]", each)[0] for each in set(reasons) - set(lacking)} == {
        "time.sleep blocks the event loop",
        "FileStorage.save takes no open file in Quart",
        "g.get is read while a response is streamed",
        "the path given to send_from_directory may be relative",
    }
