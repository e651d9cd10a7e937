"""Case files: their values, and the errors of invalid files."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from comparison import Case, DocumentError, UsageError, load_cases
from comparison.cases import load_topics
from comparison.targets import build_request
from tests.examples import some

CASE = """\
schema_version = 1

[topic]
title = "Topic"

[[case]]
id = "one"
[case.request]
path = "/one"

[[case]]
id = "two"
title = "Second"
[case.request]
method = "POST"
path = "/two"
headers = [["X-A", "1"], ["X-A", "2"]]
text = "Hello"
[case.expect]
status = 200
headers = { x-a = ["1", "2"], x-b = false }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cases.toml"


def loaded(file: Path, text: str) -> list[Case]:
    file.write_text(text, encoding="utf-8")
    return load_cases(file)


def problems(file: Path, text: str | bytes) -> list[str]:
    """The problems of a document, without the folder it is in."""
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(DocumentError) as caught:
        load_cases(file)
    assert str(caught.value).splitlines() == list(caught.value.problems)
    return [line.replace(f"{file.parent}/", "") for line in caught.value.problems]


def test_cases_are_loaded_in_file_order(file: Path) -> None:
    assert [case.id for case in loaded(file, CASE)] == ["one", "two"]


def test_a_case_records_its_file_and_line(file: Path) -> None:
    assert loaded(file, CASE)[1].origin == f"{file}:11"


def test_a_case_has_the_topic_of_its_file(file: Path) -> None:
    assert {case.topic for case in loaded(file, CASE)} == {"cases"}


def test_a_case_without_a_title_uses_its_id(file: Path) -> None:
    assert [case.title for case in loaded(file, CASE)] == ["one", "Second"]


def test_headers_may_be_pairs_or_a_table(file: Path) -> None:
    table = CASE.replace('[["X-A", "1"], ["X-A", "2"]]', '{ X-A = "1" }')
    request = build_request(loaded(file, table)[1].request)
    assert request.headers["x-a"] == "1"


@pytest.mark.parametrize(
    ("path", "mount"),
    [
        ("/two", "/two"),
        ("/two/a", "/two"),
        ("/two?a=1", "/two"),
        ("/one/two/", "/one/two"),
        ("/caf%C3%A9/a", "/café"),
        ("/café/a", "/caf%c3%a9"),
    ],
)
def test_a_mount_may_be_any_prefix_of_the_path(
    file: Path, path: str, mount: str
) -> None:
    text = CASE.replace('path = "/two"', f'path = "{path}"\nmount = "{mount}"')
    request = loaded(file, text)[1].request
    assert (request.path, request.mount) == (path, mount)


def test_files_in_a_folder_are_loaded_in_name_order(tmp_path: Path) -> None:
    for name in ("b", "a"):
        text = f'[[case]]\nid = "{name}"\n[case.request]\n'
        (tmp_path / f"{name}.toml").write_text(text)
    (tmp_path / "notes.txt").write_text("not a case")
    assert [case.id for case in load_cases(tmp_path)] == ["a", "b"]


def test_load_cases_without_a_path_loads_the_catalogue() -> None:
    assert len(load_cases()) >= 60


