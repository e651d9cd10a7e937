"""The pages are complete: each field, rule and name is there, and each link leads on."""

import json
import re
from pathlib import Path
from typing import get_args
from urllib.parse import unquote

import pytest
from msgspec import Struct

import comparison
from comparison.diff.normalise import RULES
from comparison.models.comparison import Comparison, Difference
from comparison.models.expect import FailureKind
from comparison.models.run import RunHeader
from comparison.runner.config import find_project
from comparison.schemas import NAMES, file_name

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SCHEMAS = ROOT / "comparison" / "schemas"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
FIELDS = re.compile(r"<!-- fields of: (\w+) -->\n((?:\|.*\n)+)")
LINK = re.compile(r"\]\(([^)\s]+)\)")
WRITTEN = ("cases", "known", "configuration")


def first_column(table: str) -> list[str]:
    """Return the names in the first column of a table, below its head."""
    rows = table.splitlines()[2:]
    return [
        name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])
    ]


def documented() -> dict[str, list[str]]:
    """Return the fields that the reference has for each table that people write."""
    text = "".join(
        page.read_text("utf-8") for page in (DOCS / "reference").glob("*.md")
    )
    return {name: first_column(table) for name, table in FIELDS.findall(text)}


def written() -> dict[str, list[str]]:
    """Return the fields of each table that people write, as the JSON Schemas have them."""
    tables = {}
    for name in WRITTEN:
        assert name in NAMES
        schema = json.loads((SCHEMAS / file_name(name)).read_text("utf-8"))
        for table, found in schema["$defs"].items():
            tables[table] = list(found["properties"])
    # The tables of pyproject.toml above ours.
    return {n: f for n, f in tables.items() if n not in ("ProjectDocument", "Tool")}


def test_each_input_field_is_documented() -> None:
    assert {n: sorted(f) for n, f in documented().items()} == {
        n: sorted(f) for n, f in written().items()
    }


def test_each_sample_of_pyproject_is_valid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (DOCS / "reference" / "configuration.md").read_text("utf-8")
    samples = re.findall(r"(?ms)^```toml\n(\[tool\..*?)^```$", text)
    assert len(samples) >= 4
    for sample in samples:
        (tmp_path / "pyproject.toml").write_text(sample, "utf-8")
        assert find_project(drafting=True).path is not None


def test_each_rule_that_always_applies_is_explained() -> None:
    page = (DOCS / "background" / "identical.md").read_text("utf-8")
    explained = re.findall(r"(?m)^\| `([\w-]+)` \|", page)
    assert sorted(explained) == sorted(RULES)


def test_each_kind_of_failure_is_explained() -> None:
    page = (DOCS / "reference" / "case-files.md").read_text("utf-8")
    table = page.split("The kinds of failure are:\n\n")[1].split("\n\n")[0]
    assert first_column(table) == list(get_args(FailureKind))


def test_each_name_of_the_python_api_is_documented() -> None:
    page = (DOCS / "reference" / "python.md").read_text("utf-8")
    assert [name for name in comparison.__all__ if f"`{name}`" not in page] == []


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page: of its headings, and those written out."""
    text = path.read_text("utf-8")
    headings = re.findall(r"(?m)^#+ (.*)$", text)
    slugs = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}
    return slugs | set(re.findall(r'id="([^"]+)"', text))


@pytest.mark.parametrize(
    "page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_each_internal_documentation_link_resolves(page: Path) -> None:
    lost = []
    for link in LINK.findall(page.read_text("utf-8")):
        target, _, anchor = unquote(link).partition("#")
        if "://" in target:
            continue
        path = (page.parent / target).resolve() if target else page
        if not path.exists() or (anchor and anchor not in anchors(path)):
            lost.append(link)
    assert lost == []


def test_the_index_leads_to_every_page() -> None:
    index = (DOCS / "index.md").read_text("utf-8")
    pages = [path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")]
    top = [p for p in pages if not p.startswith("reference/differences/")]
    assert [p for p in top if p != "index.md" and f"]({p})" not in index] == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").split()) <= 700


@pytest.mark.parametrize("struct", [RunHeader, Comparison, Difference])
def test_each_field_of_the_json_of_a_run_is_documented(struct: type[Struct]) -> None:
    page = (DOCS / "reference" / "json.md").read_text("utf-8")
    assert [f for f in struct.__struct_fields__ if f"`{f}`" not in page] == []
