"""Serve the start page, the learning path, and the page of each topic."""

from collections import Counter
from typing import Any, NamedTuple

from quart import Blueprint, render_template, request

from comparison.cases import Topic
from comparison.models import Verdict

from .addresses import bundled_address, case_address, topic_address
from .catalogue import traits_of, verdicts_of
from .chapters import FIRST, chapters
from .state import Playground, playground

blueprint = Blueprint("start", __name__)

TRIED = "/try?status=299&status_kind=int&send"
WORST = 5  # cases of own apps to show


class TopicLine(NamedTuple):
    """A topic on the learning path."""

    name: str
    topic: Topic
    cases: int
    number: int

    @property
    def address(self) -> str:
        """The address of its page."""
        return topic_address(self.name)


@blueprint.get("/")
async def start() -> str:
    """Show what happens here, the three ways to begin, and the learning path."""
    state = playground()
    state.check()
    own = not state.settings.uses_twins
    counts = Counter(case.topic for case in state.cases.values())
    latest = state.runs.find(state.visitors.run())
    verdicts = verdicts_of(latest)
    return await render_template(
        "start.html",
        chapters=_path(state, counts),
        counts=Counter(verdicts.values()),
        first=case_address(FIRST) if FIRST in state.cases else bundled_address(FIRST),
        latest=latest,
        learning=not own,
        outdated=latest is not None and state.outdated(latest.version),
        own=own,
        tasks=latest.tasks()[:WORST] if latest is not None else [],
        total=len(state.cases),
        tried=TRIED,
    )


def _path(state: Playground, counts: Counter[str]) -> list[tuple[str, list[TopicLine]]]:
    found, number = [], 0
    for title, names in chapters(state.topics):
        lines = []
        for name in names:
            number += 1
            lines.append(TopicLine(name, state.topics[name], counts[name], number))
        found.append((title, lines))
    return found


@blueprint.get("/topics/<id:name>")
async def topic(name: str) -> str:
    """List the cases of a topic in the order in which to learn them."""
    state = playground()
    state.check()
    cases = state.cases_of(name)
    latest = state.runs.startup or state.runs.find(state.visitors.run())
    verdicts, traits = verdicts_of(latest), traits_of(latest)
    path = [line for _, lines in _path(state, Counter()) for line in lines]
    at = next(index for index, line in enumerate(path) if line.name == name)
    lines: list[tuple[Any, str, Verdict | None, str]] = [
        (
            state.settings.redact_case(case), case_address(case.id),
            verdicts.get(case.id), traits(case.id).what,
        )
        for case in cases
    ]  # fmt: skip
    return await render_template(
        "topic.html",
        name=name,
        topic=state.topics[name],
        chapter=next(title for title, names in chapters(state.topics) if name in names),
        cases=lines,
        before=path[at - 1] if at else None,
        after=path[at + 1] if at + 1 < len(path) else None,
    )


@blueprint.get("/topics")
async def topic_by_query() -> str:
    """Show a topic with a name that no path can hold."""
    return await topic(request.args.get("id", ""))
