"""Verdicts, expectations, and known differences as the comparator weighs them."""

from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from comparison import Case, Expect, KnownDifferences, Request
from comparison.diff.expectations import unmet
from comparison.known.models import Pattern
from comparison.models import (
    Capture,
    Client,
    Event,
    Failure,
    Interim,
    NormalisationRules,
    Recording,
)
from comparison.verdict import Comparator
from tests.diff.making import (
    SIDES,
    exchange,
    judged,
    known,
    recording,
    response,
    targets,
)

ONE = response(body="one")
TWO = response(body="two")
BODIES = {"body": {"flask": "one", "quart": "two"}}
RAISED = Failure("raised", "ValueError: no")


@pytest.mark.parametrize(
    ("verdict", "one", "other", "entries", "expect"),
    [
        ("identical", ONE, ONE, [], None),
        ("identical", ONE, ONE, [], Expect(status=200)),
        ("different", ONE, TWO, [], None),
        ("different", ONE, TWO, [], Expect(status=404)),
        ("known", ONE, TWO, [known(BODIES)], None),
        ("known", ONE, TWO, [known(BODIES)], Expect(text="one")),
        ("failed", ONE, ONE, [], Expect(status=404)),
        ("failed", ONE, TWO, [known(BODIES)], Expect(status=404)),
        ("failed", ONE, ONE, [known(BODIES)], None),
        ("failed", ONE, RAISED, [], None),
        ("failed", RAISED, RAISED, [], None),
        ("failed", RAISED, RAISED, [], Expect(status=200)),
        ("identical", RAISED, RAISED, [], Expect(failure="raised")),
        ("failed", RAISED, RAISED, [], Expect(failure="timeout")),
        ("failed", ONE, ONE, [], Expect(failure="raised")),
        (
            "known", ONE, RAISED,
            [known({"failure": {"flask": False, "quart": str(RAISED)}})], None,
        ),
    ],
)  # fmt: skip
def test_the_verdict(
    verdict: str, one: Any, other: Any, entries: list[Any], expect: Expect | None
) -> None:
    assert judged(one, other, *entries, expect=expect).verdict == verdict


def test_a_difference_names_the_known_difference_that_explains_it() -> None:
    (found,) = judged(ONE, TWO, known(BODIES)).differences
    assert (found.known, found.layer) == ("entry", "framework")


def test_a_difference_without_an_explanation_may_come_from_the_framework() -> None:
    (found,) = judged(ONE, TWO).differences
    assert (found.known, found.layer) == (None, "framework")


def test_a_known_difference_explains_only_its_values() -> None:
    found = judged(ONE, response(body="three"), known(BODIES))
    assert [d.known for d in found.differences] == [None]
    assert [(s.known, s.field) for s in found.stale] == [("entry", "body")]


def test_a_known_difference_that_does_not_occur_is_stale_and_fails() -> None:
    found = judged(ONE, ONE, known(BODIES))
    assert (found.verdict, found.stale[0].known) == ("failed", "entry")


def test_a_single_field_that_no_longer_occurs_is_stale() -> None:
    fields = BODIES | {"status": {"flask": 200, "quart": 404}}
    found = judged(ONE, TWO, known(fields))
    assert [(s.known, s.field) for s in found.stale] == [("entry", "status")]
    assert found.verdict == "failed"


@pytest.mark.parametrize(
    ("version", "verdict"), [("0.22.0", "known"), ("0.23.1", "different")]
)
def test_a_known_difference_applies_only_to_its_versions(
    version: str, verdict: str
) -> None:
    entry = known(BODIES, versions={"quart": "<0.23"})
    assert judged(ONE, TWO, entry, packages={"quart": version}).verdict == verdict


@pytest.mark.parametrize("packages", [{"quart": "0.23.1"}, {}], ids=["other", "none"])
def test_a_known_difference_of_other_versions_is_not_stale(
    packages: dict[str, str],
) -> None:
    entry = known(BODIES, versions={"quart": "<0.23"})
    assert judged(ONE, ONE, entry, packages=packages).verdict == "identical"


