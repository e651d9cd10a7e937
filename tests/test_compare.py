"""The Python face: `compare`, and the run that it gives."""

import asyncio
import sys
import threading
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import msgspec
import pytest
import quart
from msgspec import UNSET

import comparison
import flask_app
import quart_app
from comparison import Case, Request, TargetError, UsageError, compare, load_cases
from comparison.known import BUNDLED
from comparison.models import Comparison

from .apps import app_of, case

CUSTOM = [Case("custom", Request("GET", "/custom"))]


def small(framework: str = "flask", greeting: str = "Hello") -> Any:
    return app_of(framework, lambda: greeting)


def steady(found: Comparison) -> Any:
    """A comparison without the times and threads that no two runs share."""
    document = msgspec.to_builtins(found)

    def erase(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                k: erase(v)
                for k, v in value.items()
                if k not in ("elapsed_ms", "thread")
            }
        if isinstance(value, list | tuple):
            return [erase(item) for item in value]
        return value

    return erase(document)


def comparable(found: Comparison) -> Any:
    """Return the results of a run for a case; values may contain the time of day."""
    differences = [(d.target, d.field, d.known) for d in found.differences]
    unmet = [(u.target, u.field, u.known) for u in found.expectation.failures]
    return found.case.id, found.verdict, differences, unmet


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (flask_app.create_app, quart_app.create_app),
        ("flask_app", "quart_app"),
        ("flask_app:create_app", "quart_app:create_app"),
        ("flask_app:create_app()", "quart_app:create_app()"),
        (flask_app, quart_app),
        (flask_app, "quart_app"),
    ],
    ids=[
        "factories",
        "modules by name",
        "attributes",
        "calls",
        "modules",
        "mix",
    ],
)
def test_targets_may_be_given_in_every_way(one: Any, other: Any) -> None:
    responded(one, other)


def test_apps_may_be_given() -> None:
    topics = {"TOPICS": ["custom"]}
    responded(flask_app.create_app(topics), quart_app.create_app(topics))


def responded(one: Any, other: Any) -> None:
    """Run the case of the lesson on two targets, and check that it ran."""
    (found,) = compare(one, other, CUSTOM)
    statuses = [r.exchange.response.status for r in found.recordings.values()]  # type: ignore[union-attr]
    assert (found.verdict, statuses) == ("identical", [202, 202])


def test_apps_are_named_by_their_framework() -> None:
    run = compare(small("flask"), small("quart"), [case()])
    assert [target.name for target in run.targets] == ["flask", "quart"]


def test_targets_with_the_same_name_are_numbered() -> None:
    run = compare(small(), small(), [case()], others=[small()])
    assert [target.name for target in run.targets] == ["flask", "flask-2", "flask-3"]
    assert len(run.header().agreement or ()) == 3


def test_the_agreement_of_two_targets_is_the_result() -> None:
    assert compare(small(), small(), [case()]).header().agreement is UNSET


def test_every_further_target_is_compared_with_the_first() -> None:
    run = compare(small(), small(), [case()], others=[small(greeting="Bye")])
    (found,) = run
    assert {d.target for d in found.differences} == {"flask-3"}


@pytest.mark.slow
def test_the_catalogue_and_its_known_differences_are_the_default() -> None:
    run = compare("flask_app", "quart_app")
    first = next(iter(run))
    run.interrupt()
    assert first.case.id == load_cases()[0].id
    assert list(run.known)


