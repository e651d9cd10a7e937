"""Playgrounds that several tests share: each holds two apps."""

from collections.abc import Iterator

import pytest

from comparison.playground.state import Playground
from comparison.recording import captured_logs

from . import apps, making


@pytest.fixture(scope="package")
def twins() -> Iterator[Playground]:
    with captured_logs():
        state = making.of_topics("custom", "tuples", "head", "codes")
        yield state
        state.close()


@pytest.fixture(scope="package")
def hostile() -> Iterator[Playground]:
    state = making.of_apps()
    yield state
    apps.released.set()
    state.close()
    apps.released.clear()