def test_every_catalogue_topic_has_a_title_and_a_description() -> None:
    topics = load_topics()
    assert [
        n for n, topic in topics.items() if not (topic.title and topic.description)
    ] == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('method = "P', 'metod = "P', 'cases.toml:15: request.metod: unknown field, did you mean "method"?'),
        ('title = "S', 'tilte = "S', 'cases.toml:13: tilte: unknown field, did you mean "title"?'),
        ("status = 200", "statuz = 200", 'cases.toml:20: expect.statuz: unknown field, did you mean "status"?'),
        ("status = 200", 'status = "200"', "cases.toml:20: expect.status: expected `int | array | null`, got `str`"),
        ('id = "two"', "id = 2", "cases.toml:12: id: expected `str`, got `int`"),
        ('id = "two"\n', "", "cases.toml:11: object missing required field `id`"),
        ('path = "/two"', 'path = "two"', "cases.toml:14: request: path must start with \"/\", not 't'"),
        ('text = "Hello"', 'text = "a"\njson = 1', "cases.toml:14: request: a request has one body, not json and text"),
        ('text = "Hello"', 'base64 = "="', "cases.toml:14: request: base64 cannot be decoded"),
        ('text = "Hello"', "json = 2026-11-22", "cases.toml:14: request: json cannot be encoded"),
        ('text = "Hello"', "json = nan", "cases.toml:14: request: json cannot be encoded"),
        ('method = "POST"', 'method = "PO ST"', "cases.toml:14: request: method must be an HTTP token"),
        ('id = "two"', 'id = "one"', "cases.toml:11: id: duplicate id 'one', first used at cases.toml:6"),
        ('path = "/two"', 'path = "/two"\nmount = "two"', "cases.toml:14: request: mount must begin with \"/\" and not end with it: 'two'"),
        ('path = "/two"', 'path = "/two/"\nmount = "/two/"', "cases.toml:14: request: mount must begin with \"/\" and not end with it: '/two/'"),
        ('path = "/two"', 'path = "/two"\nmount = "/two?"', "cases.toml:14: request: mount is a path, without ? and #: '/two?'"),
        ('path = "/two"', 'path = "/two"\nmount = "/one"', "cases.toml:14: request: path must begin with the mount '/one', not be '/two'"),
        ('path = "/two"', 'path = "/two"\nmount = "/tw"', "cases.toml:14: request: path must begin with the mount '/tw', not be '/two'"),
        ('path = "/two"', 'path = "/one?/two"\nmount = "/two"', "cases.toml:14: request: path must begin with the mount '/two'"),
        ('path = "/two"', 'path = "http://localhost/two"\nmount = "/two"', 'cases.toml:14: request: path must begin with "/" where mount is given'),
        ('path = "/two"', 'path = "/two"\nhttp_version = "2"', "cases.toml:17: request.http_version: invalid enum value '2'; there are 1.0, 1.1"),
        ('text = "Hello"', 'chunks = ["a"]\nhttp_version = "1.0"', "cases.toml:14: request: chunks are sent by HTTP/1.1, not 1.0"),
        ('path = "/two"', 'path = "/two"\nmonut = "/two"', 'cases.toml:17: request.monut: unknown field, did you mean "mount"?'),
        ("status = 200", "failure = 'rased'", "cases.toml:20: expect.failure: invalid enum value 'rased', did you mean \"raised\"?"),
        ('title = "Topic"', 'tilte = "Topic"', 'cases.toml:4: tilte: unknown field, did you mean "title"?'),
        ("[topic]", "[topci]", 'cases.toml:3: topci: unknown table, did you mean "topic"?'),
        ("schema_version = 1", "schema_version = 2", "cases.toml:1: schema_version: is 2; this version reads 1"),
        ('path = "/two"', 'path = "/two', "cases.toml:16: illegal character"),
        ('path = "/two"', "path = " + "9" * 5000, "cases.toml:16: an integer has more than 64 bits"),
    ],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_a_problem_includes_file_line_field_and_a_suggestion(
    file: Path, old: str, new: str, problem: str
) -> None:
    (found,) = problems(file, CASE.replace(old, new))
    assert found.lower().startswith(problem.lower())


def test_all_problems_are_reported_at_once(file: Path) -> None:
    wrong = CASE.replace("title =", "tilte =").replace('path = "/one"', 'path = "one"')
    assert len(problems(file, wrong)) == 3


def test_problems_in_several_files_are_reported_at_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text('[[case]]\nid = "a"\n')
    with pytest.raises(DocumentError) as caught:
        load_cases(tmp_path)
    assert len(caught.value.problems) == 2


def test_an_id_used_in_two_files_is_a_problem(tmp_path: Path) -> None:
    for name in ("a", "b"):
        text = '[[case]]\nid = "same"\n[case.request]\n'
        (tmp_path / f"{name}.toml").write_text(text)
    with pytest.raises(DocumentError, match=r"b\.toml:1: id: duplicate id 'same'"):
        load_cases(tmp_path)


def test_lines_are_counted_as_editors_count_them(file: Path) -> None:
    odd = CASE.replace('"Topic"', '"Topic \u2028 \u0085"').replace("metho", "meto")
    assert problems(file, odd)[0].startswith("cases.toml:15: request.metod")


@pytest.mark.parametrize(
    "text", [b"\xff\xfe", b"\xef\xbb\xbf[[case]]", b"\0", b"[" * 10**5, b"a = " + b"[" * 5000],
    ids=["bytes", "mark", "null", "brackets", "nesting"],
)  # fmt: skip
def test_invalid_toml_is_a_document_error(file: Path, text: bytes) -> None:
    assert problems(file, text)


def test_a_missing_file_is_a_usage_error(file: Path) -> None:
    with pytest.raises(UsageError, match="no such case file"):
        load_cases(file)


