"""Does this Quart app behave like that Flask app?

The same request to both, recorded step by step, and what differs, where and why.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cases import load_cases
    from .errors import (
        ComparisonError,
        DocumentError,
        NoCaseSelected,
        TargetError,
        UsageError,
    )
    from .model import Case, Comparison, Difference, Expect, Request
    from .parity import KnownDifferences, load_known
    from .runner import Run, compare

__version__ = "0.1.0"

_HOME = {
    "Case": "model",
    "Comparison": "model",
    "ComparisonError": "errors",
    "Difference": "model",
    "DocumentError": "errors",
    "Expect": "model",
    "KnownDifferences": "parity",
    "NoCaseSelected": "errors",
    "Request": "model",
    "Run": "runner",
    "TargetError": "errors",
    "UsageError": "errors",
    "compare": "runner",
    "load_cases": "cases",
    "load_known": "parity",
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
