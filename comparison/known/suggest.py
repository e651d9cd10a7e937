"""Write the known-difference entry for a difference, ready to paste."""

import hashlib
import re
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from itertools import chain, count
from typing import NamedTuple

from comparison.core import toml_writer as toml
from comparison.models import IN_BASE64, Comparison, Difference, FieldValue
from comparison.redaction import PLACEHOLDER

MOMENTS = ("header:date", "header:expires", "header:last-modified")
"""Headers with times, which differ in the next run."""

ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}", re.IGNORECASE)
"""A memory address, as in the `repr` of an object. It differs in the next run."""

# The Expires of a cookie. Deleted cookies always have the same time.
_EXPIRES = re.compile(r"(?<=Expires=)\w{3}, \d\d \w{3} (?!1970)\d{4} [\d:]{8} GMT")
# The time a file was changed, which Werkzeug and Quart write before size and checksum.
_CHANGED = re.compile(r'(?<=")\d{9,}(?:\.\d+)?(?=-\d+-\d+")')
_OFFERED = re.compile(
    r"-(?:status|reason|header|body|framing|connection|failure)(?:_[a-z_]+)?(?:-\d+)*$"
)
# Addresses, numbers of threads and processes.
_PASSING = re.compile(r"\b0x[0-9a-f]{6,}|\b\d{5,}\b", re.IGNORECASE)
_PASSES = {"header:set-cookie": _EXPIRES, "header:etag": _CHANGED}


LONG = 200  # characters of a value to hold for a comparison with others

NO_CAUSE = 'cause = ""  # why they differ, in one or two sentences'


class Sides(NamedTuple):
    """The names of a target and its reference in an entry.

    `rivals` are the targets that would have the same name in an entry. Each is then
    named by its target name, and the entry has a value for every one of them.
    """

    reference: str
    candidate: str
    rivals: tuple[str, ...] = ()


class Alike:
    """Cases that differ in the same fields of one request.

    `varied` are the fields whose values differ between the cases, by target and field.
    """

    def __init__(self, cases: Iterable[str] = ()) -> None:
        self.cases = list(cases)
        self.varied: set[tuple[str, str]] = set()
        self._values: dict[tuple[str, str], tuple[FieldValue, FieldValue]] = {}

    def add(self, case: str, differences: Iterable[Difference]) -> None:
        """Add a case."""
        self.cases.append(case)
        for d in differences:
            field = (d.target, d.field)
            values = (brief(d.reference), brief(d.candidate))
            if self._values.setdefault(field, values) != values:
                self.varied.add(field)


def brief(value: FieldValue) -> FieldValue:
    """Return a digest of a long text, to find out whether others equal it."""
    if not isinstance(value, str) or len(value) <= LONG:
        return value
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def entries_toml(
    comparison: Comparison,
    sides_of: Callable[[Difference], Sides],
    alike: Mapping[int, Alike],
    taken: set[str],
    cause_of: Callable[[int], str] | None = None,
) -> str:
    """Write entries that would explain the unexplained differences of a case.

    Writes one for each request and each pair of sides that differ; `sides_of` names the
    sides. `alike` has the cases that differ in the same way, by request. A request that
    is not in it has its entry elsewhere. `cause_of` returns the cause of a request. New ids differ from those in `taken` and are
    added to it.
    """
    groups: dict[tuple[int, Sides], list[Difference]] = {}
    for each in comparison.unexpected:
        groups.setdefault((each.request or 0, sides_of(each)), []).append(each)
    return "\n\n".join(
        entry_toml(
            comparison.case.id,
            differences,
            sides,
            alike[request],
            taken,
            "" if cause_of is None else cause_of(request),
        )
        for (request, sides), differences in groups.items()
        if request in alike
    )


def entry_toml(
    case: str,
    differences: Sequence[Difference],
    sides: Sides,
    alike: Alike | None = None,
    taken: set[str] | None = None,
    cause: str = "",
) -> str:
    """Write an entry that would explain the differences of one request.

    The user fills in the cause if it is "". The id is not in `taken`, and is added there.
    """
    alike = alike or Alike([case])
    taken = set() if taken is None else taken
    request = differences[0].request
    fields = "_".join(dict.fromkeys(d.field.partition(":")[0] for d in differences))
    name = f"{case}-{fields}" + (f"-{request}" if request else "")
    numbered = (f"{name}-{number}" for number in count(2))
    entry_id = next(each for each in chain([name], numbered) if each not in taken)
    taken.add(entry_id)
    lines = [
        "[[known]]",
        f"id = {toml.string(entry_id)}",
        f"cause = {toml.string(cause)}" if cause else NO_CAUSE,
        f"cases = {toml.value(alike.cases)}",
        *([f"request = {request}"] if request else []),
        "[known.fields]",
        *_fields(differences, sides, alike.varied),
    ]
    return "\n".join(lines)


def looks_offered(entry_id: str) -> bool:
    """Return whether an id is one that a suggested entry might have.

    >>> looks_offered("greeting-status_body-2"), looks_offered("lost-cookie")
    (True, False)
    """
    return _OFFERED.search(entry_id) is not None


def settled(field: str, value: FieldValue) -> object:
    """Return the part of a value that the next run has too: no times, no addresses.

    >>> settled("header:date", "Thu, 26 Nov 2026 08:29:53 GMT"), settled("status", 404)
    (True, 404)
    """
    if value is None or not isinstance(value, str | tuple):
        return value
    return True if field in MOMENTS else tuple(_parts(field, str(value)))


def lasting(failure: str) -> tuple[str, ...]:
    """Return the parts of a failure that the next one has too.

    >>> lasting("raised: Error: object at 0x7f00aa11 is none")
    ('raised: Error: object at ', ' is none')
    """
    return tuple(_PASSING.split(failure))


def _fields(
    differences: Iterable[Difference],
    sides: Sides,
    varied: Collection[tuple[str, str]],
) -> Iterator[str]:
    by_field: dict[str, list[Difference]] = {}
    for each in differences:
        by_field.setdefault(each.field, []).append(each)
    for field, found in by_field.items():
        first = found[0]
        values = {sides.reference: _value(first, first.reference, varied)}
        for rival in sides.rivals:
            # It does not differ here, by whichever rules.
            values[rival] = "false" if first.reference is None else "true"
        for each in found:
            name = each.target if sides.rivals else sides.candidate
            values[name] = _value(each, each.candidate, varied)
        written = ", ".join(f"{toml.key(k)} = {v}" for k, v in values.items())
        like = f"  # like {' or '.join(first.similar)}" if first.similar else ""
        yield f"{toml.key(field)} = {{ {written} }}{like}"


def _value(
    difference: Difference, value: FieldValue, varied: Collection[tuple[str, str]]
) -> str:
    """Return a side's value in a form that matches the next run too."""
    passing = difference.field in MOMENTS
    if value is not None and (
        passing or (difference.target, difference.field) in varied
    ):
        return "true"
    if isinstance(value, str | tuple):
        # Readers of an entry must not see a secret, which may also change.
        parts = [
            each
            for part in PLACEHOLDER.split(str(value))
            for each in _parts(difference.field, part)
        ]
        if len(parts) > 1:
            if parts[0].startswith(IN_BASE64):
                # In base64, the letters after a secret depend on the secret.
                parts = [IN_BASE64, ""]
            pattern = ".+".join(map(re.escape, parts))
            return toml.value({"matches": f"^{pattern}$"})
    return toml.value(value)


def _parts(field: str, text: str) -> Iterable[str]:
    if field == "failure":
        return lasting(text)
    return _PASSES.get(field, ADDRESS).split(text)
