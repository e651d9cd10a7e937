"""Guard the known differences of servers: the stacks that they name still show them."""

from collections import Counter
from itertools import chain
from typing import NamedTuple

import pytest

from comparison import Case, load_cases, load_known
from comparison.known import BUNDLED, ON_SERVERS, STACKS
from comparison.known.models import EVERY_CASE, KnownDifference, Pattern
from comparison.runner.environment import environment
from comparison.runner.run import Run
from comparison.targets import resolve_target
from comparison.targets.servers.stacks import STACKS as SERVED

from ..targets.waiting import needs

# Every stack, each server with both frameworks, and what is known of every case there.
PAIRS: dict[tuple[str, str], set[str]] = {
    ("werkzeug", "hypercorn"): {
        "werkzeug-closes",
        "no-reason-on-hypercorn",
        "two-dates-on-werkzeug",
    },
    ("waitress", "uvicorn-h11"): {"waitress-closes", "reasons-of-servers"},
    ("granian", "granian"): set(),
    ("gunicorn-sync", "uvicorn-httptools"): {"gunicorn-sync-closes"},
    ("gunicorn-gthread", "gunicorn-asgi"): {"unknown-reasons"},
    ("hypercorn", "hypercorn"): {"two-dates-on-hypercorn"},
    ("hypercorn", "daphne"): {"unknown-reasons-against-none", "no-date-on-daphne"},
}
ORDINARY = (
    "custom",
    "status-205",
    "error-abort-teapot",
    "streaming-generator",
    "caching-first",
)
TIMEOUT = 4.0  # seconds: Gunicorn's threads take 2 to close a connection


def waits(entry: KnownDifference, stacks: tuple[str, str]) -> bool:
    """Whether a stack leaves its client waiting, as an entry says."""
    output = entry.fields.get("failure", {})
    values = (
        output.get(stack, output.get(stack.partition("+")[0])) for stack in stacks
    )
    return any(isinstance(v, Pattern) and "timeout" in v.matches for v in values)


def cases_of(entries: list[KnownDifference], stacks: tuple[str, str]) -> list[Case]:
    """The cases of entries, but for those that would take as long as a timeout."""
    slow = set(chain.from_iterable(e.cases for e in entries if waits(e, stacks)))
    named = {*ORDINARY, *chain.from_iterable(e.cases for e in entries)} - slow
    return [case for case in load_cases() if case.id in named]


class RawRecording(NamedTuple):
    """A pair of stacks, and the result of every case that ran on them."""

    pair: tuple[str, str]
    run: Run


@pytest.fixture(
    scope="module",
    params=[pytest.param(pair, marks=pytest.mark.slow) for pair in PAIRS],
    ids=map("-".join, PAIRS),
)
def tested(request: pytest.FixtureRequest) -> RawRecording:
    flask, quart = request.param
    needs(flask, quart)
    entries = list(load_known([ON_SERVERS], environment().packages))
    cases = cases_of(entries, (f"flask+{flask}", f"quart+{quart}"))
    assert len(cases) > len(entries)
    targets = {
        "flask": resolve_target(f"flask_app@{flask}"),
        "quart": resolve_target(f"quart_app@{quart}"),
    }
    known = load_known([BUNDLED, ON_SERVERS, STACKS], environment().packages)
    run = Run(targets, cases, known, timeout=TIMEOUT)
    list(run)
    return RawRecording(request.param, run)


def test_known_server_differences_match_the_observed_ones(tested: RawRecording) -> None:
    unexpected, seen = {}, set()
    for comparison in tested.run.comparisons:
        seen |= {difference.known for difference in comparison.differences}
        if comparison.verdict in ("different", "failed"):
            unexpected[comparison.case.id] = comparison.unexpected, comparison.stale
    assert unexpected == {}
    assert PAIRS[tested.pair] - seen == set()


def test_every_stack_responds_and_records_inside_the_app(tested: RawRecording) -> None:
    assert tuple(target.server for target in tested.run.targets) == tested.pair
    (custom,) = (c for c in tested.run.comparisons if c.case.id == "custom")
    for framework, recording in custom.recordings.items():
        response = recording.exchange.response
        assert response is not None
        assert (response.status, response.body) == (202, '{"message":"Hello"}\n')
        assert [row.action for row in recording.table] == [
            "Client sends GET /custom",
            f"{framework.title()} route '/custom' called",
            "Return jsonify(message='Hello'), 202",
            "Client processes response",
        ]


def test_every_stack_is_tested() -> None:
    tested = {(f"flask+{flask}", f"quart+{quart}") for flask, quart in PAIRS}
    assert set(chain.from_iterable(tested)) == set(SERVED)


def test_every_server_of_both_frameworks_is_tested_with_both() -> None:
    servers = (stack.partition("+")[2] for stack in SERVED)
    both = {name for name, count in Counter(servers).items() if count == 2}
    assert both == {"hypercorn", "granian"}
    assert {(name, name) for name in both} <= set(PAIRS)


def test_known_differences_of_every_case_are_tested_on_some_stack() -> None:
    everywhere = {e.id for e in load_known([STACKS]) if EVERY_CASE in e.cases}
    assert everywhere == set(chain.from_iterable(PAIRS.values()))
