"""Name the cause in an earlier request or case that a difference follows from."""

import ast
import re
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from comparison.models import Comparison, Finding

from .code import module
from .differing import DifferingRequest, is_http
from .facts import Request
from .routes import first_event

_FOLLOWING = re.compile(
    "body|status|failure|header:(?:set-cookie|vary|location|content-length)"
)
"""Fields that follow from work that an earlier request lost."""

_SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
_OUTCOME = ("status", "failure")
_COOKIE = "header:set-cookie"
_DEPENDENT = frozenset({"body", "status", "failure"})
"""If one of these follows from an empty session, any header may follow."""
_OWNERS = ("app", "current_app", "g")
_OF_FLASK = ("config", "logger", "json", "route", "name", "root_path", "ensure_async")
"""Attributes that every app has: two views that use one need not share data."""
_MAKES_APP = re.compile(r"(?:\w+\.)?(?:Flask|Quart|Blueprint|create_app|make_app)\(")
KEPT = 32


class Failed(NamedTuple):
    """A case that went another way, and the names that its view changes things by."""

    case: str
    finding: Finding
    names: frozenset[str]


class Aftermath:
    """Remembers the cases of a run that may have changed only one of two apps."""

    def __init__(self) -> None:
        self._failed: dict[str, deque[Failed]] = {}

    def remember(
        self, comparison: Comparison, name: str, findings: Sequence[Finding]
    ) -> None:
        """Remember a case if it should have changed something, and one app did not do it."""
        request, case = comparison.case.request, comparison.case
        cause = next((each for each in findings if each.cause), None)
        lost = any("effect" in each.fields for each in findings if each.cause)
        if not lost and not decides(comparison, name, UNSET):
            return
        if cause is None or request.method in _SAFE or case.fresh:
            return
        names: frozenset[str] = frozenset()
        for recording in comparison.recordings.values():
            names |= _state(Request(recording.exchange, recording.trace))
        failed = self._failed.setdefault(name, deque(maxlen=KEPT))
        failed.append(Failed(case.id, cause, names))

    def consequences(
        self,
        case: DifferingRequest,
        left: Sequence[str],
        lost: Sequence[Finding],
        number: int,
    ) -> Iterator[Finding]:
        """Yield the cause that the fields `left` follow from.

        `lost` are causes of work that an earlier request of the same case lost.
        """
        fields = tuple(field for field in left if _FOLLOWING.fullmatch(field))
        follow = [each for each in lost if number != each.request]
        if not fields:
            return
        if follow:
            yield replace(follow[0], fields=fields, request=number)
            return
        used = _state(case.pair[case.name])
        for before in reversed(self._failed.get(case.name, ())):
            if shared := sorted(used & before.names):
                yield replace(
                    before.finding,
                    fields=fields,
                    request=number,
                    evidence=(
                        f"`{shared[0]}`, which the case {before.case} changes in one app only",
                    ),
                )
                return


def without_session(
    case: DifferingRequest, left: Sequence[str], lost: Sequence[Finding], number: int
) -> Iterator[Finding]:
    """Yield the cause of a lost cookie, if what is `left` follows from an empty session.

    An exception follows from it only in a function that uses the session.
    """
    if not _DEPENDENT & {*left}:
        left = [field for field in left if _FOLLOWING.fullmatch(field)]
    facts = case.facts[case.name]
    raised = [fact for fact in facts.get("raised", ()) if not is_http(fact.text)]
    if raised and not any("session" in fact.text for fact in facts.get("around", ())):
        return
    for each in lost:
        if left and number != each.request and _COOKIE in each.fields:
            evidence = tuple(fact.text for fact in raised[:1])
            yield replace(each, fields=tuple(left), request=number, evidence=evidence)
            return


def losses(
    comparison: Comparison, target: str, number: int, found: Sequence[Finding]
) -> list[Finding]:
    """Return the causes of work or of a session that one app lost in a request.

    A framework that only writes the cookie of the session otherwise loses nothing.
    """
    cookies = [
        (d.reference, d.candidate)
        for d in comparison.unexpected
        if d.target == target and d.request == number and d.field == _COOKIE
    ]
    missing = any(None in each for each in cookies)
    return [
        each
        for each in found
        if each.cause
        and (
            "effect" in each.fields
            or (_COOKIE in each.fields and (missing or each.layer == "app"))
        )
    ]


def decides(comparison: Comparison, target: str, number: int | UnsetType) -> bool:
    """Return whether a request went another way, which later ones may show."""
    return any(
        d.field in _OUTCOME
        for d in comparison.unexpected
        if d.target == target and d.request == number
    )


def _state(request: Request) -> frozenset[str]:
    """Return the names outside of functions, and attributes of the app, that a view uses."""
    view = first_event(request, "route_matched")
    found = module(view.file) if view is not None and view.file else None
    if found is None or view is None:
        return frozenset()
    assigned = {
        target.id
        for node in found.tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        if node.value is not None and not _MAKES_APP.match(ast.unparse(node.value))
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    used: set[str] = set()
    for name in found.reachable([view.name.rpartition(".")[2]]):
        for node in ast.walk(found.functions[name]):
            if isinstance(node, ast.Name) and node.id in assigned:
                used.add(node.id)
            elif isinstance(node, ast.Attribute) and (
                isinstance(node.value, ast.Name) and node.value.id in _OWNERS
            ):
                used.add(f"{node.value.id}.{node.attr}")
    return frozenset(used - {f"{owner}.{n}" for owner in _OWNERS for n in _OF_FLASK})
