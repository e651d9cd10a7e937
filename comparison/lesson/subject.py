"""A target's recording with its steps, as the modes of a lesson describe it."""

from typing import NamedTuple

from comparison.models import Event, Recording

from .facts import made, returned
from .steps import Steps


class Subject(NamedTuple):
    """A target whose recording a mode describes, with its `framework` as the name."""

    name: str
    framework: str
    recording: Recording
    steps: Steps

    def at(self, event: Event) -> int:
        """Return the number of the step that covers an event of the trace."""
        trace = self.recording.trace
        index = next(n for n, found in enumerate(trace) if found is event)
        return self.steps.position(self.name, index)

    def first(self, *kinds: str) -> int | None:
        """Return the first step of one of these kinds, or None."""
        return self.steps.at(self.name, *kinds)

    def earlier(self, number: int) -> int:
        """Return the step of an earlier request, counted from 1.

        A request that the server challenged has a step before it.
        """
        own = [n for n, step in self.steps.own(self.name) if step.kind == "earlier"]
        behind = len(self.recording.setup) - number
        return own[-1 - behind] if len(own) > behind else 1

    def label(self, position: int) -> str:
        """Return the label of a step, such as "3.2"."""
        return self.steps.label(position)

    def step(self, position: int | None) -> str:
        """Return a step in words, such as "step 3.2"."""
        return "" if position is None else f"step {self.label(position)}"

    @property
    def made(self) -> int | None:
        """The step at which the framework made the response that was sent, or None."""
        event = made(self.recording)
        return None if event is None else self.at(event)

    @property
    def received(self) -> int | None:
        """The step at which the client receives the response, or None."""
        return self.first("received")

    @property
    def last(self) -> int:
        """The last step of the target."""
        return self.steps.own(self.name)[-1][0]

    @property
    def returned_at(self) -> int | None:
        """The step at which the app returned the value of the response, or None."""
        event = returned(self.recording)
        return None if event is None else self.at(event)
