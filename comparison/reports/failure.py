"""Format a failed comparison like the failure of a test."""

import io
from collections.abc import Iterator

from comparison.core.escaping import visible
from comparison.models import Comparison

from .case_block import block_text, case_block


def failure_text(comparison: Comparison) -> str:
    """Return the targets, the causes and the differences, with `-` and `+` like pytest."""
    case = comparison.case
    reference, *others = comparison.recordings
    where = f"{case.origin}: " if case.origin else ""
    against = f"{where}{reference} against {' and '.join(others)}: {comparison.verdict}"
    return visible(f"{against}\n{block_text(case_block(comparison))}")


def failure_tables(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """Yield the name and the execution table of each target."""
    from .tables import execution_table
    from .terminal import make_console

    for name, recording in comparison.recordings.items():
        stream = io.StringIO()
        make_console(stream, "never").print(execution_table(name, recording.table))
        yield name, "\n".join(line.rstrip() for line in stream.getvalue().splitlines())
