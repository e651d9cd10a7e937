"""Write GitHub annotations: workflow commands that point at lines of case files.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from pathlib import Path
from typing import IO

from comparison.core.escaping import visible
from comparison.models import Comparison, RunHeader

from .failure import failure_text
from .groups import DifferenceGroups
from .layers import Layers, agreement_lines
from .wording import never_applied, notice_line, rule_line, rules_line


class GitHubReport:
    """A report with an error for each case with new differences, and a final verdict.

    Equal differences of several cases form one annotation, because GitHub shows only ten.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.groups = DifferenceGroups()
        self.layers = Layers()
        self.first_of_group: list[Comparison] = []

    def begin(self, header: RunHeader) -> None:
        """Write the route mismatches first."""
        if mismatches := header.route_mismatches:
            title = rules_line(len(mismatches))
            self._write("error", "\n".join(map(rule_line, mismatches)), title=title)

    def add(self, comparison: Comparison) -> None:
        """Collect a case that failed the run."""
        self.layers.add(comparison)
        if comparison.verdict in ("different", "failed") and self.groups.add(
            comparison
        ):
            self.first_of_group.append(comparison)

    def end(self, header: RunHeader) -> None:
        """Write the annotations, because only now their counts are known."""
        for comparison in self.first_of_group:
            case = comparison.case
            repeated = [
                str(group)
                for group in self.groups.repeated()
                if group.first is comparison
            ]
            text = "\n".join([failure_text(comparison), *repeated])
            title = f"{case.id}: {comparison.verdict}"
            file, _, line = case.origin.rpartition(":")
            at = {"file": _relative(file), "line": line} if line.isdecimal() else {}
            self._write("error", text, **at, title=title)
        if unused := never_applied(header):
            self._write("notice", unused, title="normalisations")
        for notice in header.stale_notices:
            self._write("notice", notice_line(notice), title=notice.known)
        kind = "error" if header.exit_code else "notice"
        lines = [self.layers.verdict(header), *self.layers.lines()]
        lines += agreement_lines(header.agreement or ())
        self._write(kind, "\n".join(lines), title="comparison")

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


def _relative(file: str) -> str:
    path = Path(file)
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
