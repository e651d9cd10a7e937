"""A real browser for tests of pages: Debian's Chromium, one for a module.

While it is open an event loop runs in the thread of the tests. Code that cannot run in
such a thread runs on a server or in another thread.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import pytest

from tests.cases.browsing import CHROMIUM, FLAGS

TIMEOUT = 30_000  # milliseconds
PHONE = {"width": 360, "height": 740}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOURS = ["color-contrast", "link-in-text-block"]
OF_MEDIA = {"color_scheme", "reduced_motion"}
OF_A_PAGE = {"viewport", *OF_MEDIA}


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


# Pages that no test has open now. A renderer takes a second of processor time to start.
_closed: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
DESKTOP = {"width": 1280, "height": 720}  # as a new page of Playwright has


@contextmanager
def opened(browser: Any, url: str, **options: Any) -> Iterator[Any]:
    """A page, open at a URL; `options` are those of a context of Playwright.

    It has no cookies, and nothing is stored. At the end it fails if the page complained:
    errors of scripts, and what its policy refused.
    """
    page = None if options.keys() - OF_A_PAGE else _closed.pop(browser, None)
    if page is None:
        context = browser.new_context(**options)
        context.set_default_timeout(TIMEOUT)
        page = context.new_page()
    else:
        page.set_viewport_size(options.pop("viewport", DESKTOP))
        page.emulate_media(
            media="null", **{**dict.fromkeys(OF_MEDIA, "null"), **options}
        )
    complaints: list[str] = []

    def hear(message: Any) -> None:
        if message.type == "error":
            complaints.append(message.text)

    def fail(error: Any) -> None:
        complaints.append(str(error))

    page.on("pageerror", fail)
    page.on("console", hear)
    again = False
    try:
        page.goto(url)
        yield page
        assert complaints == []
        again = not options.keys() - OF_A_PAGE and browser not in _closed
    finally:
        if again:
            page.remove_listener("pageerror", fail)
            page.remove_listener("console", hear)
            page.evaluate("localStorage.clear(), sessionStorage.clear()")
            page.goto("about:blank")
            page.context.clear_cookies()
            _closed[browser] = page
        else:
            page.context.close()


def expect(what: Any) -> Any:
    """Return assertions about a page or a locator that wait until they hold.

    After a click a page may still load, or be drawn, when the next line runs.
    """
    from playwright.sync_api import expect as expected

    expected.set_options(timeout=TIMEOUT)
    return expected(what)


@contextmanager
def new(browser: Any, url: str, **options: Any) -> Iterator[Any]:
    """A page that no test had open before, for a test that changes more than documents."""
    with opened(browser, url, service_workers="block", **options) as page:
        yield page


def violations(
    page: Any, rules: Sequence[str] = RULES, within: Sequence[str] = ()
) -> list[str]:
    """Return the problems that axe-core finds on a page now: rules, and the elements.

    Findings other than those `OF_COLOURS` are the same in light and dark mode.
    """
    from axe_playwright_python.sync_playwright import Axe

    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate(
        "([places, rules]) => axe.run(places.length ? places : document,"
        " {runOnly: rules, resultTypes: ['violations']})",
        [list(within), list(rules)],
    )
    return [
        f"{rule['id']}: {node['html']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
