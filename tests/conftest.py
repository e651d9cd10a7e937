"""Fixtures that tests of every module share."""

import pytest


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Keep the log of exceptions that a test provokes out of its report."""
    caplog.set_level("CRITICAL")
