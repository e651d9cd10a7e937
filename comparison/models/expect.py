"""The response that a case expects from every target."""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from comparison.core import surrogates

FailureKind = Literal[
    "raised", "aborted", "timeout", "incomplete", "protocol", "unsupported", "capture",
    "refused", "closed", "interim", "died",
]  # fmt: skip
"""Kinds of failure instead of a response; `Failure` explains each."""


class Expect(
    Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True
):
    """The response that the documentation promises, from every target.

    `headers` gives each header exactly one value (a string), or a list of values in order.
    The header may also have any value (true) or be absent (false). At most one of `json`,
    `text` and `contains` describes the body. `failure` names the kind of failure that must
    come instead of a response. `effects` are the effects inside each app, as reports write
    them (`*` matches any text): each must occur, and no other work may be lost. `[]` means
    that no work may be lost. In `headers` and in the body, `${capture:NAME}` refers to a
    value that we captured from the same target.
    """

    status: int | None = None
    reason: str | None = None
    headers: dict[str, str | bool | tuple[str, ...]] = {}
    json: Any = UNSET
    text: str | UnsetType = UNSET
    contains: str | UnsetType = UNSET
    failure: FailureKind | None = None
    effects: tuple[str, ...] | UnsetType = UNSET

    def __post_init__(self) -> None:
        surrogates.check(self)
        bodies = ("json", "text", "contains")
        given = [name for name in bodies if getattr(self, name) is not UNSET]
        if len(given) > 1:
            raise ValueError(f"one of json, text and contains, not {given}")
