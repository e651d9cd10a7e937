"""Both twins on a real server: a free port, a quiet end, a port in use."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.ports import free_port

ROOT = Path(__file__).parents[2]
SECONDS = 120  # after which a test gives up: a busy machine takes its time

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start Python with arguments; kill it at the end if it still runs."""
    started = []

    def run(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def first_lines(process: subprocess.Popen[str]) -> str:
    """Wait for the first two lines of a process's output, written at once."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], SECONDS)
    assert ready, "the server says nothing"
    return process.stdout.readline() + process.stdout.readline()


def served_urls(process: subprocess.Popen[str]) -> list[str]:
    """The two URLs that a process prints when it starts."""
    found = re.findall(r"http://\S+", lines := first_lines(process))
    assert len(found) == 2, lines
    return found


def interrupt(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Press Ctrl-C, and return exit code, rest of the output, and errors."""
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=SECONDS)
    return process.returncode, output, errors


def get_until_served(url: str) -> httpx.Response:
    """Send a request until the server listens; repeat it after a refused connection."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            return httpx.get(url, timeout=SECONDS, trust_env=False)
        except httpx.ConnectError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def test_twins_are_served_on_free_ports_until_ctrl_c(
    framework: str, start: Start
) -> None:
    arguments = ("-m", f"{framework}_app", "--port", "0")
    process, other = start(*arguments), start(*arguments)
    url, index = served_urls(process)
    assert not {url, index} & {*served_urls(other)}
    code, output, errors = interrupt(other)  # right after its start
    assert code in (0, 130)
    assert (output, errors) == ("", "")
    assert url == f"{index}custom"
    with httpx.Client(timeout=SECONDS, trust_env=False) as client:
        answers = [client.get(url), client.get(index)]
    assert [answer.status_code for answer in answers] == [202, 200]
    assert answers[0].json() == {"message": "Hello"}
    assert '<a href="/custom">custom</a>' in answers[1].text
    code, output, errors = interrupt(process)
    assert code in (0, 130)
    assert output == ""
    assert "Traceback" not in errors


def test_a_port_in_use_is_a_one_line_error(
    framework: str, start: Start, taken: int
) -> None:
    process = start("-m", f"{framework}_app", "--port", str(taken))
    output, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 3
    assert output == ""
    assert errors.count("\n") == 1
    assert f"127.0.0.1 port {taken}" in errors


def test_an_impossible_port_is_a_usage_error(framework: str, start: Start) -> None:
    process = start("-m", f"{framework}_app", "--port", "70000")
    _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 2
    assert "--port" in errors


@pytest.mark.slow
def test_the_frameworks_own_command_serves_a_twin_as_well(
    framework: str, start: Start
) -> None:
    port = str(free_port())
    process = start("-m", framework, "--app", f"{framework}_app", "run", "--port", port)
    response = get_until_served(f"http://127.0.0.1:{port}/custom")
    assert (response.status_code, response.json()) == (202, {"message": "Hello"})
    interrupt(process)
