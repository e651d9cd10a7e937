"""Collect the facts about both sides of one request, with what only both together show."""

import json
from collections.abc import Callable, Mapping, Sequence

from comparison.models import Comparison, Difference, TargetInfo

from .code_findings import Side, changed_statements
from .cookies import cookie_keywords
from .earlier import facts_of_earlier
from .fact import Fact
from .facts import Facts, Request, facts_of, request_of
from .places import settings_near
from .settings import SettingsOf, facts_of_settings, settings_in_main
from .variables import facts_of_variables

MAX_JSON = 100_000

FileOf = Callable[[str], str]
"""Returns the file of a target's code, by the name of the target."""


def facts_of_both(
    comparison: Comparison,
    pair: Mapping[str, Request],
    number: int,
    differences: Sequence[Difference],
    targets: Mapping[str, TargetInfo],
    file_of: FileOf,
) -> dict[str, Facts]:
    """Return the facts about each side of a request, by target.

    `pair` has the request of both sides, the reference first, and `number` is its number.
    """
    sides = tuple(pair)
    facts = {
        side: facts_of(pair[side], targets[side], differences, side == sides[1])
        for side in sides
    }
    for side, other in (sides, sides[::-1]):
        ours, theirs = (
            SettingsOf(info.settings, settings_near(file_of(each), info.spec))
            for each in (side, other)
            if (info := targets[each])
        )
        facts[side]["set-in-main"] = [
            *facts[side].get("set-in-main", ()),
            *settings_in_main(ours, theirs, file_of(side)),
        ]
        facts[side] |= facts_of_settings(ours, theirs)
        cookie = targets[side].settings.get("SESSION_COOKIE_NAME", "")
        keywords = cookie_keywords(facts[side], facts[other], file_of(side), cookie)
        facts[side]["cookie-keyword"] = list(keywords)
    for side in sides:
        recording = comparison.recordings[side]
        numbers = range(1, number or len(recording.setup) + 1)
        before = [request_of(recording, each) for each in numbers]
        facts[side] |= facts_of_earlier(before, facts[side], targets[side])
        for name, fact in facts_of_variables(facts[side], file_of(side)):
            changed = (Side(each, file_of(each), pair[each]) for each in sides)
            facts[side].setdefault(name, []).append(fact)
            facts[side]["changed-code"] = [
                Fact(source) for source in changed_statements(*changed)
            ]
    if any(d.field == "body" for d in differences) and _same_json(*pair.values()):
        for side in sides:
            facts[side]["same-json"] = [Fact("yes")]
    return dict(facts)


def _same_json(one: Request, other: Request) -> bool:
    """Return whether two bodies are the same JSON, written in another way."""
    texts = [
        each.exchange.response.body if each.exchange.response is not None else ""
        for each in (one, other)
    ]
    if max(map(len, texts)) > MAX_JSON:
        return False
    try:
        first, second = map(json.loads, texts)
        return bool(first == second)
    except (ValueError, RecursionError):
        return False
