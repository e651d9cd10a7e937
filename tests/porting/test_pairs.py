"""Each construct of the guide, before and after."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from comparison.porting import port

PAIRS = Path(__file__).parent / "pairs"


def pairs() -> list[Any]:
    return [
        pytest.param(pair, id=f"{path.stem}: {pair['name']}")
        for path in sorted(PAIRS.glob("*.toml"))
        for pair in tomllib.loads(path.read_text("utf-8"))["pair"]
    ]


@pytest.mark.parametrize("pair", pairs())
def test_a_construct_is_ported_and_the_rest_is_named(pair: dict[str, Any]) -> None:
    ported = port(pair["before"])
    assert ported.source == pair["after"]
    expected = pair.get("undecided", [])
    found = [str(each).removeprefix("app.py:") for each in ported.undecided]
    assert len(found) == len(expected), found
    for text, start in zip(found, expected, strict=True):
        assert text.startswith(start)


@pytest.mark.parametrize("pair", pairs())
def test_porting_a_port_changes_nothing(pair: dict[str, Any]) -> None:
    again = port(pair["after"])
    assert (again.source, again.rewritten) == (pair["after"], 0)
    if "once" not in pair:
        assert len(again.undecided) == len(pair.get("undecided", []))


@pytest.mark.parametrize("pair", pairs())
def test_a_port_compiles(pair: dict[str, Any]) -> None:
    compile(pair["before"], "before", "exec")
    compile(pair["after"], "after", "exec")
