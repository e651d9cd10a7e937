"""The schema of a recording is that of the model, and it refuses what is none."""

import re
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from comparison.models import Event
from comparison.targets import RawRecording
from comparison.tracing.schema import EVENTS
from tests.apps import app_of, recording_of
from tests.recordings import Checked, validate

from . import lined

SOURCES = Path(__file__).parents[2] / "comparison"


@pytest.mark.parametrize("field", ["exchange", "trace", "table"])
def test_a_recording_without_a_field_is_rejected(field: str) -> None:
    document = msgspec.to_builtins(recording_of(app_of("flask", lined.straight)))
    del document[field]
    with pytest.raises(jsonschema.ValidationError):
        validate(document)


def test_an_unknown_event_is_rejected() -> None:
    document: Any = msgspec.to_builtins(recording_of(app_of("flask", lined.straight)))
    document["trace"][0]["event"] = "something"
    with pytest.raises(jsonschema.ValidationError):
        validate(document)


def test_every_recorded_event_is_described() -> None:
    source = "".join(
        path.read_text("utf-8")
        for folder in ("tracing", "targets")
        for path in (SOURCES / folder).rglob("*.py")
    )
    described = set(re.findall(r'(?:\badd|_add_event|_note|Event)\(\s*"(\w+)"', source))
    kinds = re.findall(r'f"\{kind\}_(\w+)"', source)
    described |= {
        f"{kind}_{what}" for kind in ("hook", "view", "handler") for what in kinds
    }
    assert described <= set(EVENTS)
    assert "function_called" in described


def test_an_invalid_recording_is_detected_when_it_is_created() -> None:
    recording = recording_of(app_of("flask", lined.straight))
    wrong = msgspec.structs.replace(recording, trace=(Event("something"),))
    checked = Checked()
    make = checked.making(lambda made: made)
    for made in (recording, recording, wrong):
        assert make(made) is made
    assert len(checked.kinds) == 2
    assert len(checked.problems) == 1
    assert "'something' is not one of" in checked.problems[0]


def test_the_tests_validate_every_recording() -> None:
    assert (
        vars(RawRecording)["recording"].__wrapped__.__qualname__
        == "RawRecording.recording"
    )
