"""Write a file of known differences that accepts what was unexpected in a run."""

import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import UNSET
from msgspec.structs import replace

from comparison.core import toml_writer as toml
from comparison.core.errors import UsageError
from comparison.core.escaping import echo
from comparison.core.plural import counted
from comparison.diff.patterns import PATTERNS
from comparison.known.load import load_known
from comparison.known.shipped import shipped_cause
from comparison.known.suggest import MOMENTS, Alike
from comparison.models import Comparison, Difference, RunHeader

from .groups import DifferenceGroups
from .output import replacing
from .wording import entries

MOST = 10_000  # the most cases to store, which limits the memory
_HEAD = """# Accepted by `comparison run --accept`. Complete the causes that are empty.
schema_version = 1
"""
_VERSION = re.compile(r"^schema_version[^\n]*\n", re.MULTILINE)
# The beginning of the list at the top of a file.
_ACCEPT = re.compile(r"^accept[ \t]*=[ \t]*\[", re.MULTILINE)


class AcceptReport:
    """A report that writes known differences to a file, and says what it wrote.

    A difference that is like a shipped one of the frameworks is accepted by its id, in
    every case. Any other has an entry for its cases. A file that exists keeps what it has.
    """

    def __init__(self, path: Path) -> None:
        """Check the file. Raises UsageError if we cannot add known differences to it."""
        self.path = path
        self.groups = DifferenceGroups()
        self.firsts: list[Comparison] = []
        self.shipped: dict[str, None] = {}
        self.mistakes: set[tuple[str, ...]] = set()
        self.cases = 0
        self.left = 0
        self._before()

    def begin(self, header: RunHeader) -> None:
        """Do nothing: all is known only at the end."""

    def add(self, comparison: Comparison) -> None:
        """Collect the differences of a case that no known difference matches."""
        if comparison.verdict not in ("different", "failed"):
            return
        self.cases += bool(comparison.unexpected)
        self.left += _fails_still(comparison)
        self.mistakes |= {
            each.key
            for each in comparison.findings
            if each.layer == "app" and each.cause and each.remedy
        }
        shipped = [(d, _shipped(comparison, d)) for d in comparison.unexpected]
        # An entry for a part of a request would change what the rest is like.
        others = {d.request for d, known in shipped if not known}
        for difference, known in shipped:
            if difference.request not in others:
                self.shipped[known] = None
        rest = replace(
            comparison,
            differences=tuple(d for d in comparison.differences if d.request in others),
        )
        if rest.unexpected and self.groups.add(rest) and len(self.firsts) < MOST:
            self.firsts.append(rest)

    def end(self, header: RunHeader) -> None:
        """Write the file. Raises UsageError if it cannot be written, or has changed."""
        before, accepted, ids = self._before()
        new = [known for known in self.shipped if known not in accepted]
        taken = ids | set(header.known_ids)
        found = [(each, self.groups.alike(each)) for each in self.firsts]
        written = [
            text
            for comparison, alike in found
            if (text := entries(comparison, header.targets, alike, taken))
        ]
        if not new and not written:
            echo(f"comparison: --accept {self.path}: nothing new to accept", err=True)
            return
        text = "\n\n".join([_with_accepted(before, new).rstrip("\n"), *written]) + "\n"
        with replacing(self.path) as stream:
            stream.write(text.encode("utf-8"))
        echo(f"comparison: {self._summary(new, written)}", err=True)
        if self.mistakes:
            number = counted(len(self.mistakes), "cause")
            echo(
                f"comparison: accepted {number} in the apps, which the report has remedies"
                " for: keep an entry only if its difference is to stay",
                err=True,
            )
        passing = [c.case.id for c, alike in found if _passes(c, alike)]
        if passing:
            first = f"{counted(len(passing), 'case')}, first: {passing[0]}"
            echo(
                f"comparison: values that look random ({first}):"
                " run --self-check first, or the entries will not match the next run",
                err=True,
            )

    def _before(self) -> tuple[str, frozenset[str], set[str]]:
        """Return the text of the file, the ids that it accepts, and those it uses."""
        if not self.path.exists():
            if not self.path.parent.is_dir():
                raise UsageError(f"--accept {self.path}: the folder does not exist")
            return _HEAD, frozenset(), set()
        if not self.path.is_file():
            raise UsageError(f"--accept {self.path}: is not a file")
        known = load_known([self.path])
        return self.path.read_text("utf-8-sig"), known.accepted, set(known.entries)

    def _summary(self, new: list[str], written: list[str]) -> str:
        number = sum(text.count("[[known]]") for text in written)
        without = sum(text.count('cause = ""') for text in written)
        parts = []
        if new:
            parts.append(counted(len(new), "shipped difference"))
        if number:
            parts.append(counted(number, "entry", "entries"))
        sentence = (
            f"{' and '.join(parts)} for {counted(self.cases, 'case')} in {self.path}"
        )
        if without:
            sentence += f"; {without} without a cause: please complete them"
        if self.left:
            fail = "fails" if self.left == 1 else "fail"
            sentence += (
                f"; {counted(self.left, 'case')} still {fail} for another reason"
            )
        return f"accepted {sentence}; use it with --known {self.path}"


def _fails_still(comparison: Comparison) -> bool:
    """Return whether a case fails although all its differences are known."""
    differing = {(d.request, d.field) for d in comparison.unexpected}
    unmet = any(
        failure.known is None and (failure.request, failure.field) not in differing
        for failure in comparison.expectation.failures
    )
    return unmet or bool(comparison.failing_stale)


def _shipped(comparison: Comparison, difference: Difference) -> str:
    """Return the id of the shipped difference that explains this one; "" if none does."""
    if not difference.similar:
        return ""
    nearest = difference.similar[0]
    request = 0 if difference.request is UNSET else difference.request
    found = [
        finding
        for finding in comparison.findings
        if (finding.target, finding.request) == (difference.target, request)
    ]
    explained = any(
        finding.cause == nearest
        or (finding.layer == "framework" and difference.field in finding.fields)
        for finding in found
    )
    return nearest if explained else ""


def _passes(comparison: Comparison, alike: Mapping[int, Alike]) -> bool:
    """Return whether an entry for this case has ids or times that the next run changes."""
    for d in comparison.unexpected:
        request = 0 if d.request is UNSET else d.request
        if request not in alike or (d.target, d.field) in alike[request].varied:
            continue
        if d.field in MOMENTS or not (
            isinstance(d.reference, str) and isinstance(d.candidate, str)
        ):
            continue
        for pattern in (PATTERNS["uuid"], PATTERNS["timestamp"]):
            sides = (pattern.findall(each) for each in (d.reference, d.candidate))
            # Values of another length have another format, which is a difference.
            if any(a != b and len(a) == len(b) for a, b in zip(*sides, strict=False)):
                return True
    return False


def _with_accepted(text: str, new: list[str]) -> str:
    """Return the text of a file with these ids added to its list of accepted ids."""
    if not new:
        return text
    lines = ""
    for known in new:
        lines += f"\n    {toml.string(known)},  # {shipped_cause(known).summary}"
    if found := _ACCEPT.search(text):
        rest = text[found.end() :]
        lines += "" if rest.startswith("\n") else "\n"  # which ends the comment
        return text[: found.end()] + lines + rest
    # A key at the top of a file stands before the first table.
    version = _VERSION.search(text)
    at = version.end() if version else 0
    return f"{text[:at]}accept = [{lines}\n]\n{text[at:]}"
