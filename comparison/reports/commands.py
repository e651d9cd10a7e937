"""Build commands that reproduce a report or a page, on these or other targets."""

import shlex
from collections.abc import Sequence
from itertools import pairwise

from comparison.known.match import KnownDifferences
from comparison.known.models import KnownDifference
from comparison.known.observed import pair_of
from comparison.models import TargetInfo
from comparison.targets.servers.stacks import SERVERS, STACKS


def command_about(verb: str, what: str, *options: str) -> str:
    """Return the shell command about a case or a known difference.

    An id that looks like an option comes last (POSIX.1-2024, Utility Syntax Guideline 10).

    >>> command_about("show", "custom", "--timeout", "3")
    'comparison show custom --timeout 3'
    >>> command_about("show", "-x", "--timeout", "3")
    'comparison show --timeout 3 -- -x'
    """
    ordered = [*options, "--", what] if what.startswith("-") else [what, *options]
    return shlex.join(["comparison", verb, *ordered])


_OF_A_RUN = ("--target", "--cases", "--known", "--timeout")


def run_options_of(command: str) -> list[str]:
    """Return the options of a run that other commands need to see the same cases.

    >>> run_options_of("comparison run -q --target a=x:app --cases=c.toml --output r.md")
    ['--target', 'a=x:app', '--cases=c.toml']
    """
    found: list[str] = []
    for word, following in pairwise([*shlex.split(command), ""]):
        if word in _OF_A_RUN:
            found += [word, following]
        elif word.partition("=")[0] in _OF_A_RUN:
            found.append(word)
    return found


def targets_with_difference(
    known: KnownDifferences, entry: KnownDifference, targets: Sequence[TargetInfo]
) -> tuple[str, ...]:
    """Return the options that run the apps of these targets where a difference occurs.

    Return () if no installed server shows it, or if an app is missing.
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
