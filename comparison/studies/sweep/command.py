"""Run `comparison sweep`: sweep or read a recording, then write the outputs."""

import sys
from pathlib import Path

import msgspec

from comparison.core.errors import UsageError
from comparison.core.locking import locked, partial_of
from comparison.core.processes.signals import exit_code_of
from comparison.reports.output import place_of
from comparison.studies import files
from comparison.studies.models import StatusMap
from comparison.targets.servers.stacks import choose_stacks

from . import table as report
from .codes import choose_variants, parse_codes
from .picture import svg
from .plan import Journal, Plan, Sweep

SUFFIXES = (".json", ".svg", ".md", ".txt")


def sweep(
    codes: str,
    stacks: tuple[str, ...],
    variants: tuple[str, ...],
    outputs: tuple[str, ...],
    resume: bool,
    recorded: str | None,
    quiet: bool,
    command: str,
) -> int:
    """Sweep or read a recording, write the outputs, and return the exit code."""
    paths = files.paths_of(outputs, SUFFIXES)
    hidden = files.hides_table(outputs, quiet)
    if recorded is not None:
        with locked(paths):
            _write(paths, read_map(Path(recorded)), hidden)
        return 0
    plan = Plan(parse_codes(codes), choose_stacks(stacks), choose_variants(variants))
    with locked(paths):
        return _sweep(plan, paths, resume, quiet, hidden, command)


def _sweep(
    plan: Plan, paths: list[Path], resume: bool, quiet: bool, hidden: bool, command: str
) -> int:
    path = next((p for p in paths if p.suffix == ".json"), None)
    if resume and path is None:
        raise UsageError(
            "--resume needs the --output FILE.json of the interrupted sweep"
        )
    journal = Journal(plan, path and partial_of(place_of(path)), resume)
    status_sweep = Sweep(plan, journal)
    try:
        files.watch(status_sweep, status_sweep.total, "sweeping", quiet)
    except KeyboardInterrupt as error:
        done = sum(len(block.ranges) > 0 for block in journal.blocks.values())
        hint = "; resume with --resume" if path is not None and done else ""
        sys.stderr.write(f"comparison: interrupted{hint}\n")
        return exit_code_of(error)
    _write(paths, status_sweep.result(command), hidden)
    journal.finish()
    return 0


def read_map(path: Path) -> StatusMap:
    """Read the recording of a sweep. Raises UsageError for anything else."""
    return files.read_recording(path, StatusMap, "a sweep")


def encoded(status_map: StatusMap) -> bytes:
    """Encode a recording as JSON with one range per line."""
    head = msgspec.json.encode(msgspec.structs.replace(status_map, ranges=()))
    lines = b",\n".join(msgspec.json.encode(each) for each in status_map.ranges)
    return head.removesuffix(b"[]}") + b"[\n" + lines + b"\n]}\n"


def _write(paths: list[Path], status_map: StatusMap, hidden: bool) -> None:
    picture = next((p.name for p in paths if p.suffix == ".svg"), None)
    for path in paths:
        if path.suffix == ".json":
            content = encoded(status_map)
        elif path.suffix == ".svg":
            content = svg(status_map).encode()
        elif path.suffix == ".md":
            content = report.markdown(status_map, picture).encode()
        else:
            content = report.text(status_map).encode()
        files.replace(path, content)
    if not hidden:
        sys.stdout.write(report.text(status_map))