NAMES = st.sampled_from(
    ["id", "title", "request", "path", "method", "headers", "json", "text", "form",
     "base64", "chunks", "expect", "status", "before", "settings", "fresh", "schema_version",
     "topic", "case", "reference", "other"]
)  # fmt: skip
VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8) | st.sampled_from(["/", "GET", "a=1", "AAEC"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
REQUESTS = st.fixed_dictionaries(
    {}, optional={
        "path": st.text(max_size=10).map("/{}".format), "method": st.text(max_size=5),
        "headers": st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=3),
        "json": VALUES, "text": st.text(max_size=5), "chunks": st.lists(st.text(max_size=3)),
        "base64": st.binary(max_size=5).map(lambda b: base64.b64encode(b).decode()),
        "form": st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
    },
)  # fmt: skip
CASES = st.fixed_dictionaries(
    {"id": st.text(max_size=5), "request": REQUESTS},
    optional={"settings": VALUES, "before": st.lists(REQUESTS, max_size=2)},
)


def toml(value: Any) -> str:
    """A value as TOML writes it inline."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(v)}" for key, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)


def quoted(value: Any) -> Any:
    """The same value, its keys quoted as TOML wants them."""
    if isinstance(value, dict):
        return {toml(key): quoted(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [quoted(item) for item in value]
    return value


@pytest.mark.slow
@settings(
    max_examples=some(150), deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    st.dictionaries(NAMES, VALUES) | st.builds(lambda c: {"case": c}, st.lists(CASES))
)
@example(
    {"case": [{"id": "a", "request": {"headers": [["Content-Length", "9" * 5000]]}}]}
)
def test_any_document_loads_into_sendable_cases_or_reports_problems(
    file: Path, document: dict[str, Any]
) -> None:
    lines = [f"{key} = {toml(value)}" for key, value in quoted(document).items()]
    try:
        cases = loaded(file, "\n".join(lines))
    except DocumentError as error:
        assert error.problems
        assert all(line.startswith(f"{file}:") for line in error.problems)
        return
    for case in cases:
        for request in (*case.setup, case.request):
            build_request(request)


@settings(max_examples=some(100), deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(st.binary() | st.text(alphabet="[]{}=\"'.#\n\\abc1,- ").map(str.encode))
def test_any_bytes_load_or_raise_only_a_document_error(
    file: Path, content: bytes
) -> None:
    file.write_bytes(content)
    try:
        load_cases(file)
    except DocumentError as error:
        assert error.problems


BROKEN_RULES = [
    ('compare = "checks.same"', "compare names a function as module:function"),
    ('more_fields = ["rows"]', "more_fields: a place begins with \"/\", not 'rows'"),
    ('patterns = [{ matches = "(" }]', "not a regular expression"),
    ('one_side = ["x"]', 'Did you mean "one_sided"?'),
]


@pytest.mark.parametrize(("rule", "message"), BROKEN_RULES)
def test_an_invalid_rule_is_reported_with_its_line(
    rule: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "case.toml"
    path.write_text(
        f'[[case]]\nid = "a"\nrequest = {{}}\n[case.normalisations]\n{rule}\n'
    )
    with pytest.raises(DocumentError) as caught:
        load_cases(path)
    (problem,) = caught.value.problems
    assert problem.startswith((f"{path}:5: normal", f"{path}:4: normal"))
    assert message.lower() in problem.lower()


BROKEN_EXPECTATIONS = [
    ("status = []", "status: is a status, or a list of one or more"),
    ('status = ["201"]', "expected `int`"),
    ('matches = "("', "not a regular expression"),
    ('match = { id = "uuid" }', "match: a place begins with \"/\", not 'id'"),
    ('match = { "/id" = "uid" }', "uid"),
    ('json_schema = { type = "objekt" }', "json_schema is no schema: $.type: 'objekt'"),
    ('json_schema = { "$ref" = "#/$defs/a" }', "'#/$defs/a' is not in the schema"),
    ('json_schema = "none.json"', "no such file"),
    ('json_schema = "case.toml"', "case.toml: Expecting value"),
]


@pytest.mark.parametrize(("expect", "message"), BROKEN_EXPECTATIONS)
def test_an_invalid_expectation_is_reported_with_its_line(
    expect: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "case.toml"
    path.write_text(f'[[case]]\nid = "a"\nrequest = {{}}\n[case.expect]\n{expect}\n')
    with pytest.raises(DocumentError) as caught:
        load_cases(path)
    (problem,) = caught.value.problems
    assert problem.startswith((f"{path}:5: expect", f"{path}:4: expect"))
    assert message in problem


def test_a_json_schema_may_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "order.json").write_text('{"type": "object"}')
    path = tmp_path / "case.toml"
    path.write_text(
        '[[case]]\nid = "a"\nrequest = {}\nexpect = { json_schema = "order.json" }\n'
        'setup = [{ expect = { json_schema = "order.json" } }]\n'
    )
    (case,) = load_cases(path)
    for expect in (case.expect, case.setup[0].expect):
        assert expect is not None
        assert expect.json_schema == {"type": "object"}
