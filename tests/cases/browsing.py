"""A visit to a twin with a real browser, recorded as HAR by Chromium.

`python -m tests.cases.browsing` records the files in `recorded` anew.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RECORDED = Path(__file__).parent / "recorded"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--disable-background-networking"]  # fmt: skip
SECRETS = ("canary-bearer-1", "canary-cookie-2", "canary-query-3", "canary-form-4",
           "canary-json-5", "canary-key-6")  # fmt: skip

VISIT = """async (elsewhere) => {
  const form = "application/x-www-form-urlencoded";
  const ask = (path, method = "GET", headers = {}, body = undefined) =>
    fetch(path, {method, headers, body}).then((answer) => answer.text());
  await ask("/cookies/set/plain");
  await ask("/sessions/user");
  await ask("/sessions/user");
  await ask("/queries/echo?page=2&token=canary-query-3");
  await ask("/forms/echo", "POST", {"Content-Type": form},
            "name=ada&password=canary-form-4&name=grace");
  await ask("/json-bodies/echo", "POST", {"Content-Type": "application/json"},
            JSON.stringify({article: 7, api_key: "canary-json-5", note: "${price}"}));
  await ask("/negotiation/nothing", "GET", {"Authorization": "Bearer canary-bearer-1",
            "X-Api-Key": "canary-key-6"});
  document.cookie = "session_id=canary-cookie-2";
  await ask("/cookies/read");
  const parts = new FormData();
  parts.append("title", "Notes");
  parts.append("password", "canary-form-4");
  await ask("/forms/echo", "POST", {}, parts);
  await ask("/redirects/nowhere", "DELETE");
  await ask("/static/site.css");
  await fetch(elsewhere + "/custom", {mode: "no-cors"});
}"""


@contextmanager
def served(module: str) -> Iterator[str]:
    """A twin on its own server, and its port."""
    command = [sys.executable, "-u", "-m", module, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().rpartition(":")[2].partition("/")[0]
        finally:
            server.terminate()


def record(module: str, path: Path) -> None:
    """Visit a twin and write what Chromium recorded."""
    from playwright.sync_api import sync_playwright

    with served(module) as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(record_har_path=path)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}/custom")
        page.evaluate(VISIT, f"http://localhost:{port}")
        context.close()
        browser.close()


def main() -> None:
    for framework in ("flask", "quart"):
        record(f"{framework}_app", RECORDED / f"chromium-{framework}.har")


if __name__ == "__main__":
    main()
