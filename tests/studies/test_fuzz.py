"""Generated views: what is generated, how differences are grouped and made small."""

import itertools
import json
import random
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import msgspec
import pytest
from hypothesis.database import InMemoryExampleDatabase
from packaging.version import Version

import flask_app
import quart_app
from comparison import Request, compare
from comparison.known import KnownDifferences
from comparison.studies.fuzz.command import known_of, report_of
from comparison.studies.fuzz.coverage import Coverage
from comparison.studies.fuzz.example import Example
from comparison.studies.fuzz.facts import odd_fields
from comparison.studies.fuzz.generate import example_of
from comparison.studies.fuzz.search import BATCH, IDLE, ROUND, Search
from comparison.studies.fuzz.signature import sightings
from comparison.studies.fuzz.tape import LENGTH
from comparison.targets import resolve_target
from comparison.views import Body, Headers, View, view_from_json, view_of, view_to_json
from tests.apps import specs_of_twins
from tests.mutants.mutant import Answer, at_the_boundary

pytestmark = pytest.mark.usefixtures("quiet")

SAMPLE = [random.Random(n).randbytes(LENGTH) for n in range(4000)]
NOTHING = KnownDifferences()


def app_of(twin: Any) -> Any:
    return twin.create_app({"TOPICS": ["composed"]})


def changed(change: Callable[[Answer], None]) -> Any:
    app = app_of(quart_app)
    at_the_boundary(app, change)
    return app


def search(
    candidate: Any,
    known: KnownDifferences = NOTHING,
    reference: Any = None,
    **options: Any,
) -> Search:
    """A search that has come to its end, of Quart against this app unless given."""
    targets = {
        "quart": resolve_target(reference or app_of(quart_app)),
        "other": resolve_target(candidate),
    }
    options = {"examples": 200, "timeout": 30.0, **options}
    made = Search(targets, known, **options)
    try:
        for _ in made:
            pass
    finally:
        made.close()
    return made


# Generation --------------------------------------------------------------------------


@pytest.mark.slow
def test_every_kind_of_every_part_is_generated() -> None:
    coverage = Coverage()
    for tape in SAMPLE:
        coverage.add(example_of(tape))
    missing = [
        (part, form)
        for part, forms in coverage.table().items()
        for form, count in forms.items()
        if not count
    ]
    assert missing == []


@pytest.mark.slow
def test_every_example_is_a_description_that_can_be_read() -> None:
    for tape in SAMPLE[:1000]:
        example = example_of(tape)
        assert view_from_json(view_to_json(example.view)) == example.view
        if not example.beside:
            assert view_of(example.case()) == example.view
        written = msgspec.json.encode(example)
        assert msgspec.json.decode(written, type=Example) == example


def test_the_lowest_tape_is_the_simplest_example() -> None:
    simplest = Example(View(body=Body("text", "Hello")), Request())
    assert example_of(b"") == example_of(bytes(LENGTH)) == simplest


# The search --------------------------------------------------------------------------


def test_an_app_compared_with_itself_has_no_findings() -> None:
    found = search(app_of(flask_app), reference=app_of(flask_app), examples=120)
    assert found.findings == []
    assert found.examples_run == 120


@pytest.mark.slow
def test_known_differences_explain_all_findings() -> None:
    # One of the examples hangs.
    found = search(
        app_of(quart_app), known_of(()), app_of(flask_app),
        examples=200, seed=1, timeout=10.0,
    )  # fmt: skip
    assert [str(f.signature) for f in found.findings] == []
    assert len(found.known) > 10


def with_another_length(view: dict[str, Any], length: str) -> dict[str, Any]:
    added = {"change": "add-header", "name": "Content-Length", "value": length}
    return {"made": "make_response", **view, "changes": [added]}


def with_headers(kind: str, *fields: list[str]) -> dict[str, Any]:
    headers = {"kind": kind, "fields": fields}
    body = {"kind": "text", "content": "Hello"}
    return {"body": body, "shape": "body-headers", "headers": headers}


