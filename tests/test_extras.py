"""The plain installation: what works without any extra."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# The import name of each library that only an extra installs, servers excepted.
EXTRAS = ("cssselect", "hypothesis", "ijson", "jsonschema", "libcst", "locust", "lxml",
          "pytest", "referencing", "yaml")  # fmt: skip
WITHOUT = f"""
import sys
for name in {EXTRAS}:
    sys.modules[name] = None
"""
IMPORTS = """
import importlib, pkgutil
import comparison

for module in pkgutil.walk_packages(comparison.__path__, "comparison.", lambda name: None):
    if module.name == "comparison.__main__":
        continue
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError as error:
        print(module.name, error.name)
"""
PAGES = """
import asyncio
from comparison.playground.app import create_app
from comparison.playground.presets import PRESETS
from tests.playground.making import of_topics

async def main():
    state = of_topics("custom")
    client = create_app(state).test_client()
    for path in ("/", "/cases", "/cases/custom", "/try", "/port", "/differences",
                 "/status-map", "/status-map/204", "/concurrency"):
        response = await client.get(path)
        if response.status_code != 200:
            print(path, response.status_code)
    composed = await client.get(f"/try?{PRESETS['299 with a reason'].query}&send")
    if 'id="result"' not in await composed.get_data(as_text=True):
        print("/try does not send its request")
    state.close()

asyncio.run(main())
"""


def output_without_extras(code: str) -> str:
    """Return the output of a program in an interpreter that has none of the extras."""
    command = [sys.executable, "-c", WITHOUT + code]
    done = subprocess.run(
        command, check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_only_the_modules_of_an_extra_need_it() -> None:
    needing = {
        tuple(line.split()) for line in output_without_extras(IMPORTS).splitlines()
    }
    assert {name for name, _ in needing} == {
        "comparison.porting",
        "comparison.pytest_plugin",
        *(f"comparison.studies.fuzz.{name}" for name in
          ("command", "coverage", "generate", "requests", "search", "tape")),
    }  # fmt: skip


@pytest.mark.slow
def test_the_pages_need_no_extra() -> None:
    assert output_without_extras(PAGES) == ""
