"""Shards, and the run that they are parts of."""

import json
from pathlib import Path
from typing import Any

import pytest

from comparison.cases import load_cases, shard_of
from comparison.cli import main
from tests.project import CASES, CONFIG, Project, project

__all__ = ["project"]

MORE = "".join(
    f'\n[[case]]\nid = "more-{n}"\n[case.request]\npath = "/orders/{n}"\n'
    for n in range(5)
)

GONE = """
schema_version = 1

[[known]]
id = "gone"
cause = "An earlier release did so."
cases = ["order", "greeting"]
recorded_with = { flask = "1.0" }
[known.fields]
body = { flask = "one", quart = "two" }
"""


def sharded(project: Project, count: int = 3) -> list[str]:
    project.write("cases.toml", CASES + MORE)
    names = [f"{number}.jsonl" for number in range(1, count + 1)]
    for number, name in enumerate(names, 1):
        project.once("run", "-q", "--shard", f"{number}/{count}", "--output", name)
    return names


def document(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    header, *lines = map(json.loads, path.read_text("utf-8").splitlines())
    return header, lines


def change(path: Path, **fields: Any) -> None:
    first, _, rest = path.read_text("utf-8").partition("\n")
    path.write_text(json.dumps({**json.loads(first), **fields}) + "\n" + rest, "utf-8")


@pytest.mark.parametrize("count", [1, 2, 7, 100])
def test_shards_are_balanced_and_have_every_case_once(count: int) -> None:
    cases = load_cases()
    shards = [shard_of(cases, number, count) for number in range(1, count + 1)]
    sizes = [len(shard) for shard in shards]
    assert max(sizes) - min(sizes) <= 1
    assert sorted(c.id for s in shards for c in s) == sorted(c.id for c in cases)


def test_a_shard_does_not_depend_on_the_order_of_the_cases() -> None:
    cases = load_cases()
    one = {case.id for case in shard_of(cases, 2, 5)}
    other = {case.id for case in shard_of(cases[::-1], 2, 5)}
    assert one == other


def test_shards_are_merged_into_one_run(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    names = sharded(project)
    capsys.readouterr()
    assert main(["merge", "all.jsonl", *reversed(names)]) == 0
    assert capsys.readouterr().out == "IDENTICAL: 7 cases, no differences\n"
    header, lines = document(project.root / "all.jsonl")
    assert header["summary"]["identical"] == len(lines) == 7
    assert header["shard"] == ""
    applied = {rule["name"]: rule["applied"] for rule in header["normalisations"]}
    assert applied["presence:x-request-id"] == 6


def test_stale_notices_of_shards_are_merged(
    project: Project,
) -> None:
    project.write("known.toml", GONE)
    cases = 'cases = ["cases.toml"]'
    project.write(
        "pyproject.toml", CONFIG.replace(cases, f'{cases}\nknown = ["known.toml"]')
    )
    main(["merge", "all.jsonl", *sharded(project)])
    header, _ = document(project.root / "all.jsonl")
    (notice,) = header["stale_notices"]
    assert (notice["known"], sorted(notice["cases"])) == ("gone", ["greeting", "order"])


def test_a_merged_run_is_a_baseline(project: Project) -> None:
    main(["merge", "all.jsonl", *sharded(project)])
    assert main(["check", "all.jsonl"]) == 0


def comparable(path: Path) -> list[Any]:
    """The comparisons of a JSON document, without the times."""
    comparisons: list[Any] = json.loads(path.read_text("utf-8"))["comparisons"]
    for comparison in comparisons:
        for recording in comparison["recordings"].values():
            del recording["exchange"]["elapsed_ms"]
    return comparisons


def test_a_merged_report_equals_that_of_the_complete_run(project: Project) -> None:
    project.app("quart", greeting="Good day")
    names = sharded(project)
    main(["run", "-q", "--output", "whole.json", "--output", "whole.md"])
    assert main(["merge", "all.json", *names]) == 1
    assert comparable(project.root / "all.json") == comparable(
        project.root / "whole.json"
    )
    assert main(["merge", "all.md", *names]) == 1
    whole, joined = (
        [
            line
            for line in (project.root / name).read_text("utf-8").splitlines()
            if not line.startswith("Reproduce: ")
        ]
        for name in ("whole.md", "all.md")
    )
    assert joined == whole


@pytest.mark.parametrize("suffix", [".html", ".xml", ".txt"])
def test_a_merged_run_is_reported_in_every_format(
    project: Project, suffix: str
) -> None:
    names = sharded(project)
    assert main(["merge", f"all{suffix}", *names]) == 0
    text = (project.root / f"all{suffix}").read_text("utf-8")
    # The text counts the cases that are as expected.
    assert ("7 cases" if suffix == ".txt" else "more-4") in text
    assert "--shard" not in text


def test_a_merged_report_needs_the_case_files(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    names = sharded(project)
    project.write("cases.toml", CASES)
    assert main(["merge", "all.html", *names]) == 2
    assert "give --cases and -k as they were" in capsys.readouterr().err
    project.write("elsewhere/cases.toml", CASES + MORE)
    assert main(["merge", "all.html", *names, "--cases", "elsewhere"]) == 0


DAMAGED = {
    "truncated": (
        lambda text: text[: text.rindex('{"case"')],
        "2.jsonl:2: the file ends after 1 of 2 comparisons",
    ),
    "torn": (lambda text: text[:-9], "2.jsonl:3: the line is torn"),
    "without its end": (lambda text: text[:-1], "2.jsonl:3: the line is torn"),
    "emptied": (
        lambda text: text[: text.index("\n") + 1],
        "2.jsonl:1: the file ends after 0 of 2 comparisons",
    ),
    "with a line again": (
        lambda text: text + text.splitlines(keepends=True)[-1],
        "2.jsonl:4: case: 'more-3' is in the file twice",
    ),
    "with a line that is broken": (
        lambda text: text.replace('"verdict":"identical"', '"verdict":"equal"', 1),
        "2.jsonl:2: verdict: invalid enum value 'equal'",
    ),
    "with another verdict": (
        lambda text: text.replace('"verdict":"identical"', '"verdict":"known"', 1),
        "2.jsonl:3: the verdicts of the comparisons are not those that the header counts",
    ),
}


@pytest.mark.parametrize("output", ["all.jsonl", "all.html"])
@pytest.mark.parametrize("how", DAMAGED)
def test_a_damaged_shard_is_rejected_with_file_line_and_advice(
    project: Project,
    capsys: pytest.CaptureFixture[str],
    how: str,
    output: str,
) -> None:
    names = sharded(project)
    shard = project.root / "2.jsonl"
    damage, problem = DAMAGED[how]
    shard.write_text(damage(shard.read_text("utf-8")), "utf-8")
    capsys.readouterr()
    assert main(["merge", output, *names]) == 2
    message = capsys.readouterr().err
    assert problem in message
    assert "copy it again, or run the shard again" in message
    assert list(project.root.glob("all.*")) == []


def test_a_merged_run_can_be_written_to_standard_output(
    project: Project, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    names = sharded(project)
    assert main(["merge", "all.jsonl", *names]) == 0
    capfdbinary.readouterr()
    assert main(["merge", "-", *names]) == 0
    out, err = capfdbinary.readouterr()
    assert out == (project.root / "all.jsonl").read_bytes()
    assert err == b"IDENTICAL: 7 cases, no differences\n"


def test_a_difference_in_any_shard_fails_the_merged_run(project: Project) -> None:
    project.app("quart", greeting="Good day")
    assert main(["merge", "all.jsonl", *sharded(project)]) == 1


def refused(project: Project, capsys: pytest.CaptureFixture[str], *names: str) -> str:
    assert main(["merge", "all.jsonl", *names]) == 2
    assert list(project.root.glob("all.jsonl*")) == []
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"cases_digest": "other"}, "2.jsonl:1: cases_digest: is not the same as in 1"),
        (
            {"environment": {"python": "3", "platform": "", "packages": {}}},
            "2.jsonl:1: environment: is not the same as in 1.jsonl",
        ),
        ({"targets": []}, "2.jsonl:1: targets: is not the same as in 1.jsonl"),
        ({"shard": "1/3"}, "shard 1/3 is given twice"),
        ({"shard": "2/4"}, "shard 2/4 is not one of 3"),
        ({"shard": ""}, "2.jsonl:1: shard: is not a shard"),
        ({"summary": None}, "2.jsonl:1: summary: the run did not end"),
        ({"schema_version": 2}, "2.jsonl:1: schema_version: is 2"),
    ],
)
def test_shards_of_different_runs_are_rejected(
    project: Project,
    capsys: pytest.CaptureFixture[str],
    fields: dict[str, Any],
    problem: str,
) -> None:
    names = sharded(project)
    change(project.root / "2.jsonl", **fields)
    assert problem in refused(project, capsys, *names)


def test_shards_with_changed_cases_are_rejected(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    names = sharded(project)
    project.write("cases.toml", CASES + MORE.replace("/orders/4", "/orders/5"))
    main(["run", "-q", "--shard", "2/3", "--output", "2.jsonl"])
    assert "cases_digest" in refused(project, capsys, *names)


def test_a_missing_shard_is_reported(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    first, _, third = sharded(project)
    assert "shard 2/3 is missing" in refused(project, capsys, first, third)


@pytest.mark.parametrize("shard", ["0/3", "4/3", "1", "a/b", "1/0", "-1/2", "1/2/3"])
def test_a_shard_is_written_as_i_of_n(
    project: Project, shard: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--shard", shard]) == 2
    assert "write i/n" in capsys.readouterr().err


def test_a_shard_without_cases_is_exit_code_5(project: Project) -> None:
    assert main(["run", "--shard", "3/3"]) == 5
