"""Draft cases from the url map of an app, for a run or for a case file."""

import sys
from collections.abc import Collection
from pathlib import Path
from tempfile import TemporaryDirectory

from comparison.core.errors import UsageError
from comparison.core.escaping import echo
from comparison.core.plural import counted
from comparison.core.start_timeout import start_timeout
from comparison.models import Case, NormalisationRules

from .config import find_project


def drafted_cases(
    specs: Collection[str], normalisations: NormalisationRules | None
) -> Collection[Case]:
    """Draft cases for safe methods from the first app that has a url map.

    Prints how to keep them. Raises UsageError if no target is an app with a url map.
    """
    from comparison.cases import store_cases
    from comparison.redaction import redacted_command

    for spec in specs:
        app = spec.partition("=")[2].partition("@")[0]
        if "://" in app:
            continue
        try:
            text = draft_of_app(app, all_methods=False, others=set())
        except UsageError:
            continue
        with TemporaryDirectory() as folder:
            path = Path(folder) / "drafted.toml"
            path.write_text(text, "utf-8")
            cases = store_cases(path, normalisations=normalisations)
        named = redacted_command(app)
        echo(
            f"comparison: no --cases: {counted(len(cases), 'case')} drafted from the url"
            f" map of {named}; to keep and edit them: comparison discover {named}"
            " --output cases.toml",
            err=True,
        )
        return cases
    raise UsageError("no --cases, and no target has a url map to draft them from")


def draft_of_app(spec: str | None, *, all_methods: bool, others: set[str]) -> str:
    """Draft a case file from the app of a SPEC, or from the project's reference.

    A child process loads the app. Raises UsageError for an app without a url map, and
    TargetError for an app that cannot be loaded.
    """
    project = find_project(drafting=True)
    if project.path is not None:
        sys.path.insert(0, str(project.root.resolve()))
    if spec is None:
        if not project.targets:
            raise UsageError("name an APP: module:attribute or module:factory()")
        spec = project.targets[0].partition("=")[2]
    from comparison.core.processes.call import call_in_child

    drafted: str = call_in_child(
        f"target {spec!r}", "comparison.runner.drafted:discovered", spec, all_methods, others,
        seconds=start_timeout(),
    )  # fmt: skip
    return drafted


def discovered(spec: str, all_methods: bool, others: set[str]) -> str:
    """Load the app of a SPEC here and draft a case file from its url map."""
    from comparison.cases.sources.discover import discover
    from comparison.redaction import redacted_command
    from comparison.targets import resolve_target

    target = resolve_target(spec)
    app = getattr(target.in_process() or target, "app", None)
    if not hasattr(app, "url_map"):
        raise UsageError(f"{spec}: has no url map; it is not a Flask or Quart app")
    named = redacted_command(spec)
    return discover(app, named, all_methods=all_methods, others=others)
