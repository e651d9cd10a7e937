"""Where drafted case files come from and go to: an app, a file, standard output."""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from .config import find_project
from .errors import UsageError


def app_of(spec: str | None) -> tuple[str, Any]:
    """The app of a SPEC, or of the project's reference, with its SPEC.

    Raises UsageError for an app without a url map, TargetError for one that cannot be
    loaded.
    """
    from .targets import resolve_target

    project = find_project(drafting=True)
    if project.path is not None:
        sys.path.insert(0, str(project.root.resolve()))
    if spec is None:
        if not project.targets:
            raise UsageError("name an APP: module:attribute or module:factory()")
        spec = next(iter(project.config.targets.values()))
    app = getattr(resolve_target(spec), "app", None)
    if not hasattr(app, "url_map"):
        raise UsageError(f"{spec}: has no url map; it is no Flask or Quart app")
    return spec, app


def write_draft(text: str, output: str | None, *, force: bool) -> None:
    """Write a draft to a file, whole or not at all, or to standard output.

    Raises UsageError if the file exists, since a person may have gone on with it.
    """
    if output is None:
        click.echo(text, nl=False)
        return
    path = Path(output)
    if path.exists() and not force:
        raise UsageError(f"--output {path}: exists; --force replaces it")
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        raise UsageError(f"--output {path}: {error.strerror}") from None
    number = sum(line == "[[case]]" for line in text.splitlines())
    off = sum(line == "# [[case]]" for line in text.splitlines())
    left = f", {off} more as comments" if off else ""
    click.echo(f"{path}: {number} cases{left}")