def test_a_known_difference_applies_to_reversed_targets() -> None:
    reversed_ = {"quart": "quart", "flask": "flask"}
    assert judged(TWO, ONE, known(BODIES), sides=reversed_).verdict == "known"


def test_a_known_difference_applies_by_framework_not_by_target_name() -> None:
    named: dict[str, str | None] = {"old": "flask", "new": "quart"}
    assert judged(ONE, TWO, known(BODIES), sides=named).verdict == "known"


def test_a_known_difference_can_use_target_names() -> None:
    named: dict[str, str | None] = {"old": "flask", "new": "flask"}
    entry = known({"body": {"old": "one", "new": "two"}})
    assert judged(ONE, TWO, entry, sides=named).verdict == "known"


@pytest.mark.parametrize("framework", ["flask", "quart"])
def test_a_framework_compared_with_itself_is_identical(framework: str) -> None:
    sides = {"one": framework, "other": framework}
    same = ONE if framework == "flask" else TWO
    assert judged(same, same, known(BODIES), sides=sides).verdict == "identical"


def test_a_known_difference_of_other_frameworks_does_not_apply() -> None:
    sides: dict[str, str | None] = {"one": None, "other": None}
    assert judged(ONE, ONE, known(BODIES), sides=sides).verdict == "identical"


@pytest.mark.parametrize(
    ("field", "values", "other"),
    [
        ("status", {"flask": 200, "quart": 404}, {"status": 404}),
        ("header:x-a", {"flask": False, "quart": "1"}, {"headers": (("X-A", "1"),)}),
        ("header:x-a", {"flask": False, "quart": True}, {"headers": (("X-A", "1"),)}),
        (
            "header:x-a", {"flask": False, "quart": ["1", "2"]},
            {"headers": (("X-A", "1"), ("X-A", "2"))},
        ),
        ("framing", {"flask": "content-length", "quart": "no body"}, {"framing": "no body"}),
    ],
)  # fmt: skip
def test_known_values_use_the_documented_notation(
    field: str, values: dict[str, Any], other: dict[str, Any]
) -> None:
    from comparison.known.models import KnownDifference

    written = {"id": "e", "cause": "c", "cases": ["small"], "fields": {field: values}}
    entry = msgspec.convert(written, KnownDifference)
    one, two = response(headers=()), response(**{"headers": (), **other})
    assert judged(one, two, entry).verdict == "known"


def test_a_known_difference_applies_only_to_its_request() -> None:
    one, other = recording(ONE, ONE), recording(ONE, TWO)
    assert judged(one, other, known(BODIES, request=1)).verdict == "known"
    assert judged(one, other, known(BODIES)).verdict == "different"


def test_a_difference_has_the_number_of_its_request() -> None:
    one, other = recording(ONE, ONE, ONE), recording(ONE, ONE, TWO)
    assert [d.request for d in judged(one, other).differences] == [2]
    (found,) = judged(ONE, TWO).differences
    assert found.request is UNSET


@pytest.mark.parametrize("request_", [1, 2])
@pytest.mark.parametrize("lost_by", ["reference", "candidate"])
def test_lost_work_is_found_in_the_request_that_lost_it(
    request_: int, lost_by: str
) -> None:
    ran = (Event("view_called"), Event("response_handed_over", status=200))
    lost = (*ran, Event("never_awaited", name="save"))
    both = recording(ONE, ONE, ONE)
    whole = msgspec.structs.replace(both, setup_traces=(ran, ran))
    traces = (lost, ran) if request_ == 1 else (ran, lost)
    broken = msgspec.structs.replace(both, setup_traces=traces)
    sides = (broken, whole) if lost_by == "reference" else (whole, broken)
    (found,) = judged(*sides).differences
    assert (found.field, found.request) == ("effect", request_)


