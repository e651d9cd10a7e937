"""What to ask: case files and the bundled catalogue."""

from .loader import CATALOGUE, Topic, load_cases, load_topics
from .select import select_cases

__all__ = ["CATALOGUE", "Topic", "load_cases", "load_topics", "select_cases"]
