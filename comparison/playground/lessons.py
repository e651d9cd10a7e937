"""Serve the pages that explain a recording: of a case, and of a known difference."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from quart import Blueprint, render_template, request

from comparison.known.models import EVERY_CASE, KnownDifference
from comparison.models import Case
from comparison.reports.commands import command_about, targets_with_difference
from comparison.reports.lesson_page import lesson_body
from comparison.reports.values import value_text
from comparison.reports.wording import SEVERITIES

from .guard import from_here
from .pool import CaseLesson
from .state import Playground, playground

blueprint = Blueprint("lessons", __name__)

DIFFERENCES = "/differences/"  # the prefix of their pages

SHOWING = ("sides", "table")
ANYWHERE = "On the targets of this page, any case may show it."


async def explain_now(case: Case, command: str) -> CaseLesson | None:
    """Run and explain a case; return None if the visitor must press a button first.

    Opening a page runs a case only if the request is safe and no other site led here.
    """
    state = playground()
    on_sight = state.runs_when_opened(case) and from_here()
    if request.method != "POST" and not on_sight:
        return None
    state.rate.take()
    explained = await state.pool.explain(case, command)
    state.visitors.note(case.id, explained.comparison.verdict)
    return explained


@blueprint.route("/cases/<id:case_id>", methods=["GET", "POST"])
async def case(case_id: str) -> str:
    """Show a case in nine modes."""
    state = playground()
    found = state.find_case(case_id)
    command = state.command_about("show", case_id)
    explained = await explain_now(found, command)
    return await render_template(
        "case.html",
        case=state.settings.redact_case(found),
        topic=state.topics[found.topic].title or found.topic,
        elsewhere=state.known_elsewhere(found),
        lesson=lesson_body(explained.lesson, differences=DIFFERENCES)
        if explained
        else None,
        header=explained.header if explained else state.header(command),
    )


class Section(NamedTuple):
    """The known differences of one topic and one severity."""

    title: str
    entries: list[KnownDifference]

    @property
    def alike(self) -> set[str]:
        """Return the titles that several entries share."""
        titles = Counter(entry.title for entry in self.entries)
        return {title for title, count in titles.items() if count > 1}


@blueprint.get("/differences")
async def gallery() -> str:
    """Show all known differences, the most severe ones first."""
    state = playground()
    words = request.args.get("q", "")[:200]
    entries = [
        e for e in state.known if all(w in _text(e) for w in words.lower().split())
    ]
    sections = {
        seriousness: list(
            _sections(state, [e for e in entries if e.seriousness == seriousness])
        )
        for seriousness in SEVERITIES
    }
    return await render_template(
        "differences.html",
        words=words,
        sections={name: found for name, found in sections.items() if found},
        shown=len(entries),
        away=sum(bool(_reason(state, e, _case_of(state, e))) for e in entries),
        on_servers=state.command_on_servers(),
        causes=len({state.known.cause_of(entry).id for entry in entries}),
        header=state.header(state.command("explain", "ID")),
    )


def _text(entry: KnownDifference) -> str:
    words = (entry.id, entry.title, *entry.cases, *entry.fields)
    return " ".join(words).lower()


def _sections(state: Playground, entries: list[KnownDifference]) -> Iterator[Section]:
    by_topic: dict[str, list[KnownDifference]] = {}
    for entry in entries:
        by_topic.setdefault(_topic(state, entry), []).append(entry)
    for title, found in sorted(by_topic.items()):
        yield Section(title, sorted(found, key=lambda entry: entry.title))


def _topic(state: Playground, entry: KnownDifference) -> str:
    case = _case_of(state, entry)
    if case is None:
        return "Servers, with any case" if entry.cases == (EVERY_CASE,) else "Others"
    return state.topics[case.topic].title or case.topic


def _case_of(state: Playground, entry: KnownDifference) -> Case | None:
    return next((state.cases[c] for c in entry.cases if c in state.cases), None)


@blueprint.route("/differences/<id:entry_id>", methods=["GET", "POST"])
async def difference(entry_id: str) -> str:
    """Show one difference: cause, source, advice, and how both apps behave now."""
    state = playground()
    entry = state.find_known(entry_id)
    case = _case_of(state, entry)
    command = state.command_about("explain", entry_id)
    reason = _reason(state, entry, case)
    explained = await explain_now(case, command) if case and not reason else None
    return await render_template(
        "difference.html",
        entry=entry,
        cause=state.known.cause_of(entry),
        topic=_topic(state, entry),
        sides=list(dict.fromkeys(s for v in entry.fields.values() for s in v)),
        values=_values(entry),
        case=case,
        reason=reason,
        commands=_commands(state, entry) if reason not in ("", ANYWHERE) else [],
        lesson=lesson_body(explained.lesson, SHOWING) if explained else None,
        header=explained.header if explained else state.header(command),
    )


def _values(entry: KnownDifference) -> Mapping[str, Mapping[str, str]]:
    return {
        field: {side: value_text(value) for side, value in values.items()}
        for field, values in entry.fields.items()
    }


def _reason(state: Playground, entry: KnownDifference, case: Case | None) -> str:
    """Explain why the page cannot show a difference; return "" if it can."""
    everywhere = EVERY_CASE in entry.cases
    if case is None and not everywhere:
        cases = ", ".join(entry.cases)
        return f"It occurs in {cases}, which this page does not have."
    if everywhere and state.in_process:
        return "It occurs on servers, and the targets of this page run in process."
    reason = state.elsewhere(entry)
    return reason or (ANYWHERE if everywhere else "")


def _commands(state: Playground, entry: KnownDifference) -> list[str]:
    """Return commands that show a difference: on these pages and in the terminal."""
    options = targets_with_difference(state.known, entry, state.targets)
    if not options:
        return []
    served = state.serving(options)
    if EVERY_CASE in entry.cases:
        return [served]
    return [served, command_about("explain", entry.id, *options)]