def test_an_effect_is_expected_in_its_own_setup_request() -> None:
    ran = (Event("route_matched"), Event("hook_called", name="close_db"))
    both = recording(ONE, ONE, ONE)
    one = msgspec.structs.replace(both, setup_traces=((Event("route_matched"),), ran))
    expects = Request(expect=Expect(effects=("hook close_db ran",)))
    comparator = Comparator(targets(SIDES), KnownDifferences([]))
    case = Case("small", Request(), setup=(Request(), expects))
    assert comparator.compare(case, dict.fromkeys(SIDES, one)).expectation.met
    case = Case("small", Request(), setup=(expects, Request()))
    failures = comparator.compare(case, dict.fromkeys(SIDES, one)).expectation.failures
    assert {(f.field, f.request) for f in failures} == {("effect", 1)}


THREE = {"flask": "flask", "quart": "quart", "other": "quart"}


def test_values_that_were_captured_do_not_keep_targets_from_agreeing() -> None:
    comparator = Comparator(targets(THREE), KnownDifferences([]))
    case = Case("small", Request(capture={"token": Capture(json="$")}))
    recordings = {}
    for name in THREE:
        token = f"token-of-{name}"
        sent = msgspec.structs.replace(
            exchange(response(body=f'"{token}"')), captured={"token": token}
        )
        recordings[name] = Recording(sent, (), (), ())
    assert comparator.compare(case, recordings).verdict == "identical"
    assert {(a.agreed, a.total) for a in comparator.agreement()} == {(1, 1)}


def test_a_skipped_case_does_not_count_as_one_in_which_targets_disagree() -> None:
    comparator = Comparator(targets(THREE), KnownDifferences([]))
    recordings = dict.fromkeys(THREE, recording(ONE))
    comparator.compare(Case("small", Request()), recordings)
    hangs_up = Request(client=Client(half_close=True))
    asking = NormalisationRules(json=True)
    case = Case("skipped", hangs_up, normalisations=asking)
    assert comparator.compare(case, recordings).verdict == "skipped"
    # Reports list the rules of a case, although it did not run.
    assert "json" in {rule.name for rule in comparator.applied.summary()}
    assert {(a.agreed, a.total) for a in comparator.agreement()} == {(1, 1)}


def test_a_known_difference_excuses_the_expectation_it_breaks() -> None:
    found = judged(ONE, TWO, known(BODIES), expect=Expect(text="one"))
    assert found.expectation.met
    assert [(f.target, f.known) for f in found.expectation.failures] == [
        ("quart", "entry")
    ]


def test_two_targets_with_the_same_wrong_response_fail() -> None:
    found = judged(ONE, ONE, expect=Expect(text="Hello"))
    assert not found.expectation.met
    assert {f.target for f in found.expectation.failures} == {"flask", "quart"}


def test_a_registered_reason_phrase_is_known_whatever_its_year() -> None:
    registered = msgspec.convert({"phrase": "registered"}, Pattern)
    entry = known({"reason": {"flask": registered, "quart": registered}})
    one, other = response(413, reason="Content Too Large"), response(413, reason="Payload too large")  # fmt: skip
    assert judged(one, other, entry).verdict == "known"
    other = response(413, reason="Too Much")
    assert judged(one, other, entry).verdict == "different"


def test_a_known_difference_can_apply_to_every_case() -> None:
    entry = msgspec.structs.replace(known(BODIES), cases=("*",))
    assert judged(ONE, TWO, entry).verdict == "known"
    assert judged(ONE, ONE, entry).verdict == "identical"


def test_interim_responses_are_expected_in_their_order() -> None:
    sent = response(
        interim=(Interim(100, ()), Interim(103, ())), status_line="HTTP/1.1 200 OK"
    )
    assert list(unmet(Expect(interim=(100, 103)), "flask", exchange(sent))) == []
    (found,) = unmet(Expect(interim=(103,)), "flask", exchange(sent))
    assert (found.field, found.expected, found.actual) == ("interim", "103", "100, 103")


ANSWER = response(
    201,
    (("X-A", "1"), ("X-B", "1"), ("X-B", "2"), ("Allow", "GET, HEAD")),
    '{"a": 1}',
    reason="Created",
)