LENGTH_GIVEN = with_headers("dict", ["Content-Length", "1"])
BY_TWO_LENGTHS = {"pattern-length-before-another", "pattern-framed-by-two"}
NUL_OF_204 = {
    "body": {"kind": "text", "content": "Hello"},
    "made": "make_response",
    "shape": "body-status",
    "status": {"kind": "int", "content": 204},
    "changes": [{"change": "set-header", "name": "Content-Length", "value": "\0"}],
}
GROUPED = Version(version("quart")) >= Version(
    "0.23"
)  # what fails in Quart fails within a group
REFUSED_OF_204 = {"pattern-group-nul-location" if GROUPED else "pattern-nul-bodyless"}
EMPTY = {"body": {"kind": "bytearray", "content": ""}}
BESIDE_EMPTY = {"pattern-length-beside-empty-bytearray"}


@pytest.mark.parametrize(
    ("method", "view", "patterns"),
    [
        ("GET", with_another_length(LENGTH_GIVEN, "1"), BY_TWO_LENGTHS),
        ("GET", with_another_length(LENGTH_GIVEN, ""), BY_TWO_LENGTHS),
        ("HEAD", with_another_length(EMPTY, "1"), BESIDE_EMPTY),
        ("HEAD", with_another_length(EMPTY, ""), BESIDE_EMPTY),
        ("GET", with_headers("list", ["", "\0"], ["", "1"]), {"pattern-nul-replaced"}),
        ("GET", NUL_OF_204, REFUSED_OF_204),
    ],
)
def test_findings_of_long_searches_match_known_patterns(
    method: str, view: dict[str, Any], patterns: set[str]
) -> None:
    example = Example(view_from_json(json.dumps(view)), Request(method))
    (comparison,) = compare(
        app_of(flask_app), app_of(quart_app), [example.case("found")], known=[]
    )
    frameworks = {"flask": "flask", "quart": "quart"}
    known = known_of(()).patterns
    found = [
        next((f.id for f in known if f.fits(*seen.signature[:2], seen.facts)), "new")
        for seen in sightings(example, comparison, frameworks, {})
    ]
    assert set(found) == patterns


# Responses that the default servers make from those of an app, or in their place, and the
# pattern that matches them. (Beyond Latin-1 a client would wait for its timeout.)
ON_THE_WIRE = {
    """{"body": {"kind": "text", "content": "Hello"}, "shape": "body-headers",
     "headers": {"kind": "dict", "fields": [["X A", "1"]]}}""":
        "pattern-hypercorn-refuses-fields",
    """{"body": {"kind": "text", "content": "Hello"}, "made": "make_response",
     "changes": [{"change": "set-header", "name": "Transfer-Encoding", "value": "1"}]}""":
        "pattern-hypercorn-refuses-framing",
    """{"body": {"kind": "text", "content": "Hello"}, "shape": "body-status",
     "status": {"kind": "int", "content": 0}}""":
        "pattern-status-line",
    """{"body": {"kind": "list", "content": ["one", 2]}, "made": "Response"}""":
        "pattern-server-answers-for-pieces",
    """{"body": {"kind": "int", "content": 200}, "made": "Response", "handled": true}""":
        "pattern-server-answers-for-iterables",
}  # fmt: skip


def test_findings_on_servers_match_one_known_pattern() -> None:
    examples = [Example(view_from_json(view), Request()) for view in ON_THE_WIRE]
    cases = [example.case(f"wire-{n}") for n, example in enumerate(examples)]
    known = known_of((), on_servers=True)
    servers = {"flask_app": "werkzeug", "quart_app": "hypercorn"}
    frameworks = {"flask_app": "flask", "quart_app": "quart"}
    run = compare(*(f"{spec}@" for spec in specs_of_twins("composed").values()), cases)
    for example, comparison, pattern in zip(
        examples, run, ON_THE_WIRE.values(), strict=True
    ):
        seen, *others = sightings(example, comparison, frameworks, servers)
        assert others == []
        fitting = [
            f.id for f in known.patterns if f.fits(*seen.signature[:2], seen.facts)
        ]
        assert fitting[:1] == [pattern]


def test_server_patterns_apply_only_on_servers() -> None:
    inside, served = (known_of((), on).patterns for on in (False, True))
    facts = [fact for pattern in inside for fact in pattern.when]
    assert facts
    assert not any("server" in fact for fact in facts)
    assert len(served) > len(inside)


@pytest.mark.parametrize(
    ("name", "value", "odd"),
    [
        ("X-A", "1", ""),
        ("X-A", "é", ""),
        ("X-A", "€", "beyond Latin-1"),
        ("X A", "1", "name"),
        ("", "1", "name"),
        ("X-A", " 1", "value"),
        ("X-A", "a\x00b", "value"),
        ("é", " ", "name, value"),
    ],
)
def test_unusual_header_fields_are_classified(name: str, value: str, odd: str) -> None:
    view = View(
        Body("text", "Hello"),
        shape="body-headers",
        headers=Headers("list", (("X", "1"), (name, value))),
    )
    assert odd_fields(view) == odd


