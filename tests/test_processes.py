"""The command as people run it: a process, signals, pipes, and how it ends."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.apps import options_of_twins
from tests.supervised import default_signals

SECONDS = 120  # after which a test gives up: a busy machine takes its time
ROOT = Path(__file__).parents[1]

APP = """\
import asyncio, os, signal, threading
import flask, quart

def meet():
    with open("reached", "w") as pipe:
        pipe.write(str(os.getpid()))  # Its reader now knows that we are here.
    threading.Event().wait()
    return ""

app = flask.Flask("hanging")
app.add_url_rule("/", "view", lambda: "Hello")
app.add_url_rule("/meet", "meet", meet)
app.add_url_rule("/end", "end", lambda: os.kill(os.getpid(), signal.SIGTERM))

@app.get("/async")
async def wait_in_flask():
    await asyncio.Event().wait()

other = quart.Quart("hanging")

@other.get("/async")
@other.get("/")
def wait_on_a_thread():
    threading.Event().wait()
"""


def cases(*paths: str) -> str:
    return "".join(
        f'[[case]]\nid = "case-{number}"\n[case.request]\npath = "{path}"\n'
        for number, path in enumerate(paths)
    )


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start `python -m comparison` in a folder with the hanging app."""
    started = []

    (tmp_path / "hanging.py").write_text(APP)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}

    def start(
        *arguments: str, stdout: Any = subprocess.PIPE, **variables: str
    ) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "comparison", *arguments],
            cwd=tmp_path, env=environment | variables, text=True,
            stdout=stdout, stderr=subprocess.PIPE,
            preexec_fn=default_signals,  # noqa: PLW1509 - it takes no lock
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        with process:  # closes its pipes, and waits
            process.kill()


def test_show_prints_the_lesson(start: Start) -> None:
    process = start("show", "custom")
    out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (0, "")
    assert out.count("Message shown with status 202") == 2


def test_ctrl_c_reports_and_saves_the_recorded_cases(
    start: Start, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "reached")
    (tmp_path / "cases.toml").write_text(cases("/", "/", "/meet", "/"))
    targets = ("--target", "a=hanging:app", "--target", "b=hanging:app")
    process = start(
        "run", *targets, "--cases", "cases.toml", "--output", "run.jsonl",
        "--output", "run.json",
    )  # fmt: skip
    (tmp_path / "reached").read_text()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert "Traceback" not in out + err
    assert "INTERRUPTED after 2 cases" in out.splitlines()[-1]
    header, *lines = map(json.loads, (tmp_path / "run.jsonl").read_text().splitlines())
    assert (header["interrupted"], header["exit_code"], len(lines)) == (True, 130, 2)
    document = json.loads((tmp_path / "run.json").read_text())
    assert len(document["comparisons"]) == 2
    assert list(tmp_path.glob("*.partial")) == []


@pytest.mark.parametrize(
    "paths",
    [("/", "/meet", "/"), pytest.param(("/meet",), marks=pytest.mark.slow)],
)
def test_ctrl_c_ends_a_run_of_several_jobs_as_interrupted(
    start: Start, tmp_path: Path, paths: tuple[str, ...]
) -> None:
    os.mkfifo(tmp_path / "reached")
    (tmp_path / "cases.toml").write_text(cases(*paths))
    targets = ("--target", "a=hanging:app", "--target", "b=hanging:app")
    process = start("run", *targets, "--cases", "cases.toml", "--jobs", "2")
    (tmp_path / "reached").read_text()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (130, "")
    assert "INTERRUPTED after" in out.splitlines()[-1]


@pytest.mark.parametrize(
    "targets",
    [
        pytest.param("app app", id="flask"),
        pytest.param("other other", id="quart", marks=pytest.mark.slow),
    ],
)
def test_a_hanging_app_thread_does_not_prevent_the_command_from_exiting(
    start: Start, tmp_path: Path, targets: str
) -> None:
    (tmp_path / "cases.toml").write_text(cases("/async"))
    one, other = targets.split()
    process = start(
        "run", "--target", f"a=hanging:{one}", "--target", f"b=hanging:{other}",
        "--cases", "cases.toml", "--timeout", "0.2", "--format", "json",
    )  # fmt: skip
    out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (1, "")
    (found,) = json.loads(out)["comparisons"]
    kinds = {r["exchange"]["failure"]["kind"] for r in found["recordings"].values()}
    assert kinds == {"timeout"}


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("outputs", [(), ("--output", "run.json")], ids=["", "file"])
def test_a_closed_pipe_ends_the_run_with_the_sigpipe_exit_code(
    start: Start, tmp_path: Path, jobs: str, outputs: tuple[str, ...]
) -> None:
    arguments = ("run", "-v", "-k", "tuple", "--jobs", jobs)
    process = start(*arguments, *outputs)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(1)
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(SECONDS) == 141
    if outputs:
        document = json.loads((tmp_path / "run.json").read_text())
        assert sum(document["summary"].values()) == len(document["comparisons"]) > 10


