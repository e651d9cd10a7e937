"""A file that accepts differences, of any kind, explains all of them the next time."""

from pathlib import Path
from typing import Any

import flask
import pytest
import quart
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comparison import Case, Expect, Request
from comparison.known import load_known
from comparison.reports.accepting import AcceptReport
from comparison.runner.run import Run
from comparison.targets import resolve_target
from tests.examples import some

Answer = tuple[int, str | None, str]
Table = dict[str, tuple[Answer, ...]]
PATHS = ("/a", "/b", "/c")
STATUSES = (200, 201, 404)
ANY_STATUS = Expect(status=STATUSES)
"""Without it, a setup request may not have an error."""

ANSWERS = st.tuples(
    st.sampled_from(STATUSES),
    st.sampled_from([None, "one", "two"]),
    st.sampled_from(["", "left", "right", 'say "no"\\n']),
)
SEQUENCES = st.lists(st.sampled_from(PATHS), min_size=1, max_size=3)
CASES = st.lists(SEQUENCES, min_size=1, max_size=5)


def tables(number: int) -> st.SearchStrategy[Table]:
    """Draw the responses of several apps at each path, often the same."""
    several = st.tuples(*[ANSWERS] * number) | ANSWERS.map(lambda one: (one,) * number)
    return st.fixed_dictionaries(dict.fromkeys(PATHS, several))


def app_of(framework: Any, name: str, table: Table, number: int) -> Any:
    app = getattr(framework, name)(name)

    def answer(path: str) -> Any:
        status, header, body = table[f"/{path}"][number]
        return body, status, {} if header is None else {"X-A": header}

    app.add_url_rule("/<path>", "answer", answer)
    return app


def accepted(names: dict[str, Any], cases: list[Case], known: Path) -> int:
    """Accept what is unexpected in a run with this file of known differences."""
    targets = {name: resolve_target(app, name) for name, app in names.items()}
    run = Run(targets, cases, load_known([known] if known.exists() else []))
    report = AcceptReport(known)
    report.begin(run.header(ended=False))
    for comparison in run:
        report.add(comparison)
    report.end(run.header())
    return run.exit_code


def apps_of(table: Table, others: list[str]) -> dict[str, Any]:
    return {
        "flask": app_of(flask, "Flask", table, 0),
        **{name: app_of(quart, "Quart", table, n) for n, name in enumerate(others, 1)},
    }


def cases_of(sequences: list[list[str]]) -> list[Case]:
    return [
        Case(
            f"case-{number}",
            Request("GET", last),
            setup=tuple(Request("GET", path, expect=ANY_STATUS) for path in before),
        )
        for number, (*before, last) in enumerate(sequences, 1)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("others", [["quart"], ["quart", "again"], ["one", "two"]])
@settings(
    max_examples=some(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), sequences=CASES)
def test_accepted_entries_explain_all_differences(
    tmp_path: Path, others: list[str], data: Any, sequences: Any
) -> None:
    apps = apps_of(data.draw(tables(1 + len(others))), others)
    cases = cases_of(sequences)
    known = tmp_path / "known.toml"
    known.unlink(missing_ok=True)
    accepted(apps, cases, known)
    assert accepted(apps, cases, known) == 0
