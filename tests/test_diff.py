"""Two recordings, compared without sending anything."""

import json
from pathlib import Path
from typing import Any

import pytest

from comparison.cli import main
from tests.project import Project, project

__all__ = ["project"]


def document(name: str = "out.json") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(name).read_text("utf-8"))
    return found


def without_times(comparison: dict[str, Any]) -> dict[str, Any]:
    return {
        key: comparison[key]
        for key in ("case", "verdict", "expectation", "differences", "findings")
        if key in comparison
    }


def test_saved_runs_have_the_findings_and_the_exit_code_of_a_run(
    project: Project,
) -> None:
    project.app("quart", greeting="Good day")
    assert main(["run", "-q", "--output", "run.json", "--output", "run.jsonl"]) == 1
    for name in ("flask", "quart"):
        target = f"{name}=shop_{name}:create_app()"
        assert main(["record", f"{name}.jsonl", "-q", "--target", target]) == 0
    expected = list(map(without_times, document("run.json")["comparisons"]))
    # Nothing is imported or sent.
    Path("shop_flask.py").rename("moved.txt")
    for files in (
        ["flask.jsonl", "quart.jsonl"],
        ["run.jsonl", "run.jsonl", "--reference", "flask", "--candidate", "quart"],
    ):
        assert main(["diff", *files, "-q", "--output", "out.json"]) == 1
        found = document()
        compared = list(map(without_times, found["comparisons"]))
        assert [c["differences"] for c in compared] == [
            c["differences"] for c in expected
        ]
        assert [c["verdict"] for c in compared] == [c["verdict"] for c in expected]
        assert found["exit_code"] == 1
        assert {"presence:x-request-id"} <= {n["name"] for n in found["normalisations"]}
    assert main(["diff", "flask.jsonl", "flask.jsonl", "-q"]) == 0


