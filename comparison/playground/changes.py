"""Notice that the source of the apps or the cases have changed."""

import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from importlib.machinery import PathFinder
from pathlib import Path

from comparison.core.errors import UsageError
from comparison.targets.spec import parse_spec

SUFFIXES = (".py", ".html", ".htm", ".jinja", ".jinja2", ".j2", ".toml")
"""The files that change how an app behaves; an app may write others itself."""

OTHERS = ("node_modules", "__pycache__", "site-packages")
MAX_FILES = 5_000
PAUSE = 0.2  # seconds between two looks at the files

Snapshot = dict[str, tuple[int, int]]


class SourceWatch:
    """Counts how often files have changed: those of the apps, and those with cases.

    Safe to use from several threads.
    """

    def __init__(self, places: Iterable[Path]) -> None:
        self.places = [*dict.fromkeys(places)]
        self._lock = threading.Lock()
        self._version = 0
        self._looked = 0.0
        self._seen = self._snapshot()

    def version(self) -> int:
        """Return how often files have changed so far."""
        with self._lock:
            if time.monotonic() - self._looked > PAUSE:
                seen = self._snapshot()
                self._version += seen != self._seen
                self._seen = seen
                self._looked = time.monotonic()
            return self._version

    def _snapshot(self) -> Snapshot:
        found: Snapshot = {}
        for path in self._files():
            try:
                status = os.stat(path)  # noqa: PTH116 - a Path for each would take longer
            except OSError:
                continue
            found[path] = (status.st_mtime_ns, status.st_size)
            if len(found) == MAX_FILES:
                break
        return found

    def _files(self) -> Iterator[str]:
        for place in self.places:
            if place.is_file():
                yield str(place)
            for folder, folders, files in os.walk(place):
                folders[:] = [
                    name
                    for name in sorted(folders)
                    if not name.startswith(".")
                    and name not in OTHERS
                    and not (Path(folder) / name / "pyvenv.cfg").exists()
                ]
                for name in sorted(files):
                    if name.endswith(SUFFIXES):
                        yield str(Path(folder) / name)


def folders_of(specs: Iterable[str]) -> Iterator[Path]:
    """Yield the folder of each app that a `NAME=SPEC` names, without importing it."""
    for target in specs:
        spec = target.partition("=")[2]
        if "://" in spec:
            continue
        try:
            module = parse_spec(spec).module.partition(".")[0]
        except UsageError:
            continue
        found = PathFinder.find_spec(module, [str(Path.cwd()), *sys.path])
        if found is None:
            continue
        if found.submodule_search_locations:
            yield from map(Path, found.submodule_search_locations)
        elif found.origin:
            yield Path(found.origin).parent
