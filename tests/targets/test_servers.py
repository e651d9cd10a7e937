"""Apps on real servers: start, exact requests, recording inside, and stop."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from comparison import Case, Request, TargetError, UsageError, compare
from comparison.known import BUNDLED, ON_SERVERS, KnownDifferences
from comparison.models import Client, Disconnect, Failure, Recording
from comparison.runner.engine import CaseRunner
from comparison.targets import build_request, resolve_target
from comparison.targets.servers.target import ServerTarget

from ..apps import PATIENT
from .waiting import SECONDS, has_exited, needs, until

APPS = Path(__file__).with_name("served_apps.py")
# The twins with few topics, because they start sooner than with all.
SOME = ("custom", "statuses", "jobs")
FLASK, QUART = (f"{f}_app:create_app({{'TOPICS': {SOME}}})" for f in ("flask", "quart"))


@pytest.fixture(autouse=True)
def in_folder_of_apps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(APPS.parent))


@pytest.fixture
def targets() -> Iterator[list[ServerTarget]]:
    started: list[ServerTarget] = []
    yield started
    for target in started:
        target.close()


def serve(spec: str, targets: list[ServerTarget]) -> ServerTarget:
    target = resolve_target(spec)
    assert isinstance(target, ServerTarget)
    targets.append(target)
    return target


def send(
    target: ServerTarget,
    path: str,
    timeout: float = 30,
    mount: str = "",
    **case: object,
) -> Recording:
    session = target.session(timeout)
    sent = Case("case", Request("GET", path, mount=mount), **case)  # type: ignore[arg-type]
    try:
        return session.run(sent, build_request(sent.request)).recording()
    finally:
        session.close()


def test_an_empty_server_name_selects_the_default_server(
    targets: list[ServerTarget],
) -> None:
    infos = [serve(f"{app}@", targets).info() for app in (FLASK, QUART)]
    assert [info.server for info in infos] == ["werkzeug", "hypercorn"]


def test_the_status_line_and_header_case_are_recorded_verbatim(
    targets: list[ServerTarget],
) -> None:
    response = send(serve(f"{FLASK}@", targets), "/custom").exchange.response
    assert response is not None
    assert response.status_line == "HTTP/1.1 202 ACCEPTED"
    assert (response.reason, response.http_version) == ("ACCEPTED", "HTTP/1.1")
    assert "Content-Type" in dict(response.headers)


@pytest.mark.parametrize("spec", ["served_apps:make_flask@", "served_apps:make_quart@"])
def test_requests_carry_no_headers_except_host(
    spec: str, targets: list[ServerTarget]
) -> None:
    response = send(serve(spec, targets), "/headers").exchange.response
    assert response is not None
    names = set(response.body.split(","))
    # Quart adds the address itself.
    assert names - {"Remote-Addr"} == {"Host"}


@pytest.mark.parametrize("spec", ["served_apps:make_flask@", "served_apps:make_quart@"])
def test_settings_and_fresh_apps_work_on_servers(
    spec: str, targets: list[ServerTarget]
) -> None:
    target = serve(spec, targets)

    def counted(**case: object) -> str:
        response = send(target, "/count", **case).exchange.response
        assert response is not None
        return response.body

    assert [counted(), counted()] == ["1 None", "2 None"]
    assert counted(fresh=True) == "1 None"
    assert counted(settings={"GREETING": "Hi"}) == "1 Hi"
    assert counted(settings={"GREETING": "Hi"}) == "2 Hi"
    assert counted() == "3 None"


@pytest.mark.parametrize(
    "spec",
    ["served_apps:make_flask@", "served_apps:make_quart@", "served_apps:make_flask@hypercorn"],
)  # fmt: skip
def test_an_app_can_be_mounted_on_a_server_for_one_request(
    spec: str, targets: list[ServerTarget]
) -> None:
    target = serve(spec, targets)
    response = send(target, "/caf%C3%A9/where", mount="/caf%C3%A9").exchange.response
    assert response is not None
    assert response.body == "/café /where"
    response = send(target, "/where").exchange.response
    assert response is not None
    assert response.body == " /where"


def test_settings_that_cannot_be_serialised_are_unsupported(
    targets: list[ServerTarget],
) -> None:
    day = dt.date(2026, 11, 26)
    found = send(serve(f"{FLASK}@", targets), "/custom", settings={"DAY": day})
    assert found.exchange.failure == Failure(
        "unsupported",
        "the case needs settings that we cannot send to a server:"
        " Object of type date is not JSON serializable",
    )


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        (FLASK, "ValueError: TOPICS: unknown topic or route 'custm'. Did you"),
        (QUART, "ValueError: TOPICS: unknown topic or route 'custm'. Did you"),
        ("served_apps:make_picky", "startup failed: .*no database"),
    ],
)
@pytest.mark.parametrize("server", ["", "@"])
def test_an_app_that_cannot_be_created_is_an_error_that_names_the_case(
    spec: str, why: str, server: str, targets: list[ServerTarget]
) -> None:
    target = resolve_target(f"{spec}{server}")
    targets += [target] if isinstance(target, ServerTarget) else []
    settings = {"TOPICS": ["custm"]}
    for _ in range(2):
        with pytest.raises(TargetError, match=rf"cases\.toml:7: case 'case': .*{why}"):
            send(target, "/custom", settings=settings, origin="cases.toml:7")
    assert send(target, "/").exchange.failure is None


def test_a_factory_that_fails_only_outside_its_server_is_an_error(
    targets: list[ServerTarget],
) -> None:
    served = ("served_apps:make_flask_elsewhere@", "served_apps:make_quart@")
    asker = CaseRunner(
        {spec: serve(spec, targets) for spec in served}, KnownDifferences()
    )
    wanted = Case("case", Request(path="/headers"), settings={"GREETING": "Hi"})
    with pytest.raises(TargetError, match="case 'case': .*RuntimeError: not here"):
        asker.run(wanted)
    assert asker.run(Case("other", Request(path="/count"))).case.id == "other"
    asker.close()


@pytest.mark.parametrize(
    ("does", "timeout", "why"),
    [
        ("die", 30, "the server ended while the app was made, with exit code 7"),
        ("hang", 2, r"the app did not start within 2 s"),
    ],
)
def test_a_factory_that_exits_or_blocks_its_server_is_an_error(
    does: str, timeout: float, why: str, targets: list[ServerTarget]
) -> None:
    target = serve("served_apps:make_ending@", targets)
    with pytest.raises(TargetError, match=f"case 'case': .*{why}"):
        send(target, "/count", timeout=timeout, settings={"does": does})
    assert send(target, "/count").exchange.failure is None


def test_an_app_that_exits_stops_its_server_and_not_the_run() -> None:
    cases = [Case(path, Request(path=f"/{path}")) for path in ("die", "headers")]
    die, after = compare("served_apps:make_flask@", "served_apps:make_quart@", cases)
    assert [(d.field, d.reference, d.layer) for d in die.differences][:1] == [
        ("failure", "died: the server died", "app")
    ]
    assert {r.exchange.failure for r in after.recordings.values()} == {None}


def test_a_request_during_shutdown_is_sent_to_a_new_server(
    targets: list[ServerTarget],
) -> None:
    session = serve("served_apps:make_quart@", targets).session(5)
    bodies = []
    for path in ("/count", "/leave", "/count"):
        case = Case("case", Request(path=path))
        sent = session.run(case, build_request(case.request))
        response = sent.exchange.response
        bodies.append(response and response.body)
    session.close()
    assert (bodies[0], bodies[2]) == ("1 None", "1 None")


def test_a_crash_of_the_server_is_attributed_to_the_server() -> None:
    needs("granian")
    cases = [Case("zero", Request(path="/status/0"))]
    (zero,) = compare(f"{QUART}@", f"{QUART}@granian", cases)
    (died,) = (d for d in zero.differences if d.field == "failure")
    assert died.candidate == "died: the server died"
    assert (died.layer, died.server) == ("server", "granian")


def test_a_server_blocked_by_an_app_times_out_and_restarts(
    targets: list[ServerTarget], monkeypatch: pytest.MonkeyPatch
) -> None:
    from comparison.targets.servers import process, session

    monkeypatch.setattr(process, "STOPPING", 0.1)
    monkeypatch.setattr(session, "DYING", 0.1)
    held = serve("served_apps:make_quart@", targets)
    failure = send(held, "/block", timeout=0.3).exchange.failure
    assert str(failure) == "timeout: no answer within 0.3 s"
    assert send(held, "/count").exchange.failure is None


def test_a_response_made_by_the_server_has_no_recording_of_the_app(
    targets: list[ServerTarget],
) -> None:
    found = send(serve(f"{QUART}@", targets), f"/{'x' * 70_000}")
    assert found.exchange.response is not None
    assert found.exchange.response.status == 431
    assert [row.action for row in found.table][1:] == [
        "Nothing was recorded inside Quart",
        "A response is returned",
        "Client processes response",
    ]


def test_a_server_that_dies_fails_the_case_and_restarts(
    targets: list[ServerTarget],
) -> None:
    target = serve("served_apps:make_flask@", targets)
    failure = send(target, "/die").exchange.failure
    assert failure is not None
    assert str(failure) == "died: the server died"
    response = send(target, "/count").exchange.response
    assert response is not None
    assert response.body == "1 None"


def test_a_worker_that_dies_is_noticed_behind_its_master(
    targets: list[ServerTarget],
) -> None:
    needs("gunicorn-sync")
    target = serve("served_apps:make_flask@gunicorn", targets)
    failure = send(target, "/die").exchange.failure
    assert failure is not None
    assert failure.kind == "died"
    response = send(target, "/count").exchange.response
    assert response is not None
    assert response.body == "1 None"


def test_an_app_that_hangs_times_out_and_the_run_continues() -> None:
    run = compare(
        "served_apps:make_flask@", "served_apps:make_quart@",
        [Case("hang", Request(path="/hang")), Case("count", Request(path="/count"))],
        timeout=PATIENT,
    )  # fmt: skip
    hang, count = run
    assert {str(r.exchange.failure) for r in hang.recordings.values()} == {
        f"timeout: no answer within {PATIENT:g} s"
    }
    assert {r.exchange.response.body for r in count.recordings.values()} == {"1 None"}


def test_the_server_has_exited_when_the_run_ends() -> None:
    case = Case("process", Request(path="/process"))
    (comparison,) = compare(
        "served_apps:make_flask@", "served_apps:make_quart@", [case]
    )
    responses = [r.exchange.response for r in comparison.recordings.values()]
    assert [has_exited(int(response.body)) for response in responses] == [True, True]


ASK = f"""
import sys
from comparison.targets import resolve_target
target = resolve_target("{FLASK}@gunicorn")
target.info()
print(target._process.child.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_the_server_exits_when_its_parent_is_killed(end: signal.Signals) -> None:
    needs("gunicorn-sync")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", ASK], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True, env=environment,
    ) as parent:  # fmt: skip
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.send_signal(end)
        parent.wait(SECONDS)
    until(lambda: has_exited(pid))


