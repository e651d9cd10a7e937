"""The findings: every known difference with its cause, and a recording that shows it."""

from collections.abc import Iterable, Iterator, Mapping

from comparison.cases import Topic
from comparison.model import Case, Comparison, Recording, RunHeader
from comparison.parity.known import Cause, Known, KnownDifferences, KnownValue, Pattern
from comparison.recording import function_source

from .markdown import code, escape, execution_table
from .wording import environment_line

SERIOUSNESS = {
    "leaks-data": "Leaks data",
    "loses-data": "Loses data",
    "meaning": "Changes meaning for clients",
    "representation": "Changes representation",
    "cosmetic": "Cosmetic",
}


def findings(
    known: KnownDifferences,
    comparisons: Mapping[str, Comparison],
    topics: Mapping[str, Topic],
    header: RunHeader,
) -> str:
    """The whole document: an index by seriousness and topic, then each difference.

    `comparisons` are those of the cases that the entries name first, by case id.
    """
    entries = sorted(known, key=lambda entry: (_rank(entry), entry.id))
    causes = {cause_of(known, entry).id for entry in entries}
    out = [
        "# Where Quart does not behave like Flask",
        "",
        f"{len(entries)} differences from {len(causes)} causes.",
        "Each was recorded from a run and is checked by every run of the catalogue: one",
        "that no longer occurs fails it. What is shown here was recorded with",
        f"{escape(environment_line(header))}.",
        "",
        *_index(entries, comparisons, topics),
    ]
    for entry in entries:
        comparison = comparisons.get(entry.cases[0])
        out += [*finding(entry, cause_of(known, entry), comparison), ""]
    return "\n".join(out)


def cause_of(known: KnownDifferences, entry: Known) -> Cause:
    """The cause of an entry, whether it is named or written out."""
    return known.causes.get(entry.cause) or Cause(id=entry.id, summary=entry.cause)


def _rank(entry: Known) -> int:
    return list(SERIOUSNESS).index(entry.seriousness)


def _index(
    entries: Iterable[Known],
    comparisons: Mapping[str, Comparison],
    topics: Mapping[str, Topic],
) -> Iterator[str]:
    by_group: dict[str, dict[str, list[Known]]] = {}
    for entry in entries:
        comparison = comparisons.get(entry.cases[0])
        topic = comparison.case.topic if comparison else ""
        by_group.setdefault(entry.seriousness, {}).setdefault(topic, []).append(entry)
    for seriousness, by_topic in by_group.items():
        number = sum(map(len, by_topic.values()))
        yield f"## {SERIOUSNESS[seriousness]} ({number})"
        yield ""
        for topic in sorted(by_topic):
            title = topics[topic].title if topic in topics else topic
            yield f"- {escape(title or 'Other')}"
            for entry in by_topic[topic]:
                yield f"    - [{escape(entry.title or entry.id)}](#{entry.id})"
        yield ""


def finding(entry: Known, cause: Cause, comparison: Comparison | None) -> Iterator[str]:
    """One difference: request, values, code, tables, cause, source, advice."""
    yield f'## <a id="{entry.id}"></a>{escape(entry.title or entry.id)}'
    yield ""
    facts = [f"`{entry.id}`", SERIOUSNESS[entry.seriousness].lower(), cause.layer]
    facts += [f"{name} {escape(ranges)}" for name, ranges in entry.versions.items()]
    yield " · ".join(facts)
    yield ""
    yield escape(cause.summary)
    yield ""
    if cause.advice:
        yield f"**When migrating:** {escape(cause.advice)}"
        yield ""
    for source in cause.source:
        yield f"- {source.project}, `{source.file}`, `{source.function}`"
    for link in cause.upstream:
        yield f"- <{link}>"
    yield ""
    yield from _values(entry)
    if comparison is None:
        yield ""
        yield f"Cases: {', '.join(map(code, entry.cases))}."
        return
    yield f"{request_line(comparison.case)}, case {code(comparison.case.id)}."
    for name, recording in comparison.recordings.items():
        yield ""
        yield from _recorded(name, recording)


def _values(entry: Known) -> Iterator[str]:
    sides = list(dict.fromkeys(side for v in entry.fields.values() for side in v))
    yield f"| field | {' | '.join(sides)} |"
    yield f"| --- |{' --- |' * len(sides)}"
    for field, values in entry.fields.items():
        cells = [code(value_text(values[s])) if s in values else "" for s in sides]
        yield f"| {escape(field)} | {' | '.join(cells)} |"
    yield ""


def value_text(value: KnownValue) -> str:
    """A value of an entry, as a person reads it."""
    if isinstance(value, Pattern):
        return f"matches {value.matches}"
    if value is False:
        return "(absent)"
    if value is True:
        return "(any value)"
    if isinstance(value, tuple):
        return " | ".join(value)
    return str(value) or "(empty)"


def request_line(case: Case) -> str:
    """What the case sends, in one line of Markdown."""
    first = f"{case.request.method} {case.request.path}"
    settings = {k: v for k, v in case.settings.items() if k != "TOPICS"}
    with_settings = f" with {code(repr(settings))}" if settings else ""
    return f"Smallest request: {code(first)}{with_settings}"


def _recorded(name: str, recording: Recording) -> Iterator[str]:
    yield f"<details><summary>{escape(name)}: code and execution table</summary>"
    yield ""
    called = next((e for e in recording.trace if e.event == "route_matched"), None)
    source = function_source(called.file, called.line) if called else ""
    if source:
        yield "```python"
        yield source
        yield "```"
        yield ""
    yield from execution_table(recording)
    yield ""
    yield "</details>"
