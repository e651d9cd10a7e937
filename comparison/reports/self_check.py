"""Report the self-check of a run, with the rules that it suggests."""

from collections.abc import Iterator

from comparison.core.plural import counted
from comparison.models import (
    SelfCheck,
)

from .values import of_request, short_value

MAX_LISTED = 20


def self_check_lines(self_check: SelfCheck) -> Iterator[str]:
    """Report the self-check of one target, with normalisation rules to paste."""
    target = f"{self_check.target}, run twice,"
    if self_check.differing:
        below = (
            "; this run did not apply the rules below" if self_check.proposals else ""
        )
        yield (
            f"{target} responded differently in {self_check.differing} of"
            f" {counted(self_check.total, 'case')}{below}"
        )
    elif self_check.total:
        yield f"{target} responded the same in {counted(self_check.total, 'case')}"
    if skipped := self_check.skipped:
        names = ", ".join(skipped[:MAX_LISTED])
        rest = f" and {len(skipped) - MAX_LISTED} more" if skipped[MAX_LISTED:] else ""
        yield (
            f"not compared, because the first run may have changed the second: {names}"
            f"{rest}"
        )
    for proposal in self_check.proposals:
        yield ""
        if proposal.scope == "project":
            yield "# for pyproject.toml"
        else:
            yield f"# for the case {proposal.case} at {proposal.origin}"
        yield from proposal.toml.splitlines()
        for rule in proposal.rules:
            yield f"# {rule.name}: {counted(rule.applied, 'case')}"
    if self_check.withheld:
        yield ""
        yield "not proposed, because it would hide a difference between the targets:"
    for withheld in self_check.withheld[:MAX_LISTED]:
        yield f"  {withheld.rule}  {withheld.case}, {withheld.target}"
    if self_check.unexplained:
        yield ""
        yield "no rule ignores:"
    for each in self_check.unexplained[:MAX_LISTED]:
        where = of_request(each.request)
        first, second = short_value(each.first), short_value(each.second)
        yield f"  {each.case}  {each.field}{where}: {first}, then {second}"
    if (more := len(self_check.unexplained) - MAX_LISTED) > 0:
        yield f"  and {more} more"
