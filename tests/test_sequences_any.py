"""Captured, sent and compared texts of any kind give values or named problems."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparison.cases.loader import load_file
from comparison.core.errors import DocumentError
from comparison.diff.json_rules import alike
from comparison.diff.suggest_rules import left_over, proposed
from comparison.models import (
    Exchange,
    NormalisationRules,
    Request,
    Response,
    SentRequest,
)
from comparison.models.captures import (
    Uncaptured,
    captured,
    filled_expect,
    filled_request,
)
from comparison.runs.baseline import read_baseline
from comparison.targets import build_request

from .test_documents_any import NAMES, VALUES, examples, varied, written

pytestmark = pytest.mark.slow

REFERRING = st.text(max_size=4) | st.sampled_from(
    ["/${capture:a}", "${capture:b}", "$${capture:a}", "x ${capture:a} ${capture:b}"]
)
CAPTURES = st.dictionaries(
    st.sampled_from(["a", "b", "a b", ""]),
    st.dictionaries(
        st.sampled_from(["json", "header", "cookie", "regex"]),
        st.sampled_from(["$.a", "$..*", "$[?@.a > 1]", "a", "(", "(a)?", "$.a[", ""])
        | st.text(max_size=6),
        min_size=1,
        max_size=2,
    ),
    max_size=2,
)
PARTS = st.lists(
    st.fixed_dictionaries(
        {"name": REFERRING},
        optional={
            "text": REFERRING, "base64": st.sampled_from(["AA==", "!"]),
            "file": st.sampled_from(["cases.toml", "none", "", ".", "a\x00b"]),
            "filename": REFERRING, "type": REFERRING,
        },
    ),
    max_size=3,
)  # fmt: skip
FILES = st.sampled_from(["cases.toml", "cases.toml", "none", "../", "a\x00b"])
INNER = st.recursive(REFERRING, lambda inner: st.lists(inner, max_size=2))
BODY = (
    st.just({})
    | st.fixed_dictionaries({"multipart": PARTS | VALUES})
    | st.fixed_dictionaries({"file": FILES})
    | st.fixed_dictionaries({"json": INNER})
    | st.fixed_dictionaries(
        {"text": REFERRING, "headers": st.just({"A": "${capture:a}"})}
    )
)
REQUESTS = st.builds(
    lambda path, capture, body: {"path": path, **capture, **body},
    st.sampled_from(["/", "/${capture:a}", "${capture:b}"]),
    st.just({}) | st.fixed_dictionaries({"capture": CAPTURES | VALUES}),
    BODY,
)
FIRST = {"path": "/", "capture": {"a": {"json": "$.a"}, "b": {"regex": "[a-z]"}}}
PLACES = st.sampled_from(["/a", "/*", "", "/a/*", "/0", "a", "/~1"])
LOOSENINGS = st.fixed_dictionaries(
    {},
    optional={
        "tolerance": st.dictionaries(PLACES, st.floats() | st.integers(-1, 9)),
        "match": st.dictionaries(
            PLACES,
            st.sampled_from(["uuid", "timestamp", "number", "other"])
            | st.sampled_from(["^a", "(", ""]).map(lambda text: {"matches": text}),
        ),
        "ignore": st.lists(PLACES, max_size=2),
        "unordered": st.lists(PLACES, max_size=2),
        "json": st.booleans(),
    },
)
CASES = st.fixed_dictionaries(
    {"id": st.just("a"), "request": REQUESTS},
    optional={
        "before": st.lists(REQUESTS, max_size=1).map(lambda more: [FIRST, *more]),
        "normalisations": LOOSENINGS,
        "expect": st.fixed_dictionaries(
            {}, optional={"json": REFERRING, "headers": st.just({"A": "${capture:a}"})}
        ),
    },
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
    | st.sampled_from(["2026-11-22", "7", "0b5a3c1e-1111-4222-8333-444455556666"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["a", "b", "/", "~"]), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip
BODIES = JSON.map(json.dumps) | st.text(max_size=12)


def response(body: str) -> Response:
    headers = (("Set-Cookie", f"a={body[:3]}"), ("A", body[:5]))
    return Response(200, "OK", headers, body, "content-length", "HTTP/1.1")


@examples(120)
@given(CASES, BODIES, st.dictionaries(st.sampled_from("ab"), JSON, min_size=2))
def test_any_sequence_is_sent_or_rejected(
    tmp_path: Path, case: dict[str, Any], body: str, values: dict[str, Any]
) -> None:
    for variant in varied(case):
        path = written(tmp_path / "cases.toml", {"case": [variant]})
        sent_or_rejected(path, body, values)


def sent_or_rejected(path: Path, body: str, values: dict[str, Any]) -> None:
    try:
        (loaded,) = load_file(path)
    except DocumentError as error:
        assert all(str(path) in problem for problem in error.problems)
        return
    for request in loaded.requests:
        try:
            captured(request, response(body))
            sent = filled_request(request, values)
        except Uncaptured as nothing:
            assert str(nothing)
            continue
        build_request(sent)
    if loaded.expect is not None:
        filled_expect(loaded.expect, values)


@examples(800)
@given(BODIES, BODIES, LOOSENINGS)
def test_comparing_any_two_bodies_is_symmetric(
    one: str, other: str, rules: dict[str, Any]
) -> None:
    try:
        loosening = msgspec.convert(rules, NormalisationRules)
    except msgspec.ValidationError:
        return
    applied: set[str] = set()
    assert alike(one, other, loosening, applied) == alike(other, one, loosening, set())
    assert applied <= set(loosening.names())


@examples(800)
@given(JSON, JSON)
def test_proposed_rules_for_any_bodies_suffice_or_report_the_rest(
    one: Any, other: Any
) -> None:
    sides = [
        Exchange(SentRequest("GET", "/", ()), response(json.dumps(each)))
        for each in (one, other)
    ]
    found = proposed(sides[0], sides[1], None)
    left = list(left_over(sides[0], sides[1], None, found))
    if isinstance(one, dict) and isinstance(other, dict):
        assert "body" not in left


HEADER = {
    "schema_version": 1, "command": "",
    "environment": {"python": "", "platform": "", "packages": {}},
    "targets": [{"name": "a", "spec": "a", "framework": None, "server": "in-process"}],
}  # fmt: skip
LINE = {
    "case": "a", "verdict": "identical", "expectation": {"met": True, "failures": []},
    "differences": [],
    "recordings": {
        "a": {
            "exchange": msgspec.to_builtins(
                Exchange(SentRequest("GET", "/", ()), response("a"))
            )
        }
    },
}  # fmt: skip


@st.composite
def changed(draw: st.DrawFn, document: dict[str, Any]) -> Any:
    """A document with something else in one place of it."""
    document = json.loads(json.dumps(document))
    place: Any = document
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return document
        key = draw(st.sampled_from(keys))
        if isinstance(place[key], dict | list) and draw(st.booleans()):
            place = place[key]
            continue
        place[key] = draw(JSON | st.dictionaries(NAMES, JSON, max_size=2))
        return document


@examples(800)
@given(
    changed(HEADER) | st.just(HEADER),
    st.lists(changed(LINE) | st.just(LINE), max_size=2),
    st.sampled_from([b"", b"\n", b"{", b"\xff"]),
)
def test_any_baseline_is_loaded_or_rejected(
    tmp_path: Path, header: Any, lines: list[Any], more: bytes
) -> None:
    path = tmp_path / "baseline.jsonl"
    path.write_bytes(
        b"\n".join(json.dumps(each).encode() for each in (header, *lines)) + more
    )
    try:
        read_baseline(path)
    except DocumentError as error:
        assert error.problems
        assert all(f"{path}:" in problem for problem in error.problems)


def test_the_unmodified_documents_are_valid(tmp_path: Path) -> None:
    path = tmp_path / "baseline.jsonl"
    path.write_text(f"{json.dumps(HEADER)}\n{json.dumps(LINE)}\n")
    assert list(read_baseline(path).exchanges) == ["a"]
    assert Request().path == "/"
