"""Report a fuzzing run as text, Markdown or JSON."""

from collections.abc import Iterable, Iterator

import msgspec

from comparison.core.escaping import visible
from comparison.core.plural import counted
from comparison.reports.json import escaped
from comparison.reports.markdown import escape, fenced
from comparison.reports.values import value_pair
from comparison.reports.wording import environment_line, target_line
from comparison.studies.models import Finding, FuzzReport

FORMATS = ("text", "md", "json")


def render(report: FuzzReport, format_: str) -> str:
    """Render the report in one of the formats."""
    if format_ == "json":
        encoded = msgspec.json.encode(report)
        return escaped(msgspec.json.format(encoded, indent=2)).decode() + "\n"
    lines = _markdown(report) if format_ == "md" else _text(report)
    return visible("\n".join(lines) + "\n")


def _text(report: FuzzReport) -> Iterator[str]:
    yield from _head(report)
    for number, finding in enumerate(report.findings, 1):
        yield ""
        yield f"{number}. {_name(finding)}, {_times(finding)}"
        for line in _evidence(finding):
            yield f"   {line}".rstrip()
        yield f"   {finding.method} {finding.path}"
        for framework, source in finding.sources.items():
            yield ""
            yield f"   {framework}:"
            yield from (f"     {line}".rstrip() for line in source.splitlines())
        yield ""
        yield "   as a case:"
        yield from (f"     {line}".rstrip() for line in _case_of(finding))
    if report.known:
        yield ""
        yield "known:"
        for finding in report.known:
            yield f"  {finding.times:>7}  {finding.known}  {finding.title}"
    if report.unseen:
        yield ""
        yield f"known, but did not occur: {', '.join(report.unseen)}"
    yield ""
    yield from _coverage(report)
    yield ""
    yield verdict(report)


def _markdown(report: FuzzReport) -> Iterator[str]:
    yield "# Generated views"
    yield ""
    yield from (f"{escape(line)}  " for line in _head(report))
    yield ""
    yield f"**{verdict(report)}**"
    for number, finding in enumerate(report.findings, 1):
        yield ""
        yield f"## {number}. {escape(_name(finding))}"
        yield ""
        yield f"Seen {_times(finding)}."
        yield ""
        yield from _fenced("diff", _evidence(finding))
        yield from _fenced("text", [f"{finding.method} {finding.path}"])
        for source in finding.sources.values():
            yield from _fenced("python", source.rstrip().splitlines())
        yield from _fenced("toml", _case_of(finding))
    if report.known:
        yield ""
        yield "## Known"
        yield ""
        yield "| times | difference | title |"
        yield "| ---: | --- | --- |"
        for finding in report.known:
            row = finding.times, finding.known or "", escape(finding.title)
            yield f"| {' | '.join(map(str, row))} |"
    yield ""
    yield "## Coverage"
    yield ""
    yield from _fenced("text", _coverage(report))


def verdict(report: FuzzReport) -> str:
    """Summarise the run in one line: new and known differences, and examples."""
    new = len(report.findings)
    found = "nothing new" if not new else counted(new, "new difference")
    if report.interrupted:
        found = f"INTERRUPTED: {found} so far"
    skipped = f", {report.skipped} skipped because they hang" if report.skipped else ""
    examples = counted(report.examples, "example")
    return (
        f"{found}, {len(report.known)} known, in {examples}{skipped}"
        f"  (seed {report.seed})"
    )


def _head(report: FuzzReport) -> Iterator[str]:
    yield " against ".join(target_line(target, report) for target in report.targets)
    yield environment_line(report)


def _name(finding: Finding) -> str:
    return f"{finding.field}: {finding.kind} ({finding.cause})"


def _times(finding: Finding) -> str:
    return "once" if finding.times == 1 else f"{finding.times} times"


def _evidence(finding: Finding) -> Iterator[str]:
    for difference in finding.differences:
        one, other = value_pair(difference)
        yield f"- {difference.field}: {one}"
        yield f"+ {difference.field}: {other}"


def _case_of(finding: Finding) -> list[str]:
    return finding.case[finding.case.index("[[case]]") :].rstrip().splitlines()


def _coverage(report: FuzzReport) -> Iterator[str]:
    for part, forms in report.coverage.items():
        counts = ", ".join(f"{form} {count}" for form, count in forms.items())
        yield f"{part}: {counts}"
    yield f"pairs of forms in one example: {report.pairs}"


def _fenced(language: str, lines: Iterable[str]) -> Iterator[str]:
    yield from fenced(language, "\n".join(lines))
    yield ""
