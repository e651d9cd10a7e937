"""Known differences: written down beforehand, each with its cause.

An entry says which value each framework shows in which fields of which cases. It
explains a difference only where exactly that is seen, and where it is not seen any more
the entry is stale, which is a failure of the run.
"""

import hashlib
import platform
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from comparison.documents import Converter
from comparison.errors import DocumentError, UsageError, nearest
from comparison.model import Exchange, FieldValue, Layer, Stale

from .fields import value_of
from .forms import Form, Seriousness
from .phrases import is_registered

BUNDLED = Path(__file__).parent / "known"
ON_SERVERS = Path(__file__).parent / "on_servers"
"""What is known of the catalogue's cases on servers, each entry with its stacks."""

STACKS = Path(__file__).parent / "stacks"
"""What is known of servers whatever the case: read for every run."""

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
        try:
            re.compile(self.matches, re.DOTALL)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from None

    def fits(self, value: FieldValue, status: int) -> bool:
        """Whether a value is like this, in a response with this status."""
        if value is None:
            return False
        if self.phrase:
            return is_registered(str(value), status)
        return bool(re.search(self.matches, str(value), re.DOTALL))


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


class Known(Struct, frozen=True, forbid_unknown_fields=True):
    """One known difference.

    `cause` is the id of a `[[cause]]`, in whichever file, or the cause itself. `fields`
    gives for each field the value on each side, keyed by framework or target name.
    A side is named by target, by stack (`quart+hypercorn`, or a shell pattern such as
    `flask+gunicorn-*`), by framework or by server, the most special name first;
    `*` is whatever the other side is. `cases = ["*"]` stands for every case.
    `versions` are PEP 440 ranges by package (`python` too). `stack` gives the servers of
    each framework (shell patterns, `in-process` for none) on which the entry holds. An
    entry with it, or one that names a side by its stack, must be seen there; any other
    must be seen in process, and may be seen on servers. With `instead`, a server (or
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
            _ranges(wanted, package)
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


class _Speaking(NamedTuple):
    """An entry on two sides: whether it must be seen, and whose value is whose.

    `fields` gives for each field of the entry that speaks of both sides the key of the
    value on each.
    """

    entry: Known
    strict: bool
    fields: dict[str, tuple[str, str]]


Item = TypeVar("Item", Cause, Known, Form)


class KnownDifferences:
    """The entries that apply to a run, by case.

    `packages` are the versions the run is made with (see `environment`). `forms` are
    those that apply; they are for views that no case lists.
    """

    def __init__(
        self,
        entries: Iterable[Known] = (),
        causes: Iterable[Cause] = (),
        packages: Mapping[str, str] | None = None,
        forms: Iterable[Form] = (),
    ) -> None:
        self.causes = {cause.id: cause for cause in causes}
        self.entries = {entry.id: entry for entry in entries}
        self.versions = {"python": platform.python_version(), **(packages or {})}
        self._by_case: dict[str, list[Known]] = {}
        self._everywhere: dict[tuple[Side, Side], list[_Speaking]] = {}
        self.forms = tuple(form for form in forms if self.applies(form))
        for entry in self.entries.values():
            if self.applies(entry):
                for case in entry.cases:
                    self._by_case.setdefault(case, []).append(entry)

    def applies(self, entry: Known | Form) -> bool:
        """Whether an entry speaks of the versions of this run."""
        return all(
            _holds(self.versions.get(package), wanted)
            for package, wanted in entry.versions.items()
        )

    def cause_of(self, entry: Known | Form) -> Cause:
        """The cause of an entry, whether it is named or written out."""
        written = Cause(id=entry.id, summary=entry.cause)
        return self.causes.get(entry.cause, written)

    def find(self, entry_id: str) -> Known:
        """The entry with this id. Raises UsageError naming the nearest."""
        if entry_id not in self.entries:
            hint = nearest(entry_id, self.entries)
            raise UsageError(f"no known difference {entry_id!r}{hint}")
        return self.entries[entry_id]

    def speaks_of(self, case_id: str) -> bool:
        """Whether an entry names this case."""
        return case_id in self._by_case

    def explain(
        self,
        case_id: str,
        sides: tuple[Side, Side],
        exchanges: tuple[Exchange, Exchange],
        request: int = 0,
    ) -> tuple[dict[str, str], list[Stale]]:
        """Which fields of one pair are explained, and which entries are stale.

        `EVERY_FIELD` stands for all fields: a server answered for an app that failed.
        `sides` are the two targets, in the order of `exchanges`; `request` says which
        request of the case these are. The first result maps a field to the id of the
        entry that explains it. An entry that does not speak of both sides does not
        apply; one that says the same of both still explains an expectation that neither
        meets.
        """
        explained: dict[str, str] = {}
        stale: list[Stale] = []
        on_servers = not all(side.inside for side in sides)
        for entry, strict, fields in self._speaking(case_id, sides, request):
            elsewhere = on_servers and not (entry.stack or entry.names_stacks)
            if elsewhere and "failure" in entry.fields:
                if _answered_for(entry.fields["failure"], sides, exchanges):
                    explained[EVERY_FIELD] = entry.id
                continue
            agreeing = True
            for field, wanted in fields.items():
                values = entry.fields[field]
                if all(
                    _agrees(values[key], exchange, field)
                    for key, exchange in zip(wanted, exchanges, strict=True)
                ):
                    explained[field] = entry.id
                    continue
                agreeing = False
                if strict and wanted[0] != wanted[1]:
                    stale.append(Stale(entry.id, field))
            if entry.instead and agreeing and len(fields) == len(entry.fields):
                explained[EVERY_FIELD] = entry.id
        return explained, stale

    def is_about(self, entry: Known, sides: tuple[Side, Side]) -> bool:
        """Whether an entry says anything of these two targets."""
        inside = all(side.inside for side in sides)
        return any(each.fields for each in _those_speaking([entry], sides, inside))

    def tells_apart(self, entry: Known, sides: tuple[Side, Side]) -> bool:
        """Whether an entry says another thing of each of two targets on servers."""
        return any(
            entry.fields[field][one] != entry.fields[field][other]
            for each in _those_speaking([entry], sides, False)
            for field, (one, other) in each.fields.items()
        )

    def _speaking(
        self, case_id: str, sides: tuple["Side", "Side"], request: int
    ) -> Iterator["_Speaking"]:
        """The entries that speak of these two sides in this request of a case."""
        if sides not in self._everywhere:
            entries = self._by_case.get(EVERY_CASE, ())
            self._everywhere[sides] = list(_those_speaking(entries, sides, False))
        yield from self._everywhere[sides]
        inside = all(side.inside for side in sides)
        entries = [e for e in self._by_case.get(case_id, ()) if e.request == request]
        yield from _those_speaking(entries, sides, inside)

    def layer_of(self, entry_id: str) -> Layer:
        """The layer of an entry's cause."""
        cause = self.causes.get(self.entries[entry_id].cause)
        return "framework" if cause is None else cause.layer

    def everywhere(self, entry_id: str | None) -> bool:
        """Whether this entry speaks of every case."""
        return entry_id is not None and EVERY_CASE in self.entries[entry_id].cases

    def digest(self) -> str:
        """What is known, in 16 hexadecimal digits."""
        known = msgspec.json.encode([*self.causes.values(), *self.entries.values()])
        return hashlib.blake2b(known, digest_size=8).hexdigest()

    def __iter__(self) -> Iterator[Known]:
        return iter(self.entries.values())


