"""Fixtures that tests of every module share."""

import gc
from collections.abc import Iterator

import pytest

from tests.browser import browser

__all__ = ["browser"]


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Keep the log of exceptions that a test provokes out of its report."""
    caplog.set_level("CRITICAL")


@pytest.fixture
def uploads(quiet: None) -> Iterator[None]:
    """Collect what a test has asked with uploads: both frameworks leave the files of uploads to the collector."""
    yield
    gc.collect()
