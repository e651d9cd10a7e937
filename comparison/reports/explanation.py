"""Explain one known difference in words, and with a recording that shows it."""

import re
from collections.abc import Iterator

from rich.box import SIMPLE
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table

from comparison.causes import Explanation, load_explanations
from comparison.causes.models import meaning_of
from comparison.causes.structure import STRUCTURAL
from comparison.known.match import KnownDifferences
from comparison.known.models import KnownDifference
from comparison.known.observed import elsewhere
from comparison.models import Comparison

from .case_text import CaseReport
from .commands import command_about, targets_with_difference
from .terminal import Text
from .values import value_text
from .wording import SEVERITIES


def explanation(entry: KnownDifference, known: KnownDifferences) -> RenderableType:
    """Describe a known difference: values, cause, place in the source, and advice."""
    cause = known.cause_of(entry)
    facts = [entry.id, SEVERITIES[entry.severity].lower(), cause.layer]
    facts += [f"{package} {ranges}" for package, ranges in entry.versions.items()]
    values = Table(box=SIMPLE)
    values.add_column("Field")
    sides = list(dict.fromkeys(s for field in entry.fields.values() for s in field))
    for side in sides:
        values.add_column(Text(side))
    for field, by_side in entry.fields.items():
        cells = [value_text(by_side[s]) if s in by_side else "" for s in sides]
        values.add_row(Text(field), *(Text(cell, overflow="fold") for cell in cells))
    parts: list[RenderableType] = [
        Text(entry.title or entry.id, style="bold"),
        Text(f"cause: {cause.summary}"),
    ]
    if cause.advice:
        parts.append(Text(f"remedy: {cause.advice}", style="cyan"))
    parts.append(Text(" · ".join(facts), style="dim"))
    parts += [
        Text(f"source: {source.project} {source.file} {source.function}", style="dim")
        for source in cause.source
    ]
    parts += [Text(f"see: {link}", style="dim") for link in cause.upstream]
    return Padding(Group(*parts, values), (0, 0, 1, 0), expand=False)


def explanation_of_cause(
    explanation: Explanation, *, expressions: bool = False
) -> RenderableType:
    """Describe an explanation: cause, remedy, versions, and the evidence that it needs.

    Angle brackets mark the parts that depend on the case. With `expressions`, the evidence has
    its regular expressions.
    """
    versions = [f"{name} {wanted}" for name, wanted in explanation.versions.items()]
    parts = [
        Text(explanation.id, style="bold"),
        Text(f"cause: {plain(explanation.summary)}"),
        Text(f"remedy: {plain(explanation.remedy)}", style="cyan"),
        Text(" · ".join([explanation.layer, *versions]), style="dim"),
    ]
    for heading, facts in (
        ("evidence", explanation.when),
        ("not with", explanation.unless),
    ):
        for name, pattern in facts.items():
            text = f"{heading}: {meaning_of(name)}"
            if expressions:
                text += f", that matches {' '.join(pattern.split())}"
            parts.append(Text(text, style="dim"))
    parts += [Text(f"see: {link}", style="dim") for link in explanation.docs]
    return Padding(Group(*parts), (0, 0, 1, 0), expand=False)


def plain(text: str) -> str:
    """Return a summary or remedy with what depends on the case in angle brackets."""
    return re.sub(r"\{(\w+)\}", r"<\1>", text.replace("{in_async_def}", ""))


def list_lines(known: KnownDifferences, word: str) -> Iterator[str]:
    """Yield a line for each cause that can be explained, with the word in it."""
    rows = [(each.id, plain(each.summary)) for each in load_explanations().values()]
    rows += STRUCTURAL.items()
    rows += [
        (entry.id, entry.title or known.cause_of(entry).summary) for entry in known
    ]
    for id_, summary in rows:
        if word.lower() in f"{id_} {summary}".lower():
            yield f"{id_:<36} {summary}"


class ExplanationReport(CaseReport):
    """The report of `explain`: the full case, or how to see the difference elsewhere."""

    def __init__(
        self, console: Console, entry: KnownDifference, known: KnownDifferences
    ) -> None:
        super().__init__(console)
        self.entry = entry
        self.known = known

    def add(self, comparison: Comparison) -> None:
        """Print the full case, or say why it lacks the difference and what shows it."""
        assert self.header is not None
        targets = self.header.targets
        reason = elsewhere(self.known, self.entry, targets, "here")
        if not reason:
            super().add(comparison)
            return
        self.console.print(Text(reason))
        if options := targets_with_difference(self.known, self.entry, targets):
            command = command_about("explain", self.entry.id, *options)
            self.console.print(Text(f"To see it: {command}"), soft_wrap=True)
