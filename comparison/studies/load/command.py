"""Run `comparison load`: plan a load run, measure it, write the outputs."""

import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec

from comparison.core.errors import ComparisonError, UsageError
from comparison.core.locking import locked
from comparison.core.processes.signals import exit_code_of
from comparison.models import Case
from comparison.reports import STANDARD_OUTPUT
from comparison.studies import files
from comparison.studies.models import LoadRun

from . import table as load_table
from .measure import Measurement
from .picture import latency, throughput
from .plan import Plan, parse_concurrency, parse_work, stack_specs, way_of, work_of
from .served import check_hosts

SUFFIXES = (".json", ".svg", ".md", ".txt")
RECORDED = Path(__file__).parent / "concurrency.json"
"""The recorded run that the documentation shows."""

GIVEN_UP = 3


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of a load run. Times are in seconds; `requests` is per round."""

    threads: int
    rounds: int
    seconds: float
    warm_up: float
    timeout: float
    requests: int
    time: float


def plan_of(
    works: tuple[str, ...],
    stacks: tuple[str, ...],
    targets: tuple[str, ...],
    cases: Collection[Case] | None,
    concurrency: str,
    allowed: tuple[str, ...],
    bounds: Bounds,
) -> Plan:
    """Return the plan that the options describe. Raises UsageError, TargetError."""
    from comparison.targets.spec import parse_target

    if works and cases is not None:
        raise UsageError("--work and --cases exclude each other: use one of them")
    if targets and stacks:
        raise UsageError("--target and --stack exclude each other: use one of them")
    if targets and cases is None:
        raise UsageError("--target: name the requests for your own app with --cases")
    pairs = [parse_target(target) for target in targets]
    named = dict(pairs) or stack_specs(stacks, bool(cases))
    if len(named) < len(pairs):
        raise UsageError("--target: two targets have the same name")
    check_hosts(named, allowed)
    chosen = tuple(dict.fromkeys(works)) or ("sleep:50ms",)
    return Plan(
        works=tuple(map(parse_work, chosen)) if cases is None else (work_of(cases),),
        targets=named,
        concurrency=parse_concurrency(concurrency),
        **msgspec.structs.asdict(bounds),
    )


def load(plan: Plan, outputs: tuple[str, ...], quiet: bool, command: str) -> int:
    """Measure, write the outputs even if interrupted, and return the exit code.

    Raises UsageError, TargetError.
    """
    paths = files.paths_of(outputs, SUFFIXES)
    with locked(paths):
        hidden = files.hides_table(outputs, quiet)
        return _load(plan, paths, quiet, hidden, command)


def _load(
    plan: Plan, paths: list[Path], quiet: bool, hidden: bool, command: str
) -> int:
    if plan.requests < (most := max(plan.concurrency)):
        raise UsageError(
            f"--requests {plan.requests}: must be at least {most}, the requests in flight"
        )
    measurement = Measurement(plan)
    if not quiet:
        minutes = measurement.expected / 60
        sys.stderr.write(f"comparison: this takes about {minutes:.1f} minutes\n")
    code = 0
    try:
        files.watch(_counted(measurement), len(measurement.steps), "measuring", quiet)
    except KeyboardInterrupt as error:
        # Between two steps, the measurement has not noticed the interrupt itself.
        measurement.close()
        measurement.unfinished = "interrupted"
        sys.stderr.write("comparison: interrupted\n")
        code = exit_code_of(error)
    except ComparisonError:
        _finish(measurement, paths, hidden, command)
        raise
    _finish(measurement, paths, hidden, command)
    return code or (GIVEN_UP if measurement.given_up else 0)


def write_locustfile(
    path: Path,
    plan: Plan,
    cases: Collection[Case] | None,
    allowed: tuple[str, ...],
    command: str,
) -> int:
    """Write a Locust file with the requests of the plan for its one target."""
    from .locustfile import host_of, locustfile, variables

    if len(plan.targets) > 1:
        raise UsageError("--locustfile: name exactly one --stack or --target")
    ((name, spec),) = plan.targets.items()
    requests = [each for work in plan.works for each in work.requests[way_of(name)]]
    names = [case.id for case in cases or ()] or [w.request.path for w in requests]
    title = ", ".join(work.name for work in plan.works)
    text = locustfile(
        zip(names, requests, strict=True),
        file=path.name,
        title=f"{title[:1].upper()}{title[1:]} of {name}",
        command=command,
        host=host_of(spec),
        allowed=allowed,
        timeout=plan.timeout,
        limit=plan.requests,
        secrets=variables(cases or ()),
    )
    if str(path) == STANDARD_OUTPUT:
        sys.stdout.write(text)
        return 0
    with locked([path]):
        files.replace(path, text.encode())
    return 0


def show(recorded: str, outputs: tuple[str, ...], quiet: bool) -> int:
    """Show a recorded run from JSON and return the exit code."""
    paths = files.paths_of(outputs, SUFFIXES)
    with locked(paths):
        write(paths, read_run(Path(recorded)), files.hides_table(outputs, quiet))
    return 0


def _counted(measurement: Measurement) -> Iterator[int]:
    # The measurement yields each step before it runs the step.
    started = False
    for _ in measurement:
        yield int(started)
        started = True
    yield 1


def _finish(
    measurement: Measurement, paths: list[Path], hidden: bool, command: str
) -> None:
    if measurement.rounds:
        write(paths, measurement.result(command), hidden)


def read_run(path: Path) -> LoadRun:
    """Read the recording of a load run. Raises UsageError for anything else."""
    return files.read_recording(path, LoadRun, "a load run")


def encoded(run: LoadRun) -> bytes:
    """Encode a recording as JSON with one point per line."""
    head = msgspec.json.encode(msgspec.structs.replace(run, points=(), ceilings=()))
    parts = [head.removesuffix(b"}")]
    for name, points in (("points", run.points), ("ceilings", run.ceilings)):
        lines = b",\n".join(msgspec.json.encode(point) for point in points)
        parts.append(b'"%s":[\n%s\n]' % (name.encode(), lines))
    return b",".join(parts) + b"}\n"


def pictures(run: LoadRun, path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the plots of each work: its name, the name of a file next to `path`, SVG."""
    for work in run.works:
        name = f"{path.stem}-{work.partition(':')[0]}"
        yield work, f"{name}-throughput.svg", throughput(run, work)
        yield work, f"{name}-latency.svg", latency(run, work)


def document(run: LoadRun, path: Path) -> str:
    """Render the Markdown document, which shows the plots next to `path`."""
    names: dict[str, tuple[str, ...]] = {}
    for work, name, _ in pictures(run, path):
        names[work] = (*names.get(work, ()), name)
    return load_table.markdown(run, names)


def write(paths: list[Path], run: LoadRun, hidden: bool) -> None:
    """Write each output in the format of its suffix, with plots for the document."""
    for path in paths:
        if path.suffix == ".json":
            files.replace(path, encoded(run))
        elif path.suffix == ".txt":
            files.replace(path, load_table.text(run).encode())
        else:
            for _, name, content in pictures(run, path):
                files.replace(path.with_name(name), content.encode())
            if path.suffix == ".md":
                files.replace(path, document(run, path).encode())
    if not hidden:
        sys.stdout.write(load_table.text(run))
