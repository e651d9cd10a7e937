"""Own apps in Chromium: find a difference, fix the app, and see the verdict change."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.browser import expect, opened, violations
from tests.prepared import Prepared

from .serving import started

pytestmark = pytest.mark.slow

LONG = 60_000  # milliseconds
DESKTOP = {"width": 1366, "height": 768}
LARGEST = 250_000  # bytes of a page
SECONDS = 10.0  # to show a large body, on a busy machine

FLASK = """import json
from flask import Flask, Response, request

app = Flask(__name__)
ROWS = [{"id": n, "text": "the same text in every row", "tags": ["a", "b"]}
        for n in range(3000)]


@app.get("/rows")
def rows():
    return ROWS


@app.get("/letter")
def letter():
    return "x" * 3_000_000


@app.get("/alike")
def alike():
    return "x" * 100_000


@app.get("/bytes")
def octets():
    return Response(bytes(range(256)) * 40, mimetype="application/octet-stream")


@app.get("/orders/<int:number>")
def order(number):
    return {"number": number, "article": "tea"}


@app.post("/orders")
def accept():
    order = request.get_json(silent=True)
    if not order:
        return {"error": "an order needs an article"}, 400
    return {"message": "accepted"}, 202
"""
QUART = """import json
from quart import Quart, Response, request

app = Quart(__name__)
ROWS = [{"id": n if n != 1500 else "1500", "text": "the same text in every row",
         "tags": ["a", "b"]} for n in range(3000)]


@app.get("/rows")
async def rows():
    return ROWS


@app.get("/letter")
async def letter():
    return "x" * 2_999_999 + "y"


@app.get("/alike")
async def alike():
    return "x" * 100_000


@app.get("/bytes")
async def octets():
    content = bytearray(bytes(range(256)) * 40)
    content[5000] = 0
    return Response(bytes(content), mimetype="application/octet-stream")


@app.get("/orders/<int:number>")
async def order(number):
    return {"number": str(number), "article": "tea"}


@app.post("/orders")
async def accept():
    order = request.get_json(silent=True)
    if not order:
        return {"error": "an order needs an article"}, 400
    return {"message": "accepted"}, 202
