"""Apps that live on: the playground sends requests to the same two for hours."""

import pytest

from comparison.cases import load_cases
from comparison.known import BUNDLED, load_known
from comparison.runner.environment import environment
from comparison.runner.run import Run
from comparison.runner.settings import DEFAULT_TARGETS
from comparison.targets import resolve_targets

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quiet")]


def test_earlier_requests_do_not_change_later_responses() -> None:
    """A case that leaves state behind runs on its own app, as `fresh`."""
    targets = resolve_targets(DEFAULT_TARGETS)
    known = load_known([BUNDLED], environment().packages)
    cases = [c for c in load_cases() if not (c.fresh or c.settings)]
    first, again = (
        {c.case.id: c.verdict for c in Run(targets, cases, known, keep=False)}
        for _ in range(2)
    )
    assert again == first
