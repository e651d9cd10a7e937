"""`[tool.comparison.reset]`: two apps that share a database see the same state."""

import http.server
import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from comparison.cli import main
from comparison.core.errors import DocumentError
from comparison.runner.config import find_project

from .project import Project, project
from .targets.waiting import until

__all__ = ["project"]

# Both apps write into one file, as apps that share a database do.
APP = """
from pathlib import Path
from {framework} import {name}

STORE = Path(__file__).parent / "store.txt"

def create_app():
    app = {name}(__name__)

    @app.post("/add/<word>")
    def add(word):
        with STORE.open("a") as store:
            store.write(word + " ")
        return STORE.read_text()

    return app
"""
RESETTING = """
import os
import re
import time
from pathlib import Path

STORE = Path(__file__).parent / "store.txt"

def clear():
    STORE.write_text("")

async def clear_later():
    clear()

def hang():
    while True:
        try:
            time.sleep(600)
        except BaseException:
            pass

def block():
    re.match("(a+)+$", "a" * 40 + "b")  # holds the interpreter lock

def leave():
    os._exit(7)

def fail():
    raise OSError("no database, password='open-sesame-1'")
"""
CASES = """
schema_version = 1

[[case]]
id = "one"
topic = "first"
request = { method = "POST", path = "/add/one" }

[[case]]
id = "two"
topic = "first"
request = { method = "POST", path = "/add/two" }

[[case]]
id = "three"
topic = "second"
request = { method = "POST", path = "/add/three" }
"""


def write(project: Project, reset: str) -> None:
    for framework in ("flask", "quart"):
        source = APP.format(framework=framework, name=framework.title())
        project.write(f"shop_{framework}.py", source)
    project.write("resetting.py", RESETTING)
    project.write("store.txt", "")
    project.write("cases.toml", CASES)
    project.write(
        "pyproject.toml",
        f"""
        [tool.comparison]
        cases = ["cases.toml"]
        {reset}
        [tool.comparison.targets]
        flask = "shop_flask:create_app()"
        quart = "shop_quart:create_app()"
        """,
    )


@pytest.fixture
def url() -> Iterator[str]:
    """A server that clears the store in the working directory."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found = self.path == "/reset"
            if found:
                Path("store.txt").write_text("")
            self.send_response(204 if found else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_apps_that_share_state_differ_without_a_reset(project: Project) -> None:
    write(project, "")
    assert main(["run", "-q"]) == 1


WAYS = {
    "command": 'command = ": > store.txt"',
    "function": 'function = "resetting:clear"',
    "coroutine": 'function = "resetting:clear_later"',
    "url": 'url = "URL/reset"',
    "topic": 'command = ": > store.txt", before = "topic"',
    "target": 'command = ": > store.txt", before = "target"',
}
LEFT = {"topic": "three ", "target": "one two three "}


@pytest.mark.parametrize("way", WAYS)
def test_apps_that_share_state_agree_with_a_reset(
    way: str, project: Project, url: str
) -> None:
    write(project, f"reset = {{ {WAYS[way].replace('URL', url)} }}")
    assert main(["run", "-q"]) == 0
    # The last target's state since its last reset.
    assert (project.root / "store.txt").read_text() == LEFT.get(way, "three ")


def test_a_reset_command_receives_the_target_name(project: Project) -> None:
    write(
        project, "reset = { command = 'echo $COMPARISON_TARGET >> log; : > store.txt' }"
    )
    assert main(["run", "-q", "-k", "one"]) == 0
    assert (project.root / "log").read_text() == "flask\nquart\n"


FAILURES = {
    "command = 'echo password=open-sesame-1; exit 3'":
        "before flask: ended with exit code 3; its output:\ncomparison: password=•••",
    "command = 'echo $SHOP_PASSWORD; exit 3'": "comparison: ‹secret 1›",
    "function = 'resetting:fail'": "OSError: no database, password='•••'",
    "function = 'resetting:cleer'": "resetting has no attribute 'cleer', did you mean \"clear\"?",
    "url = 'URL/other'": "before flask: status 404",
    "url = 'http://127.0.0.1:1/'": "Connection refused",
}  # fmt: skip


@pytest.mark.parametrize("reset", FAILURES)
def test_a_failing_reset_stops_the_run(
    reset: str,
    project: Project,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "open-sesame-1")
    write(project, f"reset = {{ {reset.replace('URL', url)} }}")
    assert main(["run", "-q"]) == 3
    # Secrets that earlier tests of this process had come first.
    output = re.sub(r"‹secret \d+›", "‹secret 1›", capfd.readouterr().err)
    assert FAILURES[reset] in output
    assert "open-sesame-1" not in output


def test_background_processes_of_a_reset_are_stopped(project: Project) -> None:
    write(project, "reset = { command = ': > store.txt; sleep 600 & echo $! > pid' }")
    assert main(["run", "-q", "-k", "one"]) == 0
    number = int((project.root / "pid").read_text())

    def ended() -> bool:
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return True
        return False

    until(ended)


def test_a_reset_command_that_hangs_is_stopped(
    project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    write(project, "reset = { command = 'echo waiting; sleep 600', timeout = 0.2 }")
    started = time.monotonic()
    assert main(["run", "-q"]) == 3
    assert (
        "did not end within 0.2 s; its output:\ncomparison: waiting"
        in capfd.readouterr().err
    )
    assert time.monotonic() - started < 60


ENDINGS = {
    "hang": "did not end within 0.2 s\n",
    "block": "did not end within 0.2 s (resetting.py:",
    "leave": "its process ended with exit code 7\n",
}


@pytest.mark.parametrize("function", ENDINGS)
def test_a_function_that_does_not_return_is_ended(
    function: str, project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    write(project, f"reset = {{ function = 'resetting:{function}', timeout = 0.2 }}")
    started = time.monotonic()
    assert main(["run", "-q"]) == 3
    message = f"comparison: reset 'resetting:{function}' before flask: "
    assert f"{message}{ENDINGS[function]}" in capfd.readouterr().err
    assert time.monotonic() - started < 60


# Both apps write when a request begins and ends.
SLOW = """
import time
from pathlib import Path
from {framework} import {name}

