"""A known difference as it is written down, with its cause."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Literal, NamedTuple

from msgspec import Struct

from comparison.core.regexp import check, search
from comparison.diff.reason_phrases import is_registered
from comparison.models import FieldValue, Layer

from .patterns import Seriousness
from .versions import check_range, check_versions

EVERY_CASE = "*"
EVERY_FIELD = "*"
OTHER = "*"
IN_PROCESS = "in-process"


class Pattern(Struct, frozen=True, forbid_unknown_fields=True):
    """A value by what it is like, for what no two runs or servers share.

    Either `matches`, a regular expression (searched), or `phrase = "registered"`: the
    reason phrase that the response's status is registered with, in any capitals.
    """

    matches: str = ""
    phrase: Literal["", "registered"] = ""

    def __post_init__(self) -> None:
        if not self.matches and not self.phrase:
            raise ValueError("a value by pattern has `matches` or `phrase`")
        check(self.matches)

    def fits(self, value: FieldValue, status: int) -> bool:
        """Whether a value is like this, in a response with this status.

        Raises SearchTooSlow.
        """
        if value is None:
            return False
        if self.phrase:
            return is_registered(str(value), status)
        return search(self.matches, str(value)) is not None


KnownValue = Pattern | str | int | bool | tuple[str, ...]


class Source(Struct, frozen=True, forbid_unknown_fields=True):
    """Where in whose source a difference is made."""

    project: str
    file: str
    function: str = ""


class Cause(Struct, frozen=True, forbid_unknown_fields=True):
    """Why targets differ, and what to do about it."""

    id: str
    summary: str
    layer: Layer = "framework"
    source: tuple[Source, ...] = ()
    advice: str = ""
    upstream: tuple[str, ...] = ()


class KnownDifference(Struct, frozen=True, forbid_unknown_fields=True):
    """One known difference.

    `cause` is the id of a `[[cause]]`, in whichever file, or the cause itself. `fields`
    gives for each field the value on each side, keyed by framework or target name.
    A side is named by target, by stack (`quart+hypercorn`, or a shell pattern such as
    `flask+gunicorn-*`), by framework or by server, the most special name first;
    `*` is whatever the other side is. `cases = ["*"]` stands for every case.
    `versions` are PEP 440 ranges by package (`python` too). `recorded_with` gives the
    versions, or prefixes such as `3.13.*`, that the entry was recorded with, by package.
    On others, an entry that no longer occurs is a notice and not a failure. `stack`
    gives the servers of each framework (shell patterns, `in-process` for none) on which
    the entry holds. An entry with it, or one that names a side by its stack, must be
    seen there; any other must be seen in process, and may be seen on servers. With
    `instead`, a server (or
    nobody) has answered in place of the app: where `fields` are as the entry says, every
    other field follows from that. What happens `sometimes`, by a matter of
    milliseconds, need not be seen.
    In a case that asks several
    requests, `request` counts the one it is about from 1; 0 is the last.
    """

    id: str
    cause: str
    cases: tuple[str, ...]
    fields: dict[str, dict[str, KnownValue]]
    title: str = ""
    seriousness: Seriousness = "representation"
    versions: dict[str, str] = {}
    recorded_with: dict[str, str | tuple[str, ...]] = {}
    stack: dict[str, str | tuple[str, ...]] = {}
    request: int = 0
    instead: bool = False
    sometimes: bool = False

    def __post_init__(self) -> None:
        if not self.cause.strip():
            raise ValueError("cause must say why the targets differ")
        if not self.cases:
            raise ValueError("cases must name at least one case")
        if not self.fields:
            raise ValueError("fields must name at least one field")
        for package, wanted in self.versions.items():
            check_range(wanted, f"versions.{package}")
        for package, recorded in self.recorded_with.items():
            check_versions(recorded, f"recorded_with.{package}")
        for field, values in self.fields.items():
            if len(values) < 2:
                raise ValueError(f"fields.{field} needs a value for each side")

    @property
    def names_stacks(self) -> bool:
        """Whether it is about stacks, some of which it names."""
        return any("+" in key for values in self.fields.values() for key in values)

    def holds_on(self, sides: Sequence["Side"]) -> bool:
        """Whether the servers of a pair are those of the entry's `stack`."""
        return all(
            any(
                fnmatchcase(side.server, pattern)
                for side in sides
                if key in side.names
                for pattern in ((wanted,) if isinstance(wanted, str) else wanted)
            )
            for key, wanted in self.stack.items()
        )


class Side(NamedTuple):
    """One target of a pair, as entries may name it."""

    name: str
    framework: str | None
    server: str = IN_PROCESS

    @property
    def inside(self) -> bool:
        """Whether it is asked in process."""
        return self.server == IN_PROCESS

    @property
    def stack(self) -> str:
        """Framework and server: `quart+hypercorn`."""
        return f"{self.framework}+{self.server}"

    @property
    def names(self) -> tuple[str, ...]:
        """Its names, the most special one first."""
        return (self.name, self.stack, self.framework or self.name, self.server)

    def key(self, keys: Iterable[str]) -> str | None:
        """Which of the keys of an entry speaks of it; None where none does."""
        if self.name in keys and self.name != self.framework:
            return self.name
        if self.stack in keys:
            return self.stack
        for key in keys:
            if "+" in key and fnmatchcase(self.stack, key):
                return key
        return next((name for name in self.names if name in keys), None)
