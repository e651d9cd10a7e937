"""`record` and `check`: what is new, and what was fixed."""

import json
from pathlib import Path
from typing import Any

import pytest

from comparison.cli import main
from tests.project import CASES, Project, project

__all__ = ["project"]

KEPT = "baseline.jsonl"


def kept(project: Project, *more: str) -> Path:
    assert main(["record", KEPT, "-q", *more]) == 0
    return project.root / KEPT


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return lambda: capsys.readouterr().out.splitlines()


def test_nothing_changed(project: Project, said: Any) -> None:
    kept(project)
    assert said() == ["baseline.jsonl: 2 cases saved"]
    assert main(["check", KEPT]) == 0
    assert said() == ["AS RECORDED: 0 new, 0 fixed, 2 cases unchanged"]


def test_a_difference_that_is_new_fails(project: Project, said: Any) -> None:
    kept(project)
    said()
    project.app("quart", greeting="Good day")
    assert main(["check", KEPT]) == 1
    lines = said()
    assert "+ new    greeting  body Hello became Good day on quart" in lines
    assert lines[-1].startswith("CHANGED: 2 new, 0 fixed, 1 case unchanged")


def test_a_difference_that_was_there_does_not_fail(project: Project) -> None:
    project.app("quart", greeting="Good day")
    kept(project)
    assert main(["check", KEPT]) == 0


def test_a_difference_that_changed_is_new_however_long_it_is(project: Project) -> None:
    project.app("quart", greeting="x" * 500 + "a")
    kept(project)
    project.app("quart", greeting="x" * 500 + "b")
    assert main(["check", KEPT]) == 1


def test_an_address_and_a_time_are_others_the_next_time(project: Project) -> None:
    for greeting, at in (("0x7f00aa11bb22", "10:00"), ("0x7f33cc44dd55", "10:01")):
        project.app("quart", greeting=f"Hello, <coroutine object name at {greeting}>")
        source = (project.root / "shop_quart.py").read_text("utf-8")
        dated = f'"Expires": "Thu, 26 Nov 2026 {at}:00 GMT", "X-Request-Id"'
        project.write("shop_quart.py", source.replace('"X-Request-Id"', dated))
        if at == "10:00":
            kept(project)
    assert main(["check", KEPT]) == 0


def test_what_was_fixed_is_shown(project: Project, said: Any) -> None:
    project.app("quart", greeting="Good day")
    kept(project)
    said()
    project.app("quart")
    assert main(["check", KEPT]) == 0
    assert "- fixed  greeting  body Hello became Good day on quart" in said()


def test_a_rule_that_one_app_has_since_is_new(project: Project, said: Any) -> None:
    kept(project)
    project.app("flask", more='app.add_url_rule("/new", "new", lambda: "")')
    assert main(["check", KEPT, "-q"]) == 1
    assert "+ new    url-rules  GET /new  in flask, not in quart" in said()


def test_one_target_is_compared_with_what_it_answered(
    project: Project, said: Any
) -> None:
    alone = ("--target", "app=shop_flask:create_app()")
    kept(project, *alone)
    assert main(["check", KEPT, *alone]) == 0
    said()
    project.app("flask", greeting="Good day")
    assert main(["check", KEPT, *alone]) == 1
    assert "+ new    greeting  body Hello became Good day" in said()


