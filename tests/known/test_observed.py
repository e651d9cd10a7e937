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


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


def test_each_difference_of_servers_is_told_apart_by_two_stacks(
    shipped: KnownDifferences,
) -> None:
    of_servers = [entry for entry in shipped if entry.stack or entry.names_stacks]
    assert len(of_servers) > 50
    for entry in of_servers:
        pair = pair_of(shipped, entry, STACKS)
        assert pair is not None, entry.id
        assert shipped.distinguishes(entry, pair), entry.id


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({"quart+granian": "1", "*": "2"}, ["flask+werkzeug", "quart+granian"]),
        ({"quart+granian": "1", "quart+hypercorn": "2"}, ["quart+hypercorn", "quart+granian"]),
        ({"flask": "1", "quart+granian": "1", "quart": "2"}, ["flask+werkzeug", "quart+hypercorn"]),
        ({"flask": "1", "flask+waitress": "2", "quart": "3"}, ["flask+waitress", "quart+hypercorn"]),
        ({"flask+waitress": "1", "quart+granian": "1"}, None),
    ],
)  # fmt: skip
def test_stacks_that_are_named_come_first_and_others_where_those_agree(
    values: dict[str, str], wanted: list[str] | None
) -> None:
    entry = known({"body": values})
    pair = pair_of(KnownDifferences([entry]), entry, STACKS)
    assert (None if pair is None else [side.stack for side in pair]) == wanted


def test_stacks_are_told_with_who_is_on_other_servers() -> None:
    values = {"flask": "1", "flask+waitress": "2", "quart": "3"}
    assert stacks_of(known({"body": values})) == (
        "flask+waitress, flask and quart on other servers"
    )
    entry = known({"body": {"flask": "1", "*": "2"}}, stack={"flask": "waitress"})
    assert stacks_of(entry) == "flask on waitress"


@pytest.mark.slow
def test_a_difference_on_a_server_is_shown_by_the_command_that_is_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = said(capsys, "explain", ON_A_SERVER)
    assert "It is seen on flask+hypercorn" in shown
    assert "which are not the targets here" in shown
    assert "Execution table" not in shown
    (command,) = [
        line.removeprefix("To see it: comparison ")
        for line in shown.splitlines()
        if line.startswith("To see it: ")
    ]
    shown = said(capsys, *shlex.split(command))
    assert f"known: {ON_A_SERVER})" in shown
    assert "Execution table: flask" in shown
    assert "It is seen on" not in shown


def test_what_these_versions_do_not_show_is_told_with_those_that_do(
    shipped: KnownDifferences, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = next(e for e in shipped if not shipped.applies(e) and "*" not in e.cases)
    shown = said(capsys, "explain", entry.id)
    assert "which are not the versions here" in shown
    assert "Execution table" not in shown
    assert "To see it" not in shown


def test_a_difference_in_process_is_shown_with_both_values(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = said(capsys, "explain", "head-body-sent")
    assert "- flask: no body" in shown
    assert "+ quart: 5 bytes sent where none is allowed" in shown
