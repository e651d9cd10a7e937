"""Find documents that are internal errors: `python -m benchmarks.mutated_documents`.

Documents of each kind that commands read are changed at random, bytes and structure, and
loaded. A loader returns values or raises a ComparisonError. Any other exception is a
fault. A document that takes longer than `SLOW` seconds of processor time is one too.
"""

import contextlib
import io
import json
import os
import signal
import sys
import tempfile
import time
import tomllib
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click

from comparison.core.errors import ComparisonError

from .mutations import Mutator, as_json, as_lines, as_toml

ROOT = Path(__file__).parent.parent
SLOW = 3.0  # seconds of processor time
SHORT = 6000  # bytes of a seed, so that many can be tried

Load = Callable[[Path], object]


class Kind(NamedTuple):
    """A kind of document: its file name, documents to begin with, and what loads it."""

    name: str
    file: str
    seeds: list[bytes]
    parse: Callable[[bytes], Any]
    write: Callable[[Any], bytes]
    load: Load


def _tables(content: bytes) -> Any:
    return tomllib.loads(content.decode())


def _lines(content: bytes) -> Any:
    return [json.loads(line) for line in content.splitlines()]


def _cases(path: Path) -> object:
    from comparison.cases import digest_of, load_cases

    cases = load_cases(path)
    return digest_of(cases)


def _known(path: Path) -> object:
    from comparison.known import load_known

    return load_known([path]).digest()


def _project(path: Path) -> object:
    from comparison.runner.config import read_project

    return read_project(path)


def _traffic(path: Path) -> object:
    from comparison.cases.sources.draft import case_file
    from comparison.cases.sources.traffic import Traffic

    traffic = Traffic(path, expect=True)
    return _drafted(path, case_file("any", [], list(traffic)), traffic.variables)


def _api(path: Path) -> object:
    from comparison.cases.sources.draft import case_file
    from comparison.cases.sources.openapi import OpenApi
    from comparison.cases.sources.operations import Operations

    api = OpenApi("api", path.read_bytes())
    operations = Operations(api, expect=True, all_methods=True)
    return _drafted(path, case_file("any", [], list(operations)), operations.variables)


def _drafted(path: Path, text: str, variables: tuple[str, ...]) -> object:
    from comparison.cases import load_cases

    drafted = path.with_name("drafted.toml")
    drafted.write_text(text, encoding="utf-8")
    os.environ.update(dict.fromkeys(variables, "secret"))
    try:
        return load_cases(drafted)
    except ComparisonError as error:
        raise AssertionError(f"what was drafted cannot be loaded: {error}") from error


def _saved_run(path: Path) -> object:
    from comparison.runs.baseline import read_baseline
    from comparison.runs.merge import merge
    from comparison.runs.resume import interrupted_run
    from comparison.runs.storage import read_comparisons

    def changes() -> None:
        baseline = read_baseline(path)
        baseline.rule_changes(())
        for comparison in RECORDED:
            baseline.changes(comparison)

    def resumed() -> None:
        earlier = interrupted_run(path)
        if earlier is not None:
            earlier.check(earlier.header, CASES)

    _each(
        changes,
        lambda: list(read_comparisons(path, CASES, "")),
        resumed,
        lambda: merge([path], path.with_name("merged.jsonl")),
        lambda: merge([path], path.with_name("merged.html"), CASES),
    )
    return None


def _each(*what: Callable[[], object]) -> None:
    """Do each of these, and raise the first ComparisonError afterwards."""
    rejected = None
    for do in what:
        try:
            do()
        except ComparisonError as error:
            rejected = rejected or error
    if rejected is not None:
        raise rejected


CASES: list[Any] = []
RECORDED: list[Any] = []


def _recorded() -> bytes:
    """A run of some cases, as JSON Lines."""
    from comparison import load_cases
    from comparison.cases import digest_of
    from comparison.known import BUNDLED, STACKS, load_known
    from comparison.reports import make_report
    from comparison.runner.run import Run
    from comparison.targets import resolve_targets

    folder = ROOT / "comparison/cases/catalogue"
    CASES[:] = load_cases(folder / "custom.toml")[:3]
    topics = "create_app({'TOPICS': ['custom']})"
    targets = resolve_targets([f"{n}={n}_app:{topics}" for n in ("flask", "quart")])
    known = load_known([BUNDLED, STACKS])
    run = Run(
        targets,
        CASES,
        known,
        shard="1/1",
        cases_digest=digest_of(CASES),
        known_digest="0",
    )
    stream = io.BytesIO()
    report = make_report("jsonl", stream)
    report.begin(run.header(ended=False))
    RECORDED[:] = list(run)
    for comparison in RECORDED:
        report.add(comparison)
    report.end(run.header())
    return stream.getvalue()


