"""Classify the differences of generated views, independently of the view.

Two sightings with one signature are one finding. The field says where they differ, and
the kind says how. The cause comes from the recordings of the apps. It is the error that
one of them raised, or else the properties of the response and its view that may matter.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from msgspec import UNSET

from comparison.diff.effects import EFFECT
from comparison.diff.normalise import UNTIL_THE_END
from comparison.models import Comparison, Difference, FieldValue
from comparison.targets.http import allows_body

from .example import Example
from .facts import NOT_ALLOWED, facts_of

WELL_KNOWN = (
    "allow", "cache-control", "connection", "content-encoding", "content-length",
    "content-type", "date", "etag", "last-modified", "link", "location", "retry-after",
    "server", "set-cookie", "transfer-encoding", "vary",
)  # fmt: skip
ABOUT_BODIES = ("framing", "header:content-length", "header:content-type", "body")
SEVERAL = ("only the last", "more before", "another order", "other values")


class Signature(NamedTuple):
    """The identity of a finding: field, kind and cause."""

    field: str
    kind: str
    cause: str

    def __str__(self) -> str:
        return f"{self.field}: {self.kind} ({self.cause})"


class Sighting(NamedTuple):
    """A difference of one example, with the facts around it.

    `facts` are about the example, the two recordings and the difference, by name.
    """

    difference: Difference
    signature: Signature
    facts: Mapping[str, str]


def sightings(
    example: Example,
    comparison: Comparison,
    frameworks: Mapping[str, str],
    servers: Mapping[str, str],
) -> Iterator[Sighting]:
    """Yield the differences of a comparison that no known difference matches.

    `frameworks` has the framework of each target by name. `servers` has the servers of
    the targets that do not run in process. A pair of Flask and Quart is always described
    from Flask to Quart. If only one side failed or reported an error, the whole response
    counts as one difference. The same holds if a server responded instead of the app.
    """
    reference, *others = comparison.recordings
    for target in others:
        # The facts have the errors behind equal pages; a view has no other effects.
        found = [
            d
            for d in comparison.differences
            if d.target == target and d.known is None and d.field != EFFECT
        ]
        if not found:
            continue
        sides = _sides(reference, target, frameworks)
        recordings = [comparison.recordings[name] for name in (reference, target)]
        facts = facts_of(example, dict(zip(sides, recordings, strict=True)))
        for side, name in zip(sides, (reference, target), strict=True):
            facts[f"{side}-server"] = servers.get(name, "")
        if _answering(facts, sides):
            yield _sighting(found[0], facts, sides)
            continue
        for difference in _distinct(found, _unlike_errors(facts, sides)):
            yield _sighting(difference, facts, sides)


def _distinct(found: list[Difference], unlike_errors: bool) -> Iterator[Difference]:
    """Yield the differences that do not merely follow from others."""
    fields = {d.field for d in found}
    if unlike_errors and fields != {"framing"} and "failure" not in fields:
        # The whole response differs. Only a forbidden body is a separate difference.
        yield found[0]
        found = [d for d in found[1:] if NOT_ALLOWED in f"{d.reference} {d.candidate}"]
    for difference in found:
        length = difference.field == "header:content-length"
        if length and "body" in fields:
            continue
        framing = {difference.reference, difference.candidate}
        no_length = framing - {"content-length"} <= {"no length", *UNTIL_THE_END}
        if "content-length" in framing and no_length and len(found) > 1:
            continue
        yield difference


def _unlike_errors(facts: Mapping[str, str], sides: tuple[str, str]) -> bool:
    """Return whether the sides raised different errors, or in different places."""
    one, other = (
        (facts[f"{side}-raised"].partition(":")[0], facts[f"{side}-caught"])
        for side in sides
    )
    return one != other


def _answering(facts: Mapping[str, str], sides: tuple[str, str]) -> list[str]:
    """Return the sides whose server sent another status than the app handed over."""
    return [
        side
        for side in sides
        if facts[f"{side}-server"]
        and facts[f"{side}-status"]
        and facts[f"{side}-handed-over"] not in ("", facts[f"{side}-status"])
    ]


def _sides(
    reference: str, target: str, frameworks: Mapping[str, str]
) -> tuple[str, str]:
    """Name the two sides of a pair: by framework if these differ, else by role."""
    one, other = frameworks.get(reference), frameworks.get(target)
    if one is None or other is None or one == other:
        return "reference", "candidate"
    return one, other


def _sighting(
    difference: Difference, facts: dict[str, str], sides: tuple[str, str]
) -> Sighting:
    values = dict(zip(sides, (difference.reference, difference.candidate), strict=True))
    one, other = ("flask", "quart") if sides == ("quart", "flask") else sides
    left, right = values[one], values[other]
    field = difference.field
    name = field.removeprefix("header:")
    if name != field and name not in WELL_KNOWN:
        field = "header:*"
    kind = _kind(field, left, right)
    raised = {side: facts[f"{side}-raised"] for side in (one, other)}
    answering = _answering(facts, (one, other))
    if answering and field != "failure":
        field = "response"
        kind = f"the server's own of {' and '.join(answering)}"
        cause = f"by {', '.join(facts[f'{side}-server'] for side in answering)}"
    elif field == "failure":
        cause = skeleton(str(left or right))
    elif field != "framing" and _unlike_errors(facts, sides):
        field = "response"
        raising = " and ".join(side for side in (one, other) if raised[side])
        kind = f"an error of {raising}"
        own = "raises" in facts  # the view sets the message
        messages = (skeleton(text) for text in raised.values() if text)
        cause = "; ".join(text.partition(":")[0] if own else text for text in messages)
    elif difference.server is not UNSET:
        cause = f"by {difference.server}"
    else:
        side = other if NOT_ALLOWED in str(right) else one
        cause = _context(field, kind, name, facts, side)
    here = {**facts, one: _text(left), other: _text(right)}
    here["header"] = name if name != difference.field else ""
    return Sighting(difference, Signature(field, kind, cause), here)


def skeleton(message: str) -> str:
    """Remove the values from a message.

    >>> skeleton("ValueError: invalid literal for int() with base 10: '4 words'")
    'ValueError: invalid literal for int() with base 10: …'
    """
    message = message.partition("\n")[0]
    return re.sub(r"""b?'[^']*'|"[^"]*"|\d{3,}|\(.*, .*\)""", "…", message)[:160]


