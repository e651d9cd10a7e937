"""The response that a case expects from every target."""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from comparison.core import json_schema, surrogates
from comparison.core.regexp import check

from .rules import Kind, Matching, check_pointer

FailureKind = Literal[
    "raised", "aborted", "timeout", "incomplete", "protocol", "unsupported", "capture",
    "redirect", "refused", "closed", "interim", "disconnected", "died",
]  # fmt: skip
"""Kinds of failure instead of a response; `Failure` explains each."""


class Expect(
    Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True
):
    """The response that the documentation promises, from every target.

    `headers` gives each header exactly one value (a string), or a list of values in order.
    The header may also have any value (true) or be absent (false). `status` may list
    several. At most one of `json`, `text` and `contains` describes the body. `matches` is a
    regular expression to find in it. `match` names places in JSON by JSON Pointers (`*` for
    every key or index), each with the kind of its value; `json` need not be equal there.
    `json_schema` is a JSON Schema, or a file that has it. `failure` names the
    kind of failure that must come instead of a response. `interim` has the statuses of the
    interim responses before it, if it crossed a socket. `effects` are the effects inside
    each app, as reports write them (`*` matches any text): each must occur, and no other
    work may be lost. `[]` means that no work may be lost. In `headers` and in the body, `${capture:NAME}` refers to a
    value that we captured from the same target.
    """

    status: int | tuple[int, ...] | None = None
    reason: str | None = None
    headers: dict[str, str | bool | tuple[str, ...]] = {}
    json: Any = UNSET
    text: str | UnsetType = UNSET
    contains: str | UnsetType = UNSET
    matches: str = ""
    match: dict[str, Kind | Matching] = {}
    json_schema: dict[str, Any] | str | UnsetType = UNSET
    failure: FailureKind | None = None
    effects: tuple[str, ...] | UnsetType = UNSET
    interim: tuple[int, ...] | UnsetType = UNSET

    def __post_init__(self) -> None:
        surrogates.check(self)
        bodies = ("json", "text", "contains")
        given = [name for name in bodies if getattr(self, name) is not UNSET]
        if len(given) > 1:
            raise ValueError(f"one of json, text and contains, not {given}")
        if self.status == ():
            raise ValueError("status: is a status, or a list of one or more")
        if self.matches:
            check(self.matches)
        for pointer in self.match:
            check_pointer("match", pointer)
        if isinstance(self.json_schema, dict):
            json_schema.check(self.json_schema)

    @property
    def statuses(self) -> tuple[int, ...]:
        """The statuses that are expected; none if every status is."""
        if self.status is None:
            return ()
        return (self.status,) if isinstance(self.status, int) else self.status
