"""A pasted Flask view becomes one for Quart; nothing of it is executed."""

import re
from html import unescape
from pathlib import Path

import pytest

from comparison.playground.app import create_app
from comparison.playground.pasted import EXAMPLE, MAX_SOURCE
from comparison.playground.state import Playground

from .test_pages import text_of

pytestmark = pytest.mark.usefixtures("quiet")


async def ported(state: Playground, source: str) -> str:
    client = create_app(state).test_client()
    response = await client.post("/port", form={"source": source})
    assert response.status_code == 303
    address = response.headers["Location"].partition("#")[0]
    pages = [await (await client.get(address)).get_data(as_text=True) for _ in "ab"]
    assert pages[0] == pages[1]
    return unescape(pages[0])


async def test_a_view_is_ported(twins: Playground) -> None:
    page = await ported(twins, EXAMPLE)
    code = page.partition('aria-label="Code for Quart">')[2].partition("</pre>")[0]
    assert "from quart import Quart, jsonify, request" in code
    assert "async def accept_order():\n    order = await request.get_json()" in code


async def test_nothing_of_it_is_executed(twins: Playground, tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    source = f"import pathlib\npathlib.Path({str(mark)!r}).touch()\n"
    assert str(mark) in await ported(twins, source)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("def f(:\n", "The code cannot be ported: SyntaxError: .+ 2:0"),
        ("x" * (MAX_SOURCE + 1), "more than 20,000 characters"),
        ("(" * 9_000, "The code cannot be ported: "),
        ("-" * 3_000 + "1", "The code cannot be ported: "),
        ("\0", "The code cannot be ported: "),
    ],
)
async def test_what_cannot_be_ported_is_reported(
    twins: Playground, source: str, problem: str
) -> None:
    page = await ported(twins, source)
    assert re.search(f'id="source-error">.*{problem}', page, re.DOTALL)
    assert "autofocus" in page


async def test_a_dropped_port_has_an_error_page(twins: Playground) -> None:
    assert "Paste it again" in await text_of(twins, "/port/unknown", 404)
