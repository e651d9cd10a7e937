"""Write a file of known differences that accepts what was unexpected in a run."""

from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from comparison.core import toml_writer as toml
from comparison.core.documents import Converter
from comparison.core.escaping import echo
from comparison.core.plural import counted
from comparison.known.match import shipped_entries
from comparison.models import Comparison, RunHeader

from .groups import DifferenceGroups
from .wording import entries

MOST = 10_000  # the most cases to store, which limits the memory
_HEAD = """# Accepted by `comparison run --accept`. Complete the causes that are empty.
schema_version = 1
"""


class AcceptReport:
    """A report that writes known differences to a file, and says what it wrote.

    A difference that is like a shipped one of the frameworks is accepted by its id, in
    every case. Any other has an entry for its cases. A file that exists keeps what it has.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.groups = DifferenceGroups()
        self.firsts: list[Comparison] = []
        self.shipped: dict[str, str] = {}
        self.cases = 0
        self.left = 0

    def begin(self, header: RunHeader) -> None:
        """Do nothing: all is known only at the end."""

    def add(self, comparison: Comparison) -> None:
        """Collect the differences of a case that no known difference matches."""
        if comparison.verdict not in ("different", "failed"):
            return
        self.left += not comparison.unexpected
        self.cases += bool(comparison.unexpected)
        shipped = {
            f.cause: f for f in comparison.findings if f.cause in shipped_entries()
        }
        # An entry for a part of a request would change what the rest is like.
        others = {
            d.request
            for d in comparison.unexpected
            if not (d.similar and d.similar[0] in shipped)
        }
        for d in comparison.unexpected:
            if d.request not in others and d.similar:
                self.shipped[d.similar[0]] = shipped[d.similar[0]].summary
        rest = replace(
            comparison,
            differences=tuple(d for d in comparison.differences if d.request in others),
        )
        if rest.unexpected and self.groups.add(rest) and len(self.firsts) < MOST:
            self.firsts.append(rest)

    def end(self, header: RunHeader) -> None:
        """Write the file. Raises DocumentError if it is no file of known differences."""
        tables = Converter(self.path).tables if self.path.is_file() else {}
        accepted = dict.fromkeys(tables.get("accept", ()))
        new = [known for known in self.shipped if known not in accepted]
        taken = {entry["id"] for entry in tables.get("known", ())} | set(
            header.known_ids
        )
        written = [text for text in self._entries(header, taken) if text]
        if not new and not written:
            echo(f"comparison: --accept {self.path}: nothing new to accept", err=True)
            return
        before = self.path.read_text("utf-8") if tables else _HEAD
        text = _with_accepted(before, [*accepted, *new], self.shipped)
        self.path.write_text("\n\n".join([text.rstrip("\n"), *written]) + "\n", "utf-8")
        echo(f"comparison: {self._summary(new, written)}", err=True)

    def _entries(self, header: RunHeader, taken: set[str]) -> Iterator[str]:
        for comparison in self.firsts:
            yield entries(
                comparison, header.targets, self.groups.alike(comparison), taken
            )

    def _summary(self, new: list[str], written: list[str]) -> str:
        number = sum(text.count("[[known]]") for text in written)
        without = sum(text.count('cause = ""') for text in written)
        parts = []
        if new:
            parts.append(counted(len(new), "shipped difference"))
        if number:
            parts.append(counted(number, "entry", "entries"))
        said = f"{' and '.join(parts)} for {counted(self.cases, 'case')} in {self.path}"
        if without:
            said += f"; {without} without a cause: please complete them"
        if self.left:
            said += f"; {counted(self.left, 'case')} fail for another reason, and are not accepted"
        return f"accepted {said}; use it with --known {self.path}"


def _with_accepted(text: str, ids: list[str], summaries: dict[str, str]) -> str:
    """Return the text of a file with its list of accepted ids replaced."""
    if not ids:
        return text
    lines = ["accept = ["]
    for known in ids:
        note = f"  # {summaries[known]}" if known in summaries else ""
        lines.append(f"    {toml.string(known)},{note}")
    lines.append("]")
    start = text.find("\naccept = [")
    if start < 0:
        head, first, rest = text.partition("schema_version = 1\n")
        return f"{head}{first}\n" + "\n".join(lines) + f"\n{rest}"
    end = text.index("\n]", start) + 2
    return text[: start + 1] + "\n".join(lines) + text[end:]
