"""The versions that are tested, those of the known differences, and where they stand."""

import importlib.util
import re
import tomllib
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from comparison.known.versions import COUNTED, RECORDED, shipped_versions
from comparison.targets.servers.stacks import STACKS

ROOT = Path(__file__).parents[1]
CONSTRAINTS = (ROOT / "constraints.txt").read_text("utf-8")
PINNED = [
    Requirement(line) for line in CONSTRAINTS.splitlines() if not line.startswith("#")
]


def script(name: str) -> ModuleType:
    loader = SourceFileLoader(name, str(ROOT / "scripts" / name))
    spec = importlib.util.spec_from_loader(name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def declared() -> Iterator[Requirement]:
    project: dict[str, Any] = tomllib.loads(
        (ROOT / "pyproject.toml").read_text("utf-8")
    )
    project = project["project"]
    extras = project["optional-dependencies"].values()
    for text in chain(project["dependencies"], *extras):
        requirement = Requirement(text)
        if requirement.name != project["name"]:
            yield requirement


@pytest.mark.parametrize("python", ["3.11.0", "3.12.0", "3.13.0", "3.14.0"])
def test_every_dependency_is_pinned_once_for_each_python(
    python: str,
) -> None:
    where = {"python_version": python[:4], "python_full_version": python}
    here = [pin for pin in PINNED if not pin.marker or pin.marker.evaluate(where)]
    for requirement in declared():
        name = canonicalize_name(requirement.name)
        (pin,) = (pin for pin in here if canonicalize_name(pin.name) == name)
        ((operator, version),) = ((s.operator, s.version) for s in pin.specifier)
        assert operator == "=="
        assert requirement.specifier.contains(version)


def test_constraints_contain_only_versions() -> None:
    # An address or a path would be another one elsewhere; pip takes no extras here.
    assert [str(pin) for pin in PINNED if pin.url or pin.extras] == []
    assert "/" not in CONSTRAINTS.replace("scripts/", "")


def test_known_differences_were_recorded_with_the_versions_that_are_tested() -> None:
    assert script("constraints").recorded_with(CONSTRAINTS) in RECORDED.read_text(
        "utf-8"
    )
    assert set(shipped_versions()) == set(COUNTED)


def test_the_newest_of_everything_is_tested_on_every_stack() -> None:
    sent = {
        stack
        for flask, quart in script("newest").PAIRS
        if flask
        for stack in (f"flask+{flask}", f"quart+{quart}")
    }
    assert sent == set(STACKS)


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", ".ci/run"])
def test_documented_installations_use_the_tested_versions(document: str) -> None:
    text = (ROOT / document).read_text("utf-8").replace("\\\n", " ")
    installed = re.findall(r"(?m)^.*-m pip install .*-e '?\.[^#\n]*$", text)
    of_a_clone = [line for line in installed if "- run:" not in line]
    assert of_a_clone
    assert [line for line in of_a_clone if "-c constraints.txt" not in line] == []
