"""Decide the verdict of a case and attribute each difference to a layer."""

from .attribution import put_down
from .comparator import Comparator, Tally

__all__ = ["Comparator", "Tally", "put_down"]
