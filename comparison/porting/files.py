"""Find the files of an application, port those that are Python, and write them."""

import itertools
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from comparison.core.errors import UsageError
from comparison.core.processes.guard import end_with

from .asynchronous import decide
from .facts import Facts
from .modules import PortedModule, facts_of, port_module
from .program import Program
from .undecided import Undecided

SKIPPED = {".git", ".hg", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
MOST = 10 * 2**20
"""A larger file is data, even if its name ends with .py."""
START = "fork" if sys.platform == "linux" else "spawn"
"""How processes start: a fork has imported the parser already."""
SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
CHUNK = 4
"""So many modules are given to a process at once."""
WORTH_IT = 400_000
"""Bytes of source; for fewer, another process costs more time than it saves."""


@dataclass
class Application:
    """An application on disk: the module, package or folder at `source`.

    `root` is the folder that its modules are imported from, and `files` has the paths
    below it of all files, of which `modules` are Python.
    """

    source: Path
    root: Path
    files: list[Path]
    modules: dict[str, Path]


@dataclass
class PortedFiles:
    """The result of porting: the content of each changed file, and the work left."""

    changed: dict[Path, bytes] = field(default_factory=dict)
    undecided: list[Undecided] = field(default_factory=list)
    unparsed: list[Path] = field(default_factory=list)
    rewritten: int = 0


def find_application(source: str) -> Application:
    """Find the files of a module, a package or a folder. Raises UsageError."""
    path = Path(source)
    if not path.exists() and source.replace(".", "").isidentifier():
        named = Path(*source.split("."))
        path = named if named.is_dir() else named.with_suffix(".py")
    if not path.exists():
        raise UsageError(f"{source}: is not a module, a package or a folder")
    path = path.resolve()
    if path.is_file():
        if path.suffix != ".py":
            raise UsageError(f"{source}: is not a Python module")
        root, files = path.parent, [path]
    else:
        root, files = path, sorted(_files_below(path))
        while (root / "__init__.py").exists():
            root = root.parent
    relative = [file.relative_to(root) for file in files]
    modules = {}
    for file in relative:
        if file.suffix == ".py" and (root / file).is_file():
            parts = file.with_suffix("").parts
            parts = parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts
            modules[".".join(parts)] = file
    if not modules:
        raise UsageError(f"{source}: has no Python module")
    return Application(path, root, relative, modules)


def _files_below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [
            each for each in folders
            if each not in SKIPPED and not Path(parent, each, "pyvenv.cfg").exists()
        ]  # fmt: skip
        links = [each for each in folders if Path(parent, each).is_symlink()]
        yield from (Path(parent, each) for each in (*files, *links))


def port_files(
    application: Application,
    result: PortedFiles,
    *,
    plain_views: bool = False,
    comments: bool = False,
    jobs: int = 0,
) -> Iterator[int]:
    """Port the modules of an application into `result`; yield 1 for each module, twice.

    Nothing of the application is executed. Raises UsageError if a file cannot be read.
    """
    contents = {}
    for name, path in application.modules.items():
        try:
            content = (application.root / path).read_bytes()
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}") from None
        if len(content) <= MOST:
            contents[name] = content
    size = sum(map(len, contents.values()))
    with _mapping(jobs or min(os.cpu_count() or 1, 8), size) as each_of:
        tasks = [
            (content, application.modules[name].as_posix(), name)
            for name, content in contents.items()
        ]
        modules: list[Facts] = []
        for task, facts in zip(tasks, each_of(_facts, tasks), strict=True):
            yield 1
            if facts is None:
                result.unparsed.append(application.modules[task[2]])
            else:
                modules.append(facts)
        decisions = decide(Program(modules), plain_views=plain_views)
        work = [
            (contents[facts.name], facts.path, dict(decisions.edits[facts.name]),
             decisions.found[facts.name])
            for facts in modules if decisions.concern(facts)
        ]  # fmt: skip
        yield from itertools.repeat(1, len(modules) - len(work))
        writing = partial(_ported, comments=comments)
        for given, ported in zip(work, each_of(writing, work), strict=True):
            yield 1
            result.undecided += ported.undecided
            result.rewritten += ported.rewritten
            if ported.content != given[0]:
                result.changed[Path(given[1])] = ported.content
    result.undecided.sort()


