"""Whatever a document says, loading it ends in values or in named problems.

Together these are ten thousand documents.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comparison import toml
from comparison.cases.draft import case_file
from comparison.cases.loader import load_file
from comparison.cases.traffic import Traffic
from comparison.config import read_project
from comparison.errors import DocumentError
from comparison.parity.known import load_known

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


def examples(number: int) -> settings:
    slow = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(
        max_examples=number, deadline=None, database=None, suppress_health_check=slow
    )


def written(path: Path, tables: dict[str, Any]) -> Path:
    lines = [
        f"{toml.key(name)} = {toml.value(table)}" for name, table in tables.items()
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@examples(750)
@given(st.lists(TABLES, max_size=3), VALUES | TABLES)
def test_any_case_file_is_read_or_named(
    tmp_path: Path, cases: list[dict[str, Any]], topic: Any
) -> None:
    path = written(tmp_path / "cases.toml", {"case": cases, "topic": topic})
    try:
        list(load_file(path))
    except DocumentError as error:
        assert all(str(path) in problem for problem in error.problems)


@examples(1000)
@given(VALUES | TABLES)
def test_any_configuration_is_read_or_named(tmp_path: Path, table: Any) -> None:
    path = written(tmp_path / "pyproject.toml", {"tool": {"comparison": table}})
    try:
        read_project(path)
    except DocumentError as error:
        assert all("pyproject.toml:" in problem for problem in error.problems)


KNOWN_NAMES = st.sampled_from(
    ["id", "cause", "cases", "fields", "title", "seriousness", "versions", "stack",
     "request", "summary", "layer", "source", "status", "body", "matches", "flask",
     "quart", "flask>=3"]
) | st.text(max_size=4)  # fmt: skip
KNOWN = st.dictionaries(
    KNOWN_NAMES, VALUES | st.dictionaries(KNOWN_NAMES, VALUES, max_size=3), max_size=6
)


@examples(750)
@given(st.lists(KNOWN, max_size=3), st.lists(KNOWN, max_size=2) | VALUES)
def test_any_known_differences_are_read_or_named(
    tmp_path: Path, known: list[dict[str, Any]], cause: Any
) -> None:
    path = written(tmp_path / "known.toml", {"known": known, "cause": cause})
    try:
        load_known([path])
    except DocumentError as error:
        assert all(str(path) in problem for problem in error.problems)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=8)
    | st.sampled_from(["http://a.example/b?token=c", "http://[", "POST", "${env:A}"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
URLS = st.builds(
    "{}://a.example{}".format,
    st.sampled_from(["http", "https", "ws"]),
    st.text(max_size=8) | st.sampled_from(["/a?token=b", "/a?", "/%", "/${x}"]),
)
PAIRS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["Cookie", "Authorization", "Location", "Origin"])
            | st.text(max_size=4),
            "value": st.text(max_size=6),
        }
    ),
    max_size=3,
)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "mimeType": st.sampled_from(
            ["application/json", "application/x-www-form-urlencoded",
             "multipart/form-data; boundary=a", "text/plain", ""]
        )
        | JSON,
        "text": JSON.map(json.dumps) | st.text() | JSON,
        "params": PAIRS | JSON,
        "encoding": st.just("base64") | JSON,
    },
)  # fmt: skip
ENTRIES = st.fixed_dictionaries(
    {
        "request": st.fixed_dictionaries(
            {"method": st.sampled_from(["GET", "POST"]) | st.text(), "url": URLS},
            optional={"headers": PAIRS, "postData": BODIES},
        )
    },
    optional={
        "response": st.fixed_dictionaries(
            {"status": st.integers(-1, 999)},
            optional={"headers": PAIRS, "content": BODIES},
        )
    },
)


@examples(2500)
@given(st.lists(ENTRIES | JSON, max_size=3))
def test_any_traffic_is_read_or_named(tmp_path: Path, entries: list[Any]) -> None:
    path = tmp_path / "traffic.har"
    path.write_text(json.dumps({"log": {"entries": entries}}), encoding="utf-8")
    case_file_or_problems(path)


@examples(5000)
@given(st.binary(max_size=200) | JSON.map(json.dumps).map(str.encode))
def test_any_file_is_read_as_traffic_or_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "traffic.har"
    path.write_bytes(content)
    case_file_or_problems(path)


def case_file_or_problems(path: Path) -> None:
    """What is drafted can be read as a case file, with every variable set."""
    traffic = Traffic(path, expect=True)
    cases = path.with_suffix(".toml")
    try:
        drafted = list(traffic)
    except DocumentError as error:
        assert all(str(path) in problem for problem in error.problems)
        return
    cases.write_text(case_file("any", [], drafted), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name in traffic.variables:
            patch.setenv(name, "secret")
        assert len(list(load_file(cases))) == len(drafted)
