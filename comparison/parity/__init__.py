"""What differs: normalisation, differences, known differences, expectations, verdict."""

from .judge import Judge
from .layers import put_down
from .known import BUNDLED, STACKS, KnownDifferences, load_known

__all__ = ["BUNDLED", "STACKS", "Judge", "KnownDifferences", "load_known", "put_down"]
