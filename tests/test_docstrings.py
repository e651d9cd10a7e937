"""The examples in the docstrings of the package show what it does.

With `--doctest-modules` pytest would import every module of the tests a second time, in
each of its processes.
"""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted((ROOT / "comparison").rglob("*.py"))
    if ">>> " in path.read_text("utf-8")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_are_right(name: str) -> None:
    results = doctest.testmod(import_module(name))
    assert results.attempted
    assert results.failed == 0
