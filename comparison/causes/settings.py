"""Compare the settings of two apps."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .fact import Fact
from .places import Place


class SettingsOf(NamedTuple):
    """The settings of an app, and where its code sets them."""

    values: Mapping[str, Any]
    places: Mapping[str, Place]


def missing_settings(side: SettingsOf, other: SettingsOf) -> Iterator[Fact]:
    """Yield the settings that only the other app has.

    They include those that both apps set alike in their code, and that nevertheless
    have another value.
    """
    ours, theirs = side.values, other.values
    for name in sorted(theirs.keys() - ours.keys()):
        yield Fact(name)
    for name in sorted(side.places.keys() & other.places.keys()):
        same_code = side.places[name].source == other.places[name].source
        if same_code and name in ours and name in theirs and ours[name] != theirs[name]:
            yield Fact(name)


def differing_settings(side: SettingsOf, other: SettingsOf) -> Iterator[Fact]:
    """Yield the settings that only the other app's code sets, with both values."""
    ours, theirs = side.values, other.values
    for name in sorted(other.places.keys() - side.places.keys()):
        if name in ours and name in theirs and ours[name] != theirs[name]:
            yield Fact(f"{name} {ours[name]} {theirs[name]}")
