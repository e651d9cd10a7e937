"""`check`: today's run beside a baseline."""

from collections.abc import Callable

from .baseline import Baseline
from .model import Comparison, RunHeader
from .reports.wording import environment_line

Say = Callable[[str], None]


class CheckReport:
    """A line for everything that is new or gone, and how many there were."""

    def __init__(self, baseline: Baseline, say: Say, quiet: bool = False) -> None:
        self.baseline = baseline
        self.say = say
        self.quiet = quiet
        self.new = self.gone = self.same = 0
        self.missing = set(baseline.problems)

    @property
    def exit_code(self) -> int:
        """1 if there is anything new."""
        return 1 if self.new else 0

    def begin(self, header: RunHeader) -> None:
        """What the environments are, where they are not the same."""
        then, now = environment_line(self.baseline.header), environment_line(header)
        if then != now and not self.quiet:
            self.say(f"recorded with {then}")
            self.say(f"checked with  {now}")
        for change in self.baseline.rule_changes(header.lone_rules):
            self._line(change.new, "url-rules", change.what)

    def add(self, comparison: Comparison) -> None:
        """What changed in one case."""
        case = comparison.case.id
        self.missing.discard(case)
        changes = self.baseline.changes(comparison)
        for change in changes:
            self._line(change.new, case, change.what)
        self.same += not changes

    def end(self, header: RunHeader) -> None:
        """The cases that were not asked, and the verdict."""
        if self.missing and not self.quiet:
            first = ", ".join(sorted(self.missing)[:3])
            more = "" if len(self.missing) <= 3 else ", …"
            self.say(f"not asked today: {len(self.missing)} cases ({first}{more})")
        verdict = "CHANGED" if self.new else "AS RECORDED"
        counts = f"{self.new} new, {self.gone} fixed, {self.same} cases as they were"
        interrupted = " (interrupted)" if header.interrupted else ""
        self.say(f"{verdict}: {counts}{interrupted}")

    def _line(self, new: bool, case: str, what: str) -> None:
        self.new += new
        self.gone += not new
        if new or not self.quiet:
            self.say(f"{'+ new  ' if new else '- fixed'}  {case}  {what}")
