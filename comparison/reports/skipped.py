"""Name the cases that were skipped, and why."""

from collections.abc import Sequence

from comparison.models import Comparison

MAX_SKIPPED = 6


def skipped_reason(comparison: Comparison) -> str:
    """Explain why a case was skipped."""
    return f"{comparison.case.needs_connection} needs targets on servers"


def skipped_name(comparison: Comparison) -> str:
    """Name a skipped case and the field that needs a connection."""
    return f"{comparison.case.id} ({comparison.case.needs_connection})"


def skipped_line(names: Sequence[str]) -> str:
    """Name the cases that were skipped, in one line."""
    shown = list(names)
    if len(shown) > MAX_SKIPPED:
        shown[MAX_SKIPPED - 1 :] = [f"{len(shown) - MAX_SKIPPED + 1} more"]
    return f"skipped, because they need targets on servers: {', '.join(shown)}"
