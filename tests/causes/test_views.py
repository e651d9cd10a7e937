"""Each explanation matches an independent pair, and is silent on a similar one."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from comparison import Case, Request
from comparison.causes import load_explanations
from tests.apps import FRAMEWORKS, comparison_of, new_app

from .views import HEAD, PAIRS, Pair, skip_other_versions

MAIN = """
import importlib
from {framework} import {name}
app = {name}(__name__)
app.secret_key = "dev"
for module in {modules}:
    app.register_blueprint(importlib.import_module("{framework}_views." + module).bp)
"""


def _source(pair: Pair, framework: str) -> str:
    text = HEAD.replace("FRAMEWORK", framework) + dedent(getattr(pair, framework))
    return text.replace("PATH", pair.id)


def _inline(value: object) -> str:
    """Return a value as TOML on one line."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{k} = {_inline(v)}' for k, v in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_inline, value))}]"
    return json.dumps(value)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """The comparisons of all pairs by id, from one run of the command."""
    root = tmp_path_factory.mktemp("views")
    modules = [pair.id for pair in PAIRS]
    for framework in ("flask", "quart"):
        folder = root / f"{framework}_views"
        folder.mkdir()
        (folder / "__init__.py").write_text("")
        (folder / "lists").mkdir()
        (folder / "lists" / "a.txt").write_text("a")
        for pair in PAIRS:
            (folder / f"{pair.id}.py").write_text(_source(pair, framework))
        main = MAIN.format(framework=framework, name=framework.title(), modules=modules)
        (folder / "main.py").write_text(main)
    cases = "schema_version = 1\n"
    for pair in PAIRS:
        request = _inline({"path": f"/{pair.id}"} | pair.request)
        name = pair.id.replace("_", "-")
        cases += f'[[case]]\nid = "{name}"\nrequest = {request}\n'
    (root / "cases.toml").write_text(cases)
    done = subprocess.run(
        [
            sys.executable, "-m", "comparison", "run", "-q", "--format", "json",
            "--target", "flask=flask_views.main:app",
            "--target", "quart=quart_views.main:app", "--cases", "cases.toml",
        ],
        cwd=root, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    return {each["case"]: each for each in report["comparisons"]}


@pytest.mark.parametrize("pair", PAIRS, ids=[pair.id for pair in PAIRS])
def test_a_pair_of_apps_gives_its_expected_causes(
    pair: Pair, found: Mapping[str, Any]
) -> None:
    skip_other_versions(pair)
    comparison = found[pair.id.replace("_", "-")]
    assert comparison["verdict"] in ("different", "failed")
    findings = comparison["findings"]
    if not pair.cause:
        causes = {each.get("cause", "") for each in findings}
        assert not causes & load_explanations().keys()
        return
    first = findings[0]
    assert first["cause"] == pair.cause
    lines = _source(pair, "quart").splitlines()
    (line,) = (n for n, text in enumerate(lines, 1) if text.endswith("# here"))
    assert Path(first["file"]).name == f"{pair.id}.py"
    assert first["line"] == line
    assert pair.remedy in first["remedy"]


def test_octets_in_a_query_are_explained() -> None:
    apps = [new_app(framework) for framework in FRAMEWORKS]
    for app in apps:
        app.add_url_rule("/", "home", lambda: "home")
    found = comparison_of(*apps, Case("octets", Request(raw_path=r"/?q=\xff")))
    assert {f.cause for f in found.findings} == {"octets-in-query-not-utf-8"}


def test_every_pattern_of_an_explanation_is_a_regular_expression() -> None:
    for explanation in load_explanations().values():
        patterns = {
            **explanation.when,
            **explanation.unless,
            "fields": explanation.fields,
        }
        for name, pattern in patterns.items():
            try:
                re.compile(pattern)
            except re.error as error:
                pytest.fail(f"{explanation.id}: {name}: {error}")
