"""Serve the known differences: the list with its filter, and the page of each."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from quart import Blueprint, render_template, request

from comparison.known.models import EVERY_CASE, KnownDifference
from comparison.known.versions import in_range
from comparison.models import Case
from comparison.reports.commands import command_about, targets_with_difference
from comparison.reports.lesson_page import lesson_body
from comparison.reports.values import value_text
from comparison.reports.wording import SEVERITIES
from comparison.targets.servers.stacks import SERVERS

from .addresses import bundled_address, case_address, difference_address
from .case_page import explain_now, store, stored_of
from .state import Playground, playground

blueprint = Blueprint("differences", __name__)

SHOWING = ("sides", "table")
ANYWHERE = "On the targets of this page, any case may show it."
RELEASES = ("0.20", "0.21", "0.22", "0.23")
"""The releases of Quart that the list can be filtered by; ranges name no others."""

IN_PROCESS = "in process"


class Line(NamedTuple):
    """A known difference in the list. The page hides those that its filter leaves out."""

    entry: KnownDifference
    topic: str
    servers: tuple[str, ...]
    releases: tuple[str, ...]
    text: str
    hidden: bool
    alike: bool = False


class Choice(NamedTuple):
    """A filter of known differences."""

    q: str = ""
    impact: str = ""
    topic: str = ""
    quart: str = ""
    server: str = ""

    def fits(self, line: Line) -> bool:
        """Return whether the filter selects a known difference."""
        return (
            self.impact in ("", line.entry.severity)
            and self.topic in ("", line.topic)
            and self.quart in ("", *line.releases)
            and self.server in ("", *line.servers)
            and all(word in line.text for word in self.q.lower().split())
        )


@blueprint.get("/differences")
async def gallery() -> Any:
    """List all known differences, the most severe ones first.

    With an `id` in the query, show that one.
    """
    if "id" in request.args:
        return await render_difference(request.args["id"])
    state = playground()
    choice = Choice(*(request.args.get(name, "")[:200] for name in Choice._fields))
    lines = [*_lines(state, choice)]
    return await render_template(
        "differences.html",
        choice=choice,
        sections=[
            (name, [line for line in lines if line.entry.severity == name])
            for name in SEVERITIES
        ],
        topics=sorted({line.topic for line in lines}),
        servers=[IN_PROCESS, *SERVERS],
        releases=RELEASES,
        shown=sum(not line.hidden for line in lines),
        total=len(lines),
        on_servers=state.command_on_servers(),
        causes=len({state.differences.cause_of(line.entry).id for line in lines}),
        address=difference_address,
        pairs=lambda values: [(value, value) for value in values],
        header=state.header(state.command("explain", "ID")),
    )


def _lines(state: Playground, choice: Choice) -> Iterator[Line]:
    entries = sorted(state.differences, key=lambda entry: entry.title.lower())
    titles = Counter((entry.severity, entry.title) for entry in entries)
    for entry in entries:
        words = (entry.id, entry.title, *entry.cases, *entry.fields)
        line = Line(
            entry, _topic(state, entry), (*_servers(entry),), (*_releases(entry),),
            " ".join(words).lower(), False, titles[entry.severity, entry.title] > 1,
        )  # fmt: skip
        yield line._replace(hidden=not choice.fits(line))


def _servers(entry: KnownDifference) -> Iterator[str]:
    """Yield the servers on which an entry holds, and `in process` if it holds there."""
    keys = {key for values in entry.fields.values() for key in values}
    named = {key.partition("+")[2] for key in keys} | (keys & SERVERS.keys())
    for servers in entry.stack.values():
        named |= {servers} if isinstance(servers, str) else {*servers}
    named.discard("")
    if not named or "in-process" in named:
        yield IN_PROCESS
    for server in SERVERS:
        if any(fnmatchcase(server, name) for name in named):
            yield server


def _releases(entry: KnownDifference) -> Iterable[str]:
    """Return the releases of Quart that show an entry."""
    wanted = entry.versions.get("quart", "")
    return (each for each in RELEASES if not wanted or in_range(f"{each}.0", wanted))


def _topic(state: Playground, entry: KnownDifference) -> str:
    case = _case_of(state, entry)
    if case is None:
        return "Servers, with any case" if entry.cases == (EVERY_CASE,) else "Others"
    topics = state.topics if case.id in state.cases else state.bundled_topics
    return topics[case.topic].title or case.topic


def _case_of(state: Playground, entry: KnownDifference) -> Case | None:
    """Return a case that shows an entry: one of these pages, else a bundled one."""
    for cases in (state.cases, state.bundled_cases):
        for case_id in entry.cases:
            if case_id in cases:
                return cases[case_id]
    return None


@blueprint.route("/differences/<id:entry_id>", methods=["GET", "POST"])
async def difference(entry_id: str) -> Any:
    """Show one difference: cause, source, advice, and how both apps behave now."""
    return await render_difference(entry_id)


@blueprint.post("/differences")
async def difference_by_query() -> Any:
    """Run the case of a known difference with an id that no path can hold."""
    return await render_difference(request.args.get("id", ""))


async def render_difference(entry_id: str) -> Any:
    """Show one difference by its id."""
    state = playground()
    entry = state.find_known(entry_id)
    case = _case_of(state, entry)
    own = case is not None and case.id in state.cases
    pool = state.pool if own else state.twins
    command = state.command_about("explain", entry_id)
    reason = _reason(state, entry, case, own)
    explained = None
    if case and not reason:
        stored = stored_of(case)
        if stored is not None and request.method != "POST":
            explained = stored.explained
        else:
            safe = not own or state.runs_when_opened(case)
            explained = await explain_now(case, command, pool, safe=safe)
            if request.method == "POST" and explained is not None:
                return store(case, explained, difference_address(entry_id))
    return await render_template(
        "difference.html",
        entry=entry,
        cause=state.differences.cause_of(entry),
        topic=_topic(state, entry),
        sides=list(dict.fromkeys(s for v in entry.fields.values() for s in v)),
        values=_values(entry),
        case=case,
        case_address=_address(case, own),
        reason=reason,
        commands=_commands(state, entry) if reason not in ("", ANYWHERE) else [],
        lesson=lesson_body(explained.lesson, SHOWING) if explained else None,
        header=explained.header if explained else state.header(command),
    )


def _address(case: Case | None, own: bool) -> str:
    if case is None:
        return ""
    return case_address(case.id) if own else bundled_address(case.id)


def _values(entry: KnownDifference) -> Mapping[str, Mapping[str, str]]:
    return {
        field: {side: value_text(value) for side, value in values.items()}
        for field, values in entry.fields.items()
    }


def _reason(
    state: Playground, entry: KnownDifference, case: Case | None, own: bool
) -> str:
    """Explain why the page cannot show a difference; return "" if it can."""
    everywhere = EVERY_CASE in entry.cases
    if case is None and not everywhere:
        cases = ", ".join(entry.cases)
        return f"It occurs in {cases}, which this page does not have."
    if everywhere and state.in_process:
        return "It occurs on servers, and the targets of this page run in process."
    targets = state.targets if own or everywhere else state.twins.open_targets()
    reason = state.elsewhere(entry, targets)
    return reason or (ANYWHERE if everywhere else "")


def _commands(state: Playground, entry: KnownDifference) -> list[str]:
    """Return commands that show a difference: on these pages and in the terminal."""
    options = targets_with_difference(state.differences, entry, state.targets)
    if not options:
        return []
    served = state.serving(options)
    if EVERY_CASE in entry.cases:
        return [served]
    return [served, command_about("explain", entry.id, *options)]
