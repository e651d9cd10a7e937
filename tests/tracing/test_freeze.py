"""Values are frozen as they are, whichever methods they have."""

import re
import threading
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock, Mock

import flask
import msgspec
import pytest
import quart
from hypothesis import assume, given
from hypothesis import strategies as st

from comparison.models import Value
from comparison.tracing.freeze import MAX_DEPTH, MAX_ITEMS, MAX_TEXT, freeze

ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}|id='\d+'")

ATOMS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers()
    | st.text() | st.binary() | st.binary().map(bytearray)
)  # fmt: skip
VALUES = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.sets(st.integers())
    ),
    max_leaves=60,
)


def every(value: Value) -> list[Value]:
    return [value, *(v for item in value.items for v in every(item))]


@pytest.mark.parametrize(
    "deeper",
    [lambda v: {"k": v}, lambda v: [v], lambda v: (v,)],
    ids=["dict", "list", "tuple"],
)
@pytest.mark.parametrize("as_key", [False, True])
def test_a_deep_value_is_cut(deeper: Any, as_key: bool) -> None:
    value: Any = 1
    for _ in range(30):
        value = deeper(value)
    if as_key:
        value = {value: 1} if isinstance(value, tuple) else {"k": value}
    frozen = freeze(value)
    assert "…" in frozen.text
    assert len(every(frozen)) <= 3 * (MAX_DEPTH + 1)


@pytest.mark.slow
@given(VALUES)
def test_any_value_is_frozen_small_and_can_be_written(value: Any) -> None:
    frozen = freeze(value)
    assert frozen.type == type(value).__name__
    for part in every(frozen):
        assert len(part.text) <= 2 * MAX_TEXT + 2
        assert len(part.items) <= MAX_ITEMS
    assert msgspec.json.decode(msgspec.json.encode(frozen), type=Value) == frozen


@given(st.recursive(st.integers() | st.text(max_size=9), st.lists, max_leaves=12))
def test_a_small_value_reads_as_its_repr(value: Any) -> None:
    def depth(inner: Any) -> int:
        return 1 + max(map(depth, inner), default=0) if isinstance(inner, list) else 0

    assume(depth(value) <= 4 and len(repr(value)) <= MAX_TEXT)
    assert freeze(value).text == repr(value)


class Hostile:
    """Every way to look at it raises."""

    def __repr__(self) -> str:
        raise RuntimeError("do not look at me")

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("do not touch me")


class LikeResponse:
    """It looks like a response until its status is read a second time."""

    status_code = 200
    headers: dict[str, str] = {}

    @property
    def status(self) -> str:
        raise RuntimeError("no status")


class Endless:
    def __repr__(self) -> str:
        return "x" * 10**6


class NoText:
    def __repr__(self) -> str:
        return None  # type: ignore[return-value]


@pytest.mark.parametrize(
    "value", [Hostile(), LikeResponse(), NoText()], ids=["a", "b", "c"]
)
def test_an_object_with_a_failing_repr_is_named(value: Any) -> None:
    assert type(value).__name__ in freeze(value).text


@pytest.mark.parametrize(
    "value",
    [
        object(),
        lambda: None,
        (x for x in "a"),
        threading.Lock(),
        Mock(),
        MagicMock(),
        [object()],
        {"key": object()},
        SimpleNamespace(inner=object()),
    ],
    ids=lambda value: type(value).__name__,
)
def test_memory_addresses_are_removed(value: Any) -> None:
    assert [v.text for v in every(freeze(value)) if ADDRESS.search(v.text)] == []


@pytest.mark.parametrize("value", [Mock(), MagicMock()], ids=["mock", "magic"])
def test_a_mock_is_not_taken_for_a_response(value: Any) -> None:
    assert freeze(value).status is None


@pytest.mark.parametrize("module", [flask, quart], ids=["flask", "quart"])
def test_a_response_is_known_by_its_status(module: Any) -> None:
    frozen = freeze(module.Response("Hello", 202))
    assert (frozen.text, frozen.status) == ("<Response [202 ACCEPTED]>", 202)


@pytest.mark.parametrize(
    "value", ["x" * 10**6, b"x" * 10**6, ["x" * 500] * 10**4, dict.fromkeys(range(10**4)), 10**5000, Endless()],
    ids=["text", "bytes", "list", "dict", "number", "object"],
)  # fmt: skip
def test_huge_values_are_truncated(value: Any) -> None:
    assert len(freeze(value).text) <= MAX_TEXT + 1


def test_omitted_items_are_counted() -> None:
    assert freeze(list(range(25))).text.endswith(", … 5 more]")


def test_a_recursive_value_is_truncated() -> None:
    value: list[Any] = []
    value.append(value)
    assert freeze(value).text == "[[[[…]]]]"


def test_a_frozen_value_does_not_change_later() -> None:
    value = {"state": "waiting"}
    frozen = freeze(value)
    value["state"] = "done"
    assert frozen.text == "{'state': 'waiting'}"