@pytest.mark.slow
@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_a_closed_descriptor_does_not_affect_the_run(
    start: Start, tmp_path: Path, closed: str
) -> None:
    command = f"run -q -k custom --output run.json {closed}"
    script = f"exec {sys.executable} -m comparison {command}"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, env=environment, timeout=SECONDS,
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads((tmp_path / "run.json").read_text())
    assert document["exit_code"] == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
def test_each_signal_has_its_exit_code_and_saves_recorded_cases(
    start: Start, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    os.mkfifo(tmp_path / "reached")
    (tmp_path / "cases.toml").write_text(cases("/", "/meet"))
    targets = ("--target", "a=hanging:app", "--target", "b=hanging:app")
    outputs = ("--cases", "cases.toml", "--output", "run.json")
    process = start("run", *targets, *outputs)
    (tmp_path / "reached").read_text()
    process.send_signal(number)
    _, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (code, "")
    document = json.loads((tmp_path / "run.json").read_text())
    assert document["exit_code"] == code
    assert [each["case"] for each in document["comparisons"]] == ["case-0"]


FINALISER = """
import os, signal, time
from comparison.core.processes.signals import handled_signals

class Finalised:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)

# They arrive just before a wait, which they then do not interrupt.
kill, without_effect = os.kill, list(range({without_effect}))
os.kill = lambda *signal: without_effect.pop() if without_effect else kill(*signal)

with handled_signals():
    try:
        Finalised()
        time.sleep({seconds})
    except KeyboardInterrupt as error:
        print("interrupted by", error.number)
"""


@pytest.mark.parametrize("without_effect", [0, 3])
def test_a_signal_that_arrives_in_a_finaliser_is_not_lost(without_effect: int) -> None:
    script = FINALISER.format(seconds=SECONDS, without_effect=without_effect)
    done = subprocess.run(
        [sys.executable, "-c", script], check=False,
        timeout=SECONDS, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    output = f"interrupted by {signal.SIGTERM:d}\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, output, "")


def parent(pid: int) -> int:
    stat = Path(f"/proc/{pid}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[1])


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="/proc is needed")
@pytest.mark.parametrize("jobs", ["1", pytest.param("2", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "generations",
    [
        pytest.param(0, id="worker"),
        pytest.param(1, id="its guard", marks=pytest.mark.slow),
        pytest.param(2, id="host", marks=pytest.mark.slow),
        pytest.param(3, id="guard of the host", marks=pytest.mark.slow),
    ],
)
def test_sigterm_to_a_worker_process_is_not_a_difference(
    start: Start, tmp_path: Path, generations: int, jobs: str
) -> None:
    os.mkfifo(tmp_path / "reached")
    (tmp_path / "cases.toml").write_text(cases("/", "/", "/meet", "/"))
    targets = ("--target", "a=hanging:app", "--target", "b=hanging:app")
    outputs = ("--cases", "cases.toml", "--jobs", jobs, "--output", "run.jsonl")
    process = start("run", *targets, *outputs, "--timeout", str(SECONDS))
    pid = int((tmp_path / "reached").read_text())
    for _ in range(generations):
        pid = parent(pid)
    os.kill(pid, signal.SIGTERM)
    _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 3
    when = ["while case 'case-2' ran on a"]
    if generations > 1 and jobs == "2":
        # Both workers end with their host. The idle one may be noticed first.
        when.append("between two cases")
    assert err in [
        f"comparison: a worker process ended by SIGTERM {each}:"
        " another program sent the signal, or the app did\n"
        for each in when
    ]
    header, *lines = map(json.loads, (tmp_path / "run.jsonl").read_text().splitlines())
    assert (header["interrupted"], header["exit_code"]) == (True, 3)
    assert [line["case"] for line in lines] == ["case-0", "case-1"][: len(lines)]


def test_an_app_that_sends_itself_sigterm_ends_the_run(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "cases.toml").write_text(cases("/", "/end"))
    targets = ("--target", "a=hanging:app", "--target", "b=hanging:app")
    process = start("run", *targets, "--cases", "cases.toml")
    _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 3
    assert "a worker process ended by SIGTERM while case 'case-1' ran on a" in err


def test_a_console_without_unicode_gets_replacement_characters(start: Start) -> None:
    process = start(
        "show", "custom", "--mode", "flow", *options_of_twins("custom"),
        PYTHONIOENCODING="ascii",
    )  # fmt: skip
    out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (0, "")
    assert "? Client sends request  GET /custom" in out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_a_full_disk_is_not_an_internal_error(start: Start) -> None:
    with Path("/dev/full").open("w") as full:
        process = start("run", "-k", "custom", stdout=full)
        _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 2
    assert err == "comparison: standard output: No space left on device\n"
