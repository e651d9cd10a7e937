"""The rules of a case: what we ignore or normalise when we compare."""

import math
import re
from itertools import chain
from typing import Literal

from msgspec import Struct

from comparison.core.regexp import check

Kind = Literal["uuid", "timestamp", "number"]
FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


class Matching(
    Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True
):
    """A custom kind of text: every text in which a regular expression is found."""

    matches: str

    def __post_init__(self) -> None:
        check(self.matches)


class NormalisationRules(
    Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True
):
    """Normalisation rules of a case; reports list each rule with its count.

    `presence` names headers of which we compare only the presence, not the value.

    `json` compares bodies by meaning instead of byte for byte. So do the next four, which
    name places in a body by JSON Pointers (`*` for every key or index). `ignore` excludes a
    place. `unordered` ignores the order of a list. `tolerance` accepts numbers that differ
    by so much. `match` accepts any two values of the same kind.

    `more_fields` accepts fields of JSON objects that only the candidate has: in the objects
    at these places, or everywhere (true). `xml` and `html` compare bodies by structure:
    without the order of attributes, comments, and white space that separates elements.
    `compare` names a Python function, as `module:function`, that compares bodies instead.

    `one_sided` names headers that only one side may have. `patterns` are kinds of text: any
    two texts of one kind count as equal, anywhere.
    `effects` are effects that we do not compare, as reports write them (`*` matches any
    text).

    `timing` compares when the parts of a body arrive; without it we do not. The times may
    differ by so many seconds.
    """

    presence: tuple[str, ...] = ()
    json: bool = False
    ignore: tuple[str, ...] = ()
    unordered: tuple[str, ...] = ()
    tolerance: dict[str, float] = {}
    match: dict[str, Kind | Matching] = {}
    patterns: tuple[Kind | Matching, ...] = ()
    effects: tuple[str, ...] = ()
    one_sided: tuple[str, ...] = ()
    more_fields: bool | tuple[str, ...] = ()
    xml: bool = False
    html: bool = False
    compare: str = ""
    timing: float | None = None

    def __post_init__(self) -> None:
        for pointer in self.ignore:
            if not pointer.startswith("/"):
                raise ValueError(f'ignore: a place begins with "/", not {pointer!r}')
        for field in ("unordered", "tolerance", "match"):
            for pointer in getattr(self, field):
                check_pointer(field, pointer)
        for pointer in self.more_fields_at or ():
            check_pointer("more_fields", pointer)
        if self.compare and not FUNCTION.fullmatch(self.compare):
            raise ValueError(
                f"compare names a function as module:function, not {self.compare!r}"
            )
        for pointer, amount in self.tolerance.items():
            if not 0 <= amount < math.inf:
                raise ValueError(
                    f"tolerance: {pointer} is a number from 0, not {amount:g}"
                )
        if self.timing is not None and not 0 < self.timing < math.inf:
            raise ValueError(f"timing is above 0 seconds, not {self.timing:g}")

    @property
    def by_meaning(self) -> bool:
        """True if we compare bodies as JSON."""
        return self.json or bool(
            self.ignore
            or self.unordered
            or self.tolerance
            or self.match
            or self.more_fields
        )

    @property
    def more_fields_at(self) -> tuple[str, ...] | None:
        """The places of objects in which the candidate may have more; None: everywhere."""
        if isinstance(self.more_fields, bool):
            return None if self.more_fields else ()
        return self.more_fields

    @property
    def more_fields_names(self) -> tuple[str, ...]:
        """The names of the rules for more fields, one for each place."""
        places = ("*",) if self.more_fields_at is None else self.more_fields_at
        return tuple(f"more-fields:{place}" for place in places)

    def joined(self, other: "NormalisationRules") -> "NormalisationRules":
        """Join both rules; for a place that is in both, the `other` one counts.

        >>> NormalisationRules(("etag",)).joined(NormalisationRules(("x-id", "etag"))).presence
        ('etag', 'x-id')
        """
        several = (
            "presence", "ignore", "unordered", "patterns", "effects", "one_sided",
        )  # fmt: skip
        places = self.more_fields_at, other.more_fields_at
        more = None if None in places else dict.fromkeys(chain(*filter(None, places)))
        both = {
            name: tuple(dict.fromkeys([*getattr(self, name), *getattr(other, name)]))
            for name in several
        }
        return NormalisationRules(
            json=self.json or other.json,
            more_fields=True if more is None else tuple(more),
            xml=self.xml or other.xml,
            html=self.html or other.html,
            compare=other.compare or self.compare,
            tolerance={**self.tolerance, **other.tolerance},
            match={**self.match, **other.match},
            timing=self.timing if other.timing is None else other.timing,
            **both,
        )

    def names(self) -> tuple[str, ...]:
        """Return the names of the rules, as reports write them."""
        return (
            *(f"presence:{name.lower()}" for name in self.presence),
            *(["json"] if self.json else []),
            *(f"ignore:{pointer}" for pointer in self.ignore),
            *(f"unordered:{pointer}" for pointer in self.unordered),
            *(tolerance_name(*place) for place in self.tolerance.items()),
            *(match_name(*place) for place in self.match.items()),
            *(f"pattern:{kind_name(kind)}" for kind in self.patterns),
            *(f"effect:{pattern}" for pattern in self.effects),
            *(f"one-sided:{name.lower()}" for name in self.one_sided),
            *self.more_fields_names,
            *(name for name in ("xml", "html") if getattr(self, name)),
            *([f"compare:{self.compare}"] if self.compare else []),
            *([] if self.timing is None else [f"timing:{self.timing:g}"]),
        )


def check_pointer(field: str, pointer: str) -> None:
    """Raise ValueError unless a text is a JSON Pointer; it may be empty."""
    if pointer and not pointer.startswith("/"):
        raise ValueError(f'{field}: a place begins with "/", not {pointer!r}')


def tolerance_name(pointer: str, amount: float) -> str:
    """Return the name of a tolerance.

    >>> tolerance_name("/total", 0.5)
    'tolerance:/total=0.5'
    """
    return f"tolerance:{pointer}={amount:g}"


def match_name(pointer: str, kind: Kind | Matching) -> str:
    """Return the name of a match.

    >>> match_name("/id", "uuid")
    'match:/id=uuid'
    """
    return f"match:{pointer}={kind_name(kind)}"


def kind_name(kind: Kind | Matching) -> str:
    """Return the name of a kind of text; a custom one has its regular expression."""
    return kind.matches if isinstance(kind, Matching) else kind
