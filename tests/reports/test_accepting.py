"""`run --accept`: a file of known differences for what is unexpected now."""

import sys
from pathlib import Path

import pytest

from comparison import load_known
from comparison.cli import main
from tests.project import Project, project

__all__ = ["project"]

OWN = """\
# Ours.
[[known]]
id = "greeting-body_header"
cause = "on purpose"
cases = ["other"]
fields = { body = { flask = "one", quart = "two" } }
"""
HEAD = """
[[case]]
id = "head"
request = { method = "HEAD", path = "/greeting" }
"""
READ = """
    app.secret_key = "key"

    @app.get("/read")
    def read():
        return {"user": session.get("user")}
"""
READ_CASE = """
[[case]]
id = "read"
request = { path = "/read" }
"""
IDS = """
    @app.get("/id")
    def made():
        return {"id": str(__import__("uuid").uuid4())}
"""
ID_CASE = """
[[case]]
id = "id"
request = { path = "/id" }
"""


@pytest.fixture
def differing(project: Project) -> Project:
    """Apps whose greetings differ: by one word, and by the framework for HEAD."""
    project.app("quart", greeting="Howdy")
    add(project, HEAD)
    return project


def add(project: Project, case: str) -> None:
    file = project.root / "cases.toml"
    file.write_text(file.read_text("utf-8") + case, "utf-8")


def run(*arguments: str) -> int:
    return main(["run", "-q", *arguments])


def test_accepted_differences_are_known_in_the_next_run(differing: Project) -> None:
    assert run("--accept", "known.toml") == 1
    known = load_known(["known.toml"])
    assert known.accepted == {"head-body-sent"}
    assert [entry.cases for entry in known] == [("greeting",)]
    assert run("--known", "known.toml") == 0


