"""Known differences on servers: for which stacks they hold, and what follows of them."""

from typing import Any

import msgspec
import pytest

from comparison import Case, Expect, Request
from comparison.known import KnownDifferences
from comparison.known.models import KnownDifference
from comparison.models import Comparison, Failure, Response, TargetInfo
from comparison.verdict import Comparator
from tests.diff.making import known, recording, response

CASE = Case("small", Request(path="/"))
CLOSED = Failure("closed", "the server closed the connection")


def judged(
    entry: KnownDifference,
    flask: tuple[str, Response | Failure],
    quart: tuple[str, Response | Failure],
    expect: Expect | None = None,
) -> Comparison:
    """Compare two stacks, each a server and its recording."""
    sides = {"flask": flask, "quart": quart}
    targets = [TargetInfo(n, n, n, server) for n, (server, _) in sides.items()]
    recordings = {name: recording(what) for name, (_, what) in sides.items()}
    case = msgspec.structs.replace(CASE, expect=expect)
    return Comparator(targets, KnownDifferences([entry])).compare(case, recordings)


def body(**values: Any) -> KnownDifference:
    stacks = {name.replace("__", "+"): value for name, value in values.items()}
    return known({"body": stacks})


def test_a_stack_name_takes_precedence_over_a_framework_name() -> None:
    entry = body(flask="one", quart="two", quart__granian="three")
    one = ("waitress", response(body="one"))
    assert judged(entry, one, ("granian", response(body="three"))).verdict == "known"
    assert judged(entry, one, ("daphne", response(body="two"))).verdict == "known"


@pytest.mark.parametrize(
    ("server", "verdict"),
    [("uvicorn-h11", "known"), ("uvicorn-httptools", "known"), ("daphne", "different")],
)
def test_a_stack_may_be_a_pattern(server: str, verdict: str) -> None:
    entry = known({"body": {"flask": "one", "quart+uvicorn-*": "two"}})
    quart = (server, response(body="two"))
    found = judged(entry, ("waitress", response(body="one")), quart)
    assert found.verdict == verdict


def test_a_known_difference_of_a_stack_is_stale_if_absent_there() -> None:
    entry = body(flask="one", quart="one", quart__granian="two")
    same = response(body="one")
    gone = judged(entry, ("waitress", same), ("granian", same))
    assert [stale.known for stale in gone.stale] == ["entry"]
    # The entry says that other stacks behave the same.
    assert judged(entry, ("waitress", same), ("daphne", same)).verdict == "identical"


def test_a_known_difference_of_a_stack_does_not_apply_in_process() -> None:
    entry = body(flask="one", quart="two", quart__granian="three")
    sides = ("in-process", response(body="one")), ("in-process", response(body="two"))
    assert judged(entry, *sides).verdict == "different"


def test_a_response_made_by_the_server_explains_all_other_fields() -> None:
    fields = {"status": {"flask+hypercorn": 500, "quart": 204}}
    flask = "hypercorn", response(500, body="", headers=())
    quart = "hypercorn", response(204, body="more", framing="no body")
    entry = known(fields, instead=True)
    assert judged(entry, flask, quart).verdict == "known"
    # Alone it explains what it names, and another status explains nothing.
    alone = msgspec.structs.replace(entry, instead=False)
    assert judged(alone, flask, quart).verdict == "different"
    other = "hypercorn", response(503, body="", headers=())
    assert judged(entry, other, quart).verdict == "different"


def test_a_response_made_by_the_server_excuses_every_expectation_of_the_app() -> None:
    fields = {"status": {"flask+hypercorn": 500, "quart": 200}}
    flask = "hypercorn", response(500, body="", headers=())
    quart = "hypercorn", response(body="more")
    expect = Expect(status=200, text="more", headers={"x-a": True})
    found = judged(known(fields, instead=True), flask, quart, expect)
    assert (found.verdict, found.expectation.met) == ("known", True)
    # Neither side has the header, so it does not differ.
    assert {f.field: f.known for f in found.expectation.failures} == dict.fromkeys(
        ["status", "body", "header:x-a"], "entry"
    )
    assert judged(known(fields), flask, quart, expect).verdict == "different"


def test_a_known_failure_of_one_stack_does_not_apply_to_another() -> None:
    entry = known(
        {"failure": {"flask": False, "quart+uvicorn-*": {"matches": "^closed:"}}}
    )
    entry = msgspec.convert(msgspec.to_builtins(entry), KnownDifference)
    flask = ("waitress", response())
    assert judged(entry, flask, ("uvicorn-h11", CLOSED)).verdict == "known"
    assert judged(entry, flask, ("hypercorn", CLOSED)).verdict == "failed"


def test_an_intermittent_known_difference_need_not_occur() -> None:
    entry = body(flask="one", quart__granian="two")
    sometimes = msgspec.structs.replace(entry, sometimes=True)
    flask, same = ("waitress", response(body="one")), response(body="one")
    assert judged(sometimes, flask, ("granian", same)).verdict == "identical"
    seen = judged(sometimes, flask, ("granian", response(body="two")))
    assert seen.verdict == "known"
