"""Format a failed comparison like the failure of a test."""

import difflib
import io
from collections.abc import Iterator

from comparison.core.escaping import visible
from comparison.models import Comparison, Difference

from .layers import difference_line
from .wording import failure_lines, value_pair


def failure_text(comparison: Comparison) -> str:
    """Format the request and every difference with `-` and `+`, like pytest."""
    return visible("\n".join(_lines(comparison)))


def failure_tables(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """Yield the name and the execution table of each target."""
    from .text import execution_table, make_console

    for name, recording in comparison.recordings.items():
        stream = io.StringIO()
        make_console(stream, "never").print(execution_table(name, recording.table))
        yield name, "\n".join(line.rstrip() for line in stream.getvalue().splitlines())


def _lines(comparison: Comparison) -> Iterator[str]:
    case = comparison.case
    reference, *others = comparison.recordings
    against = f"{reference} against {' and '.join(others)}"
    yield f"{case.request.request_line}: {against}: {comparison.verdict}"
    if case.origin:
        yield f"{case.origin}: {case.id}"
    for difference in comparison.differences:
        yield f"  {difference_line(difference)}"
        yield from (f"    {line}" for line in _marked(reference, difference))
    for unmet in comparison.expectation.failures:
        note = f"  known: {unmet.known}" if unmet.known else ""
        yield f"  {unmet.field} expected of {unmet.target}{note}"
        yield f"    - expected: {unmet.expected}"
        yield f"    + actual: {unmet.actual}"
    for stale in comparison.failing_stale:
        yield f"  known difference {stale.known!r} no longer occurs in {stale.field}"
    yield from (f"  {line}" for line in failure_lines(comparison))


def _marked(reference: str, difference: Difference) -> Iterator[str]:
    left, right = difference.reference, difference.candidate
    if _several(left) and _several(right):
        yield f"- {reference}"
        yield f"+ {difference.target}"
        diff = difflib.ndiff(str(left).splitlines(), str(right).splitlines())
        yield from (line.rstrip() for line in diff)
        return
    left, right = value_pair(difference)
    yield f"- {reference}: {left}"
    yield f"+ {difference.target}: {right}"


def _several(value: object) -> bool:
    # The time that `ndiff` takes grows with the square of the number of lines.
    return isinstance(value, str) and 0 < value.count("\n") < 200