def test_accept_reports_what_it_wrote(
    differing: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    run("--accept", "known.toml")
    assert capsys.readouterr().err == (
        "comparison: accepted 1 shipped difference and 1 entry for 2 cases in"
        " known.toml; use it with --known known.toml\n"
        "comparison: accepted 1 cause in the apps, which the report has remedies for:"
        " keep an entry only if its difference is to stay\n"
    )


def test_accept_reports_entries_without_a_cause(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    more = '@app.get("/x")\n    def x():\n        return type(app).__name__'
    for framework in ("flask", "quart"):
        project.app(framework, more=more)
    add(project, '[[case]]\nid = "x"\nrequest = { path = "/x" }\n')
    run("--accept", "known.toml")
    assert [entry.cause for entry in load_known(["known.toml"])] == [""]
    assert capsys.readouterr().err == (
        "comparison: accepted 1 entry for 1 case in known.toml; 1 without a cause:"
        " please complete them; use it with --known known.toml\n"
    )


def test_accept_warns_of_causes_in_the_apps(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    for framework, order in (("flask", '"a", "b"'), ("quart", '"b", "a"')):
        more = f'@app.get("/x")\n    def x():\n        return [{order}]'
        project.app(framework, more=more)
    add(project, '[[case]]\nid = "x"\nrequest = { path = "/x" }\n')
    run("--accept", "known.toml")
    assert (
        "comparison: accepted 1 cause in the apps, which the report has remedies for"
        in capsys.readouterr().err
    )


def test_accept_preserves_existing_entries(differing: Project) -> None:
    differing.write("known.toml", OWN)
    assert run("--accept", "known.toml") == 1
    assert OWN in (differing.root / "known.toml").read_text("utf-8")
    known = load_known(["known.toml"])
    assert known.accepted == {"head-body-sent"}
    first, second = known
    assert first.id == "greeting-body_header" and first.cases == ("other",)
    assert second.cases == ("greeting",)
    assert run("--known", "known.toml") == 0


@pytest.mark.parametrize(
    "accept",
    [
        'accept = ["caching-date-missing"]\n',
        'schema_version = 1\naccept = [\n    "caching-date-missing"  # not [this]\n]\n',
        "schema_version = 1\naccept = []\n",
    ],
)
def test_accept_adds_ids_to_an_existing_file(differing: Project, accept: str) -> None:
    differing.write("known.toml", accept + OWN)
    before = load_known(["known.toml"]).accepted
    run("--accept", "known.toml")
    assert load_known(["known.toml"]).accepted == before | {"head-body-sent"}
    assert run("--known", "known.toml") == 0


def test_accept_preserves_comments(differing: Project) -> None:
    differing.write("known.toml", "# Ours.\n")
    run("--accept", "known.toml")
    assert "# Ours.\n" in (differing.root / "known.toml").read_text("utf-8")
    assert run("--known", "known.toml") == 0


def test_accept_with_nothing_new_leaves_the_file_unchanged(
    differing: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    run("--accept", "known.toml")
    written = (differing.root / "known.toml").read_bytes()
    capsys.readouterr()
    assert run("--known", "known.toml", "--accept", "known.toml") == 0
    message = "comparison: --accept known.toml: nothing new to accept\n"
    assert capsys.readouterr().err == message
    assert (differing.root / "known.toml").read_bytes() == written


def test_a_shipped_difference_with_a_cause_is_accepted_by_its_id(
    project: Project,
) -> None:
    for framework in ("flask", "quart"):
        project.app(framework, more=READ)
        file = project.root / f"shop_{framework}.py"
        source = file.read_text("utf-8").replace(", request", ", request, session")
        file.write_text(source, "utf-8")
    add(project, READ_CASE)
    assert run("--accept", "known.toml") == 1
    known = load_known(["known.toml"])
    assert len(known.accepted) == 1 and not list(known)
    assert run("--known", "known.toml") == 0


def test_an_accepted_difference_explains_an_unmet_expectation(project: Project) -> None:
    add(project, HEAD + "expect = { body = '' }\n".replace("body", "text"))
    assert run("--accept", "known.toml") == 1
    assert run("--known", "known.toml") == 0


def test_accept_works_for_several_targets_and_requests(differing: Project) -> None:
    add(
        differing,
        '[[case]]\nid = "twice"\nrequest = { method = "HEAD", path = "/greeting" }\n'
        '[[case.setup]]\npath = "/greeting"\n'
        '[[case.setup]]\nmethod = "HEAD"\npath = "/greeting"\n',
    )
    targets = ["flask=shop_flask:create_app()", "quart=shop_quart:create_app()",
               "other=shop_quart:create_app()", "same=shop_flask:create_app()"]  # fmt: skip
    given = [word for target in targets for word in ("--target", target)]
    assert run(*given, "--accept", "known.toml") == 1
    assert run(*given, "--known", "known.toml") == 0


def test_a_case_that_still_fails_is_counted(
    differing: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = (differing.root / "cases.toml").read_text("utf-8")
    differing.write("cases.toml", cases.replace("status = 200", "status = 202"))
    assert run("--accept", "known.toml") == 1
    message = capsys.readouterr().err
    assert "; 1 case still fails for another reason;" in message
    assert run("--known", "known.toml") == 1


def test_random_looking_values_are_reported(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    for framework in ("flask", "quart"):
        project.app(framework, more=IDS)
    add(project, ID_CASE)
    run("--accept", "known.toml")
    assert capsys.readouterr().err.splitlines()[-1] == (
        "comparison: values that look random (1 case, first: id): run --self-check"
        " first, or the entries will not match the next run"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x =", "known.toml: Invalid value"),
        ("[[knwon]]\n", 'known.toml:1: knwon: unknown table, did you mean "known"?'),
        ('accept = ["head-body-snt"]\n', 'did you mean "head-body-sent"?'),
    ],
)
def test_a_broken_file_is_an_error_before_the_run(
    differing: Project, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    file = differing.write("known.toml", text)
    assert run("--accept", "known.toml", "--output", "run.md") == 2
    captured = capsys.readouterr()
    assert message in captured.err and "Traceback" not in captured.err
    assert captured.out == ""
    assert not (differing.root / "run.md").exists()
    assert "shop_flask" not in sys.modules
    assert file.read_text("utf-8") == text


def test_a_file_in_a_folder_that_does_not_exist_is_an_error_before_the_run(
    differing: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--accept", "no/known.toml") == 2
    message = "comparison: --accept no/known.toml: the folder does not exist\n"
    assert capsys.readouterr().err == message


def test_accept_rejects_a_folder(
    differing: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--accept", ".") == 2
    assert capsys.readouterr().err == "comparison: --accept .: is not a file\n"


def test_a_file_broken_during_the_run_is_an_error_after_other_outputs(
    differing: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    more = (
        '@app.get("/break")\n    def broken():\n'
        '        open("known.toml", "w").write("x =")\n        return ""'
    )
    differing.app("quart", greeting="Howdy", more=more)
    add(differing, '[[case]]\nid = "break"\nrequest = { path = "/break" }\n')
    assert run("--accept", "known.toml", "--output", "run.md") == 2
    captured = capsys.readouterr()
    assert "known.toml: Invalid value" in captured.err
    assert "Traceback" not in captured.err
    assert "# DIFFERENT: 4 cases" in (differing.root / "run.md").read_text("utf-8")
    assert "DIFFERENT: 4 cases" in captured.out
    assert Path("known.toml").read_text("utf-8") == "x ="
