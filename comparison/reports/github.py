"""Write GitHub annotations: workflow commands that point at lines of an app or a case file.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from itertools import islice
from pathlib import Path
from typing import IO

from comparison.core.escaping import visible
from comparison.models import Comparison, RunHeader

from .case_block import block_text, case_block, finding_lines
from .failure import failure_text
from .groups import DifferenceGroups
from .layers import Layers, agreement_lines
from .todo import MOST_EXAMPLES, Task, TodoList, shows_more
from .wording import never_applied, notice_line, rule_line, rules_line

_OF_FINDINGS = ("place", "evidence", "cause", "remedy")


class GitHubReport:
    """A report with an error for each cause, at its line in the app, and a final verdict.

    GitHub shows only ten annotations, so a cause of several cases has one. A case without
    a known cause has an annotation at its line in the case file.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.groups = DifferenceGroups()
        self.layers = Layers()
        self.todo = TodoList()
        self.firsts: dict[str, Comparison] = {}
        self.without_cause: list[Comparison] = []

    def begin(self, header: RunHeader) -> None:
        """Write the route mismatches first."""
        if mismatches := header.route_mismatches:
            title = rules_line(len(mismatches))
            self._write("error", "\n".join(map(rule_line, mismatches)), title=title)

    def add(self, comparison: Comparison) -> None:
        """Collect a case that failed the run."""
        self.layers.add(comparison)
        if comparison.verdict not in ("different", "failed"):
            return
        new = self.todo.add(comparison)
        unlike = self.groups.add(comparison)
        if new:
            if len(self.firsts) < MOST_EXAMPLES:
                self.firsts[comparison.case.id] = comparison
        elif len(self.without_cause) < MOST_EXAMPLES and (
            shows_more(comparison) or (unlike and not comparison.findings)
        ):
            self.without_cause.append(comparison)

    def end(self, header: RunHeader) -> None:
        """Write the annotations, because only now their counts are known."""
        for task in islice(self.todo, MOST_EXAMPLES):
            self._cause(task)
        for comparison in self.without_cause:
            title = f"{comparison.case.id}: {comparison.verdict}"
            at = _origin(comparison)
            self._write("error", failure_text(comparison), **at, title=title)
        if unused := never_applied(header):
            self._write("notice", unused, title="normalisations")
        for notice in header.stale_notices:
            self._write("notice", notice_line(notice), title=notice.known)
        kind = "error" if header.exit_code else "notice"
        lines = [self.layers.verdict(header), *self.layers.lines()]
        lines += agreement_lines(header.agreement or ())
        self._write(kind, "\n".join(lines), title="comparison")

    def _cause(self, task: Task) -> None:
        finding = task.finding
        first = self.firsts.get(task.cases[0])
        at: dict[str, str] = {}
        if finding.file:
            at = {"file": _relative(finding.file), "line": str(finding.line)}
        elif first is not None:
            at = _origin(first)
        text = [line.text for line in finding_lines(finding)]
        if finding.layer != "app" and finding.remedy:
            text.append(f"remedy: {finding.remedy}")
        text.append(f"{task.numbers}: {task.named}")
        if first is not None:
            block = case_block(first, [finding])
            shown = [line for line in block if line.kind not in _OF_FINDINGS]
            text += ["", block_text(shown)]
        self._write("error", "\n".join(text), **at, title=finding.summary)

    def _write(self, command: str, message: str, **properties: str) -> None:
        given = ",".join(f"{k}={_property(v)}" for k, v in properties.items())
        self.stream.write(f"::{command} {given}::{_data(message)}\n".encode())


def _data(text: str) -> str:
    r"""Escape a message for a workflow command: one line.

    >>> _data("100 %\nmore")
    '100 %25%0Amore'
    """
    text = visible(text.replace("\r\n", "\n"))
    return text.replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _origin(comparison: Comparison) -> dict[str, str]:
    file, _, line = comparison.case.origin.rpartition(":")
    return {"file": _relative(file), "line": line} if line.isdecimal() else {}


def _relative(file: str) -> str:
    path = Path(file)
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
