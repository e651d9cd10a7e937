"""The page of a lesson in Chromium, as the file that `--output` writes."""

from pathlib import Path
from typing import Any

import pytest

from comparison.cli import main
from tests.browser import PHONE, opened, violations


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("lesson") / "custom.html"
    assert main(["show", "custom", "-q", "--output", str(path)]) == 0
    return path.as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Any, url: str, scheme: str) -> None:
    with opened(browser, url, color_scheme=scheme) as page:
        assert violations(page) == []


def test_a_phone_scrolls_down_only(browser: Any, url: str) -> None:
    with opened(browser, url, viewport=PHONE) as page:
        width = "document.documentElement.scrollWidth"
        assert page.evaluate(width) == PHONE["width"]


def test_a_right_answer_is_told(browser: Any, url: str) -> None:
    with opened(browser, url) as page:
        question = page.locator("fieldset").first
        question.get_by_text("202", exact=True).click()
        question.get_by_role("button", name="Check").click()
        assert question.get_by_role("status").inner_text() == "Right: B."
        assert question.get_by_role("button").is_disabled()
