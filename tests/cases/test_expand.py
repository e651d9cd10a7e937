"""Parametrised cases, variables from the environment, and tags."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from comparison.cases import digest_of, load_cases, select_cases
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


def test_a_text_of_one_placeholder_takes_the_type_of_its_value(tmp_path: Path) -> None:
    first, _ = loaded(tmp_path, TABLE)
    assert first.expect is not None
    assert first.expect.status == 200
    assert first.request.json == {"number": 1, "kept": "${number}"}


def test_a_number_becomes_a_text_where_only_a_text_may_be(tmp_path: Path) -> None:
    text = """
    [[case]]
    id = "${n}"
    parameters = [{ n = 7 }]
    [case.request]
    headers = { X-Number = "${n}" }
    form = { number = "${n}", counted = "${counter}" }
    [case.expect]
    text = "${n}"
    headers = { x-number = "${n}" }
    """
    (case,) = loaded(tmp_path, text)
    assert case.id == "7"
    assert case.request.headers == {"X-Number": "7"}
    assert case.request.form == {"number": "7", "counted": "1"}
    assert case.expect is not None
    assert (case.expect.text, case.expect.headers) == ("7", {"x-number": "7"})


def test_a_field_of_json_named_as_a_text_field_keeps_its_type(tmp_path: Path) -> None:
    text = TABLE.replace("kept =", 'text = "${number}", form = ["${number}"], kept =')
    first, _ = loaded(tmp_path, text)
    assert first.request.json == {
        "number": 1, "text": 1, "form": [1], "kept": "${number}",
    }  # fmt: skip


def test_an_id_may_contain_parameters(tmp_path: Path) -> None:
    cases = loaded(tmp_path, TABLE.replace('"order"', '"no-${number}"'))
    assert [case.id for case in cases] == ["no-1", "no-99"]


@pytest.mark.parametrize("row", ['password = "hunter2"', f'text = "{"a" * 61}"'])
def test_secrets_and_long_values_are_not_in_ids(tmp_path: Path, row: str) -> None:
    rows = f"[{{ {row} }}, {{ n = 7 }}]"
    text = f'[[case]]\nid = "a"\nparameters = {rows}\n[case.request]\npath = "/"\n'
    assert [case.id for case in loaded(tmp_path, text)] == ["a-1", "a-7"]


def test_an_unknown_parameter_is_reported_with_a_suggestion(tmp_path: Path) -> None:
    wrong = TABLE.replace("/orders/${number}", "/orders/${nunber}")
    assert problems(tmp_path, wrong) == [
        "2: no parameter 'nunber', did you mean \"number\"?",
    ]


@pytest.mark.parametrize("rows", ["3", "[1]", "{ a = 1 }"])
def test_parameters_of_the_wrong_type_are_rejected(tmp_path: Path, rows: str) -> None:
    (found,) = problems(tmp_path, f'[[case]]\nid = "a"\nparameters = {rows}\n')
    assert "is a list of tables" in found


def test_two_rows_with_the_same_id_are_rejected(tmp_path: Path) -> None:
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


def test_an_environment_variable_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "canary-7Jx2")
    (case,) = loaded(tmp_path, SECRET)
    assert case.request.headers == {"X-Key": "Token canary-7Jx2"}


def test_an_unset_environment_variable_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOP_TOKEN", raising=False)
    assert problems(tmp_path, SECRET) == [
        "2: environment variable SHOP_TOKEN is not set"
    ]


def test_an_environment_variable_is_redacted_everywhere(
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


def test_cases_are_selected_by_case_and_topic_tags(tmp_path: Path) -> None:
    text = '[topic]\ntags = ["smoke"]\n' + TABLE.replace(
        "title", "tags = ['slow']\ntitle"
    )
    more = '[[case]]\nid = "other"\n[case.request]\npath = "/"\n'
    cases = loaded(tmp_path, text + more)
    assert [c.tags for c in cases] == [("smoke", "slow")] * 2 + [("smoke",)]
    assert [c.id for c in select_cases(cases, "smoke and not slow")] == ["other"]


VALUES = """
[[case]]
id = "one"
request = { path = "/${unique}/${counter}/${today}", json = ["${counter}", "${unique}"] }
[[case]]
id = "two"
request = { path = "/${unique}/${counter}" }
"""


def test_run_values_are_equal_within_a_case_and_new_in_the_next(
    tmp_path: Path,
) -> None:
    one, two = loaded(tmp_path, VALUES)
    _, unique, counter, today = one.request.path.split("/")
    assert one.request.json == [1, unique]
    assert (counter, two.request.path.split("/")[2]) == ("1", "2")
    assert len(today) == len("2026-11-30")
    assert unique != two.request.path.split("/")[1]
    again, _ = loaded(tmp_path, VALUES)
    assert again.request.path != one.request.path
    # Shards and resumed runs have the same cases.
    assert digest_of([again]) == digest_of([one]) != digest_of([two])


def test_a_parameter_takes_precedence_over_a_run_value(tmp_path: Path) -> None:
    text = VALUES.replace('id = "two"', 'id = "two"\nparameters = [{ counter = 7 }]')
    *_, last = loaded(tmp_path, text)
    assert last.request.path.endswith("/7")


def test_run_values_are_visible_in_reports(project: Project) -> None:
    project.write("cases.toml", VALUES)
    main(["run", "-q", "--output", "run.json"])
    assert f"/{datetime.now(UTC).year}-" in (project.root / "run.json").read_text(
        "utf-8"
    )


ROWS = """
[[case]]
id = "order"
parameters = "{file}"
request = {{ path = "/orders/${{number}}" }}
expect = {{ status = "${{status}}" }}
"""
GOOD_ROWS = [
    ("rows.csv", '\ufeffnumber,status\n7,200\n\n"0,1",404\n'),
    ("rows.json", '[{"number": 7, "status": 200}, {"number": "0,1", "status": 404}]'),
]


@pytest.mark.parametrize(("name", "text"), GOOD_ROWS)
def test_parameter_rows_can_come_from_a_file(
    name: str, text: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    cases = loaded(tmp_path, ROWS.format(file=name))
    assert [case.id for case in cases] == ["order-7-200", "order-0-1-404"]
    assert [case.request.path for case in cases] == ["/orders/7", "/orders/0,1"]
    assert [case.expect and case.expect.status for case in cases] == [200, 404]


BAD_ROWS = [
    ("rows.csv", "number,status\n7,200\n8\n", "rows.csv:3: has 1 cell, not 2"),
    ("rows.csv", "number,number\n7,200\n", "rows.csv:1: the first line has a name"),
    ("rows.csv", "number,status\n", "rows.csv: has no rows"),
    ("rows.csv", 'a,b\n"x', "rows.csv:2: is not CSV"),
    ("rows.json", '[\n{"number": }]', "rows.json:2: is not JSON"),
    ("rows.json", "{}", "rows.json: is a list of objects"),
    ("rows.jsn", "", "no such file"),
]


@pytest.mark.parametrize(("name", "text", "message"), BAD_ROWS)
def test_invalid_rows_are_reported_with_their_line(
    name: str, text: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / name.replace("jsn", "csv")).write_text(text, encoding="utf-8")
    (problem,) = problems(tmp_path, ROWS.format(file=name))
    assert problem.startswith("4: parameters: ")
    assert message in problem