def load_known(
    paths: Iterable[str | Path], packages: Mapping[str, str] | None = None
) -> KnownDifferences:
    """The known differences of files and folders.

    Raises DocumentError with every problem found; UsageError for a missing path.
    """
    entries: dict[str, Known] = {}
    causes: dict[str, Cause] = {}
    forms: dict[str, Form] = {}
    problems: list[str] = []
    for path in map(Path, paths):
        if not path.exists():
            raise UsageError(f"{path}: no such file of known differences")
        for file in sorted(path.glob("*.toml")) if path.is_dir() else [path]:
            try:
                _load_file(file, entries, causes, forms)
            except DocumentError as error:
                problems.extend(error.problems)
    if problems:
        raise DocumentError(problems)
    return KnownDifferences(entries.values(), causes.values(), packages, forms.values())


def _load_file(
    path: Path,
    entries: dict[str, Known],
    causes: dict[str, Cause],
    forms: dict[str, Form],
) -> None:
    converter = Converter(path)
    converter.known_tables(("schema_version", "cause", "known", "form"))
    converter.version()
    _collect(converter, "cause", Cause, causes)
    _collect(converter, "known", Known, entries)
    _collect(converter, "form", Form, forms)
    converter.done()


def _collect(
    converter: Converter, name: str, kind: type[Item], found: dict[str, Item]
) -> None:
    for number, table in enumerate(converter.array(name)):
        item = converter.convert(table, kind, name, number)
        if item is None:
            continue
        if item.id in found:
            converter.problem(f"duplicate id {item.id!r}", name, number, "id")
        found[item.id] = item


