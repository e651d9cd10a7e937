"""Mode 1: list the stations that a request passed."""

import msgspec

from .model import Station
from .steps import Steps


def concept_flow(steps: Steps, name: str) -> tuple[Station, ...]:
    """Return the stations of a target, the last one marked as current."""
    stations = [
        Station(step.title, step.detail, at)
        for at, step in steps.own(name)
        if step.title
    ]
    end = msgspec.structs.replace(stations[-1], current=True)
    return (*stations[:-1], end)
