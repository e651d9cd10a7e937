"""A document of any content loads to values or to named problems.

Together these are more than ten thousand documents. To draw one takes ten times as long as
to load it: so each is loaded in some variants too.
"""

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comparison.cases.loader import load_file
from comparison.cases.sources.draft import case_file
from comparison.cases.sources.openapi import OpenApi
from comparison.cases.sources.operations import Operations
from comparison.cases.sources.traffic import Traffic
from comparison.core import toml_writer as toml
from comparison.core.errors import DocumentError
from comparison.known.load import load_known
from comparison.runner.config import read_project
from tests.examples import some

pytestmark = pytest.mark.slow

WORDS = [
    "id", "title", "request", "expect", "before", "normalisations", "parameters", "tags",
    "path", "method", "headers", "json", "form", "text", "base64", "chunks", "status",
    "presence", "ignore", "unordered", "patterns", "targets", "cases", "known", "timeout",
    "ignore-rules", "settings", "fresh", "secrets", "topic", "description", "capture",
    "multipart", "file", "tolerance", "match", "matches", "name", "regex", "cookie",
]  # fmt: skip
NAMES = st.sampled_from(WORDS) | st.text(max_size=4)
VALUES = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=6)
    | st.sampled_from(
        ["/", "${n}", "${env:HOME}", "$${", "${", "uuid", "GET", "${capture:a}", "$.a"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5)
    ),
    max_leaves=12,
)
TABLES = st.dictionaries(NAMES, VALUES, max_size=6)


def examples(number: int) -> settings:
    slow = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(
        max_examples=some(number),
        deadline=None,
        database=None,
        suppress_health_check=slow,
    )


