"""Port applications that people ported by hand, and compare with what they wrote.

`python -m benchmarks.ported_by_hand FOLDER` looks for clones in FOLDER, as
`owner+name` or `owner+name/repo`. `ported_by_hand.toml` names them. It prints two tables:
the constructs of the ports, and the cases of those that run here.
A construct is an imported name, a function that became async, or an expression that is
awaited, where it stands in the application before. We only count what Quart makes
necessary: people often replace a library too, and its calls are awaited then.
"""

import ast
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any

import click

from benchmarks.ported_and_run import Cases, run
from comparison.porting.files import (
    Application,
    PortedFiles,
    find_application,
    port_files,
    write_files,
)

QUART = {
    "get_data", "get_json", "data", "form", "files", "json", "values", "stream", "save",
    "render_template", "render_template_string", "stream_template", "make_response",
    "send_file", "send_from_directory", "flash", "make_conditional", "add_etag",
    "open_resource", "push", "pop", "open",
}  # fmt: skip
"""The names of what has to be awaited in Quart."""
SENT = {"get", "post", "put", "delete", "patch", "head", "options"}
Constructs = Counter[tuple[str, str, str]]
CASES = "| application | our port: identical, known, other | the port by hand |"
HEADER = "| application | modules | rewritten | left to decide | as by hand | of | only ours |"


def main() -> None:
    """Print the tables; with a second argument, also the constructs that differ."""
    clones = Path(sys.argv[1])
    only = sys.argv[2] if len(sys.argv) > 2 else ""
    listed = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    click.echo(HEADER + "\n" + "|".join(["", *[" --- "] * 7, ""]))
    total = [0, 0]
    rows = []
    for each in listed["application"]:
        name = each["repository"]
        if only not in name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            after = Path(folder, "after")
            ported = _exported(clones, each, Path(folder, "before"))
            if "commit" in each:
                clone = _clone(clones, name)
                counts = _compare(clone, each["commit"], ported, name, bool(only))
                total = [total[0] + counts[0], total[1] + counts[1]]
            else:
                click.echo(_row(name, ported) + " - | - | - |")
            if "app" in each:
                rows.append(_cases(clones, each, ported, after))
    click.echo(f"{total[0]} of {total[1]}: {100 * total[0] / max(total[1], 1):.1f} %\n")
    click.echo("\n".join([CASES, "| --- | --- | --- |", *rows]))


def _clone(clones: Path, repository: str) -> Path:
    clone = clones / repository.replace("/", "+")
    return clone / "repo" if (clone / "repo").exists() else clone


def _exported(
    clones: Path, entry: dict[str, Any], folder: Path
) -> tuple[Application, PortedFiles]:
    """Export the application before, and port it."""
    commit = f"{entry['commit']}^" if "commit" in entry else entry["before"]
    path = entry.get("folder", ".") if "app" in entry else "*.py"
    _export(_clone(clones, entry["repository"]), commit, folder, path)
    application, ported = find_application(str(folder)), PortedFiles()
    for _ in port_files(application, ported, jobs=2):
        pass
    return application, ported


