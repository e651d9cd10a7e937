"""A target at a URL gets a limited number of requests a second, from all workers."""

import multiprocessing
import threading
import time
import warnings
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from comparison import Case, Request, compare
from comparison.cli import main
from comparison.models import Client
from comparison.runner.config import Project, find_project
from comparison.runner.settings import RunSettings
from comparison.targets.url import RateLimiter, UrlTarget


class Clock:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_requests_are_spread_evenly() -> None:
    clock = Clock()
    rate_limiter = RateLimiter(4, clock, clock.sleep)
    moments = []
    for _ in range(5):
        rate_limiter.wait()
        moments.append(clock.now)
    assert moments == [100, 100.25, 100.5, 100.75, 101]


def test_requests_do_not_catch_up_after_a_pause() -> None:
    clock = Clock()
    rate_limiter = RateLimiter(2, clock, clock.sleep)
    rate_limiter.wait()
    clock.now += 60
    moments = []
    for _ in range(3):
        rate_limiter.wait()
        moments.append(clock.now)
    assert moments == [160, 160.5, 161]


def test_simultaneous_waits_get_distinct_times() -> None:
    clock = Clock()
    taken: list[float] = []
    rate_limiter = RateLimiter(10, clock, taken.append)
    for _ in range(4):
        rate_limiter.wait()  # at one moment, as threads do
    assert taken == pytest.approx([0.1, 0.2, 0.3])


class Counting(ThreadingHTTPServer):
    """Answers everybody, and notes when each was there."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.arrived: dict[str, list[float]] = {"one": [], "two": []}


class Handler(BaseHTTPRequestHandler):
    server: Counting

    def do_GET(self) -> None:
        self.server.arrived[self.path.split("/")[1]].append(time.monotonic())
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Do not log requests."""


@pytest.fixture
def server() -> Iterator[Counting]:
    with Counting() as counting:
        thread = threading.Thread(target=counting.serve_forever, args=(0.01,))
        thread.start()
        yield counting
        counting.shutdown()
        thread.join()


def cases(tmp_path: Path, number: int, path: str = "/") -> list[str]:
    file = tmp_path / "cases.toml"
    file.write_text(
        "".join(
            f'[[case]]\nid = "c{n}"\nrequest = {{ path = "{path}" }}\n'
            for n in range(number)
        )
    )
    return ["--cases", str(file)]


def targets(server: Counting) -> list[str]:
    url = f"http://127.0.0.1:{server.server_port}"
    return ["--target", f"one={url}/one", "--target", f"two={url}/two"]


RATE = 50.0


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_all_jobs_together_respect_the_rate_of_each_target(
    server: Counting, tmp_path: Path, jobs: str
) -> None:
    sent = [*targets(server), *cases(tmp_path, 20)]
    started = time.monotonic()
    assert main(["run", "-q", *sent, "--rate", f"{RATE}", "--jobs", jobs]) == 0
    for arrived in server.arrived.values():
        assert len(arrived) == 20
        earliest = [started + n / RATE for n in range(20)]
        assert all(a >= e for a, e in zip(sorted(arrived), earliest, strict=True))


class Waits(RateLimiter):
    """A limiter that never waits, but counts each wait."""

    def __init__(self) -> None:
        super().__init__(1)
        self.number = 0

    def wait(self) -> None:
        self.number += 1


def test_every_request_waits_including_connection_probes(
    server: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Handler, "protocol_version", "HTTP/1.1")
    monkeypatch.setattr(Handler, "do_HEAD", Handler.do_GET, raising=False)
    url = f"http://127.0.0.1:{server.server_port}"
    one, two = UrlTarget("one", f"{url}/one"), UrlTarget("two", f"{url}/two")
    one.rate_limiter, two.rate_limiter = Waits(), Waits()
    first = Request("GET", "/")
    case = Case("head", Request("HEAD", "/"), setup=(first,))
    list(compare(one, two, [case]))
    # Each request is followed by a probe: the first one of a session, and HEAD.
    for target in (one, two):
        assert len(server.arrived[target.name]) == 4
        assert isinstance(target.rate_limiter, Waits)
        assert target.rate_limiter.number == 4


def test_requests_in_flight_at_once_are_all_sent_and_all_wait(
    server: Counting,
) -> None:
    url = f"http://127.0.0.1:{server.server_port}"
    one, two = UrlTarget("one", f"{url}/one"), UrlTarget("two", f"{url}/two")
    one.rate_limiter, two.rate_limiter = Waits(), Waits()
    first = Request("GET", "/first", client=Client(concurrent=True))
    (found,) = compare(one, two, [Case("both", Request("GET", "/"), setup=(first,))])
    for target in (one, two):
        recording = found.recordings[target.name]
        for each in (*recording.setup, recording.exchange):
            assert each.response is not None and each.response.status == 200
        assert [e.event for e in recording.setup_traces[0]] == [
            "request_sent",
            "client_received",
        ]
        assert isinstance(target.rate_limiter, Waits)
        assert target.rate_limiter.number == len(server.arrived[target.name]) == 2


def test_the_targets_of_a_project_have_the_rate(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        "[tool.comparison]\n"
        'targets = { one = "http://127.0.0.1:1", two = "http://127.0.0.1:2" }\n'
    )
    settings = RunSettings((), (), (), None, find_project(tmp_path))
    for target in settings.load_targets(rate=RATE).values():
        assert isinstance(target, UrlTarget)
        assert target.rate_limiter is not None


def test_two_instances_at_one_url_share_their_rate() -> None:
    given = ("one=http://127.0.0.1:1", "two=http://127.0.0.1:2")
    settings = RunSettings(given, (), (), None, Project())
    one, again = settings.load_two_instances(rate=RATE).values()
    assert isinstance(one, UrlTarget) and isinstance(again, UrlTarget)
    assert one.rate_limiter is not None
    assert again.rate_limiter is one.rate_limiter


def test_forked_processes_get_distinct_times() -> None:
    context = multiprocessing.get_context("fork")
    taken: Any = context.SimpleQueue()
    rate_limiter = RateLimiter(10, lambda: 100.0, taken.put)

    def wait_five_times() -> None:
        for _ in range(5):
            rate_limiter.wait()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pytest has threads
        processes = [context.Process(target=wait_five_times) for _ in range(2)]
        for process in processes:
            process.start()
    for process in processes:
        process.join()
    waits = []
    while not taken.empty():
        waits.append(taken.get())
    # The first one did not wait.
    assert sorted(waits) == pytest.approx([n / 10 for n in range(1, 10)])


def test_a_rate_without_a_url_target_is_rejected(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["run", "--rate", "5"]) == 2
    assert "--rate is for targets at URLs" in capsys.readouterr().err


@pytest.mark.parametrize("rate", ["0", "-1", "x"])
def test_an_invalid_rate_is_rejected(rate: str) -> None:
    assert main(["run", "--rate", rate]) == 2
