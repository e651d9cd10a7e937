"""The start page and the learning path in Chromium."""

from typing import Any

import pytest

from tests.browser import PHONE, expect, opened

pytestmark = pytest.mark.slow

LONG = 45_000  # milliseconds
DESKTOP = {"width": 1366, "height": 768}
PRINTED = {"width": 718, "height": 1000}  # A4 without margins, at 96 pixels an inch
WIDE = ("status-map", "concurrency", "cases/custom", "differences/repeated-pair-lost")


@pytest.fixture
def twins(served_twins: str) -> str:
    return served_twins


def test_the_doors_are_on_the_first_screen(browser: Any, twins: str) -> None:
    with opened(browser, twins, viewport=DESKTOP) as page:
        for name in ("Start the lesson", "Try 299", "Compare my apps"):
            door = page.locator(".door", has_text=name).bounding_box()
            assert door["y"] + door["height"] <= DESKTOP["height"]
        page.get_by_role("link", name="Start the lesson").click()
        page.get_by_role("heading", name="A view chooses its status").wait_for()
        page.go_back()
        page.get_by_role("link", name="Try 299").click()
        page.locator("#result").wait_for(timeout=LONG)
        expect(page.locator("#result")).to_contain_text("299")


def test_the_browser_remembers_what_was_opened(browser: Any, twins: str) -> None:
    with opened(browser, f"{twins}topics/custom") as page:
        page.locator(".lines a").first.click()
        page.locator("[data-seen]").wait_for()
        page.wait_for_load_state()  # Its scripts have run.
        page.goto(twins)
        page.get_by_text("You have opened 1 of 19.").wait_for()
        topic = page.locator(".path li", has=page.locator("[data-topic=custom]")).last
        expect(topic).to_have_text("A custom status code 1 of 3")
        page.get_by_role("link", name="A custom status code").first.click()
        page.locator(".lines .seen").wait_for()  # A second one would be an error.
        page.goto(twins)
        page.get_by_role("button", name="Forget").click()
        page.locator(".progress-line").wait_for(state="hidden")
        expect(page.locator(".begun")).to_have_count(0)


def test_a_search_is_in_the_address(browser: Any, twins: str) -> None:
    with opened(browser, f"{twins}cases") as page:
        page.get_by_label("Search").fill("tuple headers")
        shown = page.locator("[data-shown]").text_content()
        expect(page).to_have_url(f"{twins}cases?q=tuple+headers")
        page.reload()
        expect(page.get_by_label("Search")).to_have_value("tuple headers")
        expect(page.locator("[data-shown]")).to_have_text(shown)
        page.get_by_label("Search").fill("")
        expect(page).to_have_url(f"{twins}cases")
        expect(page.locator("[data-shown]")).to_have_text("19 of 19 cases")


def test_differences_are_filtered_while_one_chooses(browser: Any, twins: str) -> None:
    with opened(browser, f"{twins}differences") as page:
        every = page.locator(".severity li:visible").count()
        page.locator("[name=impact]").select_option("loses-data")
        some = page.locator(".severity li:visible").count()
        assert 0 < some < every
        page.locator("[name=server]").select_option("daphne")
        assert 0 < page.locator(".severity li:visible").count() < some
        assert page.url.endswith("?impact=loses-data&server=daphne")
        page.locator(".severity li:visible a").first.click()
        page.get_by_role("heading", name="Why").wait_for()
        page.go_back()
        expect(page.locator("[name=server]")).to_have_value("daphne")


def test_a_scrolling_table_has_a_hint(browser: Any, twins: str) -> None:
    with opened(browser, f"{twins}status-map", viewport=PHONE) as page:
        frame = page.locator(".scroll:has(.map)")
        content = "(e) => getComputedStyle(e, '::before').content"
        assert "scrolls sideways" in frame.evaluate(content)


def test_print_shows_every_column(browser: Any, twins: str) -> None:
    with opened(browser, twins, viewport=PRINTED) as page:
        page.emulate_media(media="print")
        for path in WIDE:
            page.goto(twins + path)
            cut = page.evaluate(
                "[...document.querySelectorAll('table, .scroll')].filter((e) =>"
                " e.checkVisibility()"
                " && e.getBoundingClientRect().right > innerWidth + 1)"
                ".map((e) => e.className)"
            )
            assert cut == [], path
