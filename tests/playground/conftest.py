"""Playgrounds that several tests share: each has two apps."""

from collections.abc import Iterator

import pytest

from comparison.playground.guard import Rate
from comparison.playground.state import Playground
from comparison.tracing import captured_logs
from tests.prepared import Prepared

from . import apps, making
from .serving import TWINS, started

UNLIMITED = 1e9  # requests, however fast one test follows another


@pytest.fixture(scope="package")
def twins() -> Iterator[Playground]:
    with captured_logs():
        state = making.of_topics("custom", "tuples", "head", "status_types")
        state.rate = Rate(burst=UNLIMITED)
        yield state
        state.close()


@pytest.fixture(scope="package")
def hostile() -> Iterator[Playground]:
    state = making.of_apps()
    state.rate = Rate(burst=UNLIMITED)
    yield state
    apps.released.set()
    state.close()
    apps.released.clear()


@pytest.fixture(scope="session")
def served_twins(prepared: Prepared) -> Iterator[str]:
    """The address of a server with the twins, for tests in a browser."""
    with started(*TWINS, comparison=[prepared.comparison]) as (_, url):
        yield url
