"""Shipped known differences that are similar, and what a comparator counts."""

from typing import Any

import pytest
from msgspec.structs import astuple

from comparison import Case, KnownDifferences, Request
from comparison.known.models import KnownDifference
from comparison.models import Failure, NormalisationRules, TargetInfo
from comparison.runner.environment import environment
from comparison.verdict import Comparator
from tests.diff.making import judged, recording, response

PACKAGES = environment().packages


PLAIN = ("Content-Type", "text/plain")


@pytest.mark.parametrize(
    ("one", "other", "similar"),
    [
        # A content length counts beside a body that is similar.
        ('{"Host": "a"}', '{"Host": "a", "Remote-Addr": "b"}', True),
        ('{"Remote-Addr": "b", "Host": "a"}', '{"Host": "a"}', False),
        ('{"Host": "a"}', '{"Host": "a", "Other-Name": "b"}', False),
        ('{"Host": "a", "X-A": 1}', '{"Host": "a", "Remote-Addr": "b"}', False),
        ('{"Host": "a"}', '{"Host": "a", "Remote-Addr": "' + "b" * 100_000 + '"}', False),
    ],
    ids=range(5),
)  # fmt: skip
def test_bodies_are_similar_if_the_same_word_is_missing_on_the_same_side(
    one: str, other: str, similar: bool
) -> None:
    one_side, other_side = (
        response(body=body, headers=(("Content-Length", str(len(body))),))
        for body in (one, other)
    )
    found = judged(one_side, other_side, packages=PACKAGES).differences
    assert {d.field for d in found} == {"body", "header:content-length"}
    assert {d.similar or () for d in found} == (
        {("negotiation-remote-addr-listed",)} if similar else {()}
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # A length that is missing is not one that differs.
        ((("Content-Length", "21"),), ()),
        ((), (("Content-Length", "49"),)),
    ],
)
def test_a_missing_content_length_is_not_similar(one: Any, other: Any) -> None:
    sides = (
        response(body='{"Host": "a"}', headers=one),
        response(body='{"Host": "a", "Remote-Addr": "b"}', headers=other),
    )
    found = {d.field: d for d in judged(*sides, packages=PACKAGES).differences}
    assert not found["header:content-length"].similar


def test_exception_groups_are_not_similar() -> None:
    pair = (
        response(),
        Failure("raised", "ExceptionGroup: unhandled (1 sub-exception)"),
    )
    (found,) = judged(*pair, packages=PACKAGES).differences
    assert found.field == "failure" and not found.similar


def test_a_comparator_counts_and_hands_its_counts_over() -> None:
    infos = [TargetInfo(n, n, n, "in-process") for n in ("flask", "quart", "third")]
    rules = NormalisationRules(ignore=("/at",))
    case = Case("small", Request(), normalisations=rules)
    bodies = ('{"at": 1}', '{"at": 2}', '{"b": 2}')
    recordings = {
        info.name: recording(response(body=body))
        for info, body in zip(infos, bodies, strict=True)
    }
    comparator = Comparator(infos, KnownDifferences())
    found = comparator.compare(case, recordings)
    assert found.verdict == "different"
    assert "ignore:/at" in found.normalised
    assert found.agreed == (("flask", "quart"),)

    total = Comparator(infos, KnownDifferences())
    total.add(comparator.take())
    total.add(comparator.take())
    counted = [astuple(each) for each in total.agreement()]
    assert counted == [
        ("flask", "quart", 1, 1), ("flask", "third", 0, 1), ("quart", "third", 0, 1),
    ]  # fmt: skip
    assert total.applied.counts["ignore:/at"] == 1
    assert comparator.compared == 0 and not comparator.agreed


def test_only_what_differs_on_servers_needs_attribution() -> None:
    body: Any = {"body": {"flask": "a", "quart": "b"}}
    every = KnownDifference(id="every", cause="c", cases=("*",), fields=body)
    case = Case("small", Request())
    sides = {"flask": "a", "quart": "b"}
    recordings = {n: recording(response(body=b)) for n, b in sides.items()}
    for servers, entries, needed in (
        (("gunicorn", "hypercorn"), [], True),
        (("gunicorn", "in-process"), [], True),
        (("gunicorn", "hypercorn"), [every], False),
        (("in-process", "in-process"), [], False),
    ):
        infos = [
            TargetInfo(n, n, n, server)
            for n, server in zip(sides, servers, strict=True)
        ]
        comparator = Comparator(infos, KnownDifferences(entries))
        found = comparator.compare(case, recordings)
        assert comparator.needs_attribution(found) is needed
