"""Load runs on real servers, as short as can be: counts and labels, not timings."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from comparison import TargetError, UsageError
from comparison.models import Case, Request
from comparison.studies.load.client import CheckedRequest
from comparison.studies.load.command import read_run
from comparison.studies.load.measure import Measurement
from comparison.studies.load.null import Null, response_of
from comparison.studies.load.plan import Plan, Work, parse_work, work_of
from comparison.studies.load.served import Served, check_host
from comparison.studies.models import LoadRun
from comparison.targets.http import build_request
from comparison.targets.http1.connection import Connection
from tests.targets.waiting import SECONDS, has_exited, needs, until

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
HELLO = Work(
    "hello", dict.fromkeys(("sync", "async"), (CheckedRequest(Request(), (200,)),))
)


@pytest.fixture(autouse=True)
def in_folder_of_fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    needs("waitress")
    monkeypatch.syspath_prepend(str(HERE))


def measured(concurrency: tuple[int, ...] = (4,), **fields: object) -> LoadRun:
    plan = {
        "works": (HELLO,), "concurrency": concurrency, "threads": 4, "rounds": 2,
        "seconds": 0.4, "requests": 150, "warm_up": 0.05, **fields,
    }  # fmt: skip
    measurement = Measurement(Plan(**plan))  # type: ignore[arg-type]
    pids = [
        served.process.child.pid
        for _ in measurement
        for served in measurement.served.values()
        if served.process is not None
    ]
    until(lambda: all(map(has_exited, pids)))
    return measurement.result("")


def test_counted_errors_match_those_of_the_server(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    run = measured(targets={"shop": f"load_fakes:counting(10, {str(log)!r})@waitress"})
    (point,) = run.points
    errors = sum(each.errors.get("status 500", 0) for each in point.rounds)
    seen = log.read_text()
    assert errors == seen.count("f") > 0
    assert {kind for each in point.rounds for kind in each.errors} == {"status 500"}
    answered = sum(each.answered for each in point.rounds)
    assert 0 < answered <= seen.count(".")
    assert not run.stacks[0].given_up


def test_a_server_that_dies_is_labelled_and_the_others_continue(tmp_path: Path) -> None:
    run = measured(
        targets={
            "dying": "load_fakes:dying(6)@waitress",
            "well": f"load_fakes:counting(100000, {str(tmp_path / 'n')!r})@waitress",
        },
        concurrency=(2, 3),
    )
    dying, well = run.stacks
    # Then what it wrote last, if it wrote anything.
    assert dying.given_up.startswith("died at 2 in flight, with exit code 7")
    assert not well.given_up
    rounds = {(p.stack, p.concurrency): len(p.rounds) for p in run.points}
    assert rounds == {("dying", 2): 1, ("well", 2): 2, ("well", 3): 2}
    (first,) = run.points[0].rounds
    assert sum(first.errors.values()) > 0
    # Each round measures the ceiling at each concurrency.
    assert [(p.concurrency, len(p.rounds)) for p in run.ceilings] == [(2, 2), (3, 2)]
    assert sum(each.answered for p in run.ceilings for each in p.rounds) > 0


def test_a_server_that_stalls_is_labelled_and_its_requests_are_counted() -> None:
    run = measured(targets={"stalling": "load_fakes:stalling(3)@waitress"}, timeout=1.0)
    (point,) = run.points
    assert run.stacks[0].given_up.startswith("no response at 4 in flight: ")
    assert point.rounds[0].errors["timeout"] >= 4
    assert point.rounds[0].answered == 0


def test_rounds_measured_before_the_time_limit_are_saved(tmp_path: Path) -> None:
    well = f"load_fakes:counting(100000, {str(tmp_path / 'n')!r})@waitress"
    run = measured(targets={"well": well}, rounds=100, time=2.0)
    assert run.unfinished == "the time limit of 2 s"
    assert 0 < len(run.points[0].rounds) < 100


def test_one_request_for_each_connection_is_enough_to_measure(
    tmp_path: Path,
) -> None:
    well = f"load_fakes:counting(100000, {str(tmp_path / 'n')!r})@waitress"
    run = measured(
        targets={"well": well}, concurrency=(5,), requests=5, warm_up=0.0, seconds=2.0,
        rounds=1,
    )  # fmt: skip
    (point,) = run.points
    (only,) = point.rounds
    # Each of the five may have been in flight as the window opened, and once more.
    assert 5 <= only.answered <= 10
    assert 0 < only.seconds < 2.0


def test_an_unexpected_first_response_is_an_error_before_measuring() -> None:
    spec = "load_fakes:counting(1, '/dev/null')@waitress"
    with pytest.raises(TargetError, match="GET /: unexpected response: status 500"):
        measured(targets={"shop": spec})


def test_load_runs_do_not_use_the_recording_middleware() -> None:
    served = Served("shop", "load_fakes:counting(1000, '/dev/null')@waitress", 4)
    try:
        served.first(HELLO.requests["sync"], 5)
        with Connection(served.address, 5) as connection:
            probe = (("Comparison-Exchange", "probe token"),)
            response, _ = connection.exchange(build_request(Request()), probe, 5)
    finally:
        served.close()
    # A gate would have answered with the token.
    assert response is not None and response.body == "ok"


def test_cases_are_sent_in_turns_to_a_running_server(tmp_path: Path) -> None:
    log = tmp_path / "log"
    served = Served("shop", f"load_fakes:seeing({str(log)!r})@waitress", 4)
    cases = work_of([Case("a", Request(path="/a")), Case("b", Request("POST", "/b"))])
    try:
        served.first(HELLO.requests["sync"], 5)
        log.unlink()
        run = measured(
            works=(cases,), targets={"shop": f"{served.origin}/api/"}, concurrency=(2,)
        )
    finally:
        served.close()
    seen = log.read_text().splitlines()
    assert set(seen) == {"GET /api/a", "POST /api/b"}
    assert abs(seen.count("GET /api/a") - len(seen) / 2) <= 2 * 2 + 1
    assert run.points[0].work == "cases"
    assert {each.server_ms for each in run.points[0].rounds} == {None}


@pytest.mark.parametrize("framework", ["flask", "quart"])
def test_the_twins_do_all_work_in_views_of_both_kinds(framework: str) -> None:
    served = Served(
        framework, f"{framework}_app:create_app({{'TOPICS': ['work']}})@", 4
    )
    try:
        for work in ("sleep:1ms", "cpu:1ms", "json", "stream"):
            for requests in parse_work(work).requests.values():
                (asked,) = served.first(requests, 5)
                assert asked.size
    finally:
        served.close()


class SentRequest:
    """A transport that remembers."""

    def __init__(self) -> None:
        self.data: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.data.append(data)


def test_the_null_server_responds_once_a_request_is_complete() -> None:
    null, sent = Null(response_of(3)), SentRequest()
    null.transport = sent  # type: ignore[assignment]
    null.data_received(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nPOST / HTTP/1.1\r\n")
    assert len(sent.data) == 1
    null.data_received(b"Content-Length: 4\r\n\r\nab")
    assert len(sent.data) == 1
    null.data_received(b"cd")
    assert sent.data == [response_of(3)] * 2
    assert sent.data[0].endswith(b"Content-Length: 3\r\n\r\n...")


@pytest.mark.parametrize("host", ["10.0.0.1", "192.168.1.7", "shop.test", "::2"])
def test_a_remote_host_is_rejected_unless_it_is_allowed(host: str) -> None:
    with pytest.raises(UsageError, match=f"--allow-remote {host}"):
        check_host(host, ("other.test",), "--target")
    check_host(host, (host,), "--target")


def test_ctrl_c_saves_finished_rounds_and_stops_all_processes(
    tmp_path: Path,
) -> None:
    path, log, cases = (tmp_path / n for n in ("run.json", "log", "cases.toml"))
    cases.write_text('schema_version = 1\n[[case]]\nid = "hello"\n[case.request]\n')
    target = f"shop=load_fakes:slowly(0.02, {str(log)!r})@waitress"
    asked = ["--target", target, "--cases", str(cases), "--concurrency", "2"]
    bounds = ["--rounds", "100", "--seconds", "0.1", "--warm-up", "0"]
    process = subprocess.Popen(
        [sys.executable, "-m", "comparison", "load", *asked, *bounds,
         "--output", str(path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=HERE,
        start_new_session=True, env={**os.environ, "PYTHONPATH": str(HERE)},
    )  # fmt: skip
    try:
        # A round takes 0.2 s, in which 22 can be answered: two rounds have ended.
        until(lambda: log.exists() and log.stat().st_size > 50)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        pids = list(map(int, children.read_text().split()))
        os.killpg(process.pid, signal.SIGINT)
        output, errors = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
    assert process.returncode == 130
    assert errors.endswith("comparison: interrupted\n")
    assert "PARTIAL: interrupted" in output
    # The app's server, the null server and the clients.
    assert len(pids) > 2 and all(map(has_exited, pids))
    run = read_run(path)
    assert run.unfinished == "interrupted"
    assert 0 < len(run.points[0].rounds) < 100