STORE, LOG = (Path(__file__).parent / name for name in ("store.txt", "log.txt"))

def log(text):
    with LOG.open("a") as file:
        file.write(text)

def clear():
    log("<")
    time.sleep(0.05)
    STORE.write_text("")
    log(">")

def create_app():
    app = {name}(__name__)

    @app.post("/add/<word>")
    def add(word):
        log("(")
        words = (STORE.read_text() + " " + word).split()
        time.sleep(0.05)
        STORE.write_text(" ".join(words))
        made_by = type(app).__name__
        log(")")
        return {{"words": words, "made_by": made_by}}

    return app
"""


@pytest.mark.parametrize("before", ["case", "topic", "target"])
@pytest.mark.parametrize("server", ["", "@"], ids=["in process", "on servers"])
def test_nothing_else_runs_while_the_state_is_reset_or_used(
    server: str, before: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project, f"reset = {{ function = 'shop_flask:clear', before = '{before}' }}")
    for framework in ("flask", "quart"):
        source = SLOW.format(framework=framework, name=framework.title())
        project.write(f"shop_{framework}.py", source)
    targets = [
        f"{name}=shop_{name}:create_app(){server}" for name in ("flask", "quart")
    ]
    options = [word for target in targets for word in ("--target", target)]
    assert main(["run", "-q", *options]) == 1
    assert re.fullmatch(r"(?:<>|\(\))+", (project.root / "log.txt").read_text())
    # The cases ran again, line by line.
    assert (
        "`made_by` is 'Quart' in quart, and 'Flask' in flask."
        in capsys.readouterr().out
    )


def test_a_reset_rejects_several_jobs(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project, "reset = { function = 'resetting:clear' }")
    assert main(["run", "-q", "--jobs", "2"]) == 2
    assert "leave out --jobs" in capsys.readouterr().err


WRONG = {
    "comand = 'a'": '3: reset.comand: unknown field, did you mean "command"?',
    "command = 'a', url = 'http://a'": "reset has one of command, url, function, not command and url",
    "url = 'shop'": 'url begins with "http://"',
    "function = 'clear'": "function: write module:function, not 'clear'",
    "command = 'a', timeout = 0": "timeout must be above 0 seconds",
    "command = 'a', before = 'cases'": 'did you mean "case"?',
}


@pytest.mark.parametrize("reset", WRONG)
def test_an_invalid_reset_is_reported_with_its_location(
    reset: str, project: Project
) -> None:
    write(project, f"reset = {{ {reset} }}")
    with pytest.raises(DocumentError) as caught:
        find_project()
    (problem,) = caught.value.problems
    assert WRONG[reset] in problem
    assert problem.startswith("pyproject.toml:3: reset")
