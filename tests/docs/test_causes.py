"""The pages of causes: each sample fails as the page says, and the example is valid."""

import importlib.util
import re
import tomllib
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import msgspec
import pytest

from comparison.causes import Explanation, load_explanations

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def causes() -> ModuleType:
    spec = importlib.util.spec_from_file_location("causes", DOCS / "causes.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_app_that_does_not_start_gets_the_remedy_of_its_page(
    causes: ModuleType,
) -> None:
    explanations = load_explanations()
    for id_, source in causes.SAMPLES.items():
        remedy = re.sub(r"\\\{\w+\\\}", ".+", re.escape(explanations[id_].remedy))
        assert re.search(remedy, causes.error_of(dedent(source))), id_


def test_an_app_that_starts_has_no_error(causes: ModuleType) -> None:
    assert causes.error_of("from quart import Quart\napp = Quart(__name__)\n") == ""


def test_each_field_of_an_explanation_is_described(causes: ModuleType) -> None:
    assert tuple(causes.MEANINGS) == Explanation.__struct_fields__


def test_the_example_of_an_explanation_is_valid(causes: ModuleType) -> None:
    (table,) = tomllib.loads(dedent(causes.EXAMPLE))["explanation"]
    assert msgspec.convert(table, Explanation).when["other.status"] == "^2"


def test_each_shipped_cause_is_on_a_page() -> None:
    reference = DOCS / "reference"
    files = [reference / name for name in ("causes.md", "startup.md")]
    pages = "\n".join(file.read_text("utf-8") for file in files)
    assert [
        id_
        for id_ in load_explanations()
        if f"### {id_}\n" not in pages and f"`{id_}`, at line" not in pages
        if f"## {id_}\n" not in pages
    ] == []
