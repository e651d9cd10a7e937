"""Playgrounds that several tests share: each holds two apps."""

from collections.abc import Iterator

import pytest

from comparison.playground.guard import Rate
from comparison.playground.state import Playground
from comparison.tracing import captured_logs

from . import apps, making

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
