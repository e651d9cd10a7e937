"""`record` and `check`: what is new, and what was fixed."""

import json
from pathlib import Path
from typing import Any

import pytest

from comparison.cli import main
from tests.project import CASES, Project, project

__all__ = ["project"]

BASELINE = "baseline.jsonl"


def save_baseline(project: Project, *more: str) -> Path:
    assert project.once("record", BASELINE, "-q", *more) == 0
    return project.root / BASELINE


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    return lambda: capsys.readouterr().out.splitlines()


def test_an_unchanged_app_passes_the_check(project: Project, printed: Any) -> None:
    assert main(["record", BASELINE, "-q"]) == 0
    assert printed() == ["baseline.jsonl: 2 cases saved"]
    assert main(["check", BASELINE]) == 0
    assert printed() == ["AS RECORDED: 0 new, 0 fixed, 2 cases unchanged"]


def test_a_new_difference_fails_the_check(project: Project, printed: Any) -> None:
    save_baseline(project)
    printed()
    project.app("quart", greeting="Good day")
    assert main(["check", BASELINE]) == 1
    lines = printed()
    assert "+ new    greeting  body Hello became Good day on quart" in lines
    assert lines[-1].startswith("CHANGED: 2 new, 0 fixed, 1 case unchanged")


def test_a_recorded_difference_does_not_fail_the_check(project: Project) -> None:
    project.app("quart", greeting="Good day")
    save_baseline(project)
    assert main(["check", BASELINE]) == 0


def test_a_changed_difference_is_new_even_in_a_long_body(project: Project) -> None:
    project.app("quart", greeting="x" * 500 + "a")
    save_baseline(project)
    project.app("quart", greeting="x" * 500 + "b")
    assert main(["check", BASELINE]) == 1


def test_memory_addresses_and_times_may_change(project: Project) -> None:
    for greeting, at in (("0x7f00aa11bb22", "10:00"), ("0x7f33cc44dd55", "10:01")):
        project.app("quart", greeting=f"Hello, <coroutine object name at {greeting}>")
        source = (project.root / "shop_quart.py").read_text("utf-8")
        dated = f'"Expires": "Thu, 26 Nov 2026 {at}:00 GMT", "X-Request-Id"'
        project.write("shop_quart.py", source.replace('"X-Request-Id"', dated))
        if at == "10:00":
            save_baseline(project)
    assert main(["check", BASELINE]) == 0


def test_fixed_differences_are_listed(project: Project, printed: Any) -> None:
    project.app("quart", greeting="Good day")
    save_baseline(project)
    printed()
    project.app("quart")
    assert main(["check", BASELINE]) == 0
    assert "- fixed  greeting  body Hello became Good day on quart" in printed()


def test_a_new_route_mismatch_is_reported(project: Project, printed: Any) -> None:
    save_baseline(project)
    project.app("flask", more='app.add_url_rule("/new", "new", lambda: "")')
    assert main(["check", BASELINE, "-q"]) == 1
    assert "+ new    url-rules  GET /new  in flask, not in quart" in printed()


def test_a_single_target_is_compared_with_its_recording(
    project: Project, printed: Any
) -> None:
    alone = ("--target", "app=shop_flask:create_app()")
    save_baseline(project, *alone)
    assert main(["check", BASELINE, *alone]) == 0
    printed()
    project.app("flask", greeting="Good day")
    assert main(["check", BASELINE, *alone]) == 1
    assert "+ new    greeting  body Hello became Good day" in printed()