def test_a_comparison_of_other_targets_than_those_of_the_header_is_named(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = kept(project, "--target", "app=shop_flask:create_app()")
    header, *_ = alone.read_text("utf-8").splitlines(keepends=True)
    _, *lines = kept(project).read_text("utf-8").splitlines(keepends=True)
    alone.write_text("".join([header, *lines]), encoding="utf-8")
    assert main(["check", KEPT]) == 2
    said = "baseline.jsonl:2: recordings: has flask and quart, but the header names"
    assert f"{said} app" in capsys.readouterr().err


def test_another_environment_is_told(project: Project, said: Any) -> None:
    path = kept(project)
    first, _, rest = path.read_text("utf-8").partition("\n")
    header = json.loads(first)
    header["environment"]["packages"]["flask"] = "2.0.0"
    path.write_text(json.dumps(header) + "\n" + rest, encoding="utf-8")
    said()
    assert main(["check", KEPT]) == 0
    lines = said()
    assert "flask 2.0.0" in lines[0]
    assert lines[1].startswith("checked with  ")


def test_recorded_cases_that_are_not_selected_are_named(
    project: Project, said: Any
) -> None:
    kept(project)
    said()
    assert main(["check", KEPT, "-k", "order"]) == 0
    assert "not selected: 1 case (greeting)" in said()


def test_a_case_that_was_not_recorded_does_not_run(project: Project, said: Any) -> None:
    kept(project, "-k", "order")
    project.app("quart", greeting="Good day")
    assert said() == ["baseline.jsonl: 1 case saved"]
    assert main(["check", KEPT]) == 0
    assert said() == ["AS RECORDED: 0 new, 0 fixed, 1 case unchanged"]


def test_a_case_that_was_added_is_named_and_does_not_run(
    project: Project, said: Any
) -> None:
    kept(project)
    added = CASES + '\n[[case]]\nid = "added"\nrequest = { path = "/none" }\n'
    project.write("cases.toml", added)
    said()
    assert main(["check", KEPT]) == 0
    assert said() == [
        "not in the baseline: 1 case (added); record it again to add them",
        "AS RECORDED: 0 new, 0 fixed, 2 cases unchanged",
    ]


def test_a_recorded_case_that_does_not_exist_any_more_is_named(
    project: Project, said: Any
) -> None:
    kept(project)
    project.write("cases.toml", CASES.replace('"greeting"', '"salute"'))
    said()
    assert main(["check", KEPT]) == 0
    assert said()[0] == (
        "no longer in a case file: 1 case (greeting);"
        " record the baseline again to remove them"
    )


def test_where_no_recorded_case_exists_any_more_there_is_nothing_to_check(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    kept(project)
    project.write("cases.toml", CASES.replace('id = "', 'id = "new-'))
    assert main(["check", KEPT]) == 5
    assert "none of its 2 cases (greeting, order) exists any more" in (
        capsys.readouterr().err
    )


ALONE = ("--target", "app=shop_flask:create_app()")


def test_a_baseline_knows_its_targets(project: Project, said: Any) -> None:
    kept(project, *ALONE)
    said()
    assert main(["check", KEPT]) == 0
    assert said() == ["AS RECORDED: 0 new, 0 fixed, 2 cases unchanged"]
    project.app("flask", greeting="Good day")
    assert main(["check", KEPT]) == 1


def test_a_baseline_knows_its_case_files_and_known_differences(
    project: Project, said: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.app("quart", greeting="Hi")
    project.write("more/others.toml", CASES.replace('id = "', 'id = "other-'))
    project.write(
        "more/known.toml",
        """
        [[known]]
        id = "greeting"
        cause = "Tests."
        cases = ["other-greeting"]
        [known.fields]
        body = { flask = "Hello", quart = "Hi" }
        "header:content-length" = { flask = true, quart = true }
        """,
    )
    files = ("--cases", "more/others.toml", "--known", "more/known.toml")
    path = kept(project, *files)
    said()
    # The paths are the project's, wherever the command is given.
    monkeypatch.chdir(project.root / "more")
    assert main(["check", str(path)]) == 0
    assert said() == ["AS RECORDED: 0 new, 0 fixed, 2 cases unchanged"]
    assert main(["check", str(path), "--known", "../cases.toml"]) == 2


def test_a_case_file_of_the_baseline_that_is_gone_is_named(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    others = project.write("others.toml", CASES)
    kept(project, "--cases", "others.toml")
    others.rename("moved.toml")
    assert main(["check", KEPT]) == 2
    assert "was recorded with --cases others.toml, which does not exist" in (
        capsys.readouterr().err
    )
    assert main(["check", KEPT, "--cases", "moved.toml"]) == 0


@pytest.mark.parametrize(
    ("recorded", "given"),
    [
        ((), ALONE),
        (ALONE, (*ALONE, "--target", "quart=shop_quart")),
        ((), ("--target", "one=shop_flask", "--target", "two=shop_quart")),
    ],
)
def test_other_targets_than_those_of_the_baseline_are_rejected(
    project: Project,
    capsys: pytest.CaptureFixture[str],
    recorded: tuple[str, ...],
    given: tuple[str, ...],
) -> None:
    kept(project, *recorded)
    assert main(["check", KEPT, *given]) == 2
    assert "has the responses of" in capsys.readouterr().err


def test_the_catalogue_is_checked_in_a_project_that_has_cases(
    project: Project, said: Any
) -> None:
    (project.root / "pyproject.toml").rename("aside.toml")
    twins = ("--target", "flask=flask_app", "--target", "quart=quart_app")
    kept(project, "-k", "custom", *twins)
    (project.root / "aside.toml").rename("pyproject.toml")
    said()
    assert main(["check", KEPT]) == 0
    assert "0 new, 0 fixed" in said()[-1]


def test_a_secret_in_the_baseline_is_no_change(project: Project) -> None:
    asked = CASES + 'headers = { Authorization = "Bearer canary-7Jx2" }\n'
    project.write("cases.toml", asked)
    assert "canary" not in kept(project).read_text("utf-8")
    assert main(["check", KEPT]) == 0


OTHER = '{"python": "CPython 3.99", "platform": "Linux", "packages": {"flask": "9.1"}}'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "baseline.jsonl:1: is not a saved run, which is JSON Lines (input data"),
        (
            "{}\n",
            "(object missing required field `schema_version`); `comparison record",
        ),
        (
            '{"schema_version": 9}\n',
            "to convert it, record it again with `comparison record",
        ),
        (
            f'{{"schema_version": 9, "environment": {OTHER}}}\n',
            "in the same environment (CPython 3.99, Linux, flask 9.1), or check it with",
        ),
        ("\x00\xff\n", "baseline.jsonl:1: "),
        ("[" * 100_000, "baseline.jsonl:1: "),
    ],
)
def test_a_file_that_is_no_baseline_names_its_line(
    project: Project, text: str, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write(KEPT, text)
    assert main(["check", KEPT]) == 2
    assert problem in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda line: line[:-9], "baseline.jsonl:2: "),
        (lambda line: line.replace('"verdict"', '"veredict"'), "`verdict`"),
        (lambda line: line.replace('"status":200', '"status":"x"'), "response.status"),
        (lambda line: f"{line}\n{line}", "baseline.jsonl:3: case: 'order' is in the"),
    ],
)
def test_a_wrong_line_is_named_with_its_field(
    project: Project, change: Any, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = kept(project)
    header, line, *rest = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([header, change(line), *rest]), encoding="utf-8")
    assert main(["check", KEPT]) == 2
    assert problem in capsys.readouterr().err


def test_a_baseline_that_was_cut_off_is_rejected(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    path = kept(project)
    header, line, _ = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text(header + line, encoding="utf-8")
    assert main(["check", KEPT]) == 2
    assert "baseline.jsonl:2: the file ends after 1 of 2 comparisons" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize("document", ["cases.toml", "run.json", "run.html"])
def test_a_document_that_is_not_a_saved_run_is_named_and_how_to_make_one(
    project: Project, capsys: pytest.CaptureFixture[str], document: str
) -> None:
    main(["run", "-q", "--output", "run.json", "--output", "run.html"])
    capsys.readouterr()
    assert main(["check", document]) == 2
    said = capsys.readouterr().err
    assert f"{document}:1: is not a saved run, which is JSON Lines" in said
    assert "`comparison record FILE.jsonl` saves one" in said
    assert main(["merge", "all.jsonl", document]) == 2
    assert "is not a saved run" in capsys.readouterr().err


def test_a_missing_baseline_is_named(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "none.jsonl"]) == 2
    assert "none.jsonl: No such file" in capsys.readouterr().err
