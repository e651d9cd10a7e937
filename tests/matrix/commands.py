"""The command lines of the matrix, with the files that they need."""

import functools
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.supervised import COMPARISON, SLOWER, Supervised

NUMBER = 100  # cases of a run
PAUSE = 0.03  # seconds, in each of them
MANY = 10_000  # entries and operations of a document
TIMES = 5
PREPARED = 240.0 * SLOWER  # seconds
APPS = "tests.matrix.apps"
KNOWN = """
[[known]]
id = "matrix-body"
cause = "The apps of the matrix say who they are."
cases = ["n-1"]
[known.fields]
body = { flask = "*", quart = "*" }
"""


def case_file(number: int = NUMBER) -> str:
    """Return a case file with so many cases."""
    return "schema_version = 1\n" + "".join(
        f'[[case]]\nid = "n-{n}"\nrequest = {{ path = "/n/{n}" }}\n'
        for n in range(number)
    )


def pair(way: str, jobs: bool = False) -> list[str]:
    """Return the options that name targets and cases."""
    at = "@" if "servers" in way else ""
    options = ["--cases", "cases.toml"]
    for name in ("flask", "quart"):
        options += ["--target", f"{name}={APPS}:{name}_app(){at}"]
    if jobs:
        options += ["--jobs", "2" if "jobs" in way else "1"]
    return options


@dataclass(frozen=True)
class Command:
    """A command line. `writes` is its option for an output, `output` the file.

    `normal` are the exit codes of an undisturbed end; `pause` is the time of each request.
    `lines` says that the output is JSON Lines of the cases. `endless` commands end
    only by a signal.
    """

    name: str
    ways: tuple[str, ...]
    argv: Callable[[str], list[str]]
    normal: tuple[int, ...] = (0,)
    pause: float = PAUSE
    writes: tuple[str, ...] = ()
    output: str = ""
    prints: bool = True
    lines: bool = False
    endless: bool = False
    signs: bool = True
    limit: float = 60.0
    files: tuple[str, ...] = field(default=("cases.toml",))


IN_PROCESS = ("in process",)
BOTH = ("in process", "servers")

COMMANDS = (
    Command(
        "run", ("in process", "jobs", "servers", "jobs, servers"),
        lambda way: ["run", *pair(way, jobs=True)],
        (1,), writes=("--output", "r.jsonl"), output="r.jsonl", lines=True,
    ),
    Command(
        "show", BOTH, lambda way: ["show", *pair(way), "n-1"],
        (0, 1), 2.0, ("--output", "s.html"), "s.html",
    ),
    Command(
        "explain", BOTH,
        lambda way: ["explain", *pair(way), "--known", "known.toml", "matrix-body"],
        (0, 1), 2.0, ("--output", "e.md"), "e.md", files=("cases.toml", "known.toml"),
    ),
    Command(
        "sweep", ("servers",),
        lambda way: [
            "sweep", "--stack", "flask+werkzeug", "--stack", "quart+hypercorn",
            "--codes", "200-220", "--variant", "json",
        ],
        (0, 1), writes=("--output", "s.json"), output="s.json", signs=False, limit=120.0,
    ),
    Command(
        "fuzz", BOTH,
        lambda way: [
            "fuzz", "--examples", "100", "--database", "",
            *(("--stack", "flask+werkzeug", "--stack", "quart+hypercorn")
              if way == "servers" else ()),
        ],
        (0, 1), writes=("--write-cases", "w.toml"), output="w.toml", signs=False,
        limit=180.0,
    ),
    Command(
        "load", ("servers",),
        lambda way: [
            "load", "--stack", "flask+werkzeug", "--work", "json", "--concurrency", "1,2",
            "--rounds", "1", "--seconds", "1", "--warm-up", "0",
        ],
        (0,), writes=("--output", "l.json"), output="l.json", signs=False,
    ),
    Command(
        "serve", BOTH, lambda way: ["serve", "--port", "0", *pair(way)],
        endless=True, signs=False,
    ),
    Command(
        "discover", IN_PROCESS, lambda way: ["discover", f"{APPS}:slow_factory()"],
        (0,), 2.0, ("--output", "d.toml"), "d.toml",
    ),
    Command(
        "import-har", IN_PROCESS, lambda way: ["import-har", "t.har"], (0,),
        writes=("--output", "h.toml"), output="h.toml", files=("t.har",), signs=False,
    ),
    Command(
        "import-openapi", IN_PROCESS, lambda way: ["import-openapi", "o.json"], (0,),
        writes=("--output", "o.toml"), output="o.toml", files=("o.json",), signs=False,
    ),
    Command(
        "record", BOTH, lambda way: ["record", *pair(way), "b.jsonl"], (0,),
        output="b.jsonl", lines=True,
    ),
    Command(
        "check", BOTH, lambda way: ["check", *pair(way), "base.jsonl"], (0,),
        files=("cases.toml", "base.jsonl"),
    ),
    Command(
        "merge", IN_PROCESS,
        lambda way: ["merge", "--cases", "cases.toml", "m.html", "1.jsonl", "2.jsonl"],
        (1,), output="m.html", files=("cases.toml", "1.jsonl", "2.jsonl"), signs=False,
    ),
)  # fmt: skip


