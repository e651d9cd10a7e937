"""Port generated applications, and compare each with its port.

`python -m benchmarks.ported_programs` makes 20,000, each with four views. It fails if one
behaves otherwise after it was ported, or if anything in it is left to decide.
"""

import sys
import time

import click
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.porting.programs import Program, compared, ported, programs, unexplained


@click.command()
@click.option("--examples", default=20_000, help="Applications to make.")
@click.option("--seed", "start", default=1, help="The seed of the random applications.")
def main(examples: int, start: int) -> None:
    """Count the generated applications that behave otherwise after they were ported."""
    counts = {"applications": 0, "cases": 0, "different": 0, "left": 0}

    @seed(start)
    @settings(
        max_examples=examples, phases=[Phase.generate], database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(programs())
    def run(program: Program) -> None:
        new = ported(program)
        counts["applications"] += 1
        counts["left"] += len(new.undecided)
        for undecided in new.undecided:
            click.echo(f"{undecided}\n{program.source}")
        for comparison in compared(program, new.source):
            counts["cases"] += 1
            if differences := unexplained(program, comparison):
                counts["different"] += 1
                click.echo(f"{differences}\n{new.source}")

    started = time.process_time()
    run()
    for name, count in counts.items():
        click.echo(f"{name:<14}{count:8,}")
    click.echo(f"{'processor':<14}{time.process_time() - started:8.1f} s")
    sys.exit(1 if counts["different"] or counts["left"] else 0)


if __name__ == "__main__":
    main()
