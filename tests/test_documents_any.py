"""Whatever a document says, loading it ends in values or in named problems."""

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comparison import toml
from comparison.cases.loader import load_file
from comparison.config import read_project
from comparison.errors import DocumentError

WORDS = [
    "id", "title", "request", "expect", "before", "normalisations", "parameters", "tags",
    "path", "method", "headers", "json", "form", "text", "base64", "chunks", "status",
    "presence", "ignore", "unordered", "patterns", "targets", "cases", "known", "timeout",
    "ignore-rules", "settings", "fresh", "secrets", "topic", "teaches",
]  # fmt: skip
NAMES = st.sampled_from(WORDS) | st.text(max_size=4)
VALUES = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=6)
    | st.sampled_from(["/", "${n}", "${env:HOME}", "$${", "${", "uuid", "GET"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5)
    ),
    max_leaves=12,
)
TABLES = st.dictionaries(NAMES, VALUES, max_size=6)
ANY = settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def written(path: Path, tables: dict[str, Any]) -> Path:
    lines = [
        f"{toml.key(name)} = {toml.value(table)}" for name, table in tables.items()
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@ANY
@given(st.lists(TABLES, max_size=3), VALUES | TABLES)
def test_any_case_file_is_read_or_named(
    tmp_path: Path, cases: list[dict[str, Any]], topic: Any
) -> None:
    path = written(tmp_path / "cases.toml", {"case": cases, "topic": topic})
    try:
        load_file(path)
    except DocumentError as error:
        assert all(str(path) in problem for problem in error.problems)


@ANY
@given(VALUES | TABLES)
def test_any_configuration_is_read_or_named(tmp_path: Path, table: Any) -> None:
    path = written(tmp_path / "pyproject.toml", {"tool": {"comparison": table}})
    try:
        read_project(path)
    except DocumentError as error:
        assert all("pyproject.toml:" in problem for problem in error.problems)
