"""Time and memory of large runs: `python -m benchmarks.sizes`.

The first table has a run whose cases all differ in another header, beside one whose cases
are identical. The second has one response with a long body that differs in its end: of one
byte, and random. Each run writes JSON and HTML, in a new process.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import click

APP = """
import random
from {framework} import {name}

def create_app():
    app = {name}(__name__)

    @app.get("/same/<int:number>")
    {prefix}def same(number):
        return {{"number": number}}

    @app.get("/each/<int:number>")
    {prefix}def each(number):
        return f"{{number}} {framework}", 200, {{f"X-Header-{{number}}": "{framework}"}}

    @app.get("/body/<kind>/<int:size>")
    {prefix}def body(kind, size):
        if kind == "random":
            content = random.Random(1).randbytes(size // 2).hex().encode()
        else:
            content = {{"letter": b"a", "zero": b"\\0", "line": b"\\n"}}[kind] * size
        return content + b"{framework}", 200, {{"Content-Type": "text/plain"}}

    return app
"""
EXTRA_SECONDS = 60
MOST_MEGABYTES = 200
MOST_LINES = 200
ALIKE = 1.4


class Measured(NamedTuple):
    """One run: seconds, peak of resident memory in megabytes, lines of text."""

    seconds: float
    peak: float
    lines: int


def measured(folder: Path, paths: list[str]) -> Measured:
    """Run these paths against both apps."""
    cases = "".join(
        f'[[case]]\nid = "c-{number}"\nrequest = {{ path = "{path}" }}\n'
        for number, path in enumerate(paths)
    )
    (folder / "cases.toml").write_text(cases)
    command = [sys.executable, "-m", "comparison", "run", "--cases", "cases.toml"]
    for name in ("flask", "quart"):
        command += ["--target", f"{name}=app_{name}:create_app()"]
    command += ["--output", "report.json", "--output", "report.html"]
    started = time.monotonic()
    with subprocess.Popen(  # noqa: S603 - this project's own command
        command, cwd=folder, stdout=subprocess.PIPE
    ) as run:
        assert run.stdout is not None
        lines = run.stdout.read().count(b"\n")
        _, status, usage = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
    assert run.returncode in (0, 1), f"exit code {run.returncode}"
    # Linux counts kibibytes, macOS bytes.
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return Measured(time.monotonic() - started, usage.ru_maxrss / unit, lines)


def row(name: str, found: Measured) -> None:
    """Print one line of a table."""
    click.echo(f"{name:10}{found.seconds:9.1f}{found.peak:9.0f}{found.lines:7}")


@click.command()
@click.option("--cases", default=20_000, help="Cases of each run.")
@click.option("--size", default=50_000_000, help="Bytes of a long body.")
def main(cases: int, size: int) -> None:
    """Measure runs of many cases, and long bodies."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for framework, prefix in (("flask", ""), ("quart", "async ")):
            source = APP.format(
                framework=framework, name=framework.title(), prefix=prefix
            )
            (folder / f"app_{framework}.py").write_text(source)
        click.echo(f"{'cases':10}{'seconds':>9}{'peak MB':>9}{'lines':>7}")
        runs = {}
        for kind in ("same", "each"):
            paths = [f"/{kind}/{number}" for number in range(cases)]
            runs[kind] = measured(folder, paths)
            row(kind, runs[kind])
        each = runs["each"]
        well = each.seconds - runs["same"].seconds <= EXTRA_SECONDS
        well = well and each.peak <= MOST_MEGABYTES and each.lines <= MOST_LINES
        click.echo(f"{'body':10}{'seconds':>9}{'peak MB':>9}{'lines':>7}")
        usual = measured(folder, [f"/body/random/{size}"])
        row("random", usual)
        for kind in ("letter", "zero", "line"):
            found = measured(folder, [f"/body/{kind}/{size}"])
            row(kind, found)
            # In JSON, a NUL has six characters.
            alike = 6 * ALIKE if kind == "zero" else ALIKE
            well = well and found.peak <= alike * usual.peak
            well = well and found.seconds <= alike * usual.seconds
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
