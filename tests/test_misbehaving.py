"""An app may do what it wants to its own process, never to the run.

`python -m tests.misbehaving` runs all of the apps in all ways; here are some of each.
"""

import pytest

from tests.misbehaving.apps import APPS
from tests.misbehaving.running import run

FEW = (("exit-0", "in process"),)
MORE = (
    ("catastrophic-regex", "in process"),
    ("fork-and-die", "in process"),
    ("sleep-forever-in-factory", "in process"),
    ("ignore-signals-and-hang", "jobs"),
    ("fork-a-sleeper", "jobs"),
    ("sigstop", "in process"),
    ("close-every-descriptor", "in process"),
    ("sleep-forever-in-atexit", "in process"),
    ("thread-that-prints-for-ever", "in process"),
    ("sigterm", "servers"),
    ("body-without-end", "servers"),
)


@pytest.mark.parametrize(("name", "way"), FEW)
def test_a_run_survives_a_misbehaving_app(name: str, way: str) -> None:
    judged = run(APPS[name], way)
    assert judged.problems == (), judged.outcome.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("name", "way"), MORE)
def test_a_run_survives_more_misbehaving_apps(name: str, way: str) -> None:
    judged = run(APPS[name], way)
    assert judged.problems == (), judged.outcome.stderr


def test_there_are_enough_misbehaving_apps() -> None:
    assert len(APPS) >= 150
