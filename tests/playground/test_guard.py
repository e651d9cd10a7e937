"""The guard: which requests it rejects, and what a page may do."""

import pytest

from comparison.playground.app import create_app
from comparison.playground.guard import Rate
from comparison.playground.state import Playground

PATHS = (
    "/",
    "/cases",
    "/topics/custom",
    "/cases/custom",
    "/differences",
    "/status-map",
    "/nowhere",
    "/static/page.css",
)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1", ""]
)
async def test_an_unknown_host_name_is_rejected(twins: Playground, host: str) -> None:
    client = create_app(twins).test_client()
    response = await client.get("/", headers={"Host": host})
    assert response.status_code == 421
    # That page is the stranger's own, to read.
    assert "flask" not in (await response.get_data(as_text=True)).lower()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:5050", "[::1]:5050"])
async def test_local_host_names_are_accepted(twins: Playground, host: str) -> None:
    client = create_app(twins).test_client()
    response = await client.get("/", headers={"Host": host})
    assert response.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_cross_site_request_cannot_start_a_run(
    twins: Playground, headers: dict[str, str]
) -> None:
    client = create_app(twins).test_client()
    for path in ("/runs", "/cases/custom"):
        response = await client.post(path, headers=headers)
        assert response.status_code == 403
    page = await client.get("/cases/custom", headers=headers)
    assert "Execution table" not in await page.get_data(as_text=True)


async def test_a_same_origin_request_can_run_a_case(twins: Playground) -> None:
    client = create_app(twins).test_client()
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    response = await client.post("/cases/custom", headers=headers)
    assert response.status_code == 303


async def test_no_page_has_inline_scripts_or_styles(twins: Playground) -> None:
    client = create_app(twins).test_client()
    for path in PATHS:
        response = await client.get(path)
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        page = await response.get_data(as_text=True)
        for inline in ("<style", " style=", " onclick=", "<script>", "javascript:"):
            assert inline not in page, path


async def test_a_request_body_that_is_too_large_is_rejected(twins: Playground) -> None:
    client = create_app(twins).test_client()
    response = await client.post("/runs", form={"q": "x" * 300_000})
    assert response.status_code == 413


async def test_requests_beyond_the_rate_limit_are_rejected(
    twins: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twins, "rate", Rate(per_second=0, burst=0))
    client = create_app(twins).test_client()
    response = await client.get("/cases/custom")
    assert response.status_code == 429
    assert response.headers["Retry-After"]