@pytest.mark.parametrize(
    "expect",
    [
        Expect(),
        Expect(status=201),
        Expect(reason="Created"),
        Expect(headers={"X-A": "1"}),
        Expect(headers={"x-a": True, "x-c": False}),
        Expect(headers={"x-b": ("1", "2")}),
        Expect(headers={"allow": "HEAD, GET"}),
        Expect(json={"a": 1}),
        Expect(json={"a": 1.0}),
        Expect(text='{"a": 1}'),
        Expect(contains='"a"'),
    ],
    ids=repr,
)
def test_an_expectation_is_met(expect: Expect) -> None:
    assert list(unmet(expect, "flask", exchange(ANSWER))) == []


@pytest.mark.parametrize(
    ("expect", "field"),
    [
        (Expect(status=200), "status"),
        (Expect(reason="OK"), "reason"),
        (Expect(headers={"X-A": "2"}), "header:x-a"),
        (Expect(headers={"x-a": False}), "header:x-a"),
        (Expect(headers={"x-c": True}), "header:x-c"),
        (Expect(headers={"x-b": ("2", "1")}), "header:x-b"),
        (Expect(headers={"x-b": "1"}), "header:x-b"),
        (Expect(headers={"allow": "GET"}), "header:allow"),
        (Expect(json={"a": True}), "body"),
        (Expect(json={"a": 2}), "body"),
        (Expect(json=None), "body"),
        (Expect(text="{}"), "body"),
        (Expect(contains="b"), "body"),
        (Expect(failure="raised"), "failure"),
    ],
    ids=repr,
)
def test_an_expectation_that_is_not_met_names_its_field(
    expect: Expect, field: str
) -> None:
    (found,) = unmet(expect, "flask", exchange(ANSWER))
    assert (found.target, found.field) == ("flask", field)


def test_a_body_that_is_not_json_equals_no_expected_json() -> None:
    (found,) = unmet(Expect(json={}), "flask", exchange(response(body="{")))
    assert found.field == "body"


def test_an_expectation_without_a_body_is_unset() -> None:
    assert Expect().json is UNSET


OLD, NEW = {"quart": "0.22.0"}, {"quart": "0.23.1"}
STATED = known(BODIES, recorded_with={"quart": "0.22.*", "werkzeug": ("3.0", "3.1")})


def test_a_stale_difference_on_an_unrecorded_version_does_not_fail() -> None:
    found = judged(ONE, ONE, STATED, packages=NEW)
    assert found.verdict == "identical"
    assert [s.unrecorded for s in found.stale] == [("quart 0.23.1",)]
    assert found.failing_stale == ()


@pytest.mark.parametrize(
    ("packages", "sides"),
    [
        (OLD, None),
        # Nothing of what is known of the version counts where the framework is not.
        (NEW, {"flask": None, "quart": None}),
        # The package has nothing to do with either side.
        ({**OLD, "granian": "2.8.9"}, None),
    ],
    ids=["recorded", "remote", "of another server"],
)
def test_a_stale_difference_on_recorded_versions_fails(
    packages: dict[str, str], sides: Any
) -> None:
    entry = known(BODIES, recorded_with={"quart": "0.22.*", "granian": "2.8.7"})
    more = {} if sides is None else {"sides": sides}
    found = judged(ONE, ONE, entry, packages=packages, **more)
    assert (found.verdict, [s.unrecorded for s in found.stale]) == ("failed", [()])


def test_a_stale_difference_without_recorded_versions_always_fails() -> None:
    assert judged(ONE, ONE, known(BODIES), packages=NEW).verdict == "failed"


def test_a_new_difference_on_an_unrecorded_version_fails() -> None:
    other = response(body="three")
    assert judged(ONE, other, STATED, packages=NEW).verdict == "different"


def test_a_recorded_version_is_a_version() -> None:
    with pytest.raises(ValueError, match=r"recorded_with\.quart is not a version"):
        known(BODIES, recorded_with={"quart": ">=0.22"})
