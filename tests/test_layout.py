"""CONTRIBUTING shows the packages and their floors as the import contract has them."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def layers() -> list[str]:
    """The floors of the import-linter contract, the highest first."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = document["tool"]["importlinter"]["contracts"]
    (found,) = (c["layers"] for c in contracts if c["type"] == "layers")
    return list(found)


def test_the_documented_layers_match_the_import_contract() -> None:
    section = CONTRIBUTING.partition("## The layout")[2]
    shown = section.partition("```text\n")[2].partition("```")[0]
    assert shown.splitlines() == layers()
    assert len(layers()) <= 7


def test_every_package_has_a_documented_subject() -> None:
    table = CONTRIBUTING.partition("| package | subject |")[2].partition("\n\n")[0]
    described = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    packages = {name for layer in layers() for name in re.findall(r"\w+", layer)}
    assert sorted(described) == sorted(packages)


def test_documented_paths_exist_and_modules_are_in_packages() -> None:
    package = ROOT / "comparison"
    loose = {path.name for path in package.glob("*") if path.is_file()}
    assert loose == {"__init__.py", "__main__.py", "py.typed"}
    table = CONTRIBUTING.partition("| to change or add | go to |")[2]
    table = table.partition("\n\n")[0]
    named = re.findall(r"`([\w/]+/[\w.]+)`", table.replace("/TOPIC.toml", ""))
    named += [f"known/data/{name}" for name in ("frameworks", "on_servers", "stacks")]
    roots = (package, ROOT)
    assert [n for n in named if not any((r / n).exists() for r in roots)] == []


def test_no_module_is_longer_than_300_lines() -> None:
    modules = (ROOT / "comparison").rglob("*.py")
    lines = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in modules
    }
    assert {name: number for name, number in lines.items() if number > 300} == {}


def test_the_command_line_imports_frameworks_and_clients_lazily() -> None:
    heavy = ("flask", "httpx", "quart", "rich", "werkzeug", "comparison.targets")
    source = f"import sys, comparison.cli; print(*sys.modules.keys() & set({heavy!r}))"
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
