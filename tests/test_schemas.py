"""The JSON Schemas that editors use agree with what the loaders accept."""

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from comparison import schemas
from comparison.cases import CATALOGUE
from comparison.known.patterns import PATTERNS, PATTERNS_ON_SERVERS
from comparison.known.shipped import BUNDLED, ON_SERVERS, STACKS
from tests.project import CASES, CONFIG

FOLDERS = (BUNDLED, ON_SERVERS, STACKS, PATTERNS, PATTERNS_ON_SERVERS)
KNOWN = [file for folder in FOLDERS for file in folder.iterdir()]
WRITTEN = """
[[case]]
id = "order"
parameters = [{ number = 1, status = 200 }]
fresh = "${number}"
[case.request]
path = "/orders/${number}"
headers = { Authorization = "Bearer ${env:SHOP_TOKEN}" }
[case.expect]
status = "${status}"
"""


def problems(name: schemas.Name, text: str) -> list[str]:
    shipped: dict[str, Any] = json.loads(schemas.schema_text(name))
    checker = jsonschema.Draft202012Validator(shipped)
    found = checker.iter_errors(tomllib.loads(text))
    return [f"{error.json_path}: {error.message}" for error in found]


@pytest.mark.parametrize("name", schemas.NAMES)
def test_a_schema_is_what_the_models_say(name: schemas.Name) -> None:
    shipped = schemas.schema_text(name)
    jsonschema.Draft202012Validator.check_schema(json.loads(shipped))
    assert shipped == schemas.generated_text(name)


@pytest.mark.parametrize("path", sorted(CATALOGUE.glob("*.toml")), ids=lambda p: p.stem)
def test_a_bundled_case_file_is_valid(path: Path) -> None:
    assert problems("cases", path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", sorted(KNOWN), ids=lambda p: p.stem)
def test_bundled_known_differences_are_valid(path: Path) -> None:
    assert problems("known", path.read_text("utf-8")) == []


@pytest.mark.parametrize("text", [CASES, WRITTEN])
def test_a_case_file_of_somebody_is_valid(text: str) -> None:
    assert problems("cases", text) == []


def test_a_configuration_is_valid() -> None:
    assert problems("configuration", CONFIG) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cases", '[[case]]\nid = "a"\n[case.request]\nmetod = "GET"'),
        ("cases", '[[case]]\nid = "a"\n[case.request]\n[case.expect]\nstatus = "ok"'),
        ("cases", '[[case]]\ntitle = "without id"'),
        ("cases", "schema_version = 2"),
        ("cases", "[[cases]]"),
        ("known", '[[known]]\nid = "a"'),
        ("configuration", "[tool.comparison]\ntimeout = false"),
        ("configuration", "[tool.comparison]\ncase = []"),
    ],
)
def test_what_a_loader_refuses_is_not_valid(name: schemas.Name, text: str) -> None:
    assert problems(name, text)