@cache
def _ranges(wanted: str, package: str) -> Any:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(wanted)
    except InvalidSpecifier:
        raise ValueError(
            f"versions.{package} is no version range (PEP 440): {wanted!r}"
        ) from None


def _holds(version: str | None, wanted: str) -> bool:
    if version is None:
        return False
    return bool(_ranges(wanted, "").contains(version, prereleases=True))


def _those_speaking(
    entries: Iterable[Known], sides: tuple[Side, Side], inside: bool
) -> Iterator[_Speaking]:
    on_servers = not any(side.inside for side in sides)
    for entry in entries:
        if entry.stack and not entry.holds_on(sides):
            continue
        if inside and entry.names_stacks:
            continue
        everywhere = EVERY_CASE in entry.cases
        fields = {}
        for field, values in entry.fields.items():
            one, other = _sides(values, sides)
            if one is not None and other is not None:
                fields[field] = (one, other)
        lenient = everywhere or entry.sometimes
        strict = not lenient and (
            inside or bool(entry.stack) or (entry.names_stacks and on_servers)
        )
        yield _Speaking(entry, strict, fields)


def _sides(values: Mapping[str, KnownValue], sides: Sequence[Side]) -> list[str | None]:
    """The key of `values` that speaks of each side; None where none does."""
    keys = [side.key(values) for side in sides]
    if OTHER in values and keys.count(None) == 1:
        return [OTHER if key is None else key for key in keys]
    return keys


def _answered_for(
    values: Mapping[str, KnownValue],
    sides: Sequence[Side],
    exchanges: Sequence[Exchange],
) -> bool:
    """Whether servers answered for apps that fail in process as an entry says.

    What they answer is their own: an error page or none, a part, or nothing at all.
    """
    keys = _sides(values, sides)
    return None not in keys and all(
        exchange.failure is None
        if values[key] is False
        else exchange.failure is not None or _is_error(exchange)
        for key, exchange in zip(keys, exchanges, strict=True)
        if key is not None
    )


def _is_error(exchange: Exchange) -> bool:
    return exchange.response is not None and exchange.response.status >= 500


def _agrees(wanted: KnownValue, exchange: Exchange, field: str) -> bool:
    actual = value_of(exchange, field)
    if field == "framing" and isinstance(actual, str):
        actual = _as_wanted(wanted, actual)
    if isinstance(wanted, Pattern):
        response = exchange.response
        return wanted.fits(actual, 0 if response is None else response.status)
    if wanted is False:
        return actual is None
    if wanted is True:
        return actual is not None
    return _plain(wanted) == _plain(actual)


def _as_wanted(wanted: KnownValue, framing: str) -> str:
    """The framing on a socket, told as in process where that is what is wanted."""
    if wanted == "no length" and framing in ("chunked", "close"):
        return "no length"
    text = wanted.matches if isinstance(wanted, Pattern) else str(wanted)
    if "where none is allowed" in text and framing == "no body":
        # The server has kept to itself what the app handed over.
        return "1 bytes sent where none is allowed"
    return framing


def _plain(value: FieldValue) -> object:
    return list(value) if isinstance(value, tuple) else value
