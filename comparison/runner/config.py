"""`[tool.comparison]` in pyproject.toml: the project's settings.

    [tool.comparison]
    cases = ["tests/cases"]
    known = ["tests/known.toml"]
    timeout = 5

    [tool.comparison.targets]
    flask = "shop.flask:create_app()"
    quart = "shop.quart:create_app()"

    [tool.comparison.normalisations]
    presence = ["x-request-id"]

Paths are relative to the file's folder. The targets are imported from it too. Options
of the command line override these settings.
"""

import os
import tomllib
from pathlib import Path

from msgspec import Struct

from comparison.core.documents import Converter, file_problem
from comparison.models import NormalisationRules, timeout_error
from comparison.models.access import TargetTable
from comparison.models.reset import Reset

TABLE = ("tool", "comparison")
FILE = "pyproject.toml"


class Config(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """The settings of a project. `path` is the file that they were read from.

    `targets` are SPECs or tables by name; the first is the reference. `ignore-rules` are patterns
    of url rules that may be in one app only. `timeout` is in seconds. `redact` removes
    secrets from reports. `reset` prepares the state that the targets share.
    """

    targets: dict[str, str | TargetTable] = {}
    cases: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    timeout: float = 10.0
    ignore_rules: tuple[str, ...] = ()
    redact: bool = True
    normalisations: NormalisationRules | None = None
    reset: Reset | None = None

    def __post_init__(self) -> None:
        if fault := timeout_error(self.timeout):
            raise ValueError(fault)
        if len(self.targets) == 1:
            raise ValueError("targets must be two or more")


class Project(Struct, frozen=True):
    """A configuration and its file; paths are relative to `root`."""

    config: Config = Config()
    path: Path | None = None
    targets_line: int = 0

    def line(self, *at: str) -> int:
        """Return the line of a key in the file."""
        assert self.path is not None
        return Converter(self.path).line(*at)

    @property
    def root(self) -> Path:
        """The folder that paths are relative to."""
        return Path() if self.path is None else self.path.parent

    def paths(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return these paths relative to the working directory."""
        return tuple(str(_seen(self.root / name)) for name in names)

    def names(self, paths: tuple[str, ...]) -> tuple[str, ...]:
        """Return these paths relative to the project's folder: the inverse of `paths`."""
        root = self.root.resolve()
        return tuple(_name(path, root) for path in paths)

    @property
    def targets(self) -> tuple[str, ...]:
        """The targets in the form of `--target`."""
        return tuple(
            f"{name}={target if isinstance(target, str) else target.spec}"
            for name, target in self.config.targets.items()
        )

    @property
    def tables(self) -> dict[str, TargetTable]:
        """The targets that are tables, each by its form of `--target`."""
        return {
            spec: target
            for spec, target in zip(
                self.targets, self.config.targets.values(), strict=True
            )
            if isinstance(target, TargetTable)
        }


def find_project(start: Path | None = None, *, drafting: bool = False) -> Project:
    """Find the project with the nearest pyproject.toml, from a folder upwards.

    The search also ends at a file without the table, because a project ends there. With
    `drafting`, the files that it names need not exist. Raises DocumentError with every
    problem.
    """
    folder = (start or Path.cwd()).resolve()
    for parent in (folder, *folder.parents):
        if (path := parent / FILE).is_file():
            return read_project(path, drafting=drafting)
    return Project()


def read_project(path: Path, *, drafting: bool = False) -> Project:
    """Read the project of one pyproject.toml. Raises DocumentError."""
    if not _mentioned(path):
        return Project()
    path = _seen(path)
    converter = Converter(path)
    table = converter.tables.get("tool", {}).get("comparison")
    if table is None:
        return Project()
    config = converter.convert(table, Config, *TABLE)
    if config is not None and not drafting:
        for field in ("cases", "known"):
            for name in getattr(config, field):
                problem = file_problem(path.parent / name)
                if problem not in (None, "is a folder"):
                    detail = (
                        f"{problem} or folder" if problem == "no such file" else problem
                    )
                    message = f"{name!r}: {detail}"
                    converter.problem(message, *TABLE, field, displayed=[field])
    converter.done()
    assert config is not None
    return Project(config, path, converter.line(*TABLE, "targets"))


def _mentioned(path: Path) -> bool:
    # The file's TOML errors and other tables are not our concern.
    try:
        tool = tomllib.loads(path.read_text("utf-8-sig")).get("tool")
    except (OSError, ValueError, RecursionError):
        return _named(path)
    return isinstance(tool, dict) and "comparison" in tool


def _named(path: Path) -> bool:
    try:
        return b"[tool.comparison" in path.read_bytes()
    except OSError:
        return False


def _name(path: str, root: Path) -> str:
    place = Path(path).resolve()
    if Path(path).is_absolute() and not place.is_relative_to(root):
        return path
    return os.path.relpath(place, root)


def _seen(path: Path) -> Path:
    """Return a path relative to the working directory, if that is shorter."""
    try:
        return path.resolve().relative_to(Path.cwd())
    except ValueError:
        return path
