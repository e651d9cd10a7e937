"""Decide the verdict of a case and attribute each difference to a layer."""

from .attribution import attribute
from .comparator import Comparator, Tally

__all__ = ["Comparator", "Tally", "attribute"]
