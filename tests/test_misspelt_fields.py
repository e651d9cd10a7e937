"""Each field that people write, once misspelt and once of a wrong type."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import FieldInfo

from comparison.cases import Topic, load_cases
from comparison.core.errors import DocumentError
from comparison.models import Case
from comparison.models.case import FILLED_IN
from comparison.runner.config import Config, read_project

from .test_schemas import walked

CASE = "[[case]]\n"
REQUEST = f"{CASE}[case.request]\n"
CASES = {
    "Case": ("", CASE),
    "Topic": ("", "[topic]\n"),
    "Request": ("request.", REQUEST),
    "Client": ("request.client.", f"{REQUEST}[case.request.client]\n"),
    "Disconnect": (
        "request.client.disconnect.",
        f"{REQUEST}[case.request.client.disconnect]\n",
    ),
    "Stall": ("request.client.stall.", f"{REQUEST}[case.request.client.stall]\n"),
    "Part": ("request.multipart.", f"{REQUEST}[[case.request.multipart]]\n"),
    "Capture": ("request.capture.a.", f"{REQUEST}[case.request.capture.a]\n"),
    "Expect": ("expect.", f"{REQUEST}[case.expect]\n"),
    "NormalisationRules": ("normalisations.", f"{REQUEST}[case.normalisations]\n"),
    "Matching": ("expect.match./a.", f'{REQUEST}[case.expect.match."/a"]\n'),
}
PROJECT = "[tool.comparison]\n"
TARGET = f"{PROJECT}[tool.comparison.targets.a]\n"
CONFIGURATION = {
    "Config": ("", PROJECT),
    "TargetTable": ("targets.a.", TARGET),
    "Auth": ("targets.a.auth.", f"{TARGET}[tool.comparison.targets.a.auth]\n"),
    "Login": (
        "targets.a.auth.basic.", f"{TARGET}[tool.comparison.targets.a.auth.basic]\n"
    ),
    "Reset": ("reset.", f"{PROJECT}[tool.comparison.reset]\n"),
}  # fmt: skip
MODELS = {**walked(Case, Topic), **walked(Config)}
FIELDS = [
    (name, field)
    for name, model in MODELS.items()
    for field in msgspec.structs.fields(model)
    if not (model is Case and field.name in FILLED_IN)
]
TYPED = [(name, field) for name, field in FIELDS if field.type is not Any]


def id_of(value: object) -> str:
    return value.encode_name if isinstance(value, FieldInfo) else str(value)


def test_each_model_that_people_write_has_a_place_here() -> None:
    shared = {"Matching", "NormalisationRules"}  # of cases and of pyproject.toml
    assert CASES.keys() == walked(Case, Topic).keys()
    assert CONFIGURATION.keys() | shared == walked(Config).keys()


def problem_of(folder: Path, model: str, line: str) -> tuple[str, str]:
    """Return the field of a wrong line in a file, and the problem of that line."""
    name = "cases.toml" if model in CASES else "pyproject.toml"
    field, before = (CASES | CONFIGURATION)[model]
    path = folder / name
    path.write_text(f"{before}{line}\n", "utf-8")
    number = before.count("\n") + 1
    with pytest.raises(DocumentError) as caught:
        load_cases(path) if model in CASES else read_project(path)
    start = f"{path}:{number}: {field}"
    (found,) = [p for p in caught.value.problems if p.startswith(start)]
    return start, found


@pytest.mark.parametrize(("model", "field"), FIELDS, ids=id_of)
def test_a_misspelt_field_is_reported_with_its_line_and_the_nearest_name(
    tmp_path: Path, model: str, field: FieldInfo
) -> None:
    right = field.encode_name
    wrong = right[:-2] + right[-1] if len(right) > 2 else f"{right}x"
    start, found = problem_of(tmp_path, model, f"{wrong} = 1")
    assert found == f'{start}{wrong}: unknown field, did you mean "{right}"?'


@pytest.mark.parametrize(("model", "field"), TYPED, ids=id_of)
def test_a_value_of_a_wrong_type_is_reported_with_its_line(
    tmp_path: Path, model: str, field: FieldInfo
) -> None:
    start, found = problem_of(tmp_path, model, f"{field.encode_name} = 2026-11-30")
    assert found.startswith(f"{start}{field.encode_name}: expected `")


UNLIKE_ANY = {
    "Case": ("zzz", "; there are id, request, title,"),
    "Request": ("body", "; there are method, path, headers, json, text, form,"),
    "Part": ("content_type", "; there are name, text,"),
    "Reset": ("zzz", "; there are command, url, function,"),
}


@pytest.mark.parametrize("model", UNLIKE_ANY)
def test_a_field_unlike_any_is_reported_with_all_that_may_be_written(
    tmp_path: Path, model: str
) -> None:
    wrong, names = UNLIKE_ANY[model]
    start, found = problem_of(tmp_path, model, f"{wrong} = 1")
    assert found.startswith(f"{start}{wrong}: unknown field{names}")
    assert not {*FILLED_IN} & {*found.replace(",", "").split()}


def test_misspelt_parameters_are_reported_with_the_nearest_name(tmp_path: Path) -> None:
    start, found = problem_of(tmp_path, "Case", "parametrs = []")
    assert found == f'{start}parametrs: unknown field, did you mean "parameters"?'
