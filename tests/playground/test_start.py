"""The start page, the learning path and the topics."""

import re
from html import unescape

import pytest

from comparison.cases import load_topics
from comparison.playground.app import create_app
from comparison.playground.chapters import CHAPTERS, chapters
from comparison.playground.state import Playground
from flask_app.topics import CHAPTERS as OF_TWINS

from .test_pages import text_of

pytestmark = pytest.mark.usefixtures("quiet")


def test_the_chapters_are_those_of_the_twins() -> None:
    expected = {
        title: tuple(topic.name for topic in topics)
        for title, topics in OF_TWINS.items()
    }
    assert expected == CHAPTERS


def test_every_topic_is_on_the_learning_path() -> None:
    path = [name for chapter in chapters(load_topics()) for name in chapter.topics]
    assert sorted(path) == sorted(load_topics())


async def test_three_doors_lead_on(twins: Playground) -> None:
    page = await text_of(twins, "/")
    doors = re.findall(r'<h2 id="door-\w+"><a href="([^"]+)"', page)
    assert doors == [
        "/cases/custom", "/try?status=299&status_kind=int&send", "#own-apps",
    ]  # fmt: skip
    client = create_app(twins).test_client()
    for door in doors[:2]:
        assert (await client.get(door)).status_code == 200
    assert 'id="own-apps"' in page


async def test_own_apps_come_first_with_their_state(hostile: Playground) -> None:
    page = await text_of(hostile, "/")
    doors = re.findall(r'<h2 id="door-\w+"><a href="([^"]+)"', page)
    assert doors[:2] == ["/cases", "/bundled/custom"]
    assert f"{len(hostile.cases)} cases, none of which has run yet." in page


@pytest.mark.slow
async def test_the_lesson_is_there_with_own_apps(hostile: Playground) -> None:
    page = await text_of(hostile, "/bundled/custom")
    assert "A view chooses its status code by returning a tuple" in page
    assert "flask (Flask" in page


async def test_a_topic_has_its_cases_in_order(twins: Playground) -> None:
    page = await text_of(twins, "/topics/tuples")
    found = [unescape(id_) for id_ in re.findall(r'data-case="([^"]+)"', page)]
    assert found == [case.id for case in twins.cases_of("tuples")]
    assert 'rel="prev" href="/topics/custom"' in page
    page = await text_of(twins, "/topics/tuple", 404)
    assert '<a href="/topics/tuples">tuples</a>' in page


async def test_a_case_leads_to_the_next(twins: Playground) -> None:
    one, other = twins.cases_of("tuples")[:2]
    page = await text_of(twins, f"/cases/{one.id}")
    assert f'rel="next" href="/cases/{other.id}">Next: {other.title}' in page
    last = twins.cases_of("custom")[-1]
    page = await text_of(twins, f"/cases/{last.id}")
    assert f'rel="next" href="/cases/{one.id}"' in page
