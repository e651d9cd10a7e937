"""Workers run cases and reuse their apps."""

import asyncio
from collections.abc import Iterator

import pytest

from comparison.models import Case, Request
from comparison.playground import pool
from comparison.playground.guard import Busy, Rate
from comparison.playground.state import Playground

from . import making


@pytest.fixture
def counting() -> Iterator[Playground]:
    """A playground that has run no case."""
    state = making.of_apps()
    yield state
    state.close()


async def test_each_lesson_changes_newly_created_apps_of_the_user(
    counting: Playground,
) -> None:
    """The apps count: requests for one lesson do not reach the next lesson's apps."""
    for number in (1, 2):
        case = Case(f"count-{number}", Request(path="/count"))
        lesson = (await counting.pool.explain(case, "")).lesson
        for target in lesson.targets:
            rows = [*lesson.comparison.recordings[target.name].table]
            assert rows[-1].response_content == f'{{"count":{number}}}'
    changed = [
        recording.exchange.response
        for findings in counting.pool._further.found.values()
        for _, recording in findings.changed.values()
    ]
    assert [response and response.body.strip() for response in changed] == [
        '{"count":1}'
    ] * 4


async def test_a_changed_view_receives_the_unredacted_secrets(
    hostile: Playground,
) -> None:
    headers = {"Authorization": "Bearer s3cret-token"}
    case = Case(
        "token", Request(path="/token", headers=headers), secrets=("s3cret-token",)
    )
    explained = await hostile.pool.explain(case, "")
    shown = explained.comparison.recordings["flask"].exchange.request
    assert "s3cret-token" not in str(shown)
    sent = {each.question: each.answer for each in explained.lesson.quiz}
    changed = [text for text in sent if "changed the status code to 404" in text]
    assert changed
    assert "404" in sent[changed[0]]


async def test_a_visitor_who_waits_too_long_for_a_worker_gets_busy(
    hostile: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "PATIENCE", 0.05)
    case = hostile.cases["never"]
    sent = [
        asyncio.create_task(hostile.pool.explain(case, "")) for _ in range(pool.WORKERS)
    ]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await hostile.pool.explain(case, "")
    for explained in await asyncio.gather(*sent):
        assert explained.comparison.verdict == "failed"


def test_a_rate_limit_recovers_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    rate = Rate(per_second=2, burst=1)
    rate.take()
    with pytest.raises(Busy):
        rate.take()
    now = 100.5
    rate.take()
