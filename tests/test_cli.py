"""The command line, called as a function: what it says, writes and returns."""

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import comparison
from comparison.cli import main
from tests.apps import options_of_twins

pytestmark = pytest.mark.usefixtures("quiet")

SMALL = """\
import flask, quart

def create_app(settings=None):
    return make(flask.Flask("small"))

def create_quart(settings=None):
    return make(quart.Quart("small"))

def create_other():
    return make(quart.Quart("small"), "Bye")

def create_broken():
    raise RuntimeError("no database")

def create_leaving():
    raise SystemExit(7)

def create_linked():
    return flask.url_for("view")

def make(app, said="Hello"):
    app.add_url_rule("/", "view", lambda: (said, 202))
    app.add_url_rule("/steady", "steady", lambda: "steady")
    return app

number = 1
app = create_app()
"""
CASES = """\
[[case]]
id = "hello"
title = "Says hello"
[case.request]
path = "/"

[[case]]
id = "steady"
[case.request]
path = "/steady"
"""
KNOWN = """\
[[known]]
id = "says-bye"
cause = "on purpose"
cases = ["hello"]
[known.fields]
body = { flask = "Hello", quart = "Bye" }
"header:content-length" = { flask = "5", quart = "3" }
"""

Comparison = Callable[..., SimpleNamespace]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with an app, its cases and a known difference, to work in."""
    import sys

    (tmp_path / "small_app.py").write_text(SMALL)
    (tmp_path / "raising_app.py").write_text("import small_app\n1 / 0\n")
    (tmp_path / "leaving_app.py").write_text("raise SystemExit(7)\n")
    (tmp_path / "wrong_app.py").write_text("def (:\n")
    (tmp_path / "cases.toml").write_text(CASES)
    (tmp_path / "known.toml").write_text(KNOWN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in ("small_app", "raising_app", "leaving_app", "wrong_app"):
        sys.modules.pop(name, None)


@pytest.fixture
def call(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Comparison:
    def call(*arguments: str) -> SimpleNamespace:
        code = main(list(arguments))
        out, err = capfdbinary.readouterr()
        return SimpleNamespace(code=code, out=out.decode(), err=err.decode())

    return call


@pytest.fixture
def run(call: Comparison) -> Comparison:
    """`run` of the small cases; by default on apps that agree."""

    def run(*arguments: str, other: str = "create_quart", **kw: Any) -> SimpleNamespace:
        targets = ("--target", "one=small_app:create_app",
                   "--target", f"two=small_app:{other}")  # fmt: skip
        return call("run", *targets, "--cases", "cases.toml", *arguments)

    return run


def test_agreement_is_exit_code_0_and_a_verdict_on_the_last_line(
    run: Comparison,
) -> None:
    result = run()
    assert (result.code, result.err) == (0, "")
    last = result.out.splitlines()[-1]
    assert last.startswith("IDENTICAL: 2 cases, no differences")


@pytest.mark.parametrize("text", ["soon", "0", "-1", "inf"])
def test_a_start_timeout_is_a_positive_number(
    run: Comparison, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("COMPARISON_START_TIMEOUT", text)
    result = run()
    output = f"comparison: COMPARISON_START_TIMEOUT={text}: is not a positive number of seconds\n"
    assert (result.code, result.err) == (2, output)


def test_cases_as_expected_are_counted_and_listed_on_request(run: Comparison) -> None:
    out = run().out
    assert "= identical" not in out
    assert out.splitlines()[-1].startswith("IDENTICAL: 2 cases, no differences")
    lines = run("--list").out.splitlines()
    assert sum(line.startswith("= identical") for line in lines) == 2


def test_list_option_prints_one_line_for_each_case(run: Comparison) -> None:
    lines = run("--list", "-v", other="create_other").out.splitlines()
    assert sum(line.startswith("≠ different hello ") for line in lines) == 1
    assert sum(line.startswith("= identical steady ") for line in lines) == 1


def test_tables_option_prints_tables_of_unexpected_cases(run: Comparison) -> None:
    assert "Client sends GET" not in run(other="create_other").out
    out = run("--tables", other="create_other").out
    assert out.count("Client sends GET") == 2
    assert out.index("≠ hello") < out.index("Client sends GET")


def test_verbose_prints_tables_below_the_line_of_each_case(run: Comparison) -> None:
    out = run("-v", other="create_other").out
    assert out.count("Client sends GET") == 4
    assert out.index("≠ hello") < out.index("Client sends GET /")
    assert out.index("= identical steady") < out.index("Client sends GET /steady")


def test_a_difference_is_exit_code_1_with_both_values(run: Comparison) -> None:
    result = run(other="create_other")
    assert result.code == 1
    assert "- body: Hello" in result.out
    assert "+ body: Bye" in result.out
    last = result.out.splitlines()[-1]
    assert last.startswith("DIFFERENT: 2 cases, 1 different, 1 identical")


def test_an_accepted_difference_is_known_in_the_next_run(run: Comparison) -> None:
    assert run("--accept", "own.toml", other="create_other").code == 1
    assert run("--known", "own.toml", other="create_other").code == 0


def test_the_printed_entry_makes_the_difference_known(
    run: Comparison, call: Comparison, folder: Path
) -> None:
    specs = ("one=small_app:create_app", "two=small_app:create_other")
    targets = [word for spec in specs for word in ("--target", spec)]
    shown = call("show", "hello", *targets, "--cases", "cases.toml").out
    entry = shown[shown.index("[[known]]") :].partition("\nCPython")[0]
    (folder / "own.toml").write_text(entry)
    assert run("--known", "own.toml", other="create_other").code == 0


def test_a_known_difference_is_exit_code_0_and_is_named(run: Comparison) -> None:
    result = run("--known", "known.toml", "--list", other="create_other")
    assert result.code == 0
    assert "known: says-bye" in result.out


def test_a_known_difference_of_an_unknown_case_suggests_the_nearest(
    run: Comparison,
) -> None:
    Path("own.toml").write_text(KNOWN.replace('["hello"]', '["hello", "staedy"]'))
    result = run("--known", "own.toml", other="create_other")
    assert result.code == 0
    assert "'says-bye': no case 'staedy', did you mean \"steady\"?" in result.err


def test_a_known_difference_of_an_unselected_case_is_not_reported(
    run: Comparison,
) -> None:
    assert "no case" not in run("--known", "known.toml", "-k", "steady").err


def test_a_stale_known_difference_fails_the_run(
    run: Comparison,
) -> None:
    result = run("--known", "known.toml")
    assert result.code == 1
    assert "known difference 'says-bye' no longer occurs in body" in result.out


def test_quiet_prints_only_the_verdict(run: Comparison) -> None:
    assert len(run("-q").out.strip().splitlines()) == 1


def test_verbose_prints_every_table(run: Comparison) -> None:
    assert run("-v").out.count("Client processes response") == 4


def test_an_expression_selects_cases(run: Comparison) -> None:
    assert "1 case," in run("-k", "hello").out.splitlines()[-1]


def test_show_prints_equal_tables_and_trackers_once(call: Comparison) -> None:
    result = call("show", "custom", *options_of_twins("custom"))
    assert result.code == 0
    for title in ("Execution table", "Variable tracker"):
        assert f"{title}: flask and quart" in result.out
        assert result.out.count(f"{title}: ") == 1
    assert "Return jsonify(message='Hello'), 202" in result.out


def test_the_json_document_has_the_documented_fields(run: Comparison) -> None:
    document = json.loads(run("--format", "json", other="create_other").out)
    assert list(document)[:3] == ["schema_version", "command", "environment"]
    assert document["schema_version"] == 1
    assert set(document["environment"]) == {"python", "platform", "packages"}
    assert [set(target) for target in document["targets"]] == [
        {"name", "spec", "framework", "server", "settings"}
    ] * 2
    assert document["summary"] == {
        "identical": 1, "known": 0, "different": 1, "failed": 0, "skipped": 0,
    }  # fmt: skip
    assert document["exit_code"] == 1
    assert document["normalisations"]
    assert all({"name", "applied"} <= set(rule) for rule in document["normalisations"])
    hello, steady = document["comparisons"]
    assert (hello["case"], hello["title"], hello["verdict"]) == (
        "hello", "Says hello", "different",
    )  # fmt: skip
    assert hello["expectation"] == {"met": True, "failures": []}
    (body,) = (d for d in hello["differences"] if d["field"] == "body")
    assert body == {
        "target": "two", "field": "body", "reference": "Hello", "candidate": "Bye",
        "layer": "app", "known": None,
    }  # fmt: skip
    (finding,) = hello["findings"]
    assert "body" in finding["fields"]
    (todo,) = document["todo"]
    assert todo == {"finding": finding, "cases": ["hello"], "settles": 1}
    assert steady["differences"] == []
    one = hello["recordings"]["one"]
    assert {"request", "response", "elapsed_ms"} <= set(one["exchange"])
    assert set(one["exchange"]["response"]) == {
        "status", "reason", "headers", "body", "framing", "http_version",
    }  # fmt: skip
    assert next(event["event"] for event in one["trace"]) == "request_sent"
    assert set(one["table"][0]) == {
        "step", "action", "status_code_set", "response_content", "client_receives",
    }  # fmt: skip
    assert set(one["variables"][0]) == {"name", "start", "steps", "final"}


def test_json_lines_are_the_header_and_a_line_for_each_case(run: Comparison) -> None:
    header, *lines = map(json.loads, run("--format", "jsonl").out.splitlines())
    assert header["schema_version"] == 1
    assert [line["case"] for line in lines] == ["hello", "steady"]


def test_a_json_lines_file_starts_with_the_summary(
    run: Comparison, folder: Path
) -> None:
    run("--output", "run.jsonl")
    header, *lines = map(json.loads, (folder / "run.jsonl").read_text().splitlines())
    assert (header["exit_code"], header["summary"]["identical"]) == (0, 2)
    assert len(lines) == 2


def test_json_and_json_lines_have_the_same_content(
    run: Comparison, folder: Path
) -> None:
    run("--output", "run.json", "--output", "run.jsonl")
    document = json.loads((folder / "run.json").read_text())
    header, *lines = map(json.loads, (folder / "run.jsonl").read_text().splitlines())
    assert document.pop("comparisons") == lines
    assert document == header


def test_markdown_has_a_row_for_each_case(run: Comparison) -> None:
    out = run("--format", "md").out
    assert out.startswith("# IDENTICAL: 2 cases")
    assert "| = identical | `hello` | 202 | Says hello |" in out


def test_markdown_shows_a_difference_in_full(run: Comparison) -> None:
    out = run("--format", "md", other="create_other").out
    block = out.partition("```diff\n")[2].partition("```")[0]
    assert block.startswith("≠ hello  GET ")
    assert "\n- body: Hello\n+ body: Bye\n" in block


def test_the_command_that_reproduces_a_run_is_in_its_report(run: Comparison) -> None:
    document = json.loads(run("--format", "json").out)
    assert document["command"].startswith("comparison run --target one=small_app")


@pytest.mark.parametrize("suffix", ["txt", "md", "json", "jsonl"])
def test_the_format_of_a_file_follows_its_suffix(
    run: Comparison, folder: Path, suffix: str
) -> None:
    assert run("--list", "--output", f"run.{suffix}").code == 0
    assert "steady" in (folder / f"run.{suffix}").read_text()


def test_an_output_file_is_written_without_leftovers(
    run: Comparison, folder: Path
) -> None:
    before = {path.name for path in folder.iterdir() if path.is_file()}
    run("--output", "run.json")
    after = {path.name for path in folder.iterdir() if path.is_file()}
    assert after - before == {"run.json"}


def test_an_existing_output_survives_a_run_that_cannot_start(
    call: Comparison, folder: Path
) -> None:
    (folder / "run.json").write_text("older")
    assert call("run", "--target", "a=nowhere", "--target", "b=nowhere",
                "--output", "run.json").code == 3  # fmt: skip
    assert (folder / "run.json").read_text() == "older"
    assert not (folder / "run.json.partial").exists()


def test_no_output_is_left_if_one_cannot_be_written(
    run: Comparison, folder: Path
) -> None:
    assert run("--output", "run.json", "--output", "nowhere/run.json").code == 2
    assert list(folder.glob("*.partial")) == []


TARGETS = ("run", "--cases", "cases.toml", "--target", "one=small_app:create_app")
BAD = {
    "unknown module": (3, ["--target", "two=smal_app"], "no module named 'smal_app', did you mean \"small_app\"?"),
    "unknown attribute": (3, ["--target", "two=small_app:creat_app"], "no attribute 'creat_app', did you mean \"create_app\"?"),
    "unknown factory": (3, ["--target", "two=small_app:create()"], "has no attribute 'create'"),
    "no app": (3, ["--target", "two=small_app:number"], "int is neither a WSGI app"),
    "no app from a factory": (3, ["--target", "two=small_app:make('x', 'y')"], "AttributeError"),
    "raises on import": (3, ["--target", "two=raising_app"], "ZeroDivisionError: division by zero (raising_app.py:2)"),
    "exits on import": (3, ["--target", "two=leaving_app"], "SystemExit: 7 (leaving_app.py:1)"),
    "no Python": (3, ["--target", "two=wrong_app"], "SyntaxError: invalid syntax (wrong_app.py, line 1)"),
    "raising factory": (3, ["--target", "two=small_app:create_broken"], "RuntimeError: no database (small_app.py:13)"),
    "exiting factory": (3, ["--target", "two=small_app:create_leaving"], "SystemExit: 7"),
    "factory that raises in a library": (3, ["--target", "two=small_app:create_linked"], "(small_app.py:19)"),
    "one target": (2, [], "give two targets or more"),
    "same name": (2, ["--target", "one=small_app"], "'one' is used twice"),
    "no name": (2, ["--target", "small_app"], "write NAME=SPEC"),
    "bad spec": (2, ["--target", "two=small app"], "write module:attribute"),
    "path": (2, ["--target", "two=../shop/app"], "a path is not a module: write"),
    "unknown option": (2, ["--tiemout", "1"], "--timeout"),
    "no number": (2, ["--timeout", "soon"], "'soon' is not a valid"),
    "no time": (2, ["--timeout", "0"], "--timeout"),
    "a time that is none": (2, ["--timeout", "nan"], "'nan' is not a number"),
    "a rate that is none": (2, ["--rate", "nan"], "'nan' is not a number"),
    "time without end": (2, ["--timeout", "inf"], "'--timeout'"),
    "missing cases": (2, ["--cases", "nowhere.toml"], "nowhere.toml: no such case file"),
    "wrong cases": (2, ["--cases", "known.toml"], "known.toml:1: known: unknown table"),
    "missing known": (2, ["--known", "nowhere.toml"], "nowhere.toml: no such file"),
    "wrong known": (2, ["--known", "cases.toml"], "cases.toml:1: case: unknown table"),
    "no folder": (2, ["--output", "nowhere/run.json"], "nowhere/run.json: the folder nowhere does not exist"),
    "a folder": (2, ["--output", "."], "--output .: the suffix must be one of"),
    "no format": (2, ["--output", "run.jsn"], 'did you mean ".json"?'),
    "unknown format": (2, ["--format", "xml"], "'xml' is not one of"),
    "no case": (5, ["-k", "helo"], 'did you mean "hello"?'),
    "bad expression": (2, ["-k", "and"], "not an expression"),
}  # fmt: skip


@pytest.mark.parametrize(("code", "arguments", "message"), BAD.values(), ids=BAD.keys())
def test_an_error_is_one_clear_message(
    call: Comparison, code: int, arguments: list[str], message: str
) -> None:
    result = call(*TARGETS, *arguments)
    assert result.code == code
    assert message in result.err
    assert "Traceback" not in result.err + result.out
    assert result.out == ""


def test_all_problems_of_a_document_are_reported(
    call: Comparison, folder: Path
) -> None:
    (folder / "cases.toml").write_text(CASES.replace("[case.request]", "[case.reqest]"))
    result = call(*TARGETS, "--target", "two=small_app")
    assert result.err.count("comparison: cases.toml:") == 2
    assert 'did you mean "request"?' in result.err


@pytest.mark.parametrize("loud", [["-v", "-v"], ["-vv"]], ids=" ".join)
def test_very_verbose_prints_the_traceback(call: Comparison, loud: list[str]) -> None:
    result = call(*TARGETS, "--target", "two=raising_app", *loud)
    assert result.code == 3
    assert "Traceback" in result.err


def test_show_suggests_the_nearest_case(call: Comparison) -> None:
    result = call("show", "custon")
    assert (result.code, result.out) == (2, "")
    assert 'did you mean "custom"?' in result.err


def test_an_internal_error_is_exit_code_4_without_a_traceback(
    run: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*paths: str, **options: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("comparison.cases.store_cases", broken)
    result = run()
    assert result.code == 4
    assert "internal error: ZeroDivisionError: oops (-v -v for the traceback)" in (
        result.err
    )


def test_a_device_is_written_to_and_not_replaced(run: Comparison, folder: Path) -> None:
    pipe = folder / "run.json"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as reading:
        read = reading.submit(pipe.read_text)
        result = run("--output", "run.json")
    assert (result.code, result.err) == (0, "")
    assert json.loads(read.result())["summary"]["identical"] == 2
    assert pipe.is_fifo()


def test_a_link_stays_a_link(run: Comparison, folder: Path) -> None:
    (folder / "link.json").symlink_to("there")
    assert run("--output", "link.json").code == 0
    assert (folder / "link.json").is_symlink()
    assert json.loads((folder / "there").read_text())["exit_code"] == 0


def test_a_repeated_output_is_rejected(run: Comparison, folder: Path) -> None:
    result = run("--output", "run.md", "--output", f"{folder}/run.md")
    assert (result.code, result.out) == (2, "")
    assert "run.md: is given twice" in result.err


def test_app_output_is_not_part_of_a_report(call: Comparison, folder: Path) -> None:
    (folder / "small_app.py").write_text(f'print("loaded")\n{SMALL}')
    targets = ("--target", "one=small_app:create_app", "--target", "two=small_app:app")
    result = call("run", *targets, "--cases", "cases.toml", "--format", "json")
    assert (result.code, result.err) == (0, "loaded\n")
    assert json.loads(result.out)["summary"]["identical"] == 2


def test_app_output_is_not_part_of_a_draft(call: Comparison, folder: Path) -> None:
    (folder / "small_app.py").write_text(f'print("loaded")\n{SMALL}')
    result = call("discover", "small_app")
    assert (result.code, result.err) == (0, "loaded\n")
    assert result.out.startswith("#:schema")


def test_an_unknown_command_suggests_the_nearest(call: Comparison) -> None:
    result = call("shwo")
    assert result.code == 2
    assert "No such command 'shwo', did you mean \"show\"?" in result.err


def test_recorded_cases_are_saved_if_a_target_fails_during_the_run(
    run: Comparison, folder: Path
) -> None:
    text = CASES.replace('path = "/steady"', 'path = "/steady"\n[case.settings]\nA = 1')
    (folder / "cases.toml").write_text(text)
    app = SMALL.replace("def create_app(settings=None):\n", "def create_app(settings=None):\n    assert not settings, 'no such setting'\n")  # fmt: skip
    (folder / "small_app.py").write_text(app)
    result = run("--output", "run.jsonl")
    assert result.code == 3
    assert "no such setting" in result.err
    _, *lines = map(json.loads, (folder / "run.jsonl").read_text().splitlines())
    assert [line["case"] for line in lines] == ["hello"]


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["show", "-h"]])
def test_help_is_exit_code_0(call: Comparison, arguments: list[str]) -> None:
    result = call(*arguments)
    assert (result.code, result.err) == (0, "")
    assert "Usage: comparison" in result.out


def test_the_version_is_that_of_the_package(call: Comparison) -> None:
    assert comparison.__version__ in call("--version").out


def test_output_that_is_not_a_terminal_has_no_colour(run: Comparison) -> None:
    assert "\x1b" not in run(other="create_other").out


def test_color_option_enables_colour(run: Comparison) -> None:
    assert "\x1b[" in run("--color", "always").out


def test_a_report_is_written_to_the_initial_working_folder(
    folder: Path, call: Comparison
) -> None:
    inner = folder / "inner"
    inner.mkdir()
    with (folder / "small_app.py").open("a") as app:
        app.write(f"import os\nos.chdir({str(inner)!r})\n")
    targets = ["--target", "flask=small_app", "--target", "quart=small_app"]
    ran = call("run", "--cases", "cases.toml", *targets, "--output", "run.jsonl")
    assert ran.code == 0
    assert (folder / "run.jsonl").is_file()
    assert list(inner.iterdir()) == []
