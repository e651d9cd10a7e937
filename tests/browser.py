"""A real browser for tests of pages: Debian's Chromium, one for a module.

While it is open an event loop runs in the thread of the tests: what cannot be called from
such a thread, a test asks on a server or on another thread.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from tests.cases.browsing import CHROMIUM, FLAGS

TIMEOUT = 30_000  # milliseconds
PHONE = {"width": 360, "height": 740}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOURS = ["color-contrast", "link-in-text-block"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium. Without it a test is skipped, and fails in CI, which installs one."""
    if CHROMIUM is None:
        missing = "Chromium is not installed"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@contextmanager
def opened(browser: Any, url: str, **options: Any) -> Iterator[Any]:
    """A page, open at a URL; `options` are those of a context of Playwright.

    At the end it fails if the page complained: errors of scripts, and what its policy
    refused.
    """
    context = browser.new_context(**options)
    context.set_default_timeout(TIMEOUT)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda output: (
            complaints.append(output.text) if output.type == "error" else None
        ),
    )
    try:
        page.goto(url)
        yield page
        assert complaints == []
    finally:
        context.close()


def violations(page: Any, rules: Sequence[str] = RULES) -> list[str]:
    """What axe-core finds wrong with a page as it is now: rule, and the elements."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
    return [
        f"{rule['id']}: {node['html']}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]
