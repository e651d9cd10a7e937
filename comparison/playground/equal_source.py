"""Show the trace of a composed request on the Python that equals its view.

The twins build a composed view from its description. So their functions and lines are not
those of the Python on the page.
"""

import ast
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from comparison.lesson.facts import RAISES, RETURNS
from comparison.lesson.sample import Source
from comparison.lesson.subject import Subject
from comparison.models import Event, Recording
from comparison.tracing import execution_table, variable_tracker

VIEW = "composed"
ENDPOINTS = ("native", "asynchronous", "synchronous")


class Function(NamedTuple):
    """The lines of a function, counted from 0: its decorator, its head, its last line."""

    decorator: int
    head: int
    last: int
    short: bool


class EqualSource:
    """The Python that a page shows for a view in one framework."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self.functions = {
            node.name: Function(
                node.decorator_list[0].lineno - 1, node.lineno - 1,
                (node.end_lineno or node.lineno) - 1, len(node.body) == 1,
            )
            for node in ast.parse(text).body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }  # fmt: skip

    def recording(self, framework: str, recording: Recording) -> Recording:
        """Return a recording with the functions and the lines of this source."""
        trace = tuple(self._events(recording.trace))
        table = execution_table(framework, recording.setup, recording.exchange, trace)
        return msgspec.structs.replace(
            recording, trace=trace, table=table, variables=variable_tracker(table)
        )

    def _events(self, trace: tuple[Event, ...]) -> Iterator[Event]:
        """Yield the events as if this source had run."""
        returned: dict[str, str] = {}
        for event in trace:
            name = VIEW if event.name in ENDPOINTS else event.name
            if event.event in (*RETURNS, *RAISES) and name in self.functions:
                returned[event.source] = self.lines[self.functions[name].last].strip()
            source = returned.get(event.source, event.source) if event.source else ""
            yield msgspec.structs.replace(event, name=name, source=source)

    def source(self, subject: Subject) -> Source:
        """Return the lines with the steps of the lesson at which they ran."""
        steps: list[list[int]] = [[] for _ in self.lines]
        view = self.functions[VIEW]
        called = 0
        for index, event in enumerate(subject.recording.trace):
            at = subject.steps.position(subject.name, index)
            function = self.functions.get(event.name)
            if event.event == "route_matched":
                steps[view.decorator].append(at)
                steps[view.head].append(at)
            elif function is None:
                continue
            elif event.event in ("view_called", "handler_called"):
                steps[function.head].append(at)
                called = at
            elif event.event in (*RETURNS, *RAISES):
                # The steps since the call happen in the line, if it is the only one.
                since = called + 1 if function.short else at
                steps[function.last] += range(min(since, at), at + 1)
        return Source(self.lines, [tuple(dict.fromkeys(s)) for s in steps], VIEW)