def _context(
    field: str, kind: str, name: str, facts: Mapping[str, str], side: str
) -> str:
    """Name what may matter to a difference that no error explains."""
    about = []
    if facts["method"] in ("HEAD", "OPTIONS") and field in ABOUT_BODIES:
        about.append(facts["method"])
    status = facts[f"{side}-status"]
    if (
        field in ABOUT_BODIES
        and status.isdecimal()
        and not allows_body("GET", int(status))
    ):
        about.append("1xx" if int(status) < 200 else status)
    if not name.isascii():
        about.append("a name that is not ASCII")
    if field.startswith("header:") and kind in SEVERAL and facts["headers"]:
        about.append(f"headers in a {facts['headers']}")
    if field in ("body", "header:content-type"):
        about.append(facts.get("body", "raised"))
    return ", ".join(about) or "no error"


def _kind(field: str, left: FieldValue, right: FieldValue) -> str:
    if field == "failure":
        return f"{_failure(left)}, {_failure(right)}"
    if field == "framing":
        if NOT_ALLOWED in str(right) and NOT_ALLOWED not in str(left):
            return f"a body {NOT_ALLOWED}"
        return f"{_framing(left)}, {_framing(right)}"
    several = isinstance(left, tuple) or isinstance(right, tuple)
    if left is None or (left == "" and not several):
        return "added"
    if right is None or (right == "" and not several):
        return "lost"
    if _as_utf8(left) == right:
        return "as UTF-8"
    if field.startswith("header:"):
        return _of_headers(_values(left), _values(right))
    if field == "status":
        return f"{_class(left)}, {_class(right)}"
    return "another value"


def _framing(value: FieldValue) -> str:
    text = str(value)
    return "a wrong length" if text.endswith("bytes sent") else text


def _as_utf8(value: FieldValue) -> FieldValue:
    """Return the value that a reader gets if it is sent as UTF-8 and read as Latin-1."""
    if isinstance(value, tuple):
        return tuple(str(_as_utf8(each)) for each in value)
    return str(value).encode().decode("latin-1")


def _of_headers(left: tuple[str, ...], right: tuple[str, ...]) -> str:
    last = left[-len(right) :]
    if len(right) < len(left) and right in (last, _as_utf8(last)):
        return "only the last"
    if len(left) < len(right) and right[-len(left) :] == left:
        return "more before"
    if sorted(left) == sorted(right):
        return "another order"
    return "another value" if len(left) == len(right) else "other values"


def _values(value: FieldValue) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (str(value),)


def _class(status: FieldValue) -> str:
    code = int(str(status))
    return f"{code // 100}xx" if 100 <= code < 600 else "out of range"


def _failure(value: FieldValue) -> str:
    return "answered" if value is None else str(value).partition(":")[0]


def _text(value: FieldValue) -> str:
    return (
        "\n".join(value)
        if isinstance(value, tuple)
        else str("" if value is None else value)
    )
