"""Port few lines and many, and measure time and memory.

`python -m benchmarks.ported_lines` copies the modules of `flask_app` as often as needed.
It fails if 100,000 lines take more than a minute, by the processor time of two
processors. It also fails if a line more takes more than 2 KB.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]
LIMIT = 60.0
BYTES_A_LINE = 2000


class Measured:
    """The time and the memory of one port, which runs in another process."""

    def __init__(self, lines: int) -> None:
        sources = [
            path.read_text("utf-8") for path in (ROOT / "flask_app").glob("*.py")
        ]
        self.lines = 0
        with tempfile.TemporaryDirectory() as folder:
            while self.lines < lines:
                package = Path(folder, "application", f"part{self.lines}")
                package.mkdir(parents=True)
                for number, source in enumerate(sources):
                    Path(package, f"module{number}.py").write_text(source, "utf-8")
                    self.lines += source.count("\n")
            started = time.perf_counter()
            command = [sys.executable, "-c", _PROGRAM, str(Path(folder, "application"))]
            shown = subprocess.run(  # noqa: S603
                command, check=True, capture_output=True, text=True, cwd=ROOT
            ).stdout
            self.seconds = time.perf_counter() - started
        self.processor, self.memory = map(float, shown.split())


_PROGRAM = """
import resource, sys
from comparison.porting.files import PortedFiles, find_application, port_files

for _ in port_files(find_application(sys.argv[1]), PortedFiles(), jobs=2):
    pass
own = resource.getrusage(resource.RUSAGE_SELF)
children = resource.getrusage(resource.RUSAGE_CHILDREN)
processor = sum(each.ru_utime + each.ru_stime for each in (own, children))
print(processor, max(own.ru_maxrss, children.ru_maxrss) * 1024)
"""


@click.command()
@click.option("--lines", default=100_000, help="Lines of the larger application.")
def main(lines: int) -> None:
    """Measure both, and print a table."""
    few, many = Measured(lines // 4), Measured(lines)
    for each in (few, many):
        click.echo(
            f"{each.lines:>8,} lines {each.seconds:6.1f} s"
            f" {each.processor:6.1f} s of processors {each.memory / 2**20:6.0f} MB"
        )
    grown = (many.memory - few.memory) / (many.lines - few.lines)
    click.echo(f"{grown:,.0f} bytes for a line more")
    seconds = 100_000 * many.processor / many.lines / 2
    click.echo(f"{seconds:.1f} s for 100,000 lines on two processors")
    sys.exit(1 if seconds > LIMIT or grown > BYTES_A_LINE else 0)


if __name__ == "__main__":
    main()