"""
PLACE = f"quart_shop.py:{QUART[: QUART.index('request.get_json')].count(chr(10)) + 1}"
CASES = """schema_version = 1
[topic]
title = "The shop"
""" + "".join(
    f'[[case]]\nid = "{id_}"\nrequest = {{ path = "{path}" }}\n'
    for id_, path in (
        ("rows", "/rows"), ("letter", "/letter"), ("alike", "/alike"), ("bytes", "/bytes"),
        ("order 7", "/orders/7"), ("../dots/./and//slashes/", "/orders/8"),
    )
) + '[[case]]\nid = "accept"\nrequest = { method = "POST", path = "/orders" }\n'  # fmt: skip


class Shop(NamedTuple):
    """The served page of two apps, and the module of the port."""

    url: str
    port: Path


@pytest.fixture(scope="module")
def shop(
    prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    for name, text in (("flask_shop.py", FLASK), ("quart_shop.py", QUART),
                       ("cases.toml", CASES)):  # fmt: skip
        (folder / name).write_text(text)
    options = ("--target", "flask=flask_shop:app", "--target", "quart=quart_shop:app",
               "--cases", "cases.toml")  # fmt: skip
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        with started(*options, comparison=[prepared.comparison]) as (_, url):
            yield Shop(url, folder / "quart_shop.py")


def test_a_run_shows_what_to_do_and_the_worst_first(browser: Any, shop: Shop) -> None:
    with opened(browser, shop.url) as page:
        page.get_by_role("button", name="Run all 7 cases").click()
        page.get_by_role("heading", name="To do").wait_for(timeout=LONG)
        expect(page.locator(".todo")).to_contain_text(PLACE)
        shown = page.locator(".cases li:visible")
        expect(shown.first).to_have_class("different")
        expect(shown.last).to_have_class("identical")
        page.get_by_label("only different").check()
        expect(page.locator(".cases li.identical:visible")).to_have_count(0)
        page.locator("select[name=place]").select_option(PLACE)
        expect(shown.locator("a")).to_have_text(["accept"])
        address = page.url
        page.reload()
        expect(shown.locator("a")).to_have_text(["accept"])
        assert violations(page) == []
        shown.locator("a").click()
        page.get_by_role("button", name="Run now").click()
        page.wait_for_url("**/cases/accept?recording=*")
        expect(page.locator(".causes")).to_contain_text("Await it")
        page.get_by_role("link", name="All cases of the run").click()
        page.wait_for_url(address.partition("?")[0])
        expect(page.locator(".todo")).to_contain_text("accept (now different)")
        page.goto(shop.url)
        expect(page.locator(".door.own")).to_contain_text("6 different")


def test_the_cause_is_on_the_first_screen(browser: Any, shop: Shop) -> None:
    with opened(browser, f"{shop.url}cases/order%207", viewport=DESKTOP) as page:
        for part in (".causes .place", ".causes .remedy", ".body-diff .fields"):
            box = page.locator(part).first.bounding_box()
            assert box["y"] + box["height"] <= DESKTOP["height"], part
        paths = page.locator(".body-diff .fields th[scope=row]").all_inner_texts()
        assert paths == ["$.number"]
        expect(page.locator(".diff mark")).to_have_text(["7", '"7"'])
        assert violations(page) == []


@pytest.mark.parametrize("case", ["rows", "letter", "alike", "bytes"])
def test_a_page_of_a_large_body_is_small_and_quick(
    browser: Any, shop: Shop, case: str
) -> None:
    with opened(browser, shop.url) as page:
        response = page.goto(f"{shop.url}cases/{case}")
        assert len(response.body()) < LARGEST
        before = time.monotonic()
        page.evaluate("new Promise((r) => requestAnimationFrame(() => setTimeout(r)))")
        assert page.evaluate("document.documentElement.scrollHeight") < 30_000
        assert time.monotonic() - before < SECONDS


def test_an_id_may_have_dots_and_slashes(browser: Any, shop: Shop) -> None:
    with opened(browser, f"{shop.url}cases") as page:
        page.get_by_role("link", name="../dots/./and//slashes/").click()
        page.get_by_role("heading", name="../dots/./and//slashes/").wait_for()
        page.get_by_role("button", name="Run again").click()
        page.wait_for_url("**recording=*")
        page.get_by_role("heading", name="../dots/./and//slashes/").wait_for()


def test_copied_text_equals_the_text_on_the_page(browser: Any, shop: Shop) -> None:
    with opened(
        browser, f"{shop.url}cases/order%207",
        permissions=["clipboard-read", "clipboard-write"],
    ) as page:  # fmt: skip
        for name, words in (
            ("Copy curl", "curl --include --globoff http://127.0.0.1:5000/orders/7"),
            ("Copy Case as TOML", 'id = "order 7"'),
            ("Copy Known difference as TOML", "[[known]]"),
            ("Copy pytest test", "def test_order_7(compare_apps):"),
            ("Copy link", "/cases/order%207"),
        ):
            page.get_by_role("button", name=name, exact=True).click()
            page.get_by_role("button", name="Copied").first.wait_for()
            assert words in page.evaluate("navigator.clipboard.readText()")


def test_the_verdict_changes_when_the_app_is_fixed(browser: Any, shop: Shop) -> None:
    with opened(browser, f"{shop.url}cases/order%207") as page:
        page.locator(".verdict.different").first.wait_for()
        source = shop.port.read_text()
        try:
            shop.port.write_text(source.replace("str(number)", "number"))
            page.locator(".verdict.identical").first.wait_for(timeout=LONG)
        finally:
            shop.port.write_text(source)
        page.locator(".verdict.different").first.wait_for(timeout=LONG)
