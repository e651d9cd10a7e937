"""The layer of differences, and the targets that agree, in every format."""

import json
import tomllib
from pathlib import Path

import pytest

from comparison.cli import main
from tests.apps import specs_of_twins

FLASK, QUART = specs_of_twins("head", "custom", "statuses").values()
ASKED = """
schema_version = 1
[[case]]
id = "of-the-server"
request = { method = "HEAD", path = "/head/own-with-body" }
[[case]]
id = "of-nobody"
request = { path = "/custom" }
expect = { status = 200 }
[[case]]
id = "of-the-app"
request = { path = "/status/text-with-reason" }
[[case]]
id = "as-expected"
request = { path = "/custom" }
"""
HEADINGS = (
    "Differences: app",
    "Differences: server hypercorn",
    "Failures without differences",
)
LAYERS = "differences by layer: server hypercorn (1), app (1)"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A run of two apps in process and one on a server, in each format."""
    folder = tmp_path_factory.mktemp("written")
    (folder / "cases.toml").write_text(ASKED)
    suffixes = ("txt", "md", "html", "xml", "jsonl")
    files = [folder / f"run.{suffix}" for suffix in suffixes]
    code = main(
        ["run", "-q", "--cases", str(folder / "cases.toml")]
        + ["--target", f"flask={FLASK}", "--target", f"quart={QUART}"]
        + ["--target", f"wsgi={FLASK}@hypercorn"]
        + [word for file in files for word in ("--output", str(file))]
        + ["--accept", str(folder / "run.toml")]
    )
    assert code == 1
    files.append(folder / "run.toml")
    return {file.suffix: file.read_text("utf-8") for file in files}


@pytest.mark.parametrize("suffix", [".md", ".html"])
def test_differences_are_grouped_by_layer_with_apps_first(
    written: dict[str, str], suffix: str
) -> None:
    text = written[suffix]
    places = [text.index(heading) for heading in HEADINGS]
    assert places == sorted(places)
    cases = ("of-the-app", "of-the-server", "of-nobody")
    for heading, case in zip(HEADINGS, cases, strict=True):
        assert case in text[text.index(heading) :][:700]


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
def test_differences_are_counted_for_each_layer(
    written: dict[str, str], suffix: str
) -> None:
    assert LAYERS in written[suffix].replace("Differences", "differences")


def test_the_agreement_table_counts_cases_for_each_pair_of_targets(
    written: dict[str, str],
) -> None:
    assert "| flask | — | 3/4 | 3/4 |\n| quart | 3/4 | — | 2/4 |" in written[".md"]
    row = '<tr><th scope="row">wsgi<td>3/4<td>2/4<td>—'
    assert row in written[".html"]
    rows = [line.split() for line in written[".txt"].splitlines()]
    assert ["wsgi", "3/4", "2/4", "—"] in rows
    assert '<property name="agreement.quart.wsgi" value="2/4"/>' in written[".xml"]


def test_tasks_with_a_known_cause_come_first(
    written: dict[str, str],
) -> None:
    lines = written[".txt"].partition("to do:\n")[2].splitlines()
    assert lines[0].startswith("  1. server  Serve Flask with a WSGI server")
    assert lines[0].endswith("[1 case: of-the-server]")
    assert lines[1].startswith("  2. quart_app/statuses.py:")
    assert lines[1].endswith("[1 case: of-the-app]")


def test_in_process_differences_are_attributed_to_the_app(
    written: dict[str, str],
) -> None:
    text = written[".xml"]
    assert "quart: status 418 → 500\n" in text
    assert "cause: ValueError is raised in quart only." in text
    assert "wsgi: status 200 → 500\n" in text
    assert "cause (server): Hypercorn's wrapper for WSGI apps " in text
    layers = [
        (difference["target"], difference["layer"])
        for line in written[".jsonl"].splitlines()[1:]
        for difference in json.loads(line)["differences"]
        if difference["field"] == "status"
    ]
    assert layers == [("wsgi", "server"), ("quart", "app")]


def test_entries_for_several_targets_name_frameworks_or_servers(
    written: dict[str, str],
) -> None:
    fields = [
        entry["fields"]["status"] for entry in tomllib.loads(written[".toml"])["known"]
    ]
    assert fields == [
        {"in-process": 200, "hypercorn": 500},
        {"flask": 418, "quart": 500},
    ]


def test_annotations_describe_which_targets_agree(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cases.toml").write_text(ASKED)
    targets = [f"a={FLASK}", f"b={QUART}", f"c={FLASK}"]
    given = [word for target in targets for word in ("--target", target)]
    sent = ["--cases", str(tmp_path / "cases.toml"), "--format", "github"]
    assert main(["run", *sent, *given]) == 1
    verdict = capsys.readouterr().out.splitlines()[-1]
    assert "%0Adifferences by layer: app (1)%0A" in verdict
    assert "%0Aa agrees with c in 4 of 4 cases%0A" in verdict