def _study(*arguments: str) -> Load:
    def load(path: Path) -> object:
        from comparison.cli.entry import main

        message = io.StringIO()
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(message),
        ):
            code = main([*arguments, str(path)])
        if code == ComparisonError.exit_code:
            raise AssertionError(message.getvalue().strip())
        if code:
            raise ComparisonError(message.getvalue())
        return code

    return load


def _some(folder: Path, pattern: str) -> list[bytes]:
    """Files that are short, and the beginnings of those that are not."""
    found = []
    for path in sorted(folder.glob(pattern)):
        head, *cases = path.read_text(encoding="utf-8").split("\n[[case]]\n")
        content = "\n[[case]]\n".join([head, *cases[:4]]).encode()
        if len(content) <= SHORT:
            found.append(content)
    return found


PYPROJECT = b"""[project]
name = "shop"
[tool.comparison]
cases = ["."]
known = ["."]
timeout = 5
ignore-rules = ["/static/*"]
redact = true
[tool.comparison.targets]
flask = "shop.flask:create_app()"
quart = "shop.quart:create_app()"
[tool.comparison.normalisations]
presence = ["x-request-id"]
json = true
ignore = ["/items/*/created"]
unordered = [""]
tolerance = { "/total" = 0.01 }
match = { "/id" = "uuid", "/code" = { matches = "^[A-Z]{3}-" } }
patterns = ["uuid", "timestamp"]
"""

API = {
    "openapi": "3.1.0",
    "servers": [{"url": "http://a.example/v1"}],
    "paths": {
        "/orders/{number}": {
            "parameters": [{"$ref": "#/components/parameters/number"}],
            "get": {
                "operationId": "order",
                "summary": "An order",
                "security": [{"key": []}],
                "parameters": [
                    {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 3}},
                    {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
                    {"name": "tags", "in": "query", "style": "deepObject", "explode": True,
                     "schema": {"type": "object", "properties": {"a": {"type": "boolean"}}}},
                ],
                "responses": {"200": {"description": "It", "headers": {}}, "default": {}},
            },
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/Order"},
                            "examples": {"one": {"value": {"n": 1}}},
                        },
                        "multipart/form-data": {
                            "schema": {"type": "object", "properties": {"f": {"format": "binary"}}}
                        },
                    }
                },
                "responses": {"2XX": {"description": "Made"}},
            },
        }
    },
    "components": {
        "parameters": {
            "number": {"name": "number", "in": "path", "required": True,
                       "schema": {"type": "number", "multipleOf": 0.5, "exclusiveMinimum": 1}}
        },
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
        "schemas": {
            "Order": {
                "allOf": [{"type": "object", "required": ["id"]}],
                "properties": {
                    "id": {"type": "string", "format": "uuid", "minLength": 3, "maxLength": 40},
                    "items": {"type": "array", "minItems": 2, "items": {"type": "integer"}},
                    "kind": {"enum": ["a", "b"]},
                    "next": {"$ref": "#/components/schemas/Order"},
                    "when": {"type": ["string", "null"], "format": "date-time"},
                    "size": {"oneOf": [{"type": "integer", "maximum": 9}, {"const": None}]},
                },
            }
        },
    },
}  # fmt: skip


def _har(path: Path) -> bytes:
    log = json.loads(path.read_bytes())
    entries = [e for e in log["log"]["entries"] if len(json.dumps(e)) < SHORT][:4]
    return as_json({"log": {"entries": entries}})


def _yaml(tree: Any) -> bytes:
    import yaml

    try:
        text: bytes = yaml.safe_dump(tree, allow_unicode=True, encoding="utf-8")
        return text
    except (yaml.YAMLError, UnicodeEncodeError, RecursionError, ValueError):
        return as_json(tree)


def _less(path: Path, lists: tuple[str, ...]) -> bytes:
    """A recorded study with little in each of its long lists."""
    tree = json.loads(path.read_bytes())
    return as_json({k: v[:6] if k in lists else v for k, v in tree.items()})


