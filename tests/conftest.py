"""Fixtures that tests of every module share."""

import gc
import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from comparison.core.processes.child import Child
from comparison.runner.messages import Compared
from comparison.targets import RawRecording
from tests.browser import browser
from tests.prepared import Prepared
from tests.recordings import Checked
from tests.rules import compile_once

__all__ = ["browser"]

# Apps that are not to be imported here: one never comes back, one ends the process.
collect_ignore = ["targets/served_ending.py", "targets/served_slowly.py"]

# Where the tests run in the background a shell has it ignored: by all children too.
signal.signal(signal.SIGINT, signal.default_int_handler)

# An app that starts late on a busy machine is not a fault of the code.
os.environ["COMPARISON_START_TIMEOUT"] = "180"

# Text is as wide as it says, which differs by terminal, and pytest-xdist sets it.
os.environ.pop("COLUMNS", None)

compile_once()

# A busy machine draws and runs examples slowly, which is not a fault of the code. The same
# source has the same examples: `--hypothesis-profile=random` looks for others.
for name, repeated in (("repeated", True), ("random", False)):
    settings.register_profile(
        name,
        derandomize=repeated,
        max_examples=25 if repeated else 100,
        database=None,
        deadline=None,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.function_scoped_fixture,
        ],
    )
settings.load_profile("repeated")


def pytest_xdist_auto_num_workers() -> int:
    """Run two tests for each processor, because many wait."""
    return 2 * (os.cpu_count() or 1)


def pytest_collection_finish() -> None:
    """Let the collector pass over modules and tests: 200,000 objects, which all stay.

    Apps that are made in thousands need no collection after each 700 objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def prepared() -> Iterator[Prepared]:
    """Children of the tests are forks of a process that has imported what they need."""
    prepared = Prepared()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Child, "start", prepared.start)
        yield prepared
    prepared.close()


@pytest.fixture(scope="session")
def recordings() -> Iterator[Checked]:
    """All recordings of the tests, held against the schema as they are made."""
    checked = Checked()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RawRecording, "recording", checked.making(RawRecording.recording))
        patch.setattr(Compared, "of", checked.comparing(Compared.of))
        yield checked


@pytest.fixture(autouse=True)
def recordings_keep_to_the_schema(recordings: Checked) -> Iterator[None]:
    """Fail the test in which a recording was made that does not."""
    yield
    problems, recordings.problems = recordings.problems, []
    assert problems == []


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Keep the log of exceptions that a test provokes out of its report."""
    caplog.set_level("CRITICAL")


@pytest.fixture
def uploads(quiet: None) -> Iterator[None]:
    """Collect the files of uploads after a test: both frameworks leave them to the collector."""
    yield
    gc.collect()
