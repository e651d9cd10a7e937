"""The values of known differences: which side they name, and when they agree."""

from typing import Any

import pytest

from comparison import KnownDifferences, UsageError
from comparison.diff.effects import EFFECT
from comparison.known.models import EVERY_FIELD, Cause, KnownDifference, Pattern, Side
from comparison.known.patterns import DifferencePattern
from comparison.known.values import agrees, answered_for, keys_of
from comparison.models import Failure
from tests.diff.making import exchange, known, response

FLASK = Side("old", "flask", "gunicorn-sync")


QUART = Side("new", "quart", "hypercorn")


IN_FLASK, IN_QUART = Side("flask", "flask"), Side("quart", "quart")


FAILED = Failure("raised", "ValueError: no")


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        (("old", "flask+gunicorn-sync", "flask", "gunicorn-sync"), "old"),
        (("flask", "flask+gunicorn-sync"), "flask+gunicorn-sync"),
        (("flask", "flask+gunicorn-*"), "flask+gunicorn-*"),
        (("flask", "flask+waitress"), "flask"),
        (("gunicorn-sync", "flask"), "flask"),
        (("gunicorn-sync",), "gunicorn-sync"),
        (("quart", "*"), None),
    ],
)
def test_the_most_specific_name_of_a_side_counts(
    keys: tuple[str, ...], found: str | None
) -> None:
    assert FLASK.key(keys) == found


def test_a_star_is_the_other_side() -> None:
    for values, keys in (
        ({"flask": 1, "*": 2}, ["flask", "*"]),
        ({"quart": 1, "*": 2}, ["*", "quart"]),
        ({"flask": 1, "quart": 2, "*": 3}, ["flask", "quart"]),
        ({"waitress": 1, "*": 2}, [None, None]),
        ({"flask": 1}, ["flask", None]),
    ):
        assert keys_of(values, (FLASK, QUART)) == keys
    unnamed = Side("old", None)
    assert unnamed.names == ("old", "None+in-process", "old", "in-process")
    assert unnamed.inside and not QUART.inside


@pytest.mark.parametrize(
    ("value", "actual", "agree"),
    [
        ("a", "a", True), ("a", "b", False), ("a", None, False), ("a", ("a",), False),
        (("a", "b"), ("a", "b"), True), (("a", "b"), ("b", "a"), False),
        (True, "a", True), (True, None, False), (False, None, True), (False, "a", False),
        (Pattern("^a"), "ab", True), (Pattern("^a"), "ba", False), (Pattern("^a"), None, False),
        (Pattern(phrase="registered"), "ok", True), (Pattern(phrase="registered"), "Fine", False),
    ],
)  # fmt: skip
def test_a_known_value_agrees(value: Any, actual: Any, agree: bool) -> None:
    assert agrees(value, exchange(response(200)), "header:x", actual) is agree


@pytest.mark.parametrize(
    ("value", "framing", "agree"),
    [
        ("no length", "chunked", True), ("no length", "close", True), ("no length", "no body", False),
        ("1 bytes sent where none is allowed", "no body", True),
        (Pattern("bytes sent where none is allowed"), "no body", True),
        (Pattern("bytes sent where none is allowed"), "chunked", False),
        ("chunked", "chunked", True), ("chunked", "close", False),
    ],
)  # fmt: skip
def test_a_framing_in_process_agrees_with_those_on_sockets(
    value: Any, framing: str, agree: bool
) -> None:
    assert agrees(value, exchange(response()), "framing", framing) is agree
    other = agrees(value, exchange(response()), "header:framing", framing)
    assert other is (agree and (value == framing))


@pytest.mark.parametrize(
    ("one", "other", "answered"),
    [
        (response(), response(500), True),
        (response(), Failure("closed", "no"), True),
        (response(500), response(500), True),
        (response(), response(499), False),
        (Failure("closed", "no"), response(500), False),
    ],
)
def test_a_server_responds_for_an_app_that_fails(
    one: Any, other: Any, answered: bool
) -> None:
    values: dict[str, Any] = {"flask": False, "quart": "raised"}
    pair = (exchange(one), exchange(other))
    assert answered_for(values, (FLASK, QUART), pair) is answered
    assert not answered_for({"flask": False}, (FLASK, QUART), pair)
    entry = known({"failure": values})
    found, stale = KnownDifferences([entry]).explain("small", (FLASK, QUART), pair)
    assert (found, stale) == ({EVERY_FIELD: "entry"} if answered else {}, [])


def test_an_entry_after_one_that_a_server_answers_for_still_explains() -> None:
    failing = known({"failure": {"flask": False, "quart": "raised"}}, id="failing")
    body = known({"body": {"flask": "a", "quart": "b"}}, id="body")
    pair = (exchange(response(body="a")), exchange(response(499, body="b")))
    differences = KnownDifferences([failing, body])
    found, _ = differences.explain("small", (FLASK, QUART), pair)
    assert found == {"body": "body"}


