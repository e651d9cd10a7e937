"""The verdict of a comparison, and who causes a difference."""

from .attribution import put_down
from .comparator import Comparator, Tally

__all__ = ["Comparator", "Tally", "put_down"]
