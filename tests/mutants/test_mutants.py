"""Every deliberately wrong twin is caught, in the field in which it is wrong."""

from collections.abc import Iterable

import pytest

import flask_app
import quart_app
from comparison import Case, Comparison, KnownDifferences, compare, load_cases, load_known
from comparison.environment import environment
from comparison.parity import BUNDLED

from . import bodies, failures, headers, statuses  # noqa: F401
from .mutant import MUTANTS, Mutant

TIMEOUT = 0.2  # seconds, for the mutants that hang

pytestmark = [pytest.mark.mutant, pytest.mark.usefixtures("quiet")]


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    return {case.id: case for case in load_cases()}


@pytest.fixture(scope="module")
def known() -> KnownDifferences:
    return load_known([BUNDLED], environment().packages)


@pytest.mark.parametrize("wrong", MUTANTS, ids=lambda wrong: wrong.name)
def test_a_mutant_is_caught_in_the_field_that_is_wrong(
    wrong: Mutant, cases: dict[str, Case], known: KnownDifferences
) -> None:
    app = quart_app.create_app()
    wrong.mutate(app)
    asked = [cases[wrong.case]]
    run = compare(flask_app.create_app(), app, asked, known=known, timeout=TIMEOUT)
    (comparison,) = run
    assert comparison.verdict in ("different", "failed")
    assert fields(comparison.unexpected) == {wrong.field, *wrong.also}
    assert run.exit_code == 1


def test_the_unmutated_twin_is_clean_in_every_case_that_shows_a_mutant(
    cases: dict[str, Case], known: KnownDifferences
) -> None:
    asked = [cases[name] for name in {wrong.case: None for wrong in MUTANTS}]
    run = compare(flask_app.create_app(), quart_app.create_app(), asked, known=known)
    assert [unclean(comparison) for comparison in run if unclean(comparison)] == []
    assert run.exit_code == 0


def test_every_mutant_has_a_name_of_its_own_and_says_what_is_wrong() -> None:
    assert len({wrong.name for wrong in MUTANTS}) == len(MUTANTS) >= 60
    assert [wrong.name for wrong in MUTANTS if not wrong.mutate.__doc__] == []


def fields(differences: Iterable[object]) -> set[str]:
    return {difference.field for difference in differences}  # type: ignore[attr-defined]


def unclean(comparison: Comparison) -> str:
    return "" if comparison.verdict in ("identical", "known") else comparison.case.id
