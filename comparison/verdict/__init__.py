"""The verdict of a comparison, and who causes a difference."""

from .attribution import put_down
from .comparator import Judge, Tally

__all__ = ["Judge", "Tally", "put_down"]
