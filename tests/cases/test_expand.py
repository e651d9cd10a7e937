"""Parametrised cases, variables from the environment, and tags."""

from pathlib import Path

import pytest

from comparison.cases import load_cases, select_cases
from comparison.cli import main
from comparison.core.errors import DocumentError
from comparison.models import Case
from tests.project import Project, project

__all__ = ["project"]

TABLE = """
[[case]]
id = "order"
title = "Order ${number}"
parameters = [{ number = 1, status = 200 }, { number = 99, status = 404 }]
[case.request]
path = "/orders/${number}"
json = { number = "${number}", kept = "$${number}" }
[case.expect]
status = "${status}"
"""


def loaded(tmp_path: Path, text: str) -> list[Case]:
    path = tmp_path / "cases.toml"
    path.write_text(text, encoding="utf-8")
    return load_cases(path)


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        loaded(tmp_path, text)
    return [problem.partition("cases.toml:")[2] for problem in caught.value.problems]


def test_each_row_of_parameters_is_a_case(tmp_path: Path) -> None:
    cases = loaded(tmp_path, TABLE)
    assert [case.id for case in cases] == ["order-1-200", "order-99-404"]
    assert [case.title for case in cases] == ["Order 1", "Order 99"]
    assert [case.request.path for case in cases] == ["/orders/1", "/orders/99"]


def test_a_text_that_is_a_placeholder_takes_the_value_as_it_is(tmp_path: Path) -> None:
    first, _ = loaded(tmp_path, TABLE)
    assert first.expect is not None
    assert first.expect.status == 200
    assert first.request.json == {"number": 1, "kept": "${number}"}


def test_an_id_may_name_its_parameters(tmp_path: Path) -> None:
    cases = loaded(tmp_path, TABLE.replace('"order"', '"no-${number}"'))
    assert [case.id for case in cases] == ["no-1", "no-99"]


@pytest.mark.parametrize("row", ['password = "hunter2"', f'text = "{"a" * 61}"'])
def test_secrets_and_long_values_are_not_in_ids(tmp_path: Path, row: str) -> None:
    rows = f"[{{ {row} }}, {{ n = 7 }}]"
    text = f'[[case]]\nid = "a"\nparameters = {rows}\n[case.request]\npath = "/"\n'
    assert [case.id for case in loaded(tmp_path, text)] == ["a-1", "a-7"]


def test_an_unknown_parameter_names_line_and_nearest(tmp_path: Path) -> None:
    wrong = TABLE.replace("/orders/${number}", "/orders/${nunber}")
    assert problems(tmp_path, wrong) == [
        "2: no parameter 'nunber', did you mean \"number\"?",
    ]


@pytest.mark.parametrize("rows", ["3", "[1]", '"a"', "{ a = 1 }"])
def test_parameters_of_another_kind_are_a_problem(tmp_path: Path, rows: str) -> None:
    (found,) = problems(tmp_path, f'[[case]]\nid = "a"\nparameters = {rows}\n')
    assert "is a list of tables" in found


def test_two_rows_of_one_id_are_a_problem(tmp_path: Path) -> None:
    twice = TABLE.replace("99", "1").replace("404", "200")
    (found,) = problems(tmp_path, twice)
    assert "duplicate id 'order-1-200'" in found


SECRET = """
[[case]]
id = "greeting"
[case.request]
path = "/greeting"
headers = { X-Key = "Token ${env:SHOP_TOKEN}" }
[case.expect]
text = "canary-7Jx2"
"""


def test_a_variable_of_the_environment_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "canary-7Jx2")
    (case,) = loaded(tmp_path, SECRET)
    assert case.request.headers == {"X-Key": "Token canary-7Jx2"}


def test_a_variable_that_is_not_set_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOP_TOKEN", raising=False)
    assert problems(tmp_path, SECRET) == [
        "2: environment variable SHOP_TOKEN is not set"
    ]


def test_a_variable_of_the_environment_is_a_secret_wherever_it_stands(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "canary-7Jx2")
    project.write("cases.toml", SECRET)
    assert main(["run", "-v", "--output", "run.json"]) == 1
    written = (project.root / "run.json").read_text("utf-8")
    assert "secret 1" in written
    assert "canary" not in written + capsys.readouterr().out


def test_tags_of_case_and_topic_are_selected_by(tmp_path: Path) -> None:
    text = '[topic]\ntags = ["smoke"]\n' + TABLE.replace(
        "title", "tags = ['slow']\ntitle"
    )
    more = '[[case]]\nid = "other"\n[case.request]\npath = "/"\n'
    cases = loaded(tmp_path, text + more)
    assert [c.tags for c in cases] == [("smoke", "slow")] * 2 + [("smoke",)]
    assert [c.id for c in select_cases(cases, "smoke and not slow")] == ["other"]
