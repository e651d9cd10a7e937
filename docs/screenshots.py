"""Takes the pictures of the playground anew: `python docs/screenshots.py`.

Needs Chromium and the extra `test`.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

DOCS = Path(__file__).parent
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--disable-background-networking"]  # fmt: skip
WIDTH = 1040
TRIED = "try?body_kind=text&body=Hello&made=value&status_kind=text&status=299+Seen&send"


@contextmanager
def served() -> Iterator[str]:
    """The playground, and its address."""
    command = [sys.executable, "-m", "comparison", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            found = re.search(r"http://\S+/", server.stdout.readline())
            assert found is not None, "the playground did not start"
            yield found[0]
        finally:
            server.terminate()


def case_page(page: Page, url: str) -> None:
    """The lesson, at the step at which the status is set."""
    page.goto(f"{url}cases/custom")
    for _ in range(5):
        page.get_by_role("button", name="Next step").click()


def try_it(page: Page, url: str) -> None:
    """A status that is a text, composed."""
    page.goto(url + TRIED)


def status_map(page: Page, url: str) -> None:
    """Every stack and every code."""
    page.goto(f"{url}status-map#cells")


PICTURES = {
    "case": (case_page, 720),
    "try": (try_it, 1040),
    "status-map": (status_map, 690),
}


def main() -> None:
    """Write the pictures."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with served() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(reduced_motion="reduce")
        for name, (show, height) in PICTURES.items():
            page.set_viewport_size({"width": WIDTH, "height": height})
            show(page, url)
            page.screenshot(path=DOCS / "pictures" / f"playground-{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
