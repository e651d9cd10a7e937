"""A target in process: its apps, their lifespan, cookies, and apps that hang."""

import asyncio
import gc
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import flask
import pytest
import quart

from comparison import Case, Request, TargetError, compare
from comparison.models import Failure
from tests.apps import (
    FRAMEWORKS,
    PATIENT,
    app_of,
    case,
    comparison_of,
    new_app,
    recording_of,
)

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """An event that blocking views wait for; set when the test is over."""
    event = threading.Event()
    yield event
    event.set()


def failure_of(app: Any, timeout: float = 0.1) -> Failure:
    failure = recording_of(app, timeout=timeout).exchange.failure
    assert failure is not None
    return failure


async def wait_for_ever() -> str:
    await asyncio.Event().wait()
    return ""


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_redirect_is_recorded_and_not_followed(framework: str) -> None:
    paths = []
    app = new_app(framework)

    @app.get("/old")
    def old() -> Any:
        paths.append("old")
        return "", 302, {"Location": "/new"}

    response = recording_of(app, case("/old")).exchange.response
    assert response is not None
    assert (response.status, response.header("location")) == (302, ("/new",))
    assert set(paths) == {"old"}


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_cookie_is_sent_only_to_its_paths(framework: str) -> None:
    app = new_app(framework)
    current_request = flask.request if framework == "flask" else quart.request

    @app.get("/inner/set")
    def give() -> Any:
        return "", {"Set-Cookie": ["in=1; Path=/inner", "out=1; Path=/outer", "all=1"]}

    @app.get("/inner/get")
    def take() -> Any:
        return ",".join(sorted(current_request.cookies))

    sequence = case("/inner/get", setup=(Request(path="/inner/set"),))
    response = recording_of(app, sequence).exchange.response
    assert response is not None
    assert response.body == "all,in"


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_cookies_do_not_outlive_their_case(framework: str) -> None:
    app = new_app(framework)
    current_request = flask.request if framework == "flask" else quart.request

    @app.get("/")
    def count() -> Any:
        return current_request.cookies.get("seen", "never"), {
            "Set-Cookie": "seen=before"
        }

    cases = [case(id="one", setup=(Request(),)), case(id="two", setup=(Request(),))]
    bodies = [
        recording.exchange.response.body  # type: ignore[union-attr]
        for found in compare(app, app, cases)
        for recording in found.recordings.values()
    ]
    assert bodies == ["before"] * 4


def test_an_async_app_that_hangs_is_a_timeout() -> None:
    failure = failure_of(app_of("quart", wait_for_ever))
    assert (failure.kind, failure.message) == ("timeout", "no answer within 0.1 s")


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_run_continues_after_an_app_that_blocks(
    framework: str, release: threading.Event
) -> None:
    app = new_app(framework)
    app.add_url_rule("/quick", "quick", lambda: "quick")

    if framework == "flask":
        app.add_url_rule("/stuck", "stuck", lambda: str(release.wait()))
    else:

        @app.get("/stuck")
        async def stuck() -> str:
            return str(release.wait())

    cases = [case("/quick", id="a"), case("/stuck", id="b"), case("/quick", id="c")]
    run = compare(app, app, cases, timeout=PATIENT)
    kinds = []
    for found in run:
        failures = [r.exchange.failure for r in found.recordings.values()]
        kinds.append([failure and failure.kind for failure in failures])
    assert kinds == [[None] * 2, ["timeout"] * 2, [None] * 2]
    # The thread that the app holds does not keep Python from exiting.
    assert {t.daemon for t in threading.enumerate() if t.name == "cases"} == {True}


