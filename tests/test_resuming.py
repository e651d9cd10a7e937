"""An interrupted run goes on, and ends as if it had not been interrupted."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from comparison.cases import load_cases
from comparison.cli import main
from comparison.runs.resume import interrupted_run
from comparison.runs.storage import read_header
from tests.project import CASES, CONFIG, Project, project

__all__ = ["project"]

MORE = "".join(
    f'\n[[case]]\nid = "order-{n}"\nrequest = {{ path = "/orders/{n}" }}\n'
    f'[case.expect]\ncontains = "{n}"\n'
    for n in range(20)
)
RUN = ["run", "-q", "--output", "run.jsonl"]
THIRD = "\n[tool.comparison.targets]\n"


@pytest.fixture
def whole(project: Project) -> Project:
    """A project whose run was saved without an interruption."""
    project.app("quart", greeting="Hi")
    project.write("cases.toml", CASES + MORE)
    assert project.once(*RUN) == 1
    shutil.move("run.jsonl", "whole.jsonl")
    return project


def document(name: str) -> list[Any]:
    """Return the content of a file without times and other values of one run."""
    lines = [json.loads(line) for line in Path(name).read_text("utf-8").splitlines()]
    for line in lines[1:]:
        for recording in line["recordings"].values():
            recording["exchange"].pop("elapsed_ms")
            for event in recording["trace"]:
                event.pop("thread", None)
    return lines


def interrupted(lines: int, more: str = "", name: str = "run.jsonl.partial") -> None:
    """The file that a run leaves that was killed after so many comparisons."""
    kept = Path("whole.jsonl").read_bytes().splitlines(keepends=True)
    header = json.loads(kept[0])
    header.update(summary=None, exit_code=None, normalisations=[])
    begun = json.dumps(header, separators=(",", ":")).encode()
    kept[0] = begun.ljust(len(kept[0]) - 1) + b"\n"
    Path(name).write_bytes(b"".join(kept[: lines + 1]) + more.encode())


CUT = '{"case":"order-7","title":"ord'


@pytest.mark.parametrize("lines", [0, 1, 7, 22])
@pytest.mark.parametrize("more", ["", CUT])
def test_a_killed_run_resumes_after_its_last_complete_line(
    whole: Project, lines: int, more: str
) -> None:
    interrupted(lines, more)
    assert main([*RUN, "--resume"]) == 1
    assert document("run.jsonl") == document("whole.jsonl")
    assert not Path("run.jsonl.partial").exists()


def test_resuming_does_not_repeat_finished_cases(whole: Project) -> None:
    interrupted(7)
    # An app that runs again now would answer differently.
    kept = Path("run.jsonl.partial").read_text("utf-8").replace("Hello", "SavedRun")
    Path("run.jsonl.partial").write_text(kept, encoding="utf-8")
    assert main([*RUN, "--resume"]) == 1
    assert "SavedRun" in Path("run.jsonl").read_text("utf-8")


def test_a_run_marked_as_interrupted_resumes(whole: Project) -> None:
    interrupted(5, name="run.jsonl")
    output = Path("run.jsonl").read_text("utf-8")
    Path("run.jsonl").write_text(
        output.replace('"interrupted":false', '"interrupted":true ', 1),
        encoding="utf-8",
    )
    assert main([*RUN, "--resume"]) == 1
    assert document("run.jsonl") == document("whole.jsonl")


def test_a_run_with_jobs_resumes(whole: Project) -> None:
    interrupted(5)
    assert main([*RUN, "--resume", "--jobs", "2"]) == 1
    ours, theirs = document("run.jsonl"), document("whole.jsonl")
    assert ours[0].pop("command") == "comparison run -q --output run.jsonl --jobs 2"
    theirs[0].pop("command")
    assert ours == theirs


@pytest.mark.slow
def test_a_run_on_servers_resumes(whole: Project) -> None:
    served = CONFIG.replace("create_app()", "create_app()@", 1)
    whole.write("pyproject.toml", served)
    assert main([*RUN, "-k", "order"]) == 0
    shutil.move("run.jsonl", "whole.jsonl")
    interrupted(3)
    assert main([*RUN, "-k", "order", "--resume"]) == 0
    assert document("run.jsonl")[0] == document("whole.jsonl")[0]
    assert len(document("run.jsonl")) == 22


def test_agreement_is_counted_over_both_parts(whole: Project) -> None:
    three = CONFIG.replace(
        "\n[tool.comparison.norm", 'again = "shop_quart"\n\n[tool.comparison.norm'
    )
    whole.write("pyproject.toml", three)
    assert main([*RUN]) == 1
    shutil.move("run.jsonl", "whole.jsonl")
    interrupted(9)
    assert main([*RUN, "--resume"]) == 1
    header = document("run.jsonl")[0]
    assert header["agreement"] == document("whole.jsonl")[0]["agreement"]
    assert {a["agreed"] for a in header["agreement"]} == {21, 22}


def test_other_reports_include_the_reused_comparisons(
    whole: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = ["--output", "run.xml", "--output", "run.md", "--output", "run.json"]
    assert main([*RUN, *outputs]) == 1
    for name in ("run.xml", "run.md", "run.json"):
        shutil.move(name, f"whole-{name}")
    interrupted(11)
    Path("run.jsonl").unlink()
    capsys.readouterr()
    assert main([*RUN, *outputs, "--resume"]) == 1
    assert "22 cases" in capsys.readouterr().out
    assert Path("run.md").read_text() == Path("whole-run.md").read_text()
    whole_run, run = (
        json.loads(Path(name).read_text()) for name in ("whole-run.json", "run.json")
    )
    assert [c["case"] for c in run["comparisons"]] == [
        c["case"] for c in whole_run["comparisons"]
    ]
    assert run["normalisations"] == whole_run["normalisations"]
    assert Path("run.xml").read_text().count("<testcase") == 22


def test_a_resumed_run_contains_no_secrets(
    whole: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "s3cr3t-value")
    secret = CASES.replace(
        '"/greeting"',
        '"/greeting?token=${env:TOKEN}&q=s3cr3t-value"\n'
        'headers = { Authorization = "Bearer ${env:TOKEN}" }',
    )
    whole.write("cases.toml", secret)
    html = ["--output", "run.html"]
    assert main([*RUN, *html]) == 1
    shutil.move("run.jsonl", "whole.jsonl")
    described = Path("run.html").read_text("utf-8")
    interrupted(2)
    assert main([*RUN, *html, "--resume"]) == 1
    assert document("run.jsonl") == document("whole.jsonl")
    assert Path("run.html").read_text("utf-8") == described
    assert "s3cr3t-value" not in described
    assert "token=‹secret 1›&amp;q=‹secret 1›" in described


@pytest.mark.parametrize("left", [None, b"", b'{"schema_version":1,"comm'])
def test_resume_without_a_usable_partial_file_starts_the_run(
    whole: Project, left: bytes | None
) -> None:
    if left is not None:
        Path("run.jsonl.partial").write_bytes(left)
    assert main([*RUN, "--resume"]) == 1
    assert document("run.jsonl") == document("whole.jsonl")


def test_resuming_a_finished_run_reports_it_unchanged(whole: Project) -> None:
    shutil.copy("whole.jsonl", "run.jsonl")
    assert main([*RUN, "--resume"]) == 1
    assert Path("run.jsonl").read_bytes() == Path("whole.jsonl").read_bytes()


def refused(capsys: pytest.CaptureFixture[str], *more: str) -> str:
    before = Path("run.jsonl.partial").read_bytes()
    capsys.readouterr()
    assert main([*RUN, "--resume", *more]) == 2
    assert Path("run.jsonl.partial").read_bytes() == before
    return capsys.readouterr().err


KNOWN = """
[[known]]
id = "a"
cause = "b"
cases = ["greeting"]
fields = { body = { flask = "Hello", quart = "Hi" } }
"""
CHANGED = {
    "cases": ("cases.toml", CASES + MORE.replace("/orders/3", "/orders/33"), "the cases have changed"),
    "known": (
        "known.toml",
        KNOWN,
        "the known differences have changed",
    ),
    "targets": (
        "pyproject.toml",
        CONFIG.replace("shop_quart:create_app()", "shop_quart"),
        "the targets or their settings have changed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGED)
def test_a_different_run_is_rejected_with_the_reason(
    whole: Project, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    interrupted(5)
    name, text, reason = CHANGED[what]
    whole.write(name, text)
    more = ["--known", "known.toml"] if what == "known" else []
    output = refused(capsys, *more)
    assert f"run.jsonl.partial: cannot be resumed: {reason}; start again" in output


def test_another_environment_or_shard_is_rejected(
    whole: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupted(5)
    partial = Path("run.jsonl.partial")
    text = partial.read_text("utf-8")
    partial.write_text(text.replace('"CPython 3.', '"CPython 2.', 1), encoding="utf-8")
    output = refused(capsys, "--shard", "1/2")
    assert "the environment has changed" in output
    assert "the shard has changed" in output


BROKEN = {
    "torn": b'{"case":"order-1","title":"ord',
    "no JSON": b"}{\n",
    "without a verdict": b'{"case": "order-0"}\n',
    "of another case": b"order-7",
    "binary": b"\x00\xff\n",
}


@pytest.mark.parametrize("line", BROKEN)
def test_cases_after_a_broken_line_are_rerun(
    whole: Project, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    interrupted(9)
    partial = Path("run.jsonl.partial")
    lines = partial.read_bytes().splitlines(keepends=True)
    moved = BROKEN[line] if line != "of another case" else lines.pop(7)
    partial.write_bytes(b"".join([*lines[:3], moved, *lines[3:]]))
    capsys.readouterr()
    assert main([*RUN, "--resume"]) == 1
    assert "run.jsonl.partial: reusing the first 2 comparisons" in (
        capsys.readouterr().err
    )
    assert document("run.jsonl") == document("whole.jsonl")


@pytest.mark.slow
def test_a_truncated_file_is_reused_up_to_its_last_complete_line(
    whole: Project,
) -> None:
    content = Path("whole.jsonl").read_bytes()
    cases = load_cases("cases.toml")
    path = whole.root / "run.jsonl"
    ends = [n for n, byte in enumerate(content, 1) if byte == ord("\n")]
    header = read_header(Path("whole.jsonl"), "")
    near = {cut for end in ends for cut in range(end - 2, end + 3)}
    for cut in sorted({*near, *range(0, len(content), 101)}):
        partial = path.with_name("run.jsonl.partial")
        partial.write_bytes(content[:cut])
        whole_lines = sum(end <= cut for end in ends)
        found = interrupted_run(path)
        if whole_lines < 2:
            assert found is None
            continue
        assert found is not None
        found.check(header, cases)
        assert (found.reused, found.end) == (whole_lines - 1, ends[whole_lines - 1])


@pytest.mark.parametrize("cut", [0, 1, 700, -1])
def test_a_file_without_a_complete_comparison_restarts_the_run(
    whole: Project, capsys: pytest.CaptureFixture[str], cut: int
) -> None:
    header, line, *_ = Path("whole.jsonl").read_bytes().splitlines(keepends=True)
    content = (header + line)[:cut]
    Path("run.jsonl.partial").write_bytes(content)
    capsys.readouterr()
    assert main([*RUN, "--resume"]) == 1
    assert "run.jsonl: there is nothing to resume; the run starts" in (
        capsys.readouterr().err
    )
    assert document("run.jsonl") == document("whole.jsonl")


@pytest.mark.parametrize(
    "outputs", [[], ["--output", "a.json"], ["--output", "a.jsonl", "--output", "b.jsonl"]]
)  # fmt: skip
def test_resume_needs_exactly_one_json_lines_output(
    project: Project, capsys: pytest.CaptureFixture[str], outputs: list[str]
) -> None:
    assert main(["run", "--resume", *outputs]) == 2
    assert "--resume needs exactly one --output FILE.jsonl" in capsys.readouterr().err
    assert not list(Path().glob("*.partial"))
