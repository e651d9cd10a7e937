"""Own apps are loaded again when their files change."""

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from comparison.playground.app import create_app
from comparison.playground.changes import SourceWatch
from comparison.playground.state import Playground
from comparison.runner.settings import RunSettings

from .test_pages import text_of

pytestmark = pytest.mark.usefixtures("quiet")

APP = """from {module} import {framework}
app = {framework}(__name__)
@app.get("/order")
{start}def order():
    return {{"number": {number}}}
@app.post("/order")
{start}def accept():
    return {{"accepted": 7}}
"""
CASES = """schema_version = 1
[[case]]
id = "order"
request = { path = "/order" }
[[case]]
id = "accept"
request = { method = "POST", path = "/order" }
"""
Write = Callable[[str, str], None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write the two apps: the number of each."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "cases.toml").write_text(CASES)

    def both(flask: str, quart: str) -> None:
        values = {"shop_flask": ("flask", "Flask", "", flask),
                  "shop_quart": ("quart", "Quart", "async ", quart)}  # fmt: skip
        for name, (module, framework, start, number) in values.items():
            text = APP.format(
                module=module, framework=framework, start=start, number=number
            )
            (tmp_path / f"{name}.py").write_text(text)

    both("7", "'7'")
    return both


@pytest.fixture
def state(write: Write) -> Iterator[Playground]:
    targets = ("flask=shop_flask:app", "quart=shop_quart:app")
    state = Playground(RunSettings(targets, ("cases.toml",), (), None))
    yield state
    state.close()


async def until_seen(state: Playground) -> None:
    """Wait until the playground looks at the files again."""
    assert state.watch is not None
    async with asyncio.timeout(60):
        while state.watch.version() == state.version:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_the_verdict_is_that_of_the_code_as_it_is_now(
    state: Playground, write: Write
) -> None:
    assert 'class="verdict different"' in await text_of(state, "/cases/order")
    write("7", "7")
    await until_seen(state)
    assert 'class="verdict identical"' in await text_of(state, "/cases/order")


async def test_code_that_cannot_be_loaded_is_reported_until_it_can(
    state: Playground, write: Write
) -> None:
    write("7", "7 7")
    await until_seen(state)
    page = await text_of(state, "/cases/order", 502)
    assert "SyntaxError" in page
    assert "shop_quart.py, line 5" in page
    write("7", "7")
    await until_seen(state)
    assert 'class="verdict identical"' in await text_of(state, "/cases/order")


async def test_a_problem_that_is_not_in_a_file_may_be_over(
    state: Playground, write: Write, tmp_path: Path
) -> None:
    data = tmp_path / "number.txt"  # which is not watched
    write("7", f"7}}\nopen({str(data)!r})\n{{7")
    await until_seen(state)
    assert "FileNotFoundError" in await text_of(state, "/cases/order", 502)
    data.write_text("7")
    state._loaded = 0.0
    assert 'class="verdict identical"' in await text_of(state, "/cases/order")


async def test_a_changed_case_file_is_reloaded(
    state: Playground, tmp_path: Path
) -> None:
    (tmp_path / "cases.toml").write_text(CASES.replace('"order"', '"orders"'))
    await until_seen(state)
    assert "orders" in await text_of(state, "/cases/orders")
    (tmp_path / "cases.toml").write_text(CASES.replace("method", "metod"))
    await until_seen(state)
    assert "cases.toml:" in await text_of(state, "/cases", 502)


async def test_an_old_recording_and_an_old_run_say_so(
    state: Playground, write: Write
) -> None:
    client = create_app(state).test_client()
    response = await client.post("/cases/accept")
    recording = response.headers["Location"]
    response = await client.post("/runs", form={})
    run = response.headers["Location"]
    for path in (recording, run):
        page = await (await client.get(path)).get_data(as_text=True)
        assert "The code has changed" not in page
    write("7", "7")
    await until_seen(state)
    for path in (recording, run):
        page = await (await client.get(path)).get_data(as_text=True)
        assert "The code has changed since" in page


async def test_pages_show_the_verdicts_of_the_latest_run(
    state: Playground, write: Write
) -> None:
    client = create_app(state).test_client()
    assert "has not run yet" in await (await client.get("/cases/accept")).get_data(True)
    for different in (1, 0):
        response = await client.post("/runs", form={})
        run = state.runs.find(response.headers["Location"].rpartition("/")[2])
        assert run is not None
        async with asyncio.timeout(60):
            while run.state == "running":  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        page = await (await client.get("/cases")).get_data(True)
        assert page.count('<li class="different"') == different
        assert '<li class="identical"' in page
        page = await (await client.get("/cases/accept")).get_data(True)
        assert "<b>identical</b> in the latest run" in page
        if different:
            write("7", "7")
            await until_seen(state)


async def test_a_page_polls_for_changed_files(state: Playground, write: Write) -> None:
    page = await text_of(state, "/cases/order")
    found: Any = re.search('<body data-changes="([^"]+)"', page)
    client = create_app(state).test_client()
    assert (await client.get(found[1])).status_code == 204
    write("7", "7")
    await until_seen(state)
    assert (await client.get(found[1])).status_code == 200


async def test_bundled_apps_are_not_watched(twins: Playground) -> None:
    assert "data-changes" not in await text_of(twins, "/differences")


def test_other_files_and_virtual_environments_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    watch = SourceWatch([tmp_path])
    before = watch.version()
    for name in ("app.log", "data.db", "venv/app.py", ".hidden.txt"):
        (tmp_path / name).write_text("x")
    watch._looked = 0.0
    assert watch.version() == before
    (tmp_path / "app.py").write_text("x")
    watch._looked = 0.0
    assert watch.version() == before + 1