def test_an_interrupted_run_sends_no_further_request(
    release: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []
    third = threading.Event()

    def view() -> str:
        sent.append(1)
        if len(sent) == 3:
            third.set()
            release.wait()
        return "quick"

    app, join = app_of("flask", view), threading.Thread.join
    run = compare(app, app, [case(id=f"{n}") for n in range(9)], timeout=300)
    next(iter(run))
    assert third.wait(300)

    def released(thread: threading.Thread, timeout: float | None = None) -> None:
        # Now the run waits for its thread.
        release.set()
        join(thread, timeout)

    monkeypatch.setattr(threading.Thread, "join", released)
    run.interrupt()
    assert run.exit_code == 130
    assert len(sent) == 3


def test_a_view_that_blocks_a_thread_of_quart_does_not_stop_the_run(
    release: threading.Event,
) -> None:
    app = new_app("quart")
    app.add_url_rule("/stuck", "stuck", lambda: str(release.wait()))
    app.add_url_rule("/quick", "quick", lambda: "quick")
    run = compare(
        app, app, [case("/stuck", id="a"), case("/quick", id="b")], timeout=PATIENT
    )
    verdicts = []
    for found in run:
        verdicts.append(found.verdict)
        if found.case.id == "b":
            release.set()
    assert verdicts == ["failed", "identical"]


def test_an_async_app_that_ignores_cancellation_is_abandoned() -> None:
    async def stubborn() -> str:
        for _ in range(2):
            try:
                await asyncio.sleep(1.5)
            except asyncio.CancelledError:
                continue
        return ""

    found = comparison_of(
        app_of("quart", stubborn), app_of("quart", lambda: "quick"), timeout=PATIENT
    )
    kinds = [r.exchange.failure and r.exchange.failure.kind
             for r in found.recordings.values()]  # fmt: skip
    assert kinds == ["timeout", None]


def test_a_waiting_task_is_not_garbage_collected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = quart.Quart("small")
    seen: list[str] = []

    @app.get("/stuck")
    async def stuck() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            seen.append("ended")
        return ""

    @app.get("/quick")
    async def quick() -> str:
        gc.collect()
        seen.append("collected")
        return ""

    monkeypatch.setattr(sys, "unraisablehook", lambda found: seen.append(found.err_msg))
    cases = [case("/stuck", id="a"), case("/quick", id="b")]
    list(compare(flask.Flask("small"), app, cases, timeout=PATIENT))
    assert set(seen) == {"collected", "ended"}


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_view_that_raises_system_exit_counts_as_raised(framework: str) -> None:
    def leave() -> str:
        raise SystemExit(3)

    app = app_of(framework, leave)
    run = compare(app, app, [case(id="one"), case(id="two")])
    kinds = [
        recording.exchange.failure and recording.exchange.failure.kind
        for found in run
        for recording in found.recordings.values()
    ]
    assert kinds == ["raised"] * 4


def test_quart_is_started_and_shut_down_once() -> None:
    app = app_of("quart", lambda: "Hello")
    lived = []
    app.before_serving(lambda: lived.append("up"))
    app.after_serving(lambda: lived.append("down"))
    other = app_of("quart", lambda: "Hello")
    run = compare(app, other, [case(id=str(n)) for n in range(5)])
    assert run.exit_code == 0
    assert lived == ["up", "down"]


def test_a_failing_startup_is_a_target_error_with_its_reason() -> None:
    app = app_of("quart", lambda: "Hello")

    @app.before_serving
    async def fail() -> None:
        raise RuntimeError("no database")

    with pytest.raises(TargetError, match="startup failed: .*no database"):
        list(compare(app, app_of("quart", lambda: "Hello"), [case()]))


@pytest.mark.parametrize(
    "ending",
    [SystemExit("no database"), asyncio.CancelledError("no database")],
    ids=repr,
)
@pytest.mark.parametrize("in_task", [False, True])
def test_a_startup_that_raises_an_exit_exception_has_failed(
    ending: BaseException, in_task: bool
) -> None:
    app = app_of("quart", lambda: "Hello")

    async def end() -> None:
        raise ending

    async def start() -> None:
        await (asyncio.create_task(end()) if in_task else end())

    app.before_serving(start)
    name = type(ending).__name__
    with pytest.raises(TargetError, match=f"startup failed: {name}(: no database)?$"):
        list(compare(app, app_of("quart", lambda: "Hello"), [case()]))


@pytest.mark.slow
@pytest.mark.parametrize("blocking", [False, True])
def test_the_response_timeout_does_not_apply_to_startup(
    blocking: bool,
) -> None:
    app = app_of("quart", lambda: "Hello")
    longer = PATIENT + 0.5

    @app.before_serving
    async def start() -> None:
        await asyncio.sleep(0 if blocking else longer)
        time.sleep(longer if blocking else 0)  # noqa: ASYNC251  # it holds the loop

    assert recording_of(app, timeout=PATIENT).exchange.failure is None


def test_an_app_without_lifespan_support_receives_requests() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        assert "state" not in scope
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})

    assert comparison_of(app, app).verdict == "identical"


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_fresh_case_gets_a_new_app(framework: str) -> None:
    def create_app() -> Any:
        visits: list[int] = []

        def view() -> str:
            visits.append(1)
            return str(len(visits))

        return app_of(framework, view)

    cases = [case(id="a"), case(id="b"), case(id="c", fresh=True), case(id="d")]
    bodies = [
        found.recordings["create_app"].exchange.response.body  # type: ignore[union-attr]
        for found in compare(create_app, create_app, cases)
    ]
    assert bodies == ["1", "2", "1", "3"]


