"""Targets that pyproject.toml describes as tables, with secrets from the environment."""

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from comparison.core.errors import UsageError
from comparison.models.access import Access, TargetTable

from .config import TABLE, Project

if TYPE_CHECKING:
    from comparison.targets import Target

    from .messages import UrlMap


def give_options(
    targets: "Mapping[str, Target]", specs: Iterable[str], project: Project
) -> tuple[str, ...]:
    """Give each target what the project says about it; return the secrets in that.

    `specs` are the targets in the form of `--target`. A target that the command line
    changes has no table. Raises UsageError.
    """
    _give_reset(targets, project)
    found: tuple[str, ...] = ()
    for target, spec in zip(targets.values(), specs, strict=True):
        name, _, rest = spec.partition("=")
        # The self-check runs the reference under another name too.
        name = name.removesuffix(" again")
        if table := project.tables.get(f"{name}={rest}"):
            try:
                target.access, secrets = access_of(name, table)
            except UsageError as error:
                line = project.line(*TABLE, "targets", name)
                raise UsageError(f"{project.path}:{line}: {error}") from None
            found += secrets
    return found


def _give_reset(targets: "Mapping[str, Target]", project: Project) -> None:
    """Give each target the project's way to reset the state, if it has one."""
    if project.config.reset is None:
        return
    from comparison.targets.reset import Resetting

    for target in targets.values():
        folder = str(project.root.resolve())
        target.resetting = Resetting(project.config.reset, folder)


def without_prefixes(
    url_maps: "Mapping[str, UrlMap]", project: Project
) -> "Mapping[str, UrlMap]":
    """Return the url maps of targets without the path prefixes that we add for them."""
    prefixes = {
        spec.partition("=")[0]: table.path_prefix
        for spec, table in project.tables.items()
    }
    if not prefixes:
        return url_maps
    return {
        name: tuple(
            (rule.removeprefix(prefixes.get(name, "")) or "/", method)
            for rule, method in url_map
        )
        for name, url_map in url_maps.items()
    }


def access_of(
    name: str, table: TargetTable, environment: Mapping[str, str] = os.environ
) -> tuple[Access, tuple[str, ...]]:
    """Return what a target needs, and the secrets in it. Raises UsageError.

    >>> table = TargetTable(spec="shop:app", headers={"X-Key": "${env:KEY}"})
    >>> access_of("shop", table, {"KEY": "k-1"})
    (Access(path_prefix='', headers={'X-Key': 'k-1'}, auth=None), ('k-1',))
    """
    from comparison.cases.expand import expanded

    plain = msgspec.to_builtins(table)
    plain.pop("spec")
    (filled,) = expanded(plain, environment)
    if filled.problems:
        raise UsageError(f"targets.{name}: {'; '.join(filled.problems)}")
    access = msgspec.convert(filled.table, Access)
    secrets = filled.secrets
    if access.auth is not None:
        secrets = (*secrets, access.auth.secret)
    return access, secrets
