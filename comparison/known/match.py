"""Match differences with known differences, which have a documented cause.

An entry has the value of each framework for each field of some cases. It explains a
difference only if we see exactly these values. If we no longer see them, the entry is
stale. That is a failure of the run. With versions that the entry was not recorded with,
it is only a notice.
"""

import hashlib
import platform
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

import msgspec

from comparison.core.documents import Converter
from comparison.core.errors import UsageError, nearest
from comparison.core.regexp import searching
from comparison.diff.effects import EFFECT
from comparison.diff.fields import value_of
from comparison.models import Exchange, FieldValue, Layer, Stale

from .files import Place
from .models import (
    EVERY_CASE,
    EVERY_FIELD,
    Cause,
    KnownDifference,
    Side,
)
from .patterns import DifferencePattern
from .shipped import shipped_causes, shipped_entries
from .suggest import looks_offered
from .values import agrees, answered_for, keys_of
from .versions import Versions, in_range, shipped_versions, unrecorded


class _Applicable(NamedTuple):
    """An entry on two sides: whether it must occur, and the key of each side's value.

    `fields` has each field of the entry that applies to both sides, with the key of the
    value on each.
    """

    entry: KnownDifference
    strict: bool
    fields: dict[str, tuple[str, str]]


class KnownDifferences:
    """The entries that apply to a run, by case.

    `packages` are the versions of the run (see `environment`). `patterns` are the
    difference patterns that apply to views that no case lists. `shipped` are the ids of
    the entries that were all recorded with the same versions. `places` has the file and
    the number of each entry, by its id. `accepted` are the ids of shipped entries that
    the user accepts in every case.
    """

    def __init__(
        self,
        entries: Iterable[KnownDifference] = (),
        causes: Iterable[Cause] = (),
        packages: Mapping[str, str] | None = None,
        patterns: Iterable[DifferencePattern] = (),
        shipped: Collection[str] = (),
        places: Mapping[str, Place] | None = None,
        accepted: Collection[str] = (),
    ) -> None:
        self.causes = {cause.id: cause for cause in causes}
        self.entries = {entry.id: entry for entry in entries}
        self.places = places or {}
        self.accepted = frozenset(accepted)
        self._shipped = frozenset(shipped)
        self.versions = {"python": platform.python_version(), **(packages or {})}
        self._by_case: dict[str, list[KnownDifference]] = {}
        self._everywhere: dict[tuple[Side, Side], list[_Applicable]] = {}
        self.patterns = tuple(pattern for pattern in patterns if self.applies(pattern))
        for entry in self.entries.values():
            if self.applies(entry):
                for case in entry.cases:
                    self._by_case.setdefault(case, []).append(entry)

    def applies(self, entry: KnownDifference | DifferencePattern) -> bool:
        """Return whether an entry applies to the versions of this run."""
        return all(
            in_range(self.versions.get(package), known_value)
            for package, known_value in entry.versions.items()
        )

    def cause_of(self, entry: KnownDifference | DifferencePattern) -> Cause:
        """Return the cause of an entry, by its id or written inline."""
        if entry.cause in self.causes:
            return self.causes[entry.cause]
        written = Cause(id=entry.id, summary=entry.cause)
        # A cause in words is not the id of a shipped cause.
        ours = " " in entry.cause or not entry.cause
        return written if ours else shipped_causes().get(entry.cause, written)

    def find(self, entry_id: str) -> KnownDifference:
        """Return the entry with this id, or the shipped one that the user accepts.

        Raises UsageError naming the nearest.
        """
        if entry_id in self.accepted and entry_id not in self.entries:
            return shipped_entries()[entry_id]
        if entry_id not in self.entries:
            hint = nearest(entry_id, self.entries)
            raise UsageError(f"no known difference {entry_id!r}{hint}")
        return self.entries[entry_id]

    def names_case(self, case_id: str) -> bool:
        """Return whether an entry names this case."""
        return case_id in self._by_case

    def explain(
        self,
        case_id: str,
        sides: tuple[Side, Side],
        exchanges: tuple[Exchange, Exchange],
        request: int = 0,
        effects: tuple[FieldValue, FieldValue] = (None, None),
    ) -> tuple[dict[str, str], list[Stale]]:
        """Return which fields of one pair are explained, and which entries are stale.

        `EVERY_FIELD` means all fields: a server responded for an app that failed.
        `sides` are the two targets, in the order of `exchanges`. `effects` are the
        values of the field `effect`, which is not in the exchanges. `request` is the
        number of the request in the case. The first result maps a field to the id of
        the entry that explains it. An entry applies only if it names both sides. An
        entry with equal values for both sides still explains an expectation that
        neither meets. Raises UsageError if a regular expression takes too long.
        """
        explained: dict[str, str] = {}
        stale: list[Stale] = []
        on_servers = not all(side.inside for side in sides)
        for entry, strict, fields in self._applicable(case_id, sides, request):
            elsewhere = on_servers and not (entry.stack or entry.names_stacks)
            if elsewhere and "failure" in entry.fields:
                if answered_for(entry.fields["failure"], sides, exchanges):
                    explained[EVERY_FIELD] = entry.id
                continue
            agreeing = True
            for field, known_value in fields.items():
                values = entry.fields[field]
                with searching(partial(self._place, entry, field)):
                    agree = all(
                        agrees(
                            values[key],
                            exchange,
                            field,
                            effect if field == EFFECT else value_of(exchange, field),
                        )
                        for key, exchange, effect in zip(
                            known_value, exchanges, effects, strict=True
                        )
                    )
                if agree:
                    explained[field] = entry.id
                    continue
                agreeing = False
                if strict and known_value[0] != known_value[1]:
                    stale.append(Stale(entry.id, field, self._unrecorded(entry, sides)))
            if entry.instead and agreeing and len(fields) == len(entry.fields):
                explained[EVERY_FIELD] = entry.id
        return explained, stale

    def _unrecorded(
        self, entry: KnownDifference, sides: tuple[Side, Side]
    ) -> tuple[str, ...]:
        """Return the versions on these sides that an entry was not recorded with."""
        recorded_with: Versions = entry.recorded_with
        if not recorded_with and entry.id in self._shipped:
            recorded_with = shipped_versions()
        return unrecorded(recorded_with, self.versions, sides)

    def _place(self, entry: KnownDifference, field: str) -> str:
        label = f"known difference {entry.id!r}: fields.{field}"
        if entry.id not in self.places:
            return label
        path, number = self.places[entry.id]
        return f"{path}:{Converter(path).line('known', number)}: {label}"

    def is_about(self, entry: KnownDifference, sides: tuple[Side, Side]) -> bool:
        """Return whether an entry applies to these two targets."""
        inside = all(side.inside for side in sides)
        return any(each.fields for each in _all_applicable([entry], sides, inside))

    def distinguishes(self, entry: KnownDifference, sides: tuple[Side, Side]) -> bool:
        """Return whether an entry has different values for two targets on servers."""
        return any(
            entry.fields[field][one] != entry.fields[field][other]
            for each in _all_applicable([entry], sides, False)
            for field, (one, other) in each.fields.items()
        )

    def _applicable(
        self, case_id: str, sides: tuple["Side", "Side"], request: int
    ) -> Iterator["_Applicable"]:
        """Yield the entries that apply to these two sides in this request of a case."""
        if sides not in self._everywhere:
            entries = self._by_case.get(EVERY_CASE, ())
            self._everywhere[sides] = list(_all_applicable(entries, sides, False))
        yield from self._everywhere[sides]
        inside = all(side.inside for side in sides)
        entries = [e for e in self._by_case.get(case_id, ()) if e.request == request]
        yield from _all_applicable(entries, sides, inside)

    def layer_of(self, entry_id: str) -> Layer:
        """Return the layer of an entry's cause."""
        entry = self.entries.get(entry_id)
        return "framework" if entry is None else self.cause_of(entry).layer

    def everywhere(self, entry_id: str | None) -> bool:
        """Return whether this entry applies to every case."""
        # Accepted shipped entries are not among ours.
        entry = self.entries.get(entry_id or "")
        return entry is not None and EVERY_CASE in entry.cases

    def digest(self) -> str:
        """Return a digest of the known differences, in 16 hexadecimal digits."""
        parts = [*self.causes.values(), *self.entries.values(), *sorted(self.accepted)]
        known = msgspec.json.encode(parts)
        return hashlib.blake2b(known, digest_size=8).hexdigest()

    def offered_ids(self) -> tuple[str, ...]:
        """Return the ids that a suggested entry must not use."""
        return tuple(filter(looks_offered, self.entries))

    def __iter__(self) -> Iterator[KnownDifference]:
        return iter(self.entries.values())


def _all_applicable(
    entries: Iterable[KnownDifference], sides: tuple[Side, Side], inside: bool
) -> Iterator[_Applicable]:
    on_servers = not any(side.inside for side in sides)
    for entry in entries:
        if entry.stack and not entry.applies_on(sides):
            continue
        if inside and entry.names_stacks:
            continue
        everywhere = EVERY_CASE in entry.cases
        fields = {}
        for field, values in entry.fields.items():
            one, other = keys_of(values, sides)
            if one is not None and other is not None:
                fields[field] = (one, other)
        lenient = everywhere or entry.sometimes
        strict = not lenient and (
            inside or bool(entry.stack) or (entry.names_stacks and on_servers)
        )
        yield _Applicable(entry, strict, fields)
