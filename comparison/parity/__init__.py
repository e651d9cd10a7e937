"""What differs: normalisation, differences, known differences, expectations, verdict."""

from .judge import Judge
from .known import BUNDLED, KnownDifferences, load_known

__all__ = ["BUNDLED", "Judge", "KnownDifferences", "load_known"]
