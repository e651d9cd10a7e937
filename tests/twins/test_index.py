"""The index of the topics: in the README of each twin, and at its root."""

import re
from html import unescape
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from .client import Client, whole

LINK = re.compile(r'<a href="(?P<url>[^"]+)">(?P<name>\w+)</a>: (?P<summary>[^<]+)')
NO_TOPICS = {"__init__", "__main__", "index", "registration", "topics"}


def chapters_of(twin: ModuleType) -> dict[str, tuple[Any, ...]]:
    """The chapters that the twin lists."""
    found: dict[str, tuple[Any, ...]]
    found = import_module(f"{twin.__name__}.topics").CHAPTERS
    return found


def topics_of(twin: ModuleType) -> list[Any]:
    """The topics of all chapters, in order."""
    return [topic for topics in chapters_of(twin).values() for topic in topics]


def modules_of(twin: ModuleType) -> set[str]:
    """The names of the modules that have a topic."""
    assert twin.__file__
    return {path.stem for path in Path(twin.__file__).parent.glob("*.py")} - NO_TOPICS


def test_every_module_with_a_topic_is_in_one_chapter(twin: ModuleType) -> None:
    names = [topic.name for topic in topics_of(twin)]
    assert sorted(names) == sorted(modules_of(twin))


def test_the_readme_lists_the_topics_in_their_order(twin: ModuleType) -> None:
    assert twin.__file__
    text = Path(twin.__file__).with_name("README.md").read_text(encoding="utf-8")
    expected = []
    for number, (chapter, topics) in enumerate(chapters_of(twin).items(), 1):
        expected += [f"### {number}. {chapter}"]
        expected += [
            f"- [{t.name}]({t.name}.py): {t.summary} `{t.url}`" for t in topics
        ]
    index = text.partition("## Topics\n")[2]
    assert [line for line in index.splitlines() if line[:1] in ("#", "-")] == expected


async def test_the_root_links_to_the_topics_in_their_order(twin: ModuleType) -> None:
    answer = await Client(twin.create_app({"TOPICS": ["index"]})).send("/")
    links = [tuple(match.groups()) for match in LINK.finditer(unescape(answer.text))]
    assert links == [(t.url, t.name, t.summary) for t in topics_of(twin)]
    headings = re.findall("<h2>(.*)</h2>", answer.text)
    assert headings == [*chapters_of(twin)]


# 410 and 503 are what these topics show: an error handler answers.
SHOWN = {"errors": 410, "handlers": 503}


async def test_every_link_leads_to_a_view_of_its_topic(twin: ModuleType) -> None:
    app = twin.create_app({"SECRET_KEY": "dev"})  # as the served app
    client = Client(app)
    adapter = app.url_map.bind("localhost")
    for topic in topics_of(twin):
        endpoint, _ = adapter.match(topic.url.partition("?")[0])
        assert endpoint.partition(".")[0] == topic.name
        status = (await client.send(topic.url)).status
        assert status in {200, 201, 202, 203, 204, SHOWN.get(topic.name)}, topic


@pytest.mark.parametrize("name", ["composed", "work"])
def test_views_of_the_harness_are_registered_but_not_listed(
    twin: ModuleType, name: str
) -> None:
    assert name in whole(twin).blueprints
    assert name not in [topic.name for topic in topics_of(twin)]
