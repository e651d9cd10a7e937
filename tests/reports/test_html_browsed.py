"""The HTML report of a run in Chromium, with every case open."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import OF_COLOURS, PHONE, opened, violations

from .making import reported

pytestmark = pytest.mark.slow

LINES = """element => {
  const range = document.createRange();
  range.selectNodeContents(element);
  return new Set([...range.getClientRects()].map((box) => box.top)).size;
}"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path: Path = tmp_path_factory.mktemp("report") / "report.html"
    text = reported("html", lambda: "x" * 500, lambda: "y" * 500)
    path.write_text(text.replace("<details", "<details open"), "utf-8")
    yield path.as_uri()


def test_axe_finds_no_accessibility_violations(browser: Any, url: str) -> None:
    with opened(browser, url, reduced_motion="reduce") as page:
        assert violations(page) == []
        page.emulate_media(color_scheme="dark")
        assert violations(page, OF_COLOURS) == []


def test_the_report_fits_on_a_phone(browser: Any, url: str) -> None:
    with opened(browser, url, viewport=PHONE) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        step = page.locator("th", has_text="Step").first
        assert step.evaluate(LINES) == 1
