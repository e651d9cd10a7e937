"""Several processes that share the cases of one run."""

import faulthandler
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import flask
import pytest
import quart

from comparison import Case, Request, TargetError, compare, load_cases
from comparison.cli import main
from comparison.models import Comparison, Event, Failure, NormalisationRules
from comparison.runner.case_thread import GRACE

from .apps import FRAMEWORKS, PATIENT, app_of, case

CASES = [case(id=f"case-{n}", path=f"/{n}") for n in range(200)]


def counting(framework: str) -> flask.Flask | quart.Quart:
    """An app that answers with its request and its process."""

    def view(n: int) -> tuple[str, dict[str, str]]:
        return f"{n}", {"X-Process": str(os.getpid())}

    return app_of(framework, view, rule="/<int:n>")


def processes_of(comparisons: list[Comparison]) -> list[str]:
    """Return the process that ran each case, one for all its targets."""
    found = []
    for comparison in comparisons:
        responses = [r.exchange.response for r in comparison.recordings.values()]
        processes = {r.header("x-process") for r in responses if r is not None}
        assert len(processes) == 1
        found.append(processes.pop()[0])
    return found


def test_comparisons_are_yielded_in_case_order() -> None:
    run = compare(counting("flask"), counting("quart"), CASES, jobs=2)
    comparisons = list(run)
    assert [c.case for c in comparisons] == CASES
    assert {c.verdict for c in comparisons} == {"identical"}
    assert len(set(processes_of(comparisons))) == 2
    assert str(os.getpid()) not in processes_of(comparisons)


@pytest.mark.slow
def test_one_job_and_two_jobs_record_the_same() -> None:
    cases = [
        c for c in load_cases() if c.topic in ("tuples", "statuses", "async_views")
    ]
    one, two = (
        compare("flask_app", "quart_app", cases, known=None, jobs=jobs)
        for jobs in (1, 2)
    )
    assert [_comparable(c) for c in one] == [_comparable(c) for c in two]
    assert one.summary == two.summary
    assert one.normalisations == two.normalisations


def _comparable(comparison: Comparison) -> tuple[object, ...]:
    tables = {name: r.table for name, r in comparison.recordings.items()}
    return comparison.case, comparison.verdict, comparison.differences, tables


def test_normalisations_and_agreement_are_counted_over_all_processes() -> None:
    loosening = NormalisationRules(presence=("x-process",))
    cases = [
        Case(c.id, c.request, normalisations=loosening, settings={}) for c in CASES[:50]
    ]
    apps = counting("flask"), counting("quart")
    run = compare(*apps, cases, others=[counting("quart")], jobs=2)
    (agreement, *_) = run.header().agreement  # type: ignore[misc]  # three targets
    assert (agreement.agreed, agreement.total) == (50, 50)
    assert "presence:x-process" in [rule.name for rule in run.normalisations]


def test_an_app_that_hangs_is_a_failure_of_its_case_alone() -> None:
    def view(n: int) -> str:
        if n == 3:
            threading.Event().wait()
        return f"{n}"

    apps = (app_of(f, view, rule="/<int:n>") for f in ("flask", "quart"))
    run = compare(*apps, CASES[:20], timeout=PATIENT, jobs=2)
    failed = [c.case.id for c in run if c.verdict == "failed"]
    assert failed == ["case-3"]


def test_a_process_that_dies_is_a_failure_of_the_case_that_it_was_running() -> None:
    def view(n: int) -> str:
        if n == 30:
            os._exit(7)
        return f"{n}"

    apps = (app_of(f, view, rule="/<int:n>") for f in ("flask", "quart"))
    run = compare(*apps, CASES, jobs=2)
    (failed,) = (c for c in run if c.verdict == "failed")
    assert failed.case.id == "case-30"
    ended = "the process of the app ended with exit code 7"
    for recording in failed.recordings.values():
        assert recording.exchange.failure == Failure("died", ended)
        assert recording.trace == (
            Event("request_sent", name="GET"),
            Event("failed", name="died", detail=ended),
        )
    assert run.summary.identical == len(CASES) - 1


BEATING = """
import _thread, time

import flask, quart

beats = [0]

def beat():
    while True:
        beats[0] += 1
        time.sleep(0.01)

# Python does not list a thread that a library has started itself.
_thread.start_new_thread(beat, ())

def view(n):
    before, until = beats[0], time.monotonic() + 5
    while beats[0] == before and time.monotonic() < until:
        time.sleep(0.01)
    return "without its thread" if beats[0] == before else "whole"

def make_flask():
    app = flask.Flask("app")
    app.add_url_rule("/<int:n>", "view", view)
    return app

def make_quart():
    app = quart.Quart("app")
    app.add_url_rule("/<int:n>", "view", view)
    return app
"""


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted on Linux")
def test_an_app_with_a_thread_has_it_in_each_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "beating.py").write_text(BEATING)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    targets = ("beating:make_flask()", "beating:make_quart()")
    found = list(compare(*targets, CASES[:12], jobs=2))
    responses = [r.exchange.response for c in found for r in c.recordings.values()]
    assert {r.body for r in responses if r is not None} == {"whole"}
    assert len(responses) == 24


