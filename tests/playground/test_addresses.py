"""Every id has an address that a browser keeps as it is."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from comparison.playground.addresses import case_address
from comparison.playground.app import create_app
from comparison.playground.guard import Rate
from comparison.playground.state import Playground

from .test_pages import text_of

DOTS = {".", "..", "%2e", ".%2e", "%2e.", "%2e%2e"}
"""What a browser resolves (URL Standard, section 4.4, path state)."""


@example("..")
@example("a/../b")
@example("./%2E%2e/x")
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_an_address_leads_back_to_its_id(id_: str) -> None:
    address = urlsplit(case_address(id_))
    assert not DOTS & {*address.path.lower().split("/")}
    if address.query:
        assert address.path == "/cases"
        assert parse_qs(address.query, keep_blank_values=True)["id"] == [id_]
    else:
        assert unquote(address.path.removeprefix("/cases/")) == id_


@pytest.mark.usefixtures("quiet")
async def test_a_busy_page_has_a_button_to_retry(hostile: Playground) -> None:
    client = create_app(hostile).test_client()
    rate, hostile.rate = hostile.rate, Rate(per_second=1e-9, burst=0)
    try:
        page = await (await client.get("/cases/hostile?q=a%26b")).get_data(as_text=True)
        assert '<a class="button" href="/cases/hostile?q=a%26b">Try again</a>' in page
        response = await client.post("/runs", form={"topic": "cases", "q": '"<a>"'})
        assert response.status_code == 429
        page = await response.get_data(as_text=True)
        assert '<form method="post" action="/runs">' in page
        assert 'name="topic" value="cases"' in page
        assert 'name="q" value="&#34;&lt;a&gt;&#34;"' in page
    finally:
        hostile.rate = rate
    assert "Busy" not in await text_of(hostile, "/cases")
