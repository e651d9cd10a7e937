"""Does this Quart app behave like that Flask app?

The same request to both, recorded step by step, and what differs, where and why.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cases import load_cases
    from .core.errors import (
        ComparisonError,
        DocumentError,
        NoCaseSelected,
        TargetError,
        UsageError,
    )
    from .known import KnownDifferences, load_known
    from .models import Case, Comparison, Difference, Expect, Request
    from .runner.run import Run, compare

__version__ = "0.1.0"

_HOME = {
    "Case": "models",
    "Comparison": "models",
    "ComparisonError": "core.errors",
    "Difference": "models",
    "DocumentError": "core.errors",
    "Expect": "models",
    "KnownDifferences": "known",
    "NoCaseSelected": "core.errors",
    "Request": "models",
    "Run": "runner.run",
    "TargetError": "core.errors",
    "UsageError": "core.errors",
    "compare": "runner.run",
    "load_cases": "cases",
    "load_known": "known",
}

__all__ = [
    "Case",
    "Comparison",
    "ComparisonError",
    "Difference",
    "DocumentError",
    "Expect",
    "KnownDifferences",
    "NoCaseSelected",
    "Request",
    "Run",
    "TargetError",
    "UsageError",
    "compare",
    "load_cases",
    "load_known",
]


def __getattr__(name: str) -> Any:
    # Importing the package costs nothing; each name brings only what it needs.
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
