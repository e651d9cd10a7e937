"""A known difference, with its cause."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Literal, NamedTuple

from msgspec import Struct

from comparison.core.regexp import check, search
from comparison.diff.reason_phrases import is_registered
from comparison.models import FieldValue, Layer

from .patterns import Severity
from .versions import check_range, check_versions

EVERY_CASE = "*"
EVERY_FIELD = "*"
OTHER = "*"
IN_PROCESS = "in-process"


class Pattern(Struct, frozen=True, forbid_unknown_fields=True):
    """A pattern for values that differ between runs or servers.

    Either `matches`, a regular expression (searched), or `phrase = "registered"`: the
    registered reason phrase of the response's status, in any letter case.
    """

    matches: str = ""
    phrase: Literal["", "registered"] = ""

    def __post_init__(self) -> None:
        if not self.matches and not self.phrase:
            raise ValueError("a value by pattern has `matches` or `phrase`")
        check(self.matches)

    def fits(self, value: FieldValue, status: int) -> bool:
        """Return whether a value matches, in a response with this status.

        Raises SearchTooSlow.
        """
        if value is None:
            return False
        if self.phrase:
            return is_registered(str(value), status)
        return search(self.matches, str(value)) is not None


KnownValue = Pattern | str | int | bool | tuple[str, ...]


class Source(Struct, frozen=True, forbid_unknown_fields=True):
    """The place in a source that makes a difference."""

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

    `cause` is the id of a `[[cause]]` in any file, also of a shipped one, or the cause
    itself. It is "" until somebody has found it. `fields` has
    the value on each side for each field, keyed by framework or target name. A side is
    named by target, by stack (`quart+hypercorn`, or a shell pattern such as
    `flask+gunicorn-*`), by framework or by server. The most specific name wins; `*`
    matches the other side. `cases = ["*"]` means every case.

    `versions` are PEP 440 ranges by package (`python` too). `recorded_with` has the
    versions, or prefixes such as `3.13.*`, that the entry was recorded with, by
    package. On other versions, an entry that no longer occurs is a notice and not a
    failure.

    `stack` has the servers of each framework (shell patterns, `in-process` for none) on
    which the entry holds. An entry with `stack`, or one that names a side by its stack,
    must occur there. Any other must occur in process, and may occur on servers. With
    `instead`, a server has responded in place of the app, or no response came. If
    `fields` are then as the entry says, it explains every other field. An entry with
    `sometimes` depends on milliseconds and need not occur. In a case with several
    requests, `request` is the number of the request, from 1; 0 is the last.
    """

    id: str
    cause: str
    cases: tuple[str, ...]
    fields: dict[str, dict[str, KnownValue]]
    title: str = ""
    severity: Severity = "representation"
    versions: dict[str, str] = {}
    recorded_with: dict[str, str | tuple[str, ...]] = {}
    stack: dict[str, str | tuple[str, ...]] = {}
    request: int = 0
    instead: bool = False
    sometimes: bool = False

    def __post_init__(self) -> None:
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
        """True if it names stacks."""
        return any("+" in key for values in self.fields.values() for key in values)

    def applies_on(self, sides: Sequence["Side"]) -> bool:
        """Return whether the servers of a pair match the entry's `stack`."""
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
    """One target of a pair, with the names that entries may use."""

    name: str
    framework: str | None
    server: str = IN_PROCESS

    @property
    def inside(self) -> bool:
        """True if the target runs in process."""
        return self.server == IN_PROCESS

    @property
    def stack(self) -> str:
        """Framework and server: `quart+hypercorn`."""
        return f"{self.framework}+{self.server}"

    @property
    def names(self) -> tuple[str, ...]:
        """Its names, the most specific one first."""
        return (self.name, self.stack, self.framework or self.name, self.server)

    def key(self, keys: Iterable[str]) -> str | None:
        """Return the key of an entry that matches this side; None if none does."""
        if self.name in keys and self.name != self.framework:
            return self.name
        if self.stack in keys:
            return self.stack
        for key in keys:
            if "+" in key and fnmatchcase(self.stack, key):
                return key
        return next((name for name in self.names if name in keys), None)