def lose_the_last_value(answer: Answer) -> None:
    """A list of headers of which the last is lost, if it is X-A."""
    if answer.headers and answer.headers[-1][0] == b"x-a":
        answer.headers.pop()


@pytest.mark.slow
def test_a_finding_is_reported_once_and_minimised() -> None:
    found = search(changed(lose_the_last_value), examples=400)
    (finding,) = found.findings
    assert finding.signature.field == "header:*"
    assert finding.signature.kind == "lost"
    assert finding.times > 1
    view = finding.example.view
    assert view.body == Body("text", "Hello")
    assert (view.style, view.handled, view.status) == ("native", False, None)
    fields = view.headers.fields if view.headers is not None else ()
    assert len(fields) + len(view.changes) == 1
    assert finding.example.request == Request()


@pytest.mark.slow
def test_different_kinds_of_differences_are_separate_findings() -> None:
    def change(answer: Answer) -> None:
        if answer.status == 404:
            answer.status = 410
        elif b"\xc3" in answer.body:
            answer.replace_body(b"")

    found = search(changed(change), examples=200)
    described = {(f.signature.field, f.signature.kind) for f in found.findings}
    assert {("status", "4xx, 4xx"), ("body", "lost")} <= described
    assert len({f.signature for f in found.findings}) == len(found.findings)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_report() -> None:
    def once(seed: int) -> Any:
        found = search(changed(lose_the_last_value), examples=60, seed=seed)
        report = msgspec.to_builtins(report_of(found, NOTHING, "fuzz"))
        return {key: report[key] for key in report if key != "normalisations"}

    first = once(3)
    assert first["findings"]
    assert once(3) == first
    assert once(4)["coverage"] != first["coverage"]


@pytest.mark.slow
def test_a_finding_is_replayed_first_and_discarded_once_fixed() -> None:
    database = InMemoryExampleDatabase()
    broken = changed(lose_the_last_value)
    (kept,) = search(broken, examples=200, database=database).findings
    (again,) = search(broken, examples=1, seed=99, database=database).findings
    assert again.example == kept.example
    assert search(app_of(quart_app), examples=1, database=database).findings == []
    assert search(broken, examples=1, seed=99, database=database).findings == []


@pytest.mark.parametrize("shrink", [True, False])
def test_an_unreproducible_finding_is_reported_as_observed(shrink: bool) -> None:
    left = [b"another"]

    def change(answer: Answer) -> None:
        if left:
            answer.replace_body(left.pop())

    found = search(changed(change), examples=10, shrink=shrink)
    (finding,) = found.findings
    assert "body" in [d.field for d in finding.comparison.differences]
    assert finding.times == 1


def test_a_search_continues_while_new_examples_appear(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = [example_of(tape) for tape in SAMPLE[:10]]
    read = itertools.count()
    monkeypatch.setattr(
        "comparison.studies.fuzz.search.example_of",
        lambda tape: few[min(next(read) // (5 * BATCH * ROUND), len(few) - 1)],
    )
    assert search(app_of(quart_app), examples=1000).examples_run == len(few)
    # Each was the only one for five rounds, and the last for as many as are waited for.
    assert next(read) <= (5 * (len(few) - 1) + 1 + IDLE) * BATCH * ROUND


def test_an_internal_error_reaches_the_caller_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise AttributeError("broken")

    monkeypatch.setattr("comparison.studies.fuzz.search.sightings", fail)
    with pytest.raises(AttributeError, match="^broken$"):
        search(changed(lambda answer: answer.replace_body(b"")), examples=40)


@pytest.mark.slow
def test_views_that_hang_are_skipped_after_a_timeout() -> None:
    class Hanging:
        """Hangs where the view raises an error of Python's."""

        def __init__(self) -> None:
            self.app = app_of(quart_app)

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if b"Error%22" in scope.get("query_string", b""):
                await receive()
                await receive()
            await self.app(scope, receive, send)

    app = Hanging()
    found = search(app, examples=300, timeout=0.3)
    assert found.skipped > 0
    assert any("timeout" in f.signature.kind for f in found.findings)
