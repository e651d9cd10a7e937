"""Load an app from one of two folders whose modules have the same names."""

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from comparison.core.errors import UsageError


def spec_for(folder: Path, spec: str) -> str:
    """Return a SPEC that loads `spec` from a folder, even beside one of the same name."""
    at, server = spec.partition("@")[1:]
    return f"{__name__}:load({str(folder)!r}, {spec.partition('@')[0]!r}){at}{server}"


def load(folder: str, spec: str) -> Any:
    """Return the app of a SPEC, imported from a folder and from nowhere else."""
    return _factory(folder, spec)({}, False)


@cache
def _factory(folder: str, spec: str) -> Callable[..., Any]:
    """Import the factory of a SPEC, once: an app may be made anew for each case."""
    from comparison.targets.spec import load_factory, parse_spec

    parsed = parse_spec(spec)
    top = parsed.module.partition(".")[0]
    roots = [Path(folder), Path(folder, "src")]
    names = {path.stem for root in roots if root.is_dir() for path in root.iterdir()}
    if top not in names:
        raise UsageError(f"--check {spec}: {folder} has no module {top}")
    for name in list(sys.modules):
        if name.partition(".")[0] in names and _is_elsewhere(name, folder):
            del sys.modules[name]
    sys.path[:0] = [str(root) for root in roots]
    try:
        return load_factory(parsed, spec)
    finally:
        for root in roots:
            sys.path.remove(str(root))


def _is_elsewhere(name: str, folder: str) -> bool:
    """Whether a module is an application's, and not of this folder."""
    file = getattr(sys.modules[name], "__file__", None)
    if file is None:
        return not hasattr(sys.modules[name], "__loader__")
    path = Path(file)
    return Path(folder) not in path.parents and not name.startswith("comparison")
