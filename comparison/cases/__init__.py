"""What to ask: case files and the bundled catalogue."""

from .loader import CATALOGUE, Topic, load_cases, load_topics, loosened
from .rules import lone_rules
from .select import find_case, select_cases

__all__ = [
    "CATALOGUE",
    "Topic",
    "find_case",
    "load_cases",
    "load_topics",
    "lone_rules",
    "loosened",
    "select_cases",
]