def _export(clone: Path, commit: str, folder: Path, path: str = ".") -> None:
    # Some clones lack large files.
    archive = _git(clone, "archive", commit, "--", path, ":(exclude)*.map")
    with tarfile.open(fileobj=BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")


def _cases(
    clones: Path,
    entry: dict[str, Any],
    ported: tuple[Application, PortedFiles],
    folder: Path,
) -> str:
    """Run an application before and after: with our port, and with that by hand."""
    inner = entry.get("folder", ".")
    before = ported[0].root
    if "prepare" in entry:
        command = [sys.executable, "-m", *entry["prepare"].split()]
        subprocess.run(command, cwd=before / inner, check=True)  # noqa: S603
    ours, by_hand = folder / "ours", folder / "by hand"
    shutil.copytree(before, ours)
    write_files(*ported, ours)
    results = [run(before / inner, ours / inner, entry, entry["app"])]
    after = entry.get("after", entry)
    if "commit" in after:
        _export(_clone(clones, after["repository"]), after["commit"], by_hand)
        app = after.get("app_after", entry["app"])
        path = by_hand / after.get("folder", inner)
        results.append(run(before / inner, path, entry, app))
    for result in results:
        for line in result.other if isinstance(result, Cases) else ():
            click.echo(f"  {line}", err=True)
    shown = [str(result) for result in results] + ["none"] * (2 - len(results))
    return f"| {entry['repository']}, `{entry['app']}` | {' | '.join(shown)} |"


def _compare(
    clone: Path,
    commit: str,
    before: tuple[Application, PortedFiles],
    name: str,
    verbose: bool,
) -> tuple[int, int]:
    changed = _git(clone, "diff", "--name-only", f"{commit}^", commit, "--", "*.py")
    application, ported = before
    folder = application.root
    same = wanted = ours = 0
    pairs = []
    for path in changed.decode().splitlines():
        try:
            source = (folder / path).read_bytes()
            after = _git(clone, "show", f"{commit}:{path}")
            hand, old = _constructs(after), _constructs(source)
        except (OSError, SyntaxError, subprocess.CalledProcessError):
            continue
        pairs.append((path, source, after, hand, old))
    necessary = _necessary([after for _, _, after, _, _ in pairs])
    for path, source, after, hand, old in pairs:
        mine = _constructs(ported.changed.get(Path(path), source)) - old
        possible = _possible(source)
        new = Counter(
            {
                key: n
                for key, n in (hand - old).items()
                if _comparable(key, possible) and _is_necessary(key, after, necessary)
            }
        )
        same += (new & mine).total()
        wanted += new.total()
        ours += (mine - new).total()
        if verbose:
            for key in (new - mine).elements():
                click.echo(f"  by hand only: {path} {key}")
            for key in (mine - new).elements():
                click.echo(f"  ours only: {path} {key}")
    if verbose:
        for undecided in ported.undecided:
            click.echo(f"  left: {undecided}")
    click.echo(_row(name, before) + f" {same} | {wanted} | {ours} |")
    return same, wanted


def _row(name: str, before: tuple[Application, PortedFiles]) -> str:
    application, ported = before
    counts = len(application.modules), ported.rewritten, len(ported.undecided)
    return f"| {name} | {' | '.join(map(str, counts))} |"


def _necessary(sources: list[bytes]) -> set[str]:
    """The names of functions that await something of Quart, in what people wrote."""
    awaits: set[tuple[str, str]] = set()
    for source in sources:
        for function, node in _walked(source):
            if isinstance(node, ast.Await):
                caller = function.rpartition(".")[2]
                awaits.add((caller, _text(node.value).rpartition(".")[2]))
    found: set[str] = set()
    while True:
        more = {caller for caller, called in awaits if called in QUART | found} - found
        if not more - {""}:
            return found
        found |= more


def _is_necessary(key: tuple[str, str, str], after: bytes, necessary: set[str]) -> bool:
    kind, _, text = key
    before, _, name = text.rpartition(".")
    if kind == "import":
        return True
    if kind == "await":
        sent = name in SENT and before.endswith(("client", "app"))
        return name in QUART | necessary or sent
    return name in necessary or _is_view(after, name)


def _is_view(source: bytes, name: str) -> bool:
    return any(
        isinstance(node, ast.AsyncFunctionDef)
        and node.name == name
        and any(_registers(decorator) for decorator in node.decorator_list)
        for _, node in _walked(source)
    )


def _registers(decorator: ast.expr) -> bool:
    name = _text(decorator).rpartition(".")[2]
    return name in SENT | {"route", "before_request", "after_request", "errorhandler"}


def _git(clone: Path, *arguments: str) -> bytes:
    return subprocess.run(  # noqa: S603
        ["git", *arguments],  # noqa: S607
        cwd=clone, check=True, capture_output=True,
    ).stdout  # fmt: skip


def _comparable(key: tuple[str, str, str], possible: set[tuple[str, str]]) -> bool:
    """Whether a construct by hand is one of the application before, made async."""
    kind, function, text = key
    return kind == "import" or (kind, f"{function}:{text}") in possible


def _possible(content: bytes) -> set[tuple[str, str]]:
    found = set()
    for function, node in _walked(content):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(("async", f"{function}:{node.name}"))
        elif isinstance(node, ast.expr):
            found.add(("await", f"{function}:{_text(node)}"))
    return found


def _constructs(content: bytes) -> Constructs:
    found: Constructs = Counter()
    for function, node in _walked(content):
        if isinstance(node, ast.AsyncFunctionDef):
            found["async", function, node.name] += 1
        elif isinstance(node, ast.Await):
            found["await", function, _text(node.value)] += 1
        elif isinstance(node, ast.ImportFrom) and not node.level:
            root = (node.module or "").partition(".")[0]
            for alias in node.names:
                if root == "quart":
                    found["import", "", f"{node.module}.{alias.name}"] += 1
    return found


def _text(node: ast.expr) -> str:
    """The text of an expression without `await`, and of a call without arguments."""
    called = node.func if isinstance(node, ast.Call) else node
    return ast.unparse(called).replace("await ", "").replace("(", "").replace(")", "")


def _walked(content: bytes) -> list[tuple[str, ast.AST]]:
    found: list[tuple[str, ast.AST]] = []

    def walk(node: ast.AST, function: str) -> None:
        for child in ast.iter_child_nodes(node):
            found.append((function, child))
            named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
            inner = f"{function}.{child.name}" if isinstance(child, named) else function
            walk(child, inner)

    walk(ast.parse(content), "")
    return found


if __name__ == "__main__":
    main()