def write_files(command: Command, way: str, folder: Path) -> None:
    """Write the files that a command needs into a folder."""
    number = 3000 if command.name == "merge" else NUMBER
    for name in command.files:
        path = folder / name
        if name == "cases.toml":
            path.write_text(case_file(number), encoding="utf-8")
        elif name == "known.toml":
            path.write_text(KNOWN, encoding="utf-8")
        elif name.endswith(".jsonl"):
            path.write_bytes(recorded(name, "servers" if "servers" in way else ""))
        else:
            path.write_text(document(name), encoding="utf-8")


@functools.cache
def document(name: str) -> str:
    """Return a large document to import."""
    return json.dumps(_har() if name == "t.har" else _openapi())


def _har() -> dict[str, Any]:
    entries = [
        {
            "request": {
                "method": "GET", "url": f"http://localhost:5000/n/{n}", "headers": [],
                "queryString": [], "cookies": [],
            },
            "response": {
                "status": 200, "headers": [], "cookies": [],
                "content": {"mimeType": "application/json", "text": "{}", "size": 2},
            },
        }
        for n in range(MANY)
    ]  # fmt: skip
    return {"log": {"version": "1.2", "creator": {"name": "t"}, "entries": entries}}


def _openapi() -> dict[str, Any]:
    response = {"responses": {"200": {"description": "ok"}}}
    paths = {f"/n{n}": {"get": response} for n in range(MANY)}
    return {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths}


_LOCK = threading.Lock()
_RECORDED: dict[tuple[str, str], bytes] = {}


def recorded(name: str, way: str) -> bytes:
    """Return a baseline or a shard, recorded when it is first needed."""
    with _LOCK:
        for _ in range(TIMES):
            if (name, way) in _RECORDED:
                break
            if (found := _record(name, way)) is not None:
                _RECORDED[name, way] = found
        return _RECORDED[name, way]


def _record(name: str, way: str) -> bytes | None:
    """Return what a run recorded, or None where the machine was too busy for one."""
    with Supervised() as supervised:
        number = NUMBER if name == "base.jsonl" else 3000
        supervised.folder.joinpath("cases.toml").write_text(case_file(number))
        argv = ["record", "-q", *pair(way), name]
        if name != "base.jsonl":
            shard = f"{name[0]}/2"
            argv = ["run", "-q", *pair(way), "--shard", shard, "--output", name]
        outcome = supervised.run([*COMPARISON, *argv], PREPARED)
        if outcome.code not in {0, 1}:
            return None
        return supervised.folder.joinpath(name).read_bytes()