@contextmanager
def _mapping(jobs: int, size: int) -> Iterator[Callable[..., Iterable[Any]]]:
    """Give a `map` over processes, or the plain one for little work."""
    if jobs < 2 or size < WORTH_IT:
        yield map
        return
    context = multiprocessing.get_context(START)
    before = set(multiprocessing.active_children())
    parent = os.getpid()
    with ProcessPoolExecutor(jobs, context, _follow, (parent,)) as pool:
        # A signal must not arrive in a process before that knows what to do then.
        earlier = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            pool.submit(os.getpid)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, earlier)

        def each_of(
            function: Callable[[Any], Any], tasks: Sequence[Any]
        ) -> Iterator[Any]:
            parts = [tasks[at : at + CHUNK] for at in range(0, len(tasks), CHUNK)]
            futures = [pool.submit(_call, function, part) for part in parts]
            for future in futures:
                yield from future.result()

        try:
            yield each_of
        except BaseException:
            # The parser does not listen until it has finished a module.
            for process in set(multiprocessing.active_children()) - before:
                process.kill()
            raise


def _call(function: Callable[[Any], Any], tasks: Sequence[Any]) -> list[Any]:
    return [function(task) for task in tasks]


def _follow(parent: int) -> None:
    """End this process silently with its parent, and when a signal says so."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The parent gets it too.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    end_with(parent)


def _facts(task: tuple[bytes, str, str]) -> Facts | None:
    try:
        return facts_of(*task)
    except (SyntaxError, RecursionError):
        return None


def _ported(task: tuple[bytes, str, Any, Any], *, comments: bool) -> PortedModule:
    content, path, edits, found = task
    ported = port_module(content, path, edits, found, comments=comments)
    if compiles(content) and not compiles(ported.content):
        reason = "The rewritten module would not compile"
        undecided = Undecided(path, 1, reason, "port it by hand, and report this")
        return PortedModule(content, (undecided,), 0)
    return ported


def compiles(content: bytes) -> bool:
    """Whether a source compiles; it is not executed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(content, "module", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError):
            return False
    return True


def write_files(application: Application, ported: PortedFiles, output: Path) -> None:
    """Write an application with its changed files; copy the others byte for byte.

    Raises UsageError if a file cannot be written.
    """
    try:
        for path in application.files:
            target = output / path
            target.parent.mkdir(parents=True, exist_ok=True)
            source = application.root / path
            if path in ported.changed:
                target.write_bytes(ported.changed[path])
                shutil.copymode(source, target)
            elif source != target.resolve():
                target.unlink(missing_ok=True)
                shutil.copy2(source, target, follow_symlinks=False)
    except OSError as error:
        raise UsageError(f"--output {output}: {error.strerror}") from None


def check_output(application: Application, output: Path, *, force: bool) -> None:
    """Raise UsageError if files of a person could be lost."""
    folder = output.resolve()
    if folder == application.root or application.source in (folder, *folder.parents):
        raise UsageError(f"--output {output}: is the source; use --in-place")
    if output.exists() and not output.is_dir():
        raise UsageError(f"--output {output}: is not a folder")
    if output.is_dir() and any(output.iterdir()) and not force:
        raise UsageError(
            f"--output {output}: is not empty; use --force to replace files"
        )


def check_work_tree(application: Application) -> None:
    """Raise UsageError if git could not bring the source back."""
    command = ["git", "status", "--porcelain", "--untracked-files=all", "--", "."]
    try:
        status = subprocess.run(  # noqa: S603  # the arguments are ours
            command, cwd=application.root, capture_output=True, text=True, check=False
        )
    except OSError:
        raise UsageError("--in-place: git is not installed") from None
    if status.returncode:
        raise UsageError(f"--in-place: {application.root} is not in a git work tree")
    if status.stdout.strip():
        raise UsageError(
            "--in-place: the work tree has changes; commit or stash them first"
        )
