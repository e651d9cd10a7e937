"""Cases put aside: what comes out is what went in, however many there are."""

import gc
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from comparison import Case, Expect, Request, load_cases
from comparison.cases import loader
from comparison.cases.loader import CaseStore


def stored(*cases: Case) -> CaseStore:
    result = CaseStore()
    for case in cases:
        result.add(case)
    return result


def test_storing_the_catalogue_returns_equal_cases() -> None:
    cases = load_cases()
    assert list(stored(*cases)) == cases


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 1, 2, 3, 4, 5),  # noqa: DTZ001
        date(2026, 1, 2),
        time(3, 4),
        10**40,
        float("inf"),
        b"\xff".decode("latin-1"),
        {"a": [{"b": [1, 2.0, True]}]},
    ],
)
def test_any_toml_value_survives_storing(value: Any) -> None:
    expect = Expect(json=value)
    case = Case("one", Request(), expect=expect, settings={"A": value})
    (kept,) = stored(case)
    assert kept == case
    assert type(kept.settings["A"]) is type(value)


def test_many_cases_are_stored_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "IN_MEMORY", 100)
    cases = [Case(f"{n}", Request("GET", f"/{n}")) for n in range(100)]
    kept = stored(*cases)
    assert kept._file._rolled  # type: ignore[attr-defined]
    assert list(kept) == cases


def test_two_readers_do_not_interfere() -> None:
    kept = stored(Case("a", Request()), Case("b", Request()))
    pairs = [(one.id, other.id) for one in kept for other in kept]
    assert pairs == [("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")]


def test_a_store_contains_the_cases_added_to_it() -> None:
    kept = stored(Case("a", Request()))
    assert Case("a", Request()) in kept
    assert Case("b", Request()) not in kept


def test_the_file_is_closed_with_the_store(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(loader, "IN_MEMORY", 0)
    kept = stored(Case("a", Request()))
    file = kept._file
    del kept
    gc.collect()
    assert file.closed
