"""Commands that show again, or on other targets, what a report or a page tells."""

import shlex
from collections.abc import Sequence

from comparison.known.match import KnownDifferences
from comparison.known.models import KnownDifference
from comparison.known.observed import pair_of
from comparison.models import TargetInfo
from comparison.targets.servers.stacks import SERVERS, STACKS


def command_about(verb: str, what: str, *options: str) -> str:
    """The command that is about a case or a difference, as a shell takes it.

    What looks like an option comes last (POSIX.1-2024, Utility Syntax Guideline 10).

    >>> command_about("show", "custom", "--timeout", "3")
    'comparison show custom --timeout 3'
    >>> command_about("show", "-x", "--timeout", "3")
    'comparison show --timeout 3 -- -x'
    """
    ordered = [*options, "--", what] if what.startswith("-") else [what, *options]
    return shlex.join(["comparison", verb, *ordered])


def targets_showing(
    known: KnownDifferences, entry: KnownDifference, targets: Sequence[TargetInfo]
) -> tuple[str, ...]:
    """The options that put the apps of these targets where a difference is seen.

    Empty where none of the servers installed shows it, or no app is at hand for one.
    """
    apps = {
        t.framework: t.spec.partition("@")[0] for t in targets if "://" not in t.spec
    }
    installed = [s for s in STACKS if SERVERS[s.partition("+")[2]].installed]
    pair = pair_of(known, entry, installed) if known.applies(entry) else None
    if pair is None or not {side.framework for side in pair} <= apps.keys():
        return ()
    specs = (f"{side.name}={apps[side.framework]}@{side.server}" for side in pair)
    return tuple(part for spec in specs for part in ("--target", spec))
