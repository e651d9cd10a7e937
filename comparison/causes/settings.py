"""Compare the settings of two apps."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .fact import Fact
from .places import Place, set_in_main


class SettingsOf(NamedTuple):
    """The settings of an app, and where its code sets them."""

    values: Mapping[str, Any]
    places: Mapping[str, Place]


def facts_of_settings(side: SettingsOf, other: SettingsOf) -> dict[str, list[Fact]]:
    """Return the facts about one side, whose settings are compared with the other's."""
    return {
        "missing-setting": list(_missing(side, other)),
        "differing-setting": list(_differing(side, other)),
        "unlike-setting": list(_unlike(side, other)),
    }


def _missing(side: SettingsOf, other: SettingsOf) -> Iterator[Fact]:
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


def _differing(side: SettingsOf, other: SettingsOf) -> Iterator[Fact]:
    """Yield the settings that only the other app's code sets, with both values."""
    ours, theirs = side.values, other.values
    for name in sorted(other.places.keys() - side.places.keys()):
        if name in ours and name in theirs and ours[name] != theirs[name]:
            yield Fact(f"{name} {ours[name]} {theirs[name]}")


def _unlike(side: SettingsOf, other: SettingsOf) -> Iterator[Fact]:
    """Yield the settings that differ because of an app, with both values and a place."""
    ours, theirs = side.values, other.values
    places = {**other.places, **side.places}
    # Both frameworks have the same defaults for sessions.
    names = {name for name in ours if name.startswith(("SESSION_", "PERMANENT_"))}
    for name in sorted(places.keys() | names):
        if name in ours and name in theirs and ours[name] != theirs[name]:
            yield Fact(f"{name} {ours[name]} {theirs[name]}", *places.get(name, ()))


def settings_in_main(side: SettingsOf, other: SettingsOf, file: str) -> Iterator[Fact]:
    """Yield the settings that differ and that this app's file sets for a script only."""
    ours, theirs = side.values, other.values
    for name, place in set_in_main(file):
        if name in theirs and ours.get(name) != theirs[name]:
            yield Fact(name, *place)
