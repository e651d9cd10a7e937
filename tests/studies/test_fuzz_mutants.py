"""Every wrong twin whose wrong is in what a view returns is found by generated views."""

import inspect

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

STEP = 8  # all of them would take minutes; each is found within 2,000 examples

# What these have wrong is an endpoint, a handler or a rule of another topic.
ELSEWHERE = {
    "automatic_options_off", "handler_forgotten", "handler_of_a_code_forgotten",
    "handler_with_too_many_details", "problems_as_html_pages", "slash_not_accepted",
}  # fmt: skip


def revealed(mutant: Mutant) -> bool:
    source = inspect.getsource(mutant.mutate)
    return "in_view" not in source and mutant.name not in ELSEWHERE


@pytest.fixture(scope="module")
def known() -> KnownDifferences:
    return known_of(())


@pytest.fixture(scope="module")
def reference() -> Target:
    return resolve_target(flask_app.create_app(ONE_TOPIC))


@pytest.mark.parametrize(
    "mutant", list(filter(revealed, MUTANTS))[1::STEP], ids=lambda mutant: mutant.name
)
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
