"""Every deliberately wrong twin is caught, in the field in which it is wrong."""

from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from quart import Quart

import flask_app
import quart_app
from comparison import Case, KnownDifferences, compare, load_cases, load_known
from comparison.known import BUNDLED
from comparison.runner.environment import environment

from . import bodies, clients, effects, failures, flows, headers, statuses  # noqa: F401
from .mutant import MUTANTS, Mutant

pytestmark = [
    pytest.mark.mutant,
    pytest.mark.slow,
    pytest.mark.usefixtures("quiet"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
]


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    return {case.id: case for case in load_cases()}


@pytest.fixture(scope="module")
def known() -> KnownDifferences:
    return load_known([BUNDLED], environment().packages)


@pytest.mark.parametrize("wrong", MUTANTS, ids=lambda wrong: wrong.name)
def test_a_mutant_is_detected_in_its_wrong_field(
    wrong: Mutant, cases: dict[str, Case], known: KnownDifferences
) -> None:
    sent = cases[wrong.case]
    # An app with one topic is created ten times as fast as an app with all.
    topic = {"TOPICS": [sent.topic]}

    def reference(settings: Mapping[str, Any] | None = None) -> Flask:
        return flask_app.create_app(topic | dict(settings or {}))

    def mutant(settings: Mapping[str, Any] | None = None) -> Quart:
        app = quart_app.create_app(topic | dict(settings or {}))
        wrong.mutate(app)
        return app

    run = compare(reference, mutant, [sent], known=known, timeout=wrong.timeout)
    (comparison,) = run
    caught = {difference.field for difference in comparison.unexpected}
    assert caught == {wrong.field, *wrong.also}
    assert comparison.verdict in ("different", "failed")
    assert run.exit_code == 1


def test_the_unmutated_twin_passes_every_mutant_case(
    cases: dict[str, Case], known: KnownDifferences
) -> None:
    sent = [cases[name] for name in {wrong.case: None for wrong in MUTANTS}]
    run = compare(flask_app.create_app, quart_app.create_app, sent, known=known)
    clean = ("identical", "known")
    assert [c.case.id for c in run if c.verdict not in clean] == []
    assert run.exit_code == 0


def test_every_mutant_has_a_unique_name_and_a_description() -> None:
    assert len({wrong.name for wrong in MUTANTS}) == len(MUTANTS) >= 60
    assert [wrong.name for wrong in MUTANTS if not wrong.mutate.__doc__] == []
