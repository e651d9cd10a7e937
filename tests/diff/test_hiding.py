"""Rules that would hide a difference, and functions of a case."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from comparison.core.errors import UsageError
from comparison.diff.functions import differing_by
from comparison.diff.hiding import hides
from comparison.models import (
    Failure,
    NormalisationRules,
)
from tests.diff.making import exchange, response


@pytest.mark.parametrize(
    ("rule", "noise", "apps", "hidden"),
    [
        # The place varies in one app too.
        ({"ignore": ("/at",)}, ('{"at": 1}', '{"at": 2}'), ('{"at": 1}', '{"at": 3}'), False),
        ({"match": {"/at": "number"}}, ('{"at": 1}', '{"at": 2}'), ('{"at": 1}', '{"at": 3}'), False),
        ({"ignore": ("/*/at",)}, ('[{"at": 1}]', '[{"at": 2}]'), ('[{"at": 1}]', '[{"at": 3}]'), False),
        # It does not, or the other app has a value of another kind there.
        ({"ignore": ("/at",)}, ('{"at": 1, "b": 1}', '{"at": 1, "b": 2}'), ('{"at": 1}', '{"at": 3}'), True),
        ({"ignore": ("/at",)}, ('{"at": 1}', '{"at": 2}'), ('{"at": 1}', '{"at": "3"}'), True),
        ({"ignore": ("/at",)}, ('{"at": 1}', '{"at": 2}'), ('{"at": 1}', '{"at": true}'), True),
        ({"ignore": ("/at",)}, ('{"at": 1}', '{"at": 2}'), ('{"at": 1}', "{}"), True),
        ({"ignore": ("/at",)}, ('{"at": 1}', "{}"), ('{"at": 1}', '{"at": 3}'), True),
        ({"ignore": ("/at",)}, ('{"at": [1]}', '{"at": [2]}'), ('{"at": [1, 4]}', '{"at": [3, 5]}'), True),
        ({"ignore": ("/at",)}, ('{"at": 1}', '{"at": 2}'), ('{"at": []}', '{"at": {}}'), True),
        ({"match": {"/at": "number"}}, ('{"at": 1, "b": 1}', '{"at": 1, "b": 2}'), ('{"at": 1}', '{"at": 3}'), True),
        # A kind matches only its like.
        ({"match": {"/at": "number"}}, ('{"at": 1, "b": 1}', '{"at": 1, "b": 2}'), ('{"at": 1}', '{"at": "3"}'), False),
        # A different place, other rules, and bodies that are not JSON.
        ({"ignore": ("/a",)}, ('{"at": 1}', '{"at": 1}'), ('{"at": 1}', '{"at": 3}'), False),
        ({"ignore": ("/at/b",)}, ('{"at": 1}', '{"at": 1}'), ('{"at": 1}', '{"at": 3}'), False),
        ({"unordered": ("/at",)}, ('{"at": 1}', '{"at": 1}'), ('{"at": 1}', '{"at": 3}'), False),
        ({"ignore": ("/at",)}, ("x", "y"), ('{"at": 1}', '{"at": 3}'), False),
        # Parts of a text.
        ({"patterns": ("number",)}, ("took 3 ms", "took 4 ms"), ("took 3 ms", "took 5 ms"), False),
        ({"patterns": ("number",)}, ("3 of 9", "4 of 9"), ("3 of 9", "4 of 8"), True),
        ({"patterns": ("number",)}, ("3 of 9", "4 of 9"), ("3 of 9", "4 of 8 of 7"), False),
    ],
)  # fmt: skip
def test_a_rule_hides_what_is_not_noise(
    rule: dict[str, Any], noise: tuple[str, str], apps: tuple[str, str], hidden: bool
) -> None:
    def pair(bodies: tuple[str, str]) -> Any:
        return tuple(exchange(response(body=body)) for body in bodies)

    assert hides(NormalisationRules(**rule), pair(noise), pair(apps)) is hidden


def test_a_rule_hides_nothing_of_a_failure_or_of_bytes() -> None:
    bodies = [exchange(response(body=f'{{"at": {n}}}')) for n in range(3)]
    rule = NormalisationRules(ignore=("/b",))
    made = msgspec.structs.replace(response(), body_base64="AAAA")
    for other in (exchange(Failure("closed", "no")), exchange(made)):
        assert not hides(rule, (bodies[0], bodies[1]), (bodies[0], other))


FUNCTIONS = """
def parts(one, other):
    yield "size", len(one.body), len(other.body)
    yield "end", one.body[-1:], other.body[-1:]

def nothing(one, other):
    return []

def pairs(one, other):
    return [(1, 2)]

def number(one, other):
    return 3

def raising(one, other):
    raise KeyError("a")

value = 3
"""


@pytest.fixture
def functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "judging_values.py").write_text(FUNCTIONS)
    (tmp_path / "judging_broken.py").write_text("1 / 0\n")


@pytest.mark.usefixtures("functions")
def test_a_function_of_the_case_compares_bodies() -> None:
    one, other = response(body="abc"), response(body="ab")
    assert differing_by("judging_values:parts", one, other) == (
        "size: 3\nend: c",
        "size: 2\nend: b",
    )
    assert differing_by("judging_values:nothing", one, other) is None


@pytest.mark.usefixtures("functions")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("judging_values:pairs", "compare: judging_values:pairs: ValueError: not enough values to unpack (expected 3, got 2); it yields differences as (where, reference, candidate)"),
        ("judging_values:number", "compare: judging_values:number: TypeError: 'int' object is not iterable; it yields"),
        ("judging_values:raising", "compare: judging_values:raising: KeyError: 'a'"),
        ("judging_values:part", "compare: judging_values has no function 'part', did you mean \"parts\"?"),
        ("judging_values:value", "compare: judging_values has no function 'value'"),
        ("judging_value:parts", "compare: no module 'judging_value', did you mean \"judging_values\"?"),
        ("judging_broken:parts", "compare: judging_broken cannot be imported: ZeroDivisionError: division by zero"),
    ],
)  # fmt: skip
def test_a_function_that_cannot_compare_is_reported(name: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        differing_by(name, response(), response())
    assert str(raised.value).startswith(message)
