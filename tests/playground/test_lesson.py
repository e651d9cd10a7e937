"""The lesson of a case on its page in Chromium, below the head of the playground."""

import re
from typing import Any

import pytest

from tests.browser import expect, opened

pytestmark = pytest.mark.slow

LAPTOP = {"width": 1366, "height": 768}
STAGE = (".stepper", ".lesson-code", ".lesson-flow", ".lesson-state", ".lesson-modes")


@pytest.fixture
def twins(served_twins: str) -> str:
    return served_twins


def test_a_case_has_its_lesson_on_one_screen(browser: Any, twins: str) -> None:
    with opened(browser, f"{twins}cases/custom", viewport=LAPTOP) as page:
        for _ in range(5):
            page.keyboard.press("ArrowRight")
        expect(page.locator(".position b")).to_have_text("Step 3.4")
        for place in STAGE:
            box = page.locator(place).bounding_box()
            assert box["y"] + box["height"] <= LAPTOP["height"], place
        assert page.evaluate("scrollY") == 0


def test_a_link_to_a_step_opens_at_it(browser: Any, twins: str) -> None:
    with opened(browser, f"{twins}cases/custom", viewport=LAPTOP) as page:
        page.get_by_role("tab", name="Key moments").click()
        page.get_by_role("button", name="Last step").click()
        page.wait_for_url(re.compile("step=4&mode=moments"))
        shared = page.url
    with opened(browser, shared, viewport=LAPTOP) as page:
        expect(page.locator(".position b")).to_have_text("Step 4")
        expect(page.locator("#moments-1")).to_be_visible()
