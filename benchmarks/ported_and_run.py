"""Run an application before and after it was ported, by the cases that `discover` drafts.

Libraries that are not installed have a stand-in, which accepts everything, returns itself
and has no items.
"""

import importlib.abc
import importlib.machinery
import os
import subprocess
import sys
import tempfile
from multiprocessing import get_context
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, NamedTuple, Self

from comparison import compare
from comparison.core.errors import TargetError
from comparison.models import Comparison
from comparison.porting.checking import load

OF_FILES = {"header:etag", "header:last-modified"}


class Cases(NamedTuple):
    """How many cases are identical, and how many differ by known differences only."""

    identical: int
    known: int
    other: list[str]

    def __str__(self) -> str:
        return f"{self.identical}, {self.known}, {len(self.other)}"


def load_with(folder: str, spec: str, libraries: str) -> Any:
    """Return the app of a SPEC in a folder, with stand-ins for libraries."""
    sys.meta_path.insert(0, _Finder(libraries.split()))
    return load(folder, spec)


def run(before: Path, after: Path, entry: dict[str, Any], app: str) -> Cases | str:
    """Draft cases for the app in one folder, and run them there and in the other.

    Returns the reason if one of the apps does not start. Each run has its own process,
    because applications share names of modules.
    """
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_run, (before, after, entry, app))


def _run(before: Path, after: Path, entry: dict[str, Any], app: str) -> Cases | str:
    apps = [
        f"{__name__}:load_with({str(folder)!r}, {spec!r}, {entry.get('without', '')!r})"
        for folder, spec in ((before, entry["app"]), (after, app))
    ]
    os.environ.update(entry.get("environment", {}))
    os.chdir(before)
    with tempfile.TemporaryDirectory() as folder:
        drafted = Path(folder, "drafted.toml")
        subprocess.run(  # noqa: S603
            [sys.executable, "-m", "comparison", "discover", apps[0],
             "--all-methods", "--output", str(drafted)],
            check=True, capture_output=True,
        )  # fmt: skip
        try:
            found = list(compare(apps[0], apps[1], drafted, timeout=30))
        except TargetError as error:
            return str(error).rpartition("TargetError: ")[2]
    different = [each for each in found if each.verdict != "identical"]
    other = [each for each in different if not _is_known(each)]
    return Cases(
        len(found) - len(different),
        len(different) - len(other),
        [
            f"{each.case.id}: {', '.join(sorted({d.field for d in each.differences}))}"
            for each in other
        ],
    )


def _is_known(comparison: Comparison) -> bool:
    """Whether each difference is like a known difference that we ship.

    Two headers also depend on the folder of a file, and on when it was written there.
    """
    return all(
        difference.similar or difference.field in OF_FILES
        for difference in comparison.differences
    )


class _Anything(str):
    """Accepts everything, and returns itself; as a decorator it returns the function."""

    __slots__ = ()

    def __new__(cls, *_: Any, **__: Any) -> Self:
        return super().__new__(cls)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        decorates = len(arguments) == 1 and isinstance(arguments[0], FunctionType)
        return arguments[0] if decorates else self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (Exception,), {}) if name.endswith("Error") else self

    def __getitem__(self, _: Any) -> Any:
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __await__(self) -> Any:
        return self
        yield

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        raise StopAsyncIteration


class _Library(ModuleType):
    def __getattr__(self, name: str) -> Any:
        return getattr(_Anything(), name)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, libraries: list[str]) -> None:
        self.libraries = libraries

    def find_spec(self, name: str, *_: Any) -> Any:
        if any(f"{name}.".startswith(f"{each}.") for each in self.libraries):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: Any) -> ModuleType:
        return _Library(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass
