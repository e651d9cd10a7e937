"""Whatever differs, the entries that a report offers explain all of it the next time."""

import io
import re
from pathlib import Path
from typing import Any

import flask
import pytest
import quart
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comparison import Case, Request
from comparison.known import load_known
from comparison.reports import make_report
from comparison.runner.run import Run
from comparison.targets import resolve_target

Answer = tuple[int, str | None, str]
Table = dict[str, tuple[Answer, ...]]
PATHS = ("/a", "/b", "/c")

ANSWERS = st.tuples(
    st.sampled_from([200, 201, 404]),
    st.sampled_from([None, "one", "two"]),
    st.sampled_from(["", "left", "right", 'say "no"\\n']),
)
SEQUENCES = st.lists(st.sampled_from(PATHS), min_size=1, max_size=3)
CASES = st.lists(SEQUENCES, min_size=1, max_size=5)


def tables(number: int) -> st.SearchStrategy[Table]:
    """What each of so many apps answers at each path, often the same."""
    several = st.tuples(*[ANSWERS] * number) | ANSWERS.map(lambda one: (one,) * number)
    return st.fixed_dictionaries(dict.fromkeys(PATHS, several))


def app_of(framework: Any, name: str, table: Table, number: int) -> Any:
    app = getattr(framework, name)(name)

    def answer(path: str) -> Any:
        status, header, body = table[f"/{path}"][number]
        return body, status, {} if header is None else {"X-A": header}

    app.add_url_rule("/<path>", "answer", answer)
    return app


def reported(
    names: dict[str, Any], cases: list[Case], known: list[Path], format_: str
) -> tuple[str, int]:
    targets = {name: resolve_target(app, name) for name, app in names.items()}
    run = Run(targets, cases, load_known(known))
    report = make_report(format_, stream := io.BytesIO())
    report.begin(run.header(ended=False))
    for comparison in run:
        report.add(comparison)
    report.end(run.header())
    return stream.getvalue().decode(), run.exit_code


def offered(text: str) -> str:
    """All entries of a report, each with a cause."""
    found = re.findall(r"^\[\[known\]\]\n(?:.+\n)+", text, re.MULTILINE)
    entries = "\n".join(each.partition("```")[0] for each in found)
    return entries.replace('cause = ""', 'cause = "on purpose"')


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
            setup=tuple(Request("GET", path) for path in before),
        )
        for number, (*before, last) in enumerate(sequences, 1)
    ]


OWN = """
[[known]]
id = "{}"
cause = "mine"
cases = ["no-such-case"]
fields = {{ body = {{ flask = "a", quart = "b" }} }}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("format_", "others"),
    [
        ("text", ["quart"]),
        ("md", ["quart"]),
        ("text", ["quart", "again"]),
        ("md", ["one", "two"]),
    ],
)
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), sequences=CASES)
def test_the_entries_that_are_offered_explain_all_of_it(
    tmp_path: Path, format_: str, others: list[str], data: Any, sequences: Any
) -> None:
    apps = apps_of(data.draw(tables(1 + len(others))), others)
    cases = cases_of(sequences)
    known = tmp_path / "known.toml"
    said, _ = reported(apps, cases, [], format_)
    ids = re.findall(r'^id = "(.+)"', said, re.MULTILINE)
    own = "".join(map(OWN.format, ids))
    known.write_text(own)
    said, _ = reported(apps, cases, [known], format_)
    known.write_text(own + offered(said))
    _, code = reported(apps, cases, [known], format_)
    assert code == 0
