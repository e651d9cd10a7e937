"""The cases that a visitor ran on their pages; only their own lists show them."""

import json
import re
from typing import Any

import pytest

from comparison.playground import visitors
from comparison.playground.app import create_app
from comparison.playground.state import Playground

from .test_runs import begin, over

pytestmark = pytest.mark.usefixtures("quiet")


async def verdicts_in(client: Any, path: str) -> dict[str, str]:
    """Return the verdict of each case that a page lists; empty if it has not run."""
    page = await (await client.get(path)).get_data(as_text=True)
    lines = re.findall(r'<li(.*?)><b>(\w*)</b><a href="/cases/([^"]+)"', page)
    return {case: verdict for marks, verdict, case in lines if "hidden" not in marks}


async def test_a_case_run_on_its_page_has_a_verdict_in_the_list(
    twins: Playground,
) -> None:
    client = create_app(twins).test_client()
    assert {*(await verdicts_in(client, "/cases")).values()} == {""}
    response = await client.get("/cases/custom")
    assert "HttpOnly; Path=/; SameSite=Strict" in response.headers["Set-Cookie"]
    assert (await verdicts_in(client, "/cases"))["custom"] == "identical"
    assert [*await verdicts_in(client, "/cases?verdict=identical")] == ["custom"]
    again = await client.get("/cases/custom")
    assert "Set-Cookie" not in again.headers


async def test_a_verdict_does_not_appear_for_other_visitors(twins: Playground) -> None:
    app = create_app(twins)
    await app.test_client().get("/cases/custom")
    assert (await verdicts_in(app.test_client(), "/cases"))["custom"] == ""


async def test_an_invalid_visitor_cookie_is_replaced(twins: Playground) -> None:
    client = create_app(twins).test_client()
    client.set_cookie("localhost", visitors.COOKIE, "../../short")
    assert "Set-Cookie" in (await client.get("/cases/custom")).headers


async def test_the_latest_verdict_is_in_the_list_of_a_run(
    twins: Playground,
) -> None:
    client = create_app(twins).test_client()
    before = await over(await begin(twins, topic="custom"))
    before.verdicts["custom"] = "failed"  # as it would be before somebody mends the app
    assert (await verdicts_in(client, f"/runs/{before.id}"))["custom"] == "failed"
    await client.get("/cases/custom")
    page = f"/runs/{before.id}"
    assert (await verdicts_in(client, page))["custom"] == "identical"
    text = await (await client.get(page)).get_data(as_text=True)
    assert "of these cases 1 ran again later, on its own page" in text
    events = await client.get(f"{page}/events")
    described = json.loads((await events.get_data(as_text=True)).removeprefix("data: "))
    assert ["custom", "identical"] in described["verdicts"]
    after = await over(await begin(twins, topic="custom"))
    after.verdicts["custom"] = "failed"
    assert (await verdicts_in(client, f"/runs/{after.id}"))["custom"] == "failed"


@pytest.mark.slow
async def test_the_least_recently_active_visitor_is_discarded(
    twins: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitors, "MAX_VISITORS", 1)
    app = create_app(twins)
    first, second = app.test_client(), app.test_client()
    for client in (first, second):
        await client.get("/cases/custom")
    assert (await verdicts_in(first, "/cases"))["custom"] == ""
    assert (await verdicts_in(second, "/cases"))["custom"] == "identical"
