"""Run one case at a time."""

from typing import Any

import pytest

import flask_app
import quart_app
from comparison import Case, KnownDifferences, Request
from comparison.core.errors import TargetError
from comparison.runner.engine import CaseRunner
from comparison.targets import resolve_target


def test_a_case_after_a_failed_startup_still_runs() -> None:
    def create_app(settings: Any = None) -> Any:
        app = quart_app.create_app({"TOPICS": ["custom"]})

        async def fail() -> None:
            raise RuntimeError("no database")

        if settings:
            app.before_serving(fail)
        return app

    targets = {name: resolve_target(create_app, name) for name in ("one", "two")}
    asker = CaseRunner(targets, KnownDifferences())
    try:
        with pytest.raises(TargetError, match="no database"):
            asker.run(Case("c", Request("GET", "/custom"), settings={"DATABASE": 1}))
        comparison = asker.run(Case("d", Request("GET", "/custom")))
    finally:
        asker.close()
    assert (comparison.case.id, comparison.verdict) == ("d", "identical")


def test_disabling_tables_changes_nothing_else() -> None:
    apps = {"flask": flask_app, "quart": quart_app}
    targets = {name: resolve_target(app, name) for name, app in apps.items()}
    seen = []
    for tables in (True, False):
        asker = CaseRunner(targets, KnownDifferences(), tables=tables)
        try:
            seen.append(asker.run(Case("c", Request("HEAD", "/nowhere"))))
        finally:
            asker.close()
    with_, without = seen
    assert without.differences == with_.differences != ()
    for name, recording in without.recordings.items():
        assert (recording.table, recording.variables) == ((), ())
        assert with_.recordings[name].table
        events = [event.event for event in recording.trace]
        assert events == [event.event for event in with_.recordings[name].trace] != []


def test_queued_cases_after_an_error_are_dropped() -> None:
    targets = {name: resolve_target(flask_app, name) for name in ("one", "two")}
    asker = CaseRunner(targets, KnownDifferences())
    cases = [Case(f"c{n}", Request("GET", "/custom")) for n in range(4)]
    cases[0] = Case("no", Request("GET", "/custom"), settings={"TOPICS": ["nothing"]})
    try:
        with pytest.raises(TargetError, match="case 'no'"):
            list(asker.run_all(cases))
        found = [each.case.id for each in asker.run_all([Case("d", Request())])]
    finally:
        asker.close()
    assert found == ["d"]
