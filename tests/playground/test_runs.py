"""Runs: a form starts one, and only its visitor watches or cancels it."""

import asyncio
import json
import re
import shlex
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from comparison.cli import main
from comparison.models import Verdict
from comparison.playground import catalogue, runs
from comparison.playground.app import create_app
from comparison.playground.runs import WatchedRun
from comparison.playground.state import Playground

from . import making

LONG = 60.0  # seconds, after which a test gives up: a busy machine takes its time


@pytest.fixture(scope="module")
def slow() -> Iterator[Playground]:
    state = making.of_apps("slow.toml", timeout=2)
    yield state
    state.close()


@pytest.fixture(autouse=True)
async def stopped(slow: Playground, twins: Playground) -> AsyncIterator[None]:
    yield
    for state in (slow, twins):
        state.runs.close()
        for thread in state.runs._threads.values():
            await asyncio.to_thread(thread.join, LONG)
            assert not thread.is_alive()


async def begin(state: Playground, **form: str) -> WatchedRun:
    client = create_app(state).test_client()
    response = await client.post("/runs", form=form)
    assert response.status_code == 303
    found = re.fullmatch(r"/runs/([\w-]{20,})", response.headers["Location"])
    assert found is not None
    watched = state.runs.find(found[1])
    assert watched is not None
    return watched


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONG):
        while not reached():  # noqa: ASYNC110, it is reached on other threads
            await asyncio.sleep(0.02)


async def over(watched: WatchedRun) -> WatchedRun:
    async with asyncio.timeout(LONG):
        while watched.state == "running" or watched.header is None:
            watched.seen()
            await asyncio.sleep(0.02)
    return watched


async def test_the_run_of_a_topic_lists_its_verdicts(twins: Playground) -> None:
    watched = await over(await begin(twins, topic="custom"))
    assert [*watched.verdicts] == [
        c.id for c in twins.cases.values() if c.topic == "custom"
    ]
    client = create_app(twins).test_client()
    page = await (await client.get(f"/runs/{watched.id}")).get_data(as_text=True)
    assert "2 identical, 1 known" in page
    assert "comparison run -k custom" in page
    assert "refresh" not in page
    shown = re.findall(r'<li class="\w+">.*?href="/cases/([^"]+)"', page)
    assert watched.verdicts.keys() == set(shown)


async def test_a_run_covers_the_cases_that_a_search_found(twins: Playground) -> None:
    first = await over(await begin(twins, topic="custom"))
    again = await over(await begin(twins, verdict="known", run=first.id))
    assert [*again.verdicts.values()] == ["known"]


async def test_the_command_of_a_run_quotes_search_words_with_dashes(
    hostile: Playground, capsys: pytest.CaptureFixture[str]
) -> None:
    watched = await over(await begin(hostile, q="--help"))
    assert watched.header is not None
    _, *arguments = shlex.split(watched.header.command)
    assert await asyncio.to_thread(main, arguments) == 0
    assert "IDENTICAL: 1 case" in capsys.readouterr().out


async def test_verdicts_are_sent_as_events_until_the_run_ends(
    twins: Playground,
) -> None:
    watched = await begin(twins, topic="custom")
    client = create_app(twins).test_client()
    response = await client.get(f"/runs/{watched.id}/events")
    assert response.mimetype == "text/event-stream"
    text = await response.get_data(as_text=True)
    events = [json.loads(e.removeprefix("data: ")) for e in text.split("\n\n") if e]
    described = [pair for event in events for pair in event["verdicts"]]
    assert described == [[*pair] for pair in watched.verdicts.items()]
    assert events[-1]["state"] == "ended"
    assert events[-1]["done"] == 3


async def test_a_run_that_ends_during_page_rendering_is_still_watched(
    twins: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = await over(await begin(twins, topic="custom"))
    came, watched.verdicts = watched.verdicts, {}
    watched.state = "running"
    verdicts_of = catalogue.verdicts_of

    def meanwhile(run: WatchedRun | None) -> dict[str, Verdict]:
        seen = verdicts_of(run)
        watched.verdicts, watched.state = came, "ended"
        return seen

    monkeypatch.setattr(catalogue, "verdicts_of", meanwhile)
    client = create_app(twins).test_client()
    page = await (await client.get(f"/runs/{watched.id}")).get_data(as_text=True)
    assert f'data-events="/runs/{watched.id}/events"' in page
    assert '<meta http-equiv="refresh"' in page


async def test_an_active_run_can_be_cancelled(slow: Playground) -> None:
    watched = await begin(slow)
    client = create_app(slow).test_client()
    page = await (await client.get(f"/runs/{watched.id}")).get_data(as_text=True)
    assert '<meta http-equiv="refresh"' in page
    await client.post(f"/runs/{watched.id}/cancel")
    await over(watched)
    assert watched.state == "cancelled"
    assert len(watched.verdicts) < len(slow.cases)


async def test_a_browser_that_disconnects_cancels_the_run(
    slow: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = await begin(slow)
    client = create_app(slow).test_client()
    connection = client.request(f"/runs/{watched.id}/events")
    async with connection:
        await connection.send_complete()
        await until(lambda: watched.watchers > 0)
        monkeypatch.setattr(runs, "UNSEEN", 0.2)
        await asyncio.sleep(2 * runs.UNSEEN)
        assert watched.state == "running"
        await connection.disconnect()
        await until(lambda: watched.state != "running")
    assert watched.state == "cancelled"
    assert not watched.watchers


@pytest.mark.slow
async def test_a_visitor_does_not_see_runs_of_other_visitors(twins: Playground) -> None:
    mine = await over(await begin(twins, topic="custom"))
    theirs = await over(await begin(twins, topic="tuples"))
    assert mine.id != theirs.id
    client = create_app(twins).test_client()
    mine_page = await (await client.get(f"/runs/{mine.id}")).get_data(as_text=True)
    assert theirs.id not in mine_page
    assert len(re.findall(r'<li class="\w+">', mine_page)) == len(mine.verdicts)
    home = await (await client.get("/")).get_data(as_text=True)
    assert mine.id not in home
    assert (await client.get("/runs/AAAAAAAAAAAAAAAAAAAAAA")).status_code == 404


async def test_the_number_of_simultaneous_runs_is_limited(slow: Playground) -> None:
    for _ in range(runs.AT_ONCE):
        await begin(slow)
    client = create_app(slow).test_client()
    response = await client.post("/runs", form={})
    assert response.status_code == 429
    assert "Too many runs" in await response.get_data(as_text=True)


@pytest.mark.slow
async def test_old_runs_are_discarded(
    twins: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "MAX_ENDED_RUNS", 1)
    first = await over(await begin(twins, topic="custom"))
    await over(await begin(twins, topic="custom"))
    third = await over(await begin(twins, topic="custom"))
    await over(await begin(twins, topic="custom"))
    assert twins.runs.find(first.id) is None
    assert twins.runs.find(third.id) is not None