def run_in(folder: Path, *targets: str) -> subprocess.Popen[str]:
    """A run of the command with its temporary files in a folder."""
    paths = [*sys.path, str(APPS.parent)]
    environment = {
        **os.environ, "PYTHONPATH": os.pathsep.join(paths), "TMPDIR": str(folder)
    }  # fmt: skip
    named = [
        f"--target={name}={spec}" for name, spec in zip("ab", targets, strict=True)
    ]
    return subprocess.Popen(
        [sys.executable, "-m", "comparison", "run", "--list", "--jobs=1", *named],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip


def test_an_app_that_exits_while_loading_is_an_error_with_its_output(
    tmp_path: Path,
) -> None:
    with run_in(tmp_path, "served_ending@werkzeug", f"{FLASK}@werkzeug") as run:
        _, output = run.communicate(timeout=SECONDS)
    assert (run.returncode, list(tmp_path.iterdir())) == (3, [])
    assert "ended with exit code 4" in output
    assert "that was it" in output


@pytest.mark.slow
def test_a_second_ctrl_c_leaves_no_temporary_files(tmp_path: Path) -> None:
    with run_in(tmp_path, "flask_app@", "quart_app@") as run:
        assert run.stdout is not None
        for line in run.stdout:
            if line.startswith(("~", "=")):
                break
        run.send_signal(signal.SIGINT)
        time.sleep(0.03)
        run.send_signal(signal.SIGINT)
        _, output = run.communicate(timeout=SECONDS)
    assert run.returncode in (130, -signal.SIGINT)
    assert "Traceback" not in output
    # A server without its parent removes its folder itself.
    until(lambda: list(tmp_path.iterdir()) == [])


@pytest.mark.parametrize(
    ("spec", "error", "message"),
    [
        ("flask_app@watress", UsageError, 'did you mean "waitress"?'),
        ("flask_app@zzz", UsageError, "unknown server 'zzz'; there are daphne,"),
        ("flask_app@uvicorn", UsageError, "uvicorn does not serve WSGI apps"),
        ("quart_app@waitress", UsageError, "waitress does not serve ASGI apps"),
        ("nowhere@", TargetError, "no module named 'nowhere'"),
        ("served_apps:make_nothing@", TargetError, "RuntimeError: out of order"),
        ("served_apps:failing@", TargetError, "startup"),
    ],
)
def test_a_target_that_cannot_be_served_reports_why(
    spec: str, error: type, message: str
) -> None:
    for name in ("waitress", "uvicorn-h11"):
        if name.partition("-")[0] in spec:
            needs(name)
    with pytest.raises(error, match=message.replace("?", r"\?")) as raised:
        resolve_target(spec).info()
    assert "KeyError" not in str(raised.value)


def test_a_server_that_is_not_installed_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from comparison.targets.servers import stacks

    missing = stacks.SERVERS["waitress"]._replace(needs=("not_there_at_all",))
    monkeypatch.setitem(stacks.SERVERS, "waitress", missing)
    with pytest.raises(TargetError, match=r"flask-quart-comparison\[servers\]"):
        resolve_target("flask_app@waitress")


@pytest.mark.slow
def test_a_server_that_is_never_ready_is_an_error_with_its_output(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COMPARISON_START_TIMEOUT", "6")
    with pytest.raises(
        TargetError, match=r"within 6 s \(.*\); its last output:\nstill loading"
    ):
        resolve_target("served_slowly@").info()


def test_a_difference_caused_by_a_server_is_attributed_to_it() -> None:
    cases = [Case("head", Request("HEAD", "/custom"))]
    (comparison,) = compare(f"{FLASK}@hypercorn", f"{FLASK}@werkzeug", cases)
    status = next(d for d in comparison.differences if d.field == "status")
    assert (status.layer, status.server) == ("server", "hypercorn")


def test_a_difference_caused_by_the_apps_is_not_attributed_to_a_server() -> None:
    cases = [Case("text", Request(path="/status/text-with-reason"))]
    (comparison,) = compare(f"{FLASK}@", f"{QUART}@", cases)
    status = next(d for d in comparison.differences if d.field == "status")
    assert status.layer == "app"


def test_a_view_cancelled_on_a_server_is_attributed_to_the_app() -> None:
    leaving = Client(disconnect=Disconnect(seconds=0.1))
    topics = {"TOPICS": ["connections"]}
    request = Request(path="/connections/report", client=leaving)
    cases = [Case("left", request, settings=topics)]
    (comparison,) = compare(f"{FLASK}@", f"{QUART}@", cases)
    (effect,) = [d for d in comparison.differences if d.field == "effect"]
    assert (effect.candidate, effect.layer) == ("view report was cancelled", "app")


def test_a_run_of_three_targets_counts_their_agreement() -> None:
    cases = [Case("head", Request("HEAD", "/custom"))]
    run = compare(FLASK, QUART, cases, others=[f"{FLASK}@hypercorn"])
    list(run)
    agreed = {(a.one, a.other): a.agreed for a in run.header().agreement}
    assert agreed["flask_app", "flask_app-2"] == 0


@pytest.mark.slow
def test_three_runs_give_the_same_verdicts() -> None:
    from comparison import load_cases

    cases = [c for c in load_cases() if c.topic in ("custom", "jobs")]
    known = [BUNDLED, ON_SERVERS]
    verdicts = {
        tuple(
            c.verdict for c in compare("flask_app@", "quart_app@", cases, known=known)
        )
        for _ in range(3)
    }
    assert len(verdicts) == 1
    assert set(next(iter(verdicts))) <= {"identical", "known"}


@pytest.mark.slow
def test_a_server_broken_by_one_request_is_restarted(
    targets: list[ServerTarget],
) -> None:
    needs("daphne")
    target = serve("served_apps:make_broken()@daphne", targets)
    # Daphne no longer hears of apps that raise once one has done so in the middle.
    assert str(send(target, "/midway", timeout=2).exchange.failure).startswith(
        "timeout"
    )
    response = send(target, "/at-once").exchange.response
    assert response is not None and response.status == 500


def test_a_healthy_server_is_not_restarted_after_a_timeout(
    targets: list[ServerTarget],
) -> None:
    target = serve("served_apps:make_quart()@", targets)
    send(target, "/count")
    assert str(send(target, "/hang", timeout=0.3).exchange.failure).startswith(
        "timeout"
    )
    response = send(target, "/count").exchange.response
    assert response is not None and response.body == "2 None"


def test_simultaneous_server_starts_are_limited_by_processors() -> None:
    from comparison.targets.servers.process import Turn

    turns = [Turn(0) for _ in range(max(2, os.cpu_count() or 2))]
    try:
        assert all(turn.acquired for turn in turns)
        assert not Turn(0).acquired
        turns[0].end()
        turns[0].end()  # once
        turns += [Turn(0), Turn(0)]
        assert [turn.acquired for turn in turns[-2:]] == [True, False]
    finally:
        for each in turns:
            each.end()