def test_cases_may_be_a_path(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('[[case]]\nid = "own"\n[case.request]\npath = "/"\n')
    for path in (file, str(file), tmp_path):
        assert [c.case.id for c in compare(small(), small(), path)] == ["own"]


def test_known_differences_may_be_a_path(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text(
        '[[known]]\nid = "said"\ncause = "on purpose"\ncases = ["small"]\n'
        '[known.fields]\nbody = { flask = "one", flask-2 = "two" }\n'
    )
    one, other = small(greeting="one"), small(greeting="two")
    for known in (file, str(file), [file]):
        (found,) = compare(one, other, [case()], known=known)
        assert found.verdict == "known"


def test_a_comparison_is_yielded_while_the_next_case_runs() -> None:
    release = threading.Event()
    app = small()
    app.add_url_rule("/slow", "slow", lambda: str(release.wait(5)))
    arriving = iter(compare(app, app, [case(id="quick"), case("/slow", id="slow")]))
    assert next(arriving).case.id == "quick"
    release.set()
    (slow,) = arriving
    answers = [r.exchange.response for r in slow.recordings.values()]
    assert [answer and answer.body for answer in answers] == ["True", "True"]


def test_a_generator_of_cases_is_consumed_lazily() -> None:
    taken = []

    def cases() -> Iterator[Case]:
        for number in range(1000):
            taken.append(number)
            yield case(id=str(number))

    run = compare(small(), small(), cases())
    next(iter(run))
    assert len(taken) < 1000
    assert run.summary.total == 1000


def test_a_run_can_be_iterated_repeatedly() -> None:
    run = compare(small(), small(), [case(id=str(n)) for n in range(3)])
    assert list(run) == list(run) == run.comparisons


def test_a_run_completes_after_a_break_in_its_loop() -> None:
    run = compare(small(), small(), [case(id=str(n)) for n in range(100)])
    for _ in run:
        break
    assert run.summary.total == 100


def test_a_run_without_keep_still_counts_verdicts() -> None:
    run = compare(small(), small(), [case(id=str(n)) for n in range(3)], keep=False)
    assert len(list(run)) == 3
    assert (run.comparisons, run.summary.identical) == ([], 3)


def test_two_runs_in_a_row_agree() -> None:
    one, other = (t.create_app({"TOPICS": ["custom"]}) for t in (flask_app, quart_app))
    first, second = (list(compare(one, other, CUSTOM)) for _ in range(2))
    assert [steady(found) for found in first] == [steady(found) for found in second]


@pytest.mark.slow
@pytest.mark.usefixtures("uploads")
@pytest.mark.filterwarnings("ignore:Unclosed file <tempfile:ResourceWarning")
def test_two_runs_of_the_twins_agree() -> None:
    sample = load_cases()[::20]
    runs = [
        list(compare("flask_app", "quart_app", sample, known=BUNDLED)) for _ in range(2)
    ]
    first, second = ([comparable(found) for found in run] for run in runs)
    assert first == second


async def test_flask_async_views_can_run_inside_an_event_loop() -> None:
    async def view() -> str:
        await asyncio.sleep(0)
        return "Hello"

    run = compare(app_of("flask", view), app_of("quart", view), [case()])
    assert run.exit_code == 0


def test_the_environment_lists_python_and_package_versions() -> None:
    environment = compare(small(), small(), [case()]).environment
    assert {"flask", "quart", "werkzeug", "httpx"} <= environment.packages.keys()
    assert environment.python.startswith("CPython 3.")


def test_a_different_response_is_exit_code_1() -> None:
    run = compare(small(greeting="one"), small(greeting="two"), [case()])
    assert (run.exit_code, run.summary.different) == (1, 1)


def test_a_run_without_cases_is_exit_code_5() -> None:
    run = compare(small(), small(), [])
    assert (list(run), run.exit_code, run.summary.total) == ([], 5, 0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"timeout": 0}, "timeout must be above 0 seconds, not 0"),
        ({"timeout": float("nan")}, "timeout must be above 0 seconds, not nan"),
        ({"timeout": float("inf")}, "timeout must be at most 86400 seconds, not inf"),
        ({"jobs": 0}, "jobs must be 1 or more, not 0"),
    ],
)
def test_invalid_numbers_are_usage_errors(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        compare(small(), small(), [case()], **options)


def test_a_value_that_is_not_a_case_is_a_usage_error() -> None:
    with pytest.raises(
        UsageError, match=r"a case must be a Case, not str: 'cases.toml'"
    ):
        list(compare(small(), small(), ["cases.toml"]))  # type: ignore[list-item]


def test_an_interrupted_run_is_exit_code_130_with_its_comparisons() -> None:
    run = compare(small(), small(), [case(id=str(n)) for n in range(100)])
    next(iter(run))
    run.interrupt()
    assert (run.exit_code, run.summary.total, len(run.comparisons)) == (130, 1, 1)


@pytest.mark.parametrize("what", [None, 1, object(), lambda: None, lambda one: None])
def test_an_object_that_is_not_an_app_is_a_target_error(what: Any) -> None:
    with pytest.raises(TargetError):
        compare(what, small(), [case()])


@pytest.mark.parametrize("text", ["", "no such module", "a:b:c", "a:", "flask_app@x"])
def test_a_malformed_target_spec_is_an_error(text: str) -> None:
    with pytest.raises((UsageError, TargetError)):
        compare(text, small(), [case()])


def test_credentials_in_a_url_are_rejected_and_not_printed() -> None:
    with pytest.raises(UsageError, match="as a header of the cases") as refused:
        compare("http://me:hunter2@127.0.0.1:1", small(), [case()])
    assert "hunter2" not in str(refused.value)


def test_a_factory_that_returns_no_app_is_a_target_error() -> None:
    def create_app() -> str:
        return "no app"

    with pytest.raises(TargetError, match="neither a WSGI app"):
        compare(create_app, small(), [case()])


def test_a_target_error_during_the_run_is_raised_while_iterating() -> None:
    def create_app(settings: Any = None) -> flask.Flask:
        if settings:
            raise RuntimeError("no such setting")
        app: flask.Flask = small()
        return app

    run = compare(
        create_app, create_app, [case(id="a"), case(id="b", settings={"A": 1})]
    )
    arriving = iter(run)
    assert next(arriving).case.id == "a"
    with pytest.raises(TargetError, match="no such setting"):
        next(arriving)


def test_plain_wsgi_and_asgi_apps_can_be_compared() -> None:
    def wsgi(environ: Any, start: Any) -> list[bytes]:
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"Hello"]

    async def asgi(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"Hello"})

    assert compare(wsgi, asgi, [case()]).exit_code == 0


def test_a_finished_run_leaves_no_threads() -> None:
    before = set(threading.enumerate())
    assert compare(small(), small("quart"), [case()]).exit_code == 0
    assert set(threading.enumerate()) <= before


def test_every_exported_name_exists_and_is_documented() -> None:
    for name in comparison.__all__:
        assert getattr(comparison, name).__doc__, name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="compar"):
        _ = comparison.compar  # type: ignore[attr-defined]


def test_a_module_may_have_an_app_instead_of_a_factory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = types.ModuleType("own_app")
    module.app = quart.Quart("own")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "own_app", module)
    assert len(compare(module, "own_app:app", []).targets) == 2


@pytest.mark.parametrize(
    ("factory", "message"),
    [
        (5, "int is neither a WSGI app"),
        (lambda settings, name: None, "create_app needs arguments"),
    ],
)
def test_a_factory_that_makes_no_app_without_arguments_is_explained(
    factory: Any, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = types.ModuleType("own_app")
    module.create_app = factory  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "own_app", module)
    with pytest.raises(TargetError, match=message):
        compare("own_app", small(), [case()])