def test_a_case_missing_from_one_saved_run_is_a_failure(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    target = ["--target", "flask=shop_flask:create_app()"]
    assert main(["record", "all.jsonl", "-q", *target]) == 0
    assert main(["record", "one.jsonl", "-q", "-k", "order", *target]) == 0
    for files in (["all.jsonl", "one.jsonl"], ["one.jsonl", "all.jsonl"]):
        assert main(["diff", *files]) == 1
        assert "one.jsonl has no such recording" in " ".join(
            capsys.readouterr().out.split()
        )
    assert main(["diff", "all.jsonl", "one.jsonl", "-k", "order", "-q"]) == 0
    assert main(["diff", "all.jsonl", "one.jsonl", "-k", "none", "-q"]) == 5


def entry(path: str, text: str = "", status: int = 200, **more: Any) -> dict[str, Any]:
    request = {"method": more.pop("method", "GET"), "url": f"http://shop.example{path}"}
    headers = [{"name": "Content-Type", "value": "text/plain"}]
    content = {"mimeType": "text/plain", "text": text, **more}
    response = {"status": status, "statusText": "OK", "httpVersion": "HTTP/1.1"}
    return {
        "request": {**request, "headers": []},
        "response": {**response, "headers": headers, "content": content},
    }


def har(name: str, *entries: dict[str, Any]) -> str:
    Path(name).write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    return name


def test_har_files_are_compared_request_by_request(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    static = {
        **entry("/a.css"),
        "request": {"method": "GET", "url": "http://shop.example/a.css"},
    }
    other = {**entry("/"), "request": {"method": "GET", "url": "http://cdn.example/"}}
    # The second of two equal requests belongs to the second one.
    one = har(
        "one.har",
        entry("/n", "1"),
        entry("/n", "2"),
        entry("/b", "aGk=", encoding="base64"),
        static,
        other,
    )
    two = har("two.har", entry("/b", "hi"), entry("/n", "1"), entry("/n", "2"))
    assert main(["diff", one, two, "-q"]) == 0
    message = capsys.readouterr().err
    assert "one.har: left out: 1 for static files" in message
    assert "one.har: left out: 1 to cdn.example" in message
    three = har("three.har", entry("/b", "hi"), entry("/n", "1"), entry("/n", "3", 201))
    assert main(["diff", one, three, "-q", "--output", "out.json"]) == 1
    (wrong,) = [c for c in document()["comparisons"] if c["verdict"] != "identical"]
    assert wrong["case"] == "get-n-2"
    assert {d["field"] for d in wrong["differences"]} == {"status", "body"}


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("data", "sent"),
    [
        ({"text": "a=1"}, ("a=1", None)),
        ({"text": "aP8=", "encoding": "base64"}, (None, "aP8=")),
        ({"params": [{"name": "a b", "value": "ä"}]}, ("a+b=%C3%A4", None)),
    ],
)
def test_a_report_has_the_request_body_of_a_har_file_as_it_was_sent(
    data: dict[str, Any], sent: tuple[str | None, str | None]
) -> None:
    posted = entry("/form", "1", method="POST")
    posted["request"]["postData"] = {
        "mimeType": "application/x-www-form-urlencoded",
        **data,
    }
    one = har("one.har", posted)
    two = har("two.har", posted | {"response": entry("/form", "2")["response"]})
    assert main(["diff", one, two, "-q", "--output", "out.json"]) == 1
    (found,) = document()["comparisons"]
    request = found["recordings"]["one"]["exchange"]["request"]
    assert (request.get("body"), request.get("body_base64")) == sent


def test_the_values_that_differ_in_har_files_are_printed(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    one = har("one.har", entry("/n", '{"role": "admin"}'), entry("/m", "1"))
    two = har("two.har", entry("/n", '{"role": "guest"}'), entry("/m", "1", 404))
    assert main(["diff", one, two, "-q"]) == 1
    output = capsys.readouterr().out
    assert '$.role  "admin" → "guest"' in output
    assert "one answered 200 text/plain 1" in output


def test_placeholders_of_secrets_stay_as_they_were_saved(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("flask", "quart"):
        login = f"""
    @app.get("/login")
    def login():
        return "", 200, {{"Set-Cookie": "session=hunter2-{name}; Path=/"}}
        """
        project.app(name, more=login)
    project.write("cases.toml", '[[case]]\nid = "in"\nrequest = { path = "/login" }\n')
    assert main(["run", "-q", "--output", "run.jsonl"]) == 1
    targets = ["--reference", "flask", "--candidate", "quart"]
    capsys.readouterr()
    assert main(["diff", "run.jsonl", "run.jsonl", "-q", *targets]) == 1
    output = capsys.readouterr().out
    assert "session=‹secret 1›; Path=/ → session=‹secret 2›; Path=/" in output


def test_secrets_in_har_files_are_not_reported(project: Project) -> None:
    one = har("one.har", entry("/?token=hunter2hunter2", "1"))
    two = har("two.har", entry("/?token=hunter2hunter2", "2"))
    assert main(["diff", one, two, "-q", "--output", "out.json"]) == 1
    assert "hunter2" not in Path("out.json").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run.jsonl", "run.jsonl"], "run.jsonl: has the targets flask and quart; choose one with --reference"),
        (
            ["run.jsonl", "run.jsonl", "--reference", "flask", "--candidate", "quarts"],
            '--candidate quarts: run.jsonl has no such target, did you mean "quart"?',
        ),
        (["cases.toml", "run.jsonl"], "cases.toml:1: is not a saved run"),
        (["none.har", "run.jsonl"], "none.har: No such file"),
        (["bad.har", "run.jsonl"], "bad.har:1: is not JSON"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_a_recording_is_reported(
    arguments: list[str],
    message: str,
    project: Project,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["run", "-q", "--output", "run.jsonl"]) == 0
    Path("bad.har").write_text("no")
    assert main(["diff", *arguments]) == 2
    assert message in capsys.readouterr().err