SENT = """
import os
from pathlib import Path

import flask, quart

def note(name, n):
    with Path("sent").open("a") as file:
        print(name, n, file=file)
    if (name, n) in {("flask", 5), ("quart", 9)}:
        os._exit(3)
    return f"{n}"

def make_flask():
    app = flask.Flask("app")
    app.add_url_rule("/<int:n>", "view", lambda n: note("flask", n))
    return app

def make_quart():
    app = quart.Quart("app")
    app.add_url_rule("/<int:n>", "view", lambda n: note("quart", n))
    return app
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_request_is_sent_once_even_if_workers_exit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    (tmp_path / "sending.py").write_text(SENT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    targets = ("sending:make_flask()", "sending:make_quart()")
    run = compare(*targets, CASES[:40], jobs=jobs)
    failed = {c.case.id: c.recordings for c in run if c.verdict == "failed"}
    assert set(failed) == {"case-5", "case-9"}
    assert failed["case-5"]["sending-2"].exchange.response is not None
    sent = (tmp_path / "sent").read_text().split("\n")[:-1]
    assert sorted(sent) == sorted(f"{f} {n}" for f in FRAMEWORKS for n in range(40))


BLOCKING = """
import re

import flask, quart

def search(n):
    if n == 3:
        re.match("(a+)+$", "a" * 60 + "!")
    return f"{n}"

def make_flask():
    app = flask.Flask("app")
    app.add_url_rule("/<int:n>", "view", search)
    return app

def make_quart():
    app = quart.Quart("app")
    app.add_url_rule("/<int:n>", "view", lambda n: f"{n}")
    return app
"""


@pytest.mark.skipif(not hasattr(faulthandler, "register"), reason="nothing says where")
def test_an_app_that_blocks_its_process_fails_with_the_blocking_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "blocking.py").write_text(BLOCKING)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    targets = ("blocking:make_flask()", "blocking:make_quart()")
    run = compare(*targets, CASES[:8], timeout=PATIENT)
    (failed,) = (c for c in run if c.verdict == "failed")
    blocked, other = (r.exchange for r in failed.recordings.values())
    assert str(blocked.failure) == (
        f"timeout: no answer within {PATIENT:g} s; the app blocked its process"
        " (blocking.py:8 in search)"
    )
    assert other.response is not None
    assert failed.case.id == "case-3"
    assert run.summary.identical == 7


@pytest.mark.slow
def test_a_case_that_blocks_as_long_as_a_start_may_take_fails_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "blocking.py").write_text(BLOCKING)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("COMPARISON_START_TIMEOUT", "4")
    targets = ("blocking:make_flask()", "blocking:make_quart()")
    run = compare(*targets, CASES[2:5], timeout=4 - GRACE)
    assert [each.verdict for each in run] == ["identical", "failed", "identical"]


def test_a_factory_error_is_raised_after_the_preceding_cases() -> None:
    def create_app(settings: object = None) -> flask.Flask | quart.Quart:
        if settings:
            raise RuntimeError("no such setting")
        return counting("flask")

    broken = Case("broken", Request("GET", "/1"), settings={"A": 1})
    run = compare(create_app, create_app, [*CASES[:5], broken], jobs=2)
    arriving = iter(run)
    assert [next(arriving).case for _ in range(5)] == CASES[:5]
    with pytest.raises(TargetError, match="no such setting"):
        next(arriving)


def test_interrupting_a_run_stops_its_processes() -> None:
    started: set[int] = set()

    def endless() -> Iterator[Case]:
        for n in range(10**6):
            yield case(id=f"case-{n}", path=f"/{n}")

    run = compare(counting("flask"), counting("quart"), endless(), jobs=2)
    for comparison in run:
        started |= set(map(int, processes_of([comparison])))
        if len(started) == 2:
            break
    run.interrupt()
    assert len(started) == 2
    for process in started:
        with pytest.raises(ProcessLookupError):
            os.kill(process, signal.SIG_DFL)


def test_the_command_splits_the_cases_between_jobs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["run", "-k", "tuple", "--jobs", "2", "-q"]) == 0
    assert "AS EXPECTED: 34 cases" in capsys.readouterr().out


@pytest.mark.slow
def test_jobs_work_on_servers_too() -> None:
    cases = [c for c in load_cases() if c.topic == "custom"] * 3
    apps = (f"{f}_app:create_app({{'TOPICS': ['custom']}})@" for f in FRAMEWORKS)
    run = compare(*apps, cases, jobs=2)
    assert [c.case.id for c in run] == [c.id for c in cases]
    assert run.exit_code == 0


@pytest.mark.skipif(sys.platform != "linux", reason="processors are chosen on Linux")
@pytest.mark.parametrize(("jobs", "processors"), [(2, "1"), (3, "2")])
def test_each_job_has_one_processor_if_there_are_enough(
    jobs: int, processors: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.sched_getaffinity(0)
    if len(before) < 2:
        pytest.skip("there is one processor")
    monkeypatch.syspath_prepend(Path(__file__).parent / "targets")
    app = "served_apps:make_flask"
    cases = [case(id=f"case-{n}", path="/processors") for n in range(4 * jobs)]
    os.sched_setaffinity(0, set(sorted(before)[:2]))
    try:
        found = list(compare(app, f"{app}@", cases, jobs=jobs))
    finally:
        os.sched_setaffinity(0, before)
    responses = [r.exchange.response for c in found for r in c.recordings.values()]
    assert {r.body for r in responses if r is not None} == {processors}
    assert len(responses) == 2 * len(cases)