@pytest.mark.parametrize(
    ("more", "sides", "explained", "stale"),
    [
        ({}, (IN_FLASK, IN_QUART), ["body"], ["status"]),
        ({}, (FLASK, QUART), ["body"], []),  # it may occur on servers
        ({"sometimes": True}, (IN_FLASK, IN_QUART), ["body"], []),
        ({"stack": {"flask": "gunicorn-*"}}, (FLASK, QUART), ["body"], ["status"]),
        ({"stack": {"flask": ("x", "gunicorn-sync")}}, (FLASK, QUART), ["body"], ["status"]),
        ({"stack": {"flask": "waitress"}}, (FLASK, QUART), [], []),
        ({"stack": {"flask": "in-process"}}, (IN_FLASK, IN_QUART), ["body"], ["status"]),
        ({"request": 1}, (IN_FLASK, IN_QUART), [], []),
        ({"cases": ("other",)}, (IN_FLASK, IN_QUART), [], []),
        ({"cases": ("*",)}, (IN_FLASK, IN_QUART), ["body"], []),
    ],
)  # fmt: skip
def test_an_entry_applies_and_must_occur(
    more: dict[str, Any], sides: Any, explained: list[str], stale: list[str]
) -> None:
    fields: dict[str, Any] = {
        "body": {"flask": "a", "quart": "b"},
        "status": {"flask": 200, "quart": 404},
    }
    given = {"id": "e", "cause": "c", "cases": ("small",), **more}
    differences = KnownDifferences([KnownDifference(fields=fields, **given)])
    pair = (exchange(response(body="a")), exchange(response(body="b")))
    found, old = differences.explain("small", sides, pair)
    assert (list(found), [each.field for each in old]) == (explained, stale)


def test_an_entry_that_names_stacks_must_occur_on_servers_only() -> None:
    fields: Any = {"status": {"flask+gunicorn-*": 200, "quart+hypercorn": 404}}
    entry = known(fields)
    pair = (exchange(response()), exchange(response()))
    differences = KnownDifferences([entry])
    for sides, stale in (((FLASK, QUART), 1), ((IN_FLASK, IN_QUART), 0)):
        assert len(differences.explain("small", sides, pair)[1]) == stale
        assert differences.is_about(entry, sides) is bool(stale)
    assert differences.distinguishes(entry, (FLASK, QUART))
    same = known({"status": {"flask": 200, "quart": 200}})
    assert not differences.distinguishes(same, (FLASK, QUART))
    # Equal values still explain an expectation, and need not occur.
    found, old = KnownDifferences([same]).explain("small", (IN_FLASK, IN_QUART), pair)
    assert (found, old) == ({"status": "entry"}, [])


@pytest.mark.parametrize(("instead", "every"), [(True, True), (False, False)])
def test_a_server_that_responds_instead_explains_every_field(
    instead: bool, every: bool
) -> None:
    fields: Any = {"status": {"flask": 200, "quart": 404}}
    differences = KnownDifferences([known(fields, instead=instead)])
    for status, agreeing in ((404, True), (405, False)):
        pair = (exchange(response()), exchange(response(status)))
        found, _ = differences.explain("small", (IN_FLASK, IN_QUART), pair)
        assert (EVERY_FIELD in found) is (every and agreeing)


def test_an_effect_is_explained_by_its_value() -> None:
    differences = KnownDifferences(
        [known({EFFECT: {"flask": False, "quart": "hook close ran"}})]
    )
    pair = (exchange(response()), exchange(response()))
    for value, explained in (("hook close ran", True), ("hook open ran", False)):
        found, _ = differences.explain(
            "small", (IN_FLASK, IN_QUART), pair, 0, (None, value)
        )
        assert (EFFECT in found) is explained


def test_known_differences_are_asked_about_their_entries() -> None:
    own = known({"body": {"flask": "a", "quart": "b"}})
    everywhere = KnownDifference(
        id="every", cause="server-cause", cases=("*",), fields=own.fields
    )
    differences = KnownDifferences([everywhere, own])
    assert differences.everywhere("every")
    assert not differences.everywhere("entry")
    assert not differences.everywhere(None) and not differences.everywhere("none")
    assert differences.names_case("small") and not differences.names_case("other")
    assert differences.find("entry") is own
    with pytest.raises(UsageError, match='^no known difference \'entri\', did you mean "entry"'):  # fmt: skip
        differences.find("entri")
    assert differences.cause_of(own) == Cause(id="entry", summary="on purpose")
    assert differences.layer_of("entry") == differences.layer_of("none") == "framework"
    assert len(differences.digest()) == 16
    assert differences.digest() != KnownDifferences([own]).digest()
    assert [entry.id for entry in differences] == ["every", "entry"]


def test_a_slow_or_wrong_pattern_names_its_entry() -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({}, "a value by pattern has `matches` or `phrase`"),
        ({"matches": "("}, "not a regular expression: missing"),
    ]
    for given, message in wrong:
        with pytest.raises(ValueError, match=message):
            Pattern(**given)
    with pytest.raises(ValueError, match="cases must name at least one case"):
        KnownDifference(id="a", cause="b", cases=(), fields={})


@pytest.mark.parametrize(
    ("field", "kind", "facts", "fits"),
    [
        ("header:x", "missing", {"method": "GET"}, True),
        ("header:x", "missing", {"method": "PUT"}, False),
        ("header:x", "missing", {}, False),
        ("header:x", "other", {"method": "GET"}, False),
        ("body", "missing", {"method": "GET"}, False),
    ],
)
def test_a_pattern_fits_by_field_kind_and_facts(
    field: str, kind: str, facts: dict[str, str], fits: bool
) -> None:
    pattern = DifferencePattern("a", "b", "header:*", "miss*", {"method": "^GET$"})
    assert pattern.fits(field, kind, facts) is fits


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ({}, "when must say of which views this is known"),
        ({"method": "("}, r"when\.method is not a regular expression: missing"),
    ],
)
def test_a_pattern_without_conditions_is_rejected(when: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DifferencePattern("a", "b", "body", "*", when)
