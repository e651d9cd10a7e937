"""Generated views find wrong twins, if the wrong is in what a view returns."""

import pytest

import flask_app
import quart_app
from comparison.known import KnownDifferences
from comparison.studies.fuzz import search
from comparison.studies.fuzz.command import known_of
from comparison.targets import Target, resolve_target
from tests.mutants import bodies, failures, headers, statuses  # noqa: F401
from tests.mutants.mutant import MUTANTS, Mutant

pytestmark = [pytest.mark.mutant, pytest.mark.slow, pytest.mark.usefixtures("quiet")]

ONE_TOPIC = {"TOPICS": ["composed"]}

# All of them would take minutes; each is found within 2,000 examples.
SOME = {
    "body_empty", "content_length_too_small", "content_type_dropped", "json_with_spaces",
    "location_relative", "response_never_started", "status_201_for_202",
    "two_values_in_another_order",
}  # fmt: skip
CHOSEN = [mutant for mutant in MUTANTS if mutant.name in SOME]


@pytest.fixture(scope="module")
def known() -> KnownDifferences:
    return known_of(())


@pytest.fixture(scope="module")
def reference() -> Target:
    return resolve_target(flask_app.create_app(ONE_TOPIC))


def test_all_chosen_mutants_exist() -> None:
    assert {mutant.name for mutant in CHOSEN} == SOME


@pytest.mark.parametrize("mutant", CHOSEN, ids=lambda mutant: mutant.name)
def test_a_mutant_is_found_within_2000_examples(
    mutant: Mutant,
    known: KnownDifferences,
    reference: Target,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search, "ROUND", 3)  # to look more often
    app = quart_app.create_app(ONE_TOPIC)
    mutant.mutate(app)
    targets = {"flask": reference, "quart": resolve_target(app)}
    looking = search.Search(targets, known, examples=2000, timeout=10, shrink=False)
    try:
        found = any(looking.findings for _ in looking)
    finally:
        looking.close()
    assert found
    assert not all("timeout" in str(f.signature) for f in looking.findings)