def test_a_comparison_with_other_targets_than_the_header_is_rejected(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = save_baseline(project, "--target", "app=shop_flask:create_app()")
    header, *_ = alone.read_text("utf-8").splitlines(keepends=True)
    _, *lines = save_baseline(project).read_text("utf-8").splitlines(keepends=True)
    alone.write_text("".join([header, *lines]), encoding="utf-8")
    assert main(["check", BASELINE]) == 2
    printed = "baseline.jsonl:2: recordings: has flask and quart, but the header names"
    assert f"{printed} app" in capsys.readouterr().err


def test_another_environment_is_reported(project: Project, printed: Any) -> None:
    path = save_baseline(project)
    first, _, rest = path.read_text("utf-8").partition("\n")
    header = json.loads(first)
    header["environment"]["packages"]["flask"] = "2.0.0"
    path.write_text(json.dumps(header) + "\n" + rest, encoding="utf-8")
    printed()
    assert main(["check", BASELINE]) == 0
    lines = printed()
    assert "flask 2.0.0" in lines[0]
    assert lines[1].startswith("checked with  ")


def test_recorded_cases_that_are_not_selected_are_reported(
    project: Project, printed: Any
) -> None:
    save_baseline(project)
    printed()
    assert main(["check", BASELINE, "-k", "order"]) == 0
    assert "not selected: 1 case (greeting)" in printed()


def test_a_case_that_was_not_recorded_does_not_run(
    project: Project, printed: Any
) -> None:
    assert main(["record", BASELINE, "-q", "-k", "order"]) == 0
    project.app("quart", greeting="Good day")
    assert printed() == ["baseline.jsonl: 1 case saved"]
    assert main(["check", BASELINE]) == 0
    assert printed() == ["AS RECORDED: 0 new, 0 fixed, 1 case unchanged"]


def test_an_added_case_is_reported_and_does_not_run(
    project: Project, printed: Any
) -> None:
    save_baseline(project)
    added = CASES + '\n[[case]]\nid = "added"\nrequest = { path = "/none" }\n'
    project.write("cases.toml", added)
    printed()
    assert main(["check", BASELINE]) == 0
    assert printed() == [
        "not in the baseline: 1 case (added); record it again to add them",
        "AS RECORDED: 0 new, 0 fixed, 2 cases unchanged",
    ]


def test_a_recorded_case_that_was_removed_is_reported(
    project: Project, printed: Any
) -> None:
    save_baseline(project)
    project.write("cases.toml", CASES.replace('"greeting"', '"salute"'))
    printed()
    assert main(["check", BASELINE]) == 0
    assert printed()[0] == (
        "no longer in a case file: 1 case (greeting);"
        " record the baseline again to remove them"
    )


def test_a_baseline_without_any_existing_case_is_an_error(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    save_baseline(project)
    project.write("cases.toml", CASES.replace('id = "', 'id = "new-'))
    assert main(["check", BASELINE]) == 5
    assert "none of its 2 cases (greeting, order) exists any more" in (
        capsys.readouterr().err
    )


ALONE = ("--target", "app=shop_flask:create_app()")


def test_check_uses_the_targets_of_the_baseline(project: Project, printed: Any) -> None:
    save_baseline(project, *ALONE)
    printed()
    assert main(["check", BASELINE]) == 0
    assert printed() == ["AS RECORDED: 0 new, 0 fixed, 2 cases unchanged"]
    project.app("flask", greeting="Good day")
    assert main(["check", BASELINE]) == 1


def test_check_uses_the_case_and_known_files_of_the_baseline(
    project: Project, printed: Any, monkeypatch: pytest.MonkeyPatch
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
    path = save_baseline(project, *files)
    printed()
    # The paths are the project's, wherever the command is given.
    monkeypatch.chdir(project.root / "more")
    assert main(["check", str(path)]) == 0
    assert printed() == ["AS RECORDED: 0 new, 0 fixed, 2 cases unchanged"]
    assert main(["check", str(path), "--known", "../cases.toml"]) == 2


def test_a_missing_case_file_of_the_baseline_is_reported(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    others = project.write("others.toml", CASES)
    save_baseline(project, "--cases", "others.toml")
    others.rename("moved.toml")
    assert main(["check", BASELINE]) == 2
    assert "was recorded with --cases others.toml, which does not exist" in (
        capsys.readouterr().err
    )
    assert main(["check", BASELINE, "--cases", "moved.toml"]) == 0


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
    save_baseline(project, *recorded)
    assert main(["check", BASELINE, *given]) == 2
    assert "has the responses of" in capsys.readouterr().err


@pytest.mark.slow
def test_the_catalogue_is_checked_in_a_project_that_has_cases(
    project: Project, printed: Any
) -> None:
    (project.root / "pyproject.toml").rename("aside.toml")
    twins = ("--target", "flask=flask_app", "--target", "quart=quart_app")
    save_baseline(project, "-k", "custom", *twins)
    (project.root / "aside.toml").rename("pyproject.toml")
    printed()
    assert main(["check", BASELINE]) == 0
    assert "0 new, 0 fixed" in printed()[-1]


def test_a_redacted_secret_is_not_a_change(project: Project) -> None:
    sent = CASES + 'headers = { Authorization = "Bearer canary-7Jx2" }\n'
    project.write("cases.toml", sent)
    assert "canary" not in save_baseline(project).read_text("utf-8")
    assert main(["check", BASELINE]) == 0


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
def test_a_file_that_is_not_a_baseline_is_reported_with_its_line(
    project: Project, text: str, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write(BASELINE, text)
    assert main(["check", BASELINE]) == 2
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
def test_an_invalid_line_is_reported_with_its_field(
    project: Project, change: Any, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = save_baseline(project)
    header, line, *rest = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([header, change(line), *rest]), encoding="utf-8")
    assert main(["check", BASELINE]) == 2
    assert problem in capsys.readouterr().err


def test_a_truncated_baseline_is_rejected(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    path = save_baseline(project)
    header, line, _ = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text(header + line, encoding="utf-8")
    assert main(["check", BASELINE]) == 2
    assert "baseline.jsonl:2: the file ends after 1 of 2 comparisons" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize("document", ["cases.toml", "run.json", "run.html"])
def test_a_document_that_is_not_a_saved_run_is_rejected_with_advice(
    project: Project, capsys: pytest.CaptureFixture[str], document: str
) -> None:
    main(["run", "-q", "--output", "run.json", "--output", "run.html"])
    capsys.readouterr()
    assert main(["check", document]) == 2
    printed = capsys.readouterr().err
    assert f"{document}:1: is not a saved run, which is JSON Lines" in printed
    assert "`comparison record FILE.jsonl` saves one" in printed
    assert main(["merge", "all.jsonl", document]) == 2
    assert "is not a saved run" in capsys.readouterr().err


def test_a_missing_baseline_is_reported(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "none.jsonl"]) == 2
    assert "none.jsonl: No such file" in capsys.readouterr().err