def written(path: Path, tables: dict[str, Any]) -> Path:
    lines = [
        f"{toml.key(name)} = {toml.value(table)}" for name, table in tables.items()
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


VARIANTS = 4  # of each document


def places(document: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document, as what it is in and its key or index there."""
    if isinstance(document, dict | list):
        keys = range(len(document)) if isinstance(document, list) else document
        for key in keys:
            yield document, key
            yield from places(document[key])


def varied(document: Any) -> Iterator[Any]:
    """A document, and others with something left out or elsewhere a second time."""
    yield document
    chosen = random.Random(repr(document))
    parts = [part[key] for part, key in places(document)]
    for _ in range(VARIANTS if parts else 0):
        variant = copy.deepcopy(document)
        part, key = chosen.choice(list(places(variant)))
        if chosen.random() < 0.3:
            del part[key]
        else:
            part[key] = chosen.choice(parts)
        yield variant


def varied_bytes(content: bytes) -> Iterator[bytes]:
    """Content, and other content with a piece of it left out or doubled."""
    yield content
    chosen = random.Random(content)
    for _ in range(VARIANTS if content else 0):
        ends = [chosen.randrange(len(content) + 1) for _ in range(2)]
        yield content[: ends[0]] + content[ends[1] :]


@examples(80)
@given(st.lists(TABLES, max_size=3), VALUES | TABLES)
def test_any_case_file_is_loaded_or_rejected(
    tmp_path: Path, cases: list[dict[str, Any]], topic: Any
) -> None:
    for document in varied({"case": cases, "topic": topic}):
        path = written(tmp_path / "cases.toml", document)
        try:
            list(load_file(path))
        except DocumentError as error:
            assert error.problems
            assert all(str(path) in problem for problem in error.problems)


@examples(200)
@given(VALUES | TABLES)
def test_any_configuration_is_loaded_or_rejected(tmp_path: Path, table: Any) -> None:
    for document in varied({"tool": {"comparison": table}}):
        path = written(tmp_path / "pyproject.toml", document)
        try:
            read_project(path)
        except DocumentError as error:
            assert error.problems
            assert all("pyproject.toml:" in problem for problem in error.problems)


KNOWN_NAMES = st.sampled_from(
    ["id", "cause", "cases", "fields", "title", "severity", "versions", "stack",
     "request", "summary", "layer", "source", "status", "body", "matches", "flask",
     "quart", "flask>=3"]
) | st.text(max_size=4)  # fmt: skip
KNOWN = st.dictionaries(
    KNOWN_NAMES, VALUES | st.dictionaries(KNOWN_NAMES, VALUES, max_size=3), max_size=6
)


@examples(80)
@given(st.lists(KNOWN, max_size=3), st.lists(KNOWN, max_size=2) | VALUES)
def test_any_known_differences_are_loaded_or_rejected(
    tmp_path: Path, known: list[dict[str, Any]], cause: Any
) -> None:
    for document in varied({"known": known, "cause": cause}):
        path = written(tmp_path / "known.toml", document)
        try:
            load_known([path])
        except DocumentError as error:
            assert error.problems
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
FORM = "application/x-www-form-urlencoded"
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
            ["application/json", FORM, "multipart/form-data; boundary=a", "text/plain", ""]
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


@examples(240)
@given(st.lists(ENTRIES | JSON, max_size=3))
def test_any_har_document_is_loaded_or_rejected(
    tmp_path: Path, entries: list[Any]
) -> None:
    path = tmp_path / "traffic.har"
    for document in varied({"log": {"entries": entries}}):
        path.write_text(json.dumps(document), encoding="utf-8")
        case_file_or_problems(path)


@examples(1000)
@given(st.binary(max_size=200) | JSON.map(json.dumps).map(str.encode))
def test_any_bytes_as_har_are_loaded_or_rejected(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "traffic.har"
    for variant in varied_bytes(content):
        path.write_bytes(variant)
        case_file_or_problems(path)


def case_file_or_problems(path: Path) -> None:
    """A draft can be read as a case file, with every variable set."""
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


REFERENCES = st.sampled_from(
    ["#", "#/", "#/paths", "#/paths/~1a", "#/paths/~1a/get", "#/components/a", "a.yaml",
     "#/openapi/0", "#a", "http://localhost:1/", "#/%", "#/components/parameters/0"]
)  # fmt: skip
SCHEMAS = st.recursive(
    JSON,
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "$ref": REFERENCES,
            "type": st.sampled_from(["object", "array", "integer", "number", "string"]),
            "properties": st.dictionaries(st.text(max_size=3), inner, max_size=3),
            "items": inner,
            "allOf": st.lists(inner, max_size=3),
            "oneOf": st.lists(inner, max_size=3),
            "enum": st.lists(JSON, max_size=2),
            "minimum": JSON,
            "multipleOf": JSON,
            "minLength": JSON,
            "format": JSON,
        },
    ),
    max_leaves=6,
)
MEDIA = st.fixed_dictionaries(
    {},
    optional={
        "schema": SCHEMAS,
        "example": JSON,
        "examples": st.dictionaries(
            st.text(max_size=3),
            st.fixed_dictionaries({"value": JSON}) | JSON,
            max_size=2,
        ),
    },
)
CONTENT = st.dictionaries(
    st.sampled_from(["application/json", "multipart/form-data", "text/plain", FORM])
    | st.text(max_size=4),
    MEDIA | JSON,
    max_size=2,
)
PARAMETERS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["n", "X-A", "${env:A}", ""]) | st.text(max_size=3),
            "in": st.sampled_from(["path", "query", "header", "cookie"]),
        },
        optional={
            "required": st.booleans(),
            "style": st.sampled_from(
                ["label", "matrix", "deepObject", "pipeDelimited"]
            ),
            "explode": st.booleans(),
            "schema": SCHEMAS,
            "example": JSON,
            "content": CONTENT,
        },
    )
    | st.fixed_dictionaries({"$ref": REFERENCES})
    | JSON,
    max_size=3,
)
OPERATIONS = st.fixed_dictionaries(
    {},
    optional={
        "operationId": st.text(max_size=5),
        "parameters": PARAMETERS,
        "requestBody": st.fixed_dictionaries({"content": CONTENT}) | JSON,
        "responses": st.dictionaries(
            st.sampled_from(["200", "2XX", "default", "302"]), JSON, max_size=2
        ),
        "security": st.lists(
            st.dictionaries(st.sampled_from(["a", "b"]), JSON, max_size=2), max_size=2
        )
        | JSON,
        "servers": JSON
        | st.lists(st.fixed_dictionaries({"url": URLS | st.text(max_size=5)})),
    },
)
APIS = st.fixed_dictionaries(
    {
        "openapi": st.sampled_from(["3.0.3", "3.1.0"]),
        "paths": st.dictionaries(
            st.sampled_from(["/a", "/{n}", "/{n}/{n}", "/${env:A}"])
            | st.text(max_size=4),
            st.dictionaries(
                st.sampled_from(["get", "post", "parameters", "$ref"]),
                OPERATIONS | PARAMETERS | REFERENCES,
                max_size=3,
            )
            | JSON,
            max_size=3,
        ),
    },
    optional={
        "servers": st.lists(st.fixed_dictionaries({"url": URLS}), max_size=1) | JSON,
        "components": st.fixed_dictionaries(
            {
                "securitySchemes": st.dictionaries(
                    st.sampled_from(["a", "b"]),
                    st.fixed_dictionaries(
                        {"type": st.sampled_from(["apiKey", "http"])},
                        optional={
                            "in": st.sampled_from(["header", "query", "cookie"]),
                            "name": st.text(max_size=3),
                            "scheme": st.text(max_size=3),
                        },
                    ),
                )
                | JSON,
                "a": SCHEMAS,
            }
        ),
    },
)


@examples(120)
@given(APIS)
def test_any_openapi_document_is_loaded_or_rejected(tmp_path: Path, api: Any) -> None:
    for document in varied(api):
        drafted_or_problems(tmp_path, json.dumps(document).encode())


@examples(500)
@given(
    st.binary(max_size=100)
    | JSON.map(json.dumps).map(str.encode)
    | st.text("a: [{&*<|>-!?'\"\n #%@`,}]", max_size=60).map(str.encode)
)
def test_any_bytes_as_openapi_are_loaded_or_rejected(
    tmp_path: Path, content: bytes
) -> None:
    for variant in varied_bytes(content):
        drafted_or_problems(tmp_path, variant)
        described = b"openapi: 3.0.0\npaths:\n /a:\n  get: " + variant
        drafted_or_problems(tmp_path, described)


def drafted_or_problems(folder: Path, content: bytes) -> None:
    cases = folder / "cases.toml"
    try:
        operations = Operations(OpenApi("api", content), expect=True, all_methods=True)
        drafted = list(operations)
    except DocumentError as error:
        assert all(problem.startswith("api:") for problem in error.problems)
        return
    cases.write_text(case_file("any", [], drafted), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name in operations.variables:
            patch.setenv(name, "secret")
        sent = [draft for draft in drafted if not draft.off]
        assert len(list(load_file(cases))) == len(sent)
