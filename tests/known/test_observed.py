"""Where a known difference is seen, and the command that shows it there."""

import shlex

import pytest

from comparison.cli import main
from comparison.known import KnownDifferences
from comparison.known.observed import pair_of, stacks_of
from comparison.runner.config import Project
from comparison.runner.settings import RunSettings
from comparison.targets.servers.stacks import STACKS
from tests.diff.making import known

ON_A_SERVER = "error-page-for-head"  # on Hypercorn, which Quart brings


@pytest.fixture(scope="module")
def shipped() -> KnownDifferences:
    return RunSettings((), (), (), None, Project()).load_known()


def output_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


def test_two_stacks_demonstrate_each_server_difference(
    shipped: KnownDifferences,
) -> None:
    of_servers = [entry for entry in shipped if entry.stack or entry.names_stacks]
    assert len(of_servers) > 50
    for entry in of_servers:
        pair = pair_of(shipped, entry, STACKS)
        assert pair is not None, entry.id
        assert shipped.distinguishes(entry, pair), entry.id


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"quart+granian": "1", "*": "2"}, ["flask+werkzeug", "quart+granian"]),
        ({"quart+granian": "1", "quart+hypercorn": "2"}, ["quart+hypercorn", "quart+granian"]),
        ({"flask": "1", "quart+granian": "1", "quart": "2"}, ["flask+werkzeug", "quart+hypercorn"]),
        ({"flask": "1", "flask+waitress": "2", "quart": "3"}, ["flask+waitress", "quart+hypercorn"]),
        ({"flask+waitress": "1", "quart+granian": "1"}, None),
    ],
)  # fmt: skip
def test_named_stacks_are_preferred_unless_they_agree(
    values: dict[str, str], expected: list[str] | None
) -> None:
    entry = known({"body": values})
    pair = pair_of(KnownDifferences([entry]), entry, STACKS)
    assert (None if pair is None else [side.stack for side in pair]) == expected
    if pair is not None:
        # A framework is enough of a name, unless both sides have the same one.
        frameworks = [side.framework for side in pair]
        named = frameworks if len(set(frameworks)) == 2 else expected
        assert [side.name for side in pair] == named


def test_stacks_are_listed_with_frameworks_on_other_servers() -> None:
    values = {"flask": "1", "flask+waitress": "2", "quart": "3"}
    assert stacks_of(known({"body": values})) == (
        "flask+waitress, flask and quart on other servers"
    )
    entry = known({"body": {"flask": "1", "*": "2"}}, stack={"flask": "waitress"})
    assert stacks_of(entry) == "flask on waitress"


@pytest.mark.slow
def test_explain_prints_a_command_that_reproduces_a_server_difference(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = output_of(capsys, "explain", ON_A_SERVER)
    assert "It is seen on flask+hypercorn" in shown
    assert "which are not the targets here" in shown
    assert "Execution table" not in shown
    (command,) = [
        line.removeprefix("To see it: comparison ")
        for line in shown.splitlines()
        if line.startswith("To see it: ")
    ]
    shown = output_of(capsys, *shlex.split(command))
    assert f"known: {ON_A_SERVER})" in shown
    assert "Execution table: flask" in shown
    assert "It is seen on" not in shown


def test_explain_names_the_versions_that_have_a_difference(
    shipped: KnownDifferences, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = next(e for e in shipped if not shipped.applies(e) and "*" not in e.cases)
    shown = output_of(capsys, "explain", entry.id)
    assert "which are not the versions here" in shown
    assert "Execution table" not in shown
    assert "To see it" not in shown


def test_explain_prints_both_values_of_an_in_process_difference(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = output_of(capsys, "explain", "head-body-sent")
    assert "- flask: no body" in shown
    assert "+ quart: 5 bytes sent where none is allowed" in shown
