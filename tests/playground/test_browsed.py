"""The pages in Chromium: what a visitor does with them, with and without JavaScript."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import OF_COLOURS, PHONE, expect, new, opened, violations
from tests.prepared import Prepared

from .apps import HOSTILE as MARKUP
from .serving import HOSTILE, started

pytestmark = pytest.mark.slow

LONG = 45_000  # milliseconds
LAPTOP = {"width": 1366, "height": 768}
PAGES = (
    "", "cases", "cases?verdict=known&q=x", "topics/tuples", "cases/custom",
    "cases/head-pieces", "try", "try?status=299&send", "try?cookies_set=x",
    "differences", "differences?server=daphne", "differences/repeated-pair-lost",
    "status-map",
    "status-map/204#quart+hypercorn", "concurrency", "cases/custm",
)  # fmt: skip

# Other content of the same templates, in the same colours.
ALIKE = ("cases?verdict=known&q=x", "cases/head-pieces", "differences?server=daphne")


@pytest.fixture
def twins(served_twins: str) -> str:
    return served_twins


@pytest.fixture(scope="module")
def hostile(prepared: Prepared) -> Iterator[str]:
    with started(*HOSTILE, comparison=[prepared.comparison]) as (_, url):
        yield url


def test_a_visitor_watches_the_run_of_a_topic(browser: Any, twins: str) -> None:
    with opened(browser, f"{twins}cases") as page:
        page.locator("[name=topic][value=custom]").click()
        ended = page.locator(".run.ended", has_text="3 run: 2 identical, 1 known")
        ended.wait_for(timeout=LONG)
        expect(page.locator("[data-count=known]")).to_have_text("1")
        page.locator(".choose [name=verdict][value=known]").check()
        expect(page.locator(".cases li:visible")).to_have_count(1)
        expect(page.locator("[data-shown]")).to_have_text("1 of 3 cases")


def test_the_search_filters_cases_while_typing(browser: Any, twins: str) -> None:
    with opened(browser, f"{twins}cases") as page:
        page.get_by_label("Search").fill("tuple headers")
        found = page.locator(".cases li:visible")
        assert 0 < found.count() < 19
        expect(page.get_by_role("button", name="Run these cases")).to_be_visible()
        page.get_by_label("Search").fill("")
        expect(page.locator("[data-shown]")).to_have_text("19 of 19 cases")


def test_going_back_from_a_case_restores_the_search_and_verdicts(
    browser: Any, twins: str
) -> None:
    with opened(browser, f"{twins}cases") as page:
        page.get_by_label("Search").fill("chooses its status")
        page.locator(".cases li:visible a").click()
        page.get_by_role("tab", name="Side by side").wait_for()
        page.go_back()
        page.get_by_text("1 of 19 cases").wait_for()
        page.locator(".cases li:visible b", has_text="identical").wait_for()


def test_back_leaves_a_lesson_and_reload_and_a_link_keep_step_and_answer(
    browser: Any, twins: str
) -> None:
    with opened(browser, f"{twins}topics/custom") as page:
        step = page.locator(".position b")
        page.locator(".lines a").first.click()
        page.get_by_role("tab", name="Visual quiz").click()
        page.locator("fieldset").first.get_by_text("202", exact=True).click()
        page.locator("fieldset").first.get_by_role("button").click()
        for _ in range(9):
            page.get_by_role("button", name="Next step").click()
            page.get_by_role("button", name="Previous step").click()
        page.get_by_role("button", name="Next step").click()
        page.wait_for_url("**#step=2&mode=quiz&quiz=*")
        link = page.url
        page.reload()
        expect(step).to_have_text("Step 2")
        page.get_by_role("link", name="Start").click()
        page.get_by_role("heading", name="The learning path").wait_for()
        page.go_back()
        expect(step).to_have_text("Step 2")
        page.go_back()
        page.wait_for_url("**/topics/custom")
        page.go_forward()
        expect(step).to_have_text("Step 2")
    with opened(browser, link) as other:
        expect(other.locator(".position b")).to_have_text("Step 2")
        answered = other.locator("fieldset").first.get_by_role("status")
        expect(answered).to_contain_text("is right.")


def test_back_leaves_a_search_and_forward_restores_it(browser: Any, twins: str) -> None:
    for path, words in (("cases", "tuple headers"), ("differences", "cookie")):
        with opened(browser, twins) as page:
            page.goto(twins + path)
            page.get_by_label("Search").press_sequentially(words)
            page.go_back()
            page.wait_for_url(twins)
            page.go_forward()
            expect(page.get_by_label("Search")).to_have_value(words)


def test_the_stage_of_a_case_fits_on_one_screen(browser: Any, twins: str) -> None:
    with opened(browser, twins, viewport=LAPTOP) as page:
        for case in ("custom", "tuple-header-pairs", "tuple-repeated-pairs"):
            page.goto(f"{twins}cases/{case}")
            for place in (".stepper", ".lesson-panels"):
                box = page.locator(place).bounding_box()
                assert box["y"] + box["height"] <= LAPTOP["height"], (case, place)


def test_a_visitor_cancels_a_run_that_others_do_not_see(
    browser: Any, hostile: str
) -> None:
    address = f"{hostile}cases"
    with opened(browser, address) as page, opened(browser, address) as other:
        page.locator("[name=topic][value=slow]").click()
        page.get_by_text("of 30 run").wait_for(timeout=LONG)
        other.reload()
        expect(other.locator(".run")).to_have_count(0)
        page.get_by_role("button", name="Cancel").click()
        page.get_by_text("Cancelled after").wait_for(timeout=LONG)
        expect(page.get_by_role("button", name="Cancel")).to_have_count(0)


def test_a_run_reports_the_verdict_of_a_case_with_an_unusual_id(
    browser: Any, hostile: str
) -> None:
    with opened(browser, f"{hostile}cases") as page:
        page.get_by_label("Search").fill("odd")
        page.get_by_role("button", name="Run these cases").click()
        ended = page.locator(".run.ended", has_text="1 run: 1 identical")
        ended.wait_for(timeout=LONG)
        page.locator("li.identical b", has_text="identical").wait_for()
        page.get_by_role("link", name="Odd & on a path").click()
        page.get_by_role("tab", name="Execution table").wait_for()


@pytest.mark.parametrize(
    ("kind", "status", "python", "outcome"),
    [
        ("text", "299 Seen", '"299 Seen"', "flask 299"),
        ("int", "102", ", 102", "quart 102"),
    ],
)
def test_the_form_sends_any_status(
    browser: Any, twins: str, kind: str, status: str, python: str, outcome: str
) -> None:
    with opened(browser, f"{twins}try") as page:
        page.locator("[name=status_kind]").select_option(kind)
        page.locator("[name=status]").fill(status)
        page.locator(".sources", has_text=python).wait_for()
        page.get_by_role("button", name="Send to both").click()
        result = page.locator("#result")
        result.wait_for(timeout=LONG)
        expect(result.locator(".outcome")).to_contain_text(outcome)
        expect(page.get_by_role("tab", name="Execution table")).to_be_visible()
        page.goto(page.get_by_role("region", name="Link", exact=True).inner_text())
        expect(page.locator(".outcome")).to_contain_text(outcome)


def test_going_back_to_the_form_restores_its_values(browser: Any, twins: str) -> None:
    with opened(browser, f"{twins}try") as page:
        page.locator("[name=status]").fill("418")
        page.get_by_role("button", name="Send to both").click()
        page.locator("#result").wait_for(timeout=LONG)
        page.go_back()
        page.locator(".sources", has_text=", 418").wait_for()
        expect(page.locator("[name=status]")).to_have_value("418")


def test_hostile_content_is_displayed_without_effect(
    browser: Any, twins: str, hostile: str
) -> None:
    with new(browser, f"{hostile}cases") as page:
        dialogs: list[str] = []
        page.on(
            "dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss())
        )
        expect(page.locator("img")).to_have_count(0)
        page.goto(f"{hostile}cases/hostile")
        expect(page.locator("main")).to_contain_text(MARKUP)
        page.goto(f"{twins}try")
        page.locator("[name=body_kind]").select_option("text")
        page.locator("[name=made]").select_option("value")
        page.locator("[name=body]").fill(MARKUP)
        page.locator("[name=shape]").select_option("body-headers")
        page.locator("[name=headers]").fill(f"X-Hostile: {MARKUP[:60]}")
        page.get_by_role("button", name="Send to both").click()
        page.locator("#result").wait_for(timeout=LONG)
        expect(page.locator("#result")).to_contain_text(MARKUP)
        expect(page.locator("main img, main script")).to_have_count(0)
        assert "taken" not in page.title()
        assert dialogs == []


def test_the_pages_work_without_javascript(browser: Any, twins: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{twins}cases")
    page.get_by_label("Search").fill("custom")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("button", name="Run these cases").click()
    page.locator(".run.ended").wait_for(timeout=LONG)
    sent = page.locator("li.identical, li.known")
    # The page that refreshes itself may only now be coming.
    sent.nth(2).wait_for(state="attached", timeout=LONG)
    expect(sent).to_have_count(3)
    page.get_by_role("link", name="A view chooses its status").click()
    page.get_by_role("heading", name="Side by side").wait_for()
    page.get_by_role("link", name="Try it").click()
    page.get_by_label("Content").fill("[")
    page.get_by_role("button", name="Send to both").click()
    page.locator("#body-error").wait_for()
    expect(page.get_by_label("Content")).to_have_value("[")
    assert page.evaluate("document.activeElement.name") == "body"
    expect(page.locator("#body-error")).to_contain_text("is not JSON")
    page.get_by_label("Content").fill("{}")
    page.get_by_text("Cookies", exact=True).click()
    page.get_by_label("Cookies to set").fill("seen")
    page.get_by_role("button", name="Send to both").click()
    expect(page.locator("#cookies_set-error")).to_contain_text("no equals sign")
    page.get_by_label("Cookies to set").fill("seen=yes")
    page.get_by_role("button", name="Send to both").click()
    expect(page.locator("#sides-1")).to_contain_text("seen=yes")
    expect(page.locator(".outcome")).to_contain_text("flask 202")
    page.get_by_role("link", name="Differences").click()
    page.get_by_role("link", name="Status map").click()
    page.get_by_role("link", name="flask+werkzeug, 204: body dropped").click()
    page.wait_for_url("**/status-map/204#flask+werkzeug")
    page.get_by_role("row", name="flask+werkzeug").wait_for()
    context.close()


def test_the_pages_are_accessible_in_light_and_dark_mode(
    browser: Any, twins: str
) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    found = {}
    for path in PAGES:
        page.goto(twins + path)
        page.emulate_media(color_scheme="light")
        found[path] = violations(page)
        if path not in ALIKE:
            page.emulate_media(color_scheme="dark")
            found[f"{path} (dark)"] = violations(page, OF_COLOURS)
    context.close()
    assert {path: rules for path, rules in found.items() if rules} == {}


def test_the_pages_do_not_scroll_sideways_on_a_phone(browser: Any, twins: str) -> None:
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    width = "document.documentElement.scrollWidth"
    for path in PAGES:
        page.goto(twins + path)
        assert page.evaluate(width) <= PHONE["width"], path
    context.close()


def test_the_keyboard_reaches_the_content_first(browser: Any, twins: str) -> None:
    with opened(browser, twins) as page:
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
