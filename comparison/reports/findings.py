"""Write the documentation of every known difference with its cause and a recording."""

from collections.abc import Iterator, Mapping

from comparison.cases import Topic
from comparison.known.match import KnownDifferences
from comparison.known.models import Cause, KnownDifference
from comparison.known.suggest import ADDRESS
from comparison.models import Case, Comparison, Recording, RunHeader
from comparison.tracing import function_source

from .markdown import code, escape, execution_table
from .values import value_text
from .wording import SEVERITIES, environment_line


def findings(
    known: KnownDifferences,
    comparisons: Mapping[str, Comparison],
    topics: Mapping[str, Topic],
    header: RunHeader,
) -> Iterator[tuple[str, str]]:
    """Yield pages with their file names: an index by severity, and a page per topic.

    `comparisons` has the comparison of the first case of each entry, by case id.
    """
    entries = sorted(known, key=lambda entry: (_rank(entry), entry.id))
    by_topic: dict[str, list[KnownDifference]] = {}
    for entry in entries:
        topic = comparisons[entry.cases[0]].case.topic
        by_topic.setdefault(topic, []).append(entry)
    yield "differences.md", "\n".join(_index(known, entries, by_topic, topics, header))
    for topic, found in sorted(by_topic.items()):
        title = topics[topic].title
        out = [f"# {escape(title)}: where Quart does not behave like Flask", ""]
        out += [f"Recorded with {escape(environment_line(header))}.", ""]
        out += ["[All differences](../differences.md)", ""]
        for entry in found:
            shows = comparisons[entry.cases[0]] if known.applies(entry) else None
            out += [*finding(entry, known.cause_of(entry), shows), ""]
        yield f"differences/{topic}.md", "\n".join(out)


def _rank(entry: KnownDifference) -> int:
    return list(SEVERITIES).index(entry.severity)


def _index(
    known: KnownDifferences,
    entries: list[KnownDifference],
    by_topic: Mapping[str, list[KnownDifference]],
    topics: Mapping[str, Topic],
    header: RunHeader,
) -> Iterator[str]:
    causes = {known.cause_of(entry).id for entry in entries}
    yield "# Where Quart does not behave like Flask"
    yield ""
    yield f"{len(entries)} differences from {len(causes)} causes."
    yield "Each was recorded from a run and is checked by every run of the catalogue: one"
    yield "that no longer occurs fails it. `comparison explain ID` shows one as it happens."
    yield f"Recorded with {escape(environment_line(header))}."
    yield "A different version of Python may suspend at other places in a view."
    yield ""
    for severity, words in SEVERITIES.items():
        serious = [entry for entry in entries if entry.severity == severity]
        yield f"## {words} ({len(serious)})"
        yield ""
        for topic, found in sorted(by_topic.items()):
            here = [entry for entry in found if entry in serious]
            if here:
                yield f"- {escape(topics[topic].title)}"
            for entry in here:
                link = f"differences/{topic}.md#{entry.id}"
                yield f"    - [{escape(entry.title or entry.id)}]({link})"
        yield ""


def finding(
    entry: KnownDifference, cause: Cause, comparison: Comparison | None
) -> Iterator[str]:
    """Describe one difference: request, values, code, tables, cause, source, advice."""
    yield f'## <a id="{entry.id}"></a>{escape(entry.title or entry.id)}'
    yield ""
    facts = [f"`{entry.id}`", SEVERITIES[entry.severity].lower(), cause.layer]
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
        cases = ", ".join(map(code, entry.cases))
        yield f"Not with the versions of this page. Cases: {cases}."
        return
    yield f"{request_line(comparison.case)}, case {code(comparison.case.id)}."
    for name, recording in comparison.recordings.items():
        yield ""
        yield from _recorded(name, recording)


def _values(entry: KnownDifference) -> Iterator[str]:
    sides = list(dict.fromkeys(side for v in entry.fields.values() for side in v))
    yield f"| field | {' | '.join(sides)} |"
    yield f"| --- |{' --- |' * len(sides)}"
    for field, values in entry.fields.items():
        cells = [code(value_text(values[s])) if s in values else "" for s in sides]
        yield f"| {escape(field)} | {' | '.join(cells)} |"
    yield ""


def request_line(case: Case) -> str:
    """Format the request of a case in one line of Markdown."""
    first = case.request.request_line
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
    # A body may show an object. The page must not change with every recording.
    for row in execution_table(recording):
        yield ADDRESS.sub("0x…", row)
    yield ""
    yield "</details>"