def test_settings_are_given_to_the_factory() -> None:
    def create_app(settings: Any = None) -> flask.Flask:
        return app_of("flask", lambda: str((settings or {}).get("NAME")))  # type: ignore[return-value]

    cases = [case(id="a"), case(id="b", settings={"NAME": "B"}), case(id="c")]
    bodies = [
        found.recordings["create_app"].exchange.response.body  # type: ignore[union-attr]
        for found in compare(create_app, create_app, cases)
    ]
    assert bodies == ["None", "B", "None"]


def create_named(settings: Any = None) -> Any:
    given = ",".join(f"{key}={value}" for key, value in (settings or {}).items())
    return app_of("flask", lambda: given)


def test_case_settings_override_target_settings() -> None:
    target = f"{__name__}:create_named({{'NAME': 'A', 'PLACE': 'here'}})"
    cases = [case(id="a"), case(id="b", settings={"NAME": "B"})]
    bodies = [
        next(iter(found.recordings.values())).exchange.response.body  # type: ignore[union-attr]
        for found in compare(target, target, cases)
    ]
    assert bodies == ["NAME=A,PLACE=here", "NAME=B,PLACE=here"]


def test_case_settings_need_target_settings_that_are_a_mapping() -> None:
    target = f"{__name__}:create_named([])"
    (found,) = compare(target, target, [case(settings={"NAME": "B"})])
    failure = next(iter(found.recordings.values())).exchange.failure
    assert str(failure) == (
        f"unsupported: the case needs settings, but the settings of {target} are not"
        " a mapping"
    )


class Untold(Exception):
    """An exception without a readable text."""

    def __str__(self) -> str:
        raise ValueError


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        (SystemExit("gone"), "SystemExit: gone"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (asyncio.CancelledError(), "CancelledError"),
        (BaseException("gone"), "BaseException: gone"),
        (Untold(), "Untold: <its text raised ValueError>"),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("jobs", [1, 2])
def test_any_factory_exception_is_an_error_that_names_the_case(
    raised: BaseException, message: str, jobs: int
) -> None:
    def create_app(settings: Any = None) -> Any:
        if settings:
            raise raised
        return app_of("flask", lambda: "Hello")

    cases = [case(id="one"), case(id="two", settings={"A": 1})]
    run = compare(create_app, create_app, cases, jobs=jobs)
    arriving = iter(run)
    assert next(arriving).case.id == "one"
    with pytest.raises(TargetError, match=rf"case 'two': .*: {message} \("):
        next(arriving)


def test_a_factory_that_hangs_for_a_case_is_an_error_that_names_the_case(
    release: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def create_app(settings: Any = None) -> Any:
        if settings:
            release.wait()
        return app_of("flask", lambda: "Hello")

    monkeypatch.setenv("COMPARISON_START_TIMEOUT", "0.2")
    with pytest.raises(TargetError, match="case 'small': .*the app did not start"):
        comparison_of(create_app, create_app, case(settings={"A": 1}))


def test_a_coroutine_function_as_factory_is_rejected() -> None:
    async def create_app() -> Any:
        return app_of("quart", lambda: "Hello")

    with pytest.raises(TargetError, match="the factory is a coroutine function"):
        compare(create_app, create_app, [case()])


@pytest.mark.parametrize(
    "unsupported",
    [case(fresh=True), case(settings={"A": 1})],
    ids=["fresh", "settings"],
)
def test_a_case_that_needs_a_factory_is_unsupported_by_an_app_object(
    unsupported: Case,
) -> None:
    app = app_of("flask", lambda: "Hello")
    found = comparison_of(app, app, unsupported)
    failure = found.recordings["flask"].exchange.failure
    assert failure is not None
    assert failure.kind == "unsupported"
    described = found.recordings["flask"].table[0]
    assert described.action.startswith("Client does not send GET ")
    assert described.client_receives == "Nothing sent"
    assert found.verdict == "failed"
