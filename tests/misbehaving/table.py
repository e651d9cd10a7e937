"""The table of misbehaving apps: an act, the place where it happens, what is expected."""

import types
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

Way = Literal["in process", "jobs", "servers"]
# The verdict on the case that misbehaves: no response, the same response, any response,
# or anything at all.
Verdict = Literal["failed", "same", "answered", "any"]
WAYS: tuple[Way, ...] = ("in process", "jobs", "servers")


@dataclass(frozen=True)
class Kit:
    """The arguments of an act: the framework's module, and the app."""

    name: Literal["flask", "quart"]
    framework: types.ModuleType
    app: Any = None


Act = Callable[[Kit], Any]


@dataclass(frozen=True)
class Misbehaving:
    """A pair of apps that misbehave in one way.

    `after` is the verdict on the case that follows, which does not misbehave. `sides`
    are the frameworks whose app does. `codes` are exit codes that are right beside 0, 1
    and 3. `shell` says that the command runs under a shell, which the app may end.
    """

    name: str
    act: Act
    place: str = "view"
    bad: Verdict = "any"
    after: Verdict = "same"
    ways: tuple[Way, ...] = WAYS
    sides: tuple[str, ...] = ("flask", "quart")
    codes: tuple[int, ...] = ()
    shell: bool = False


APPS: dict[str, Misbehaving] = {}


def misbehaves(**expected: Any) -> Callable[[Act], Act]:
    """Enter an act into the table under the name of its function."""

    def enter(act: Act) -> Act:
        name = act.__name__.strip("_").replace("_", "-")
        assert name not in APPS, name
        APPS[name] = Misbehaving(name, act, **expected)
        return act

    return enter


def elsewhere(name: str, place: str, **expected: Any) -> None:
    """Enter an act that is in the table once more, in another place."""
    app = replace(APPS[name], name=f"{name}-in-{place}", place=place, **expected)
    assert app.name not in APPS, app.name
    APPS[app.name] = app
