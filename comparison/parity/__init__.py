"""What differs: normalisation, differences, known differences, expectations, verdict."""

from .judge import Judge
from .known import BUNDLED, STACKS, KnownDifferences, load_known
from .layers import put_down

__all__ = ["BUNDLED", "STACKS", "Judge", "KnownDifferences", "load_known", "put_down"]
