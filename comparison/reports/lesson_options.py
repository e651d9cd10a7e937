"""How a report makes lessons of comparisons."""

from collections.abc import Callable
from typing import NamedTuple

from comparison.lesson.model import MODES, Lesson
from comparison.models import Comparison, RunHeader


class LessonOptions(NamedTuple):
    """How a comparison is told as a lesson, and which of its modes."""

    tell: Callable[[Comparison, RunHeader], Lesson]
    modes: tuple[str, ...] = tuple(MODES)
