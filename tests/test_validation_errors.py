"""An error reports all problems of a document at once."""

from pathlib import Path

import pytest

from comparison.cases import load_cases
from comparison.core.errors import DocumentError
from comparison.known.load import load_known
from comparison.runner.config import read_project

CASES = """
[[case]]
id = 7
titel = "a"
tags = ["a", 1]
[[case.setup]]
path = "x"
[[case.setup]]
capture = { a = { jsn = "$.a" }, b = { json = "$.[" } }
[case.request]
method = "GET"
pth = "/"
headers = { A = 1, B = "b" }
multipart = [{ name = "a", text = "b" }, { text = "b" }, { name = "c" }]
[case.expect]
status = "200"
[case.normalisations]
ignore = ["a"]
match = { "/a" = "uid" }

[[case]]
id = "b"
request = { text = "a", base64 = "AA==" }
"""
CASES_SAID = """\
3: id: expected `str`, got `int`
4: titel: unknown field, did you mean "title"?
5: tags: expected `str`, got `int`
6: setup: path must start with "/", not 'x'
9: setup.capture.a.jsn: unknown field, did you mean "json"?
9: setup.capture.b: json is not a JSONPath: '$.[': expected a shorthand selector
12: request.pth: unknown field, did you mean "path"?
13: request.headers.A: expected `str`, got `int`
14: request.multipart: object missing required field `name`
14: request.multipart: a part has one of text, base64 and file, not none of them
16: expect.status: expected `int | array | null`, got `str`
19: normalisations.match./a: invalid enum value 'uid', did you mean "uuid"?
23: request: a request has one body, not text and base64
"""


def problems(error: DocumentError, name: str) -> list[str]:
    return [problem.partition(f"{name}:")[2] for problem in error.problems]


def test_every_problem_of_a_case_file_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "cases.toml"
    path.write_text(CASES, encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        load_cases(path)
    output = problems(caught.value, "cases.toml")
    assert (
        sorted(output, key=lambda s: int(s.partition(":")[0]))
        == CASES_SAID.splitlines()
    )


def test_every_problem_of_a_configuration_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text(
        '[tool.comparison]\ncases = "a"\ntimeout = "x"\nknwn = []\n'
        "[tool.comparison.targets]\na = 1\n"
        "[tool.comparison.normalisations]\njsn = true\n"
    )
    with pytest.raises(DocumentError) as caught:
        read_project(path)
    assert problems(caught.value, "pyproject.toml") == [
        "2: cases: expected `array`, got `str`",
        "3: timeout: expected `float`, got `str`",
        '4: knwn: unknown field, did you mean "known"?',
        "6: targets.a: expected `str | object`, got `int`",
        '8: normalisations.jsn: unknown field, did you mean "json"?',
    ]


def test_every_problem_of_a_known_differences_file_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_text(
        '[[known]]\nid = 1\ncases = "a"\ncause = "b"\n[[cause]]\nid = "c"\n'
    )
    with pytest.raises(DocumentError) as caught:
        load_known([path])
    assert sorted(problems(caught.value, "known.toml")) == [
        "1: object missing required field `fields`",
        "2: id: expected `str`, got `int`",
        "3: cases: expected `array`, got `str`",
        "5: object missing required field `summary`",
    ]


def test_constraints_are_checked_once_all_types_are_right(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text('[tool.comparison]\ntimeout = -1\ntargets = { a = "b" }\n')
    with pytest.raises(DocumentError) as caught:
        read_project(path)
    assert problems(caught.value, "pyproject.toml") == [
        "1: timeout must be above 0 seconds, not -1"
    ]