def kinds() -> Iterator[Kind]:
    """Every kind of document that a command reads."""
    package = ROOT / "comparison"
    studies = package / "studies"
    hars = sorted((ROOT / "tests/cases/recorded").glob("*.har"))
    yield Kind(
        "cases", "cases.toml", _some(package / "cases/catalogue", "*.toml"),
        _tables, as_toml, _cases,
    )  # fmt: skip
    known = [
        c
        for f in ("frameworks", "stacks", "patterns")
        for c in _some(package / "known/data" / f, "*.toml")
    ]
    yield Kind("known", "known.toml", known, _tables, as_toml, _known)
    yield Kind("pyproject", "pyproject.toml", [PYPROJECT], _tables, as_toml, _project)
    yield Kind("har", "a.har", list(map(_har, hars)), json.loads, as_json, _traffic)
    yield Kind("openapi-json", "a.json", [as_json(API)], json.loads, as_json, _api)
    yield Kind("openapi-yaml", "a.yaml", [_yaml(API)], lambda _: API, _yaml, _api)
    yield Kind("saved-run", "a.jsonl", [_recorded()], _lines, as_lines, _saved_run)
    load = _less(studies / "load/concurrency.json", ("points", "ceilings"))
    yield Kind(
        "load", "load.json", [load], json.loads, as_json, _study("load", "-q", "--from")
    )
    sweep = _less(studies / "sweep/status-codes.json", ("ranges",))
    yield Kind(
        "sweep",
        "sweep.json",
        [sweep],
        json.loads,
        as_json,
        _study("sweep", "-q", "--from"),
    )


class Faults(NamedTuple):
    """The results for the documents of one kind."""

    accepted: int
    rejected: int
    slowest: float
    faults: Counter[str]


def tried(kind: Kind, examples: int, seed: int, keep: Path | None = None) -> Faults:
    """Load so many documents of a kind; the first of each fault is put into a folder."""
    mutator = Mutator(kind.seeds, kind.parse, kind.write, seed)
    accepted = rejected = 0
    slowest = 0.0
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / kind.file
        for _ in range(examples):
            content = mutator.document()
            path.write_bytes(content)
            started = time.process_time()
            fault = ""
            try:
                with _limited():
                    kind.load(path)
                accepted += 1
            except ComparisonError:
                rejected += 1
            except Exception as error:
                fault = _named(error)
            took = time.process_time() - started
            slowest = max(slowest, took)
            if took > SLOW and not fault:
                fault = "too slow"
            if fault:
                found[fault] += 1
                if found[fault] == 1 and keep is not None:
                    (keep / f"{kind.name}-{len(found)}-{kind.file}").write_bytes(
                        content
                    )
    return Faults(accepted, rejected, slowest, found)


def _named(error: Exception) -> str:
    """An exception by its type and by the line of ours that it came through last."""
    ours = [
        f"{Path(frame.filename).name}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if "/comparison/" in frame.filename.replace(os.sep, "/")
    ]
    return (
        f"{type(error).__name__} at {ours[-1] if ours else '?'}: {str(error)[:160]!a}"
    )


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    """Raise TimeoutError in what takes much longer than `SLOW`."""

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, 3 * SLOW)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@click.command()
@click.option("--examples", default=40_000, show_default=True, help="Of each kind.")
@click.option("--seed", default=0, show_default=True)
@click.option("--kind", "names", multiple=True, help="Only this kind; may be repeated.")
@click.option("--keep", type=click.Path(path_type=Path), help="A folder for faults.")
def main(examples: int, seed: int, names: tuple[str, ...], keep: Path | None) -> None:
    """Load documents that were changed at random; exit 1 where one is a fault."""
    warnings.simplefilter("ignore")
    failed = False
    if keep is not None:
        keep.mkdir(exist_ok=True)
    for kind in kinds():
        if names and kind.name not in names:
            continue
        came = tried(kind, examples, seed, keep)
        total = sum(came.faults.values())
        click.echo(
            f"{kind.name}: {examples} documents, {came.accepted} loaded,"
            f" {came.rejected} rejected, {total} faults of {len(came.faults)} kinds,"
            f" slowest {came.slowest:.2f} s"
        )
        for fault, times in came.faults.most_common():
            click.echo(f"  {times} × {fault}")
        failed = failed or bool(total)
    sys.exit(failed)


if __name__ == "__main__":
    main()
