"""Port a Flask application to Quart, and name what is left to a person."""

from .porting import Ported, port
from .undecided import Undecided

__all__ = ["Ported", "Undecided", "port"]
