"""Define how a report makes lessons from comparisons."""

from collections.abc import Callable
from typing import NamedTuple

from comparison.lesson.model import MODES, Lesson
from comparison.models import Comparison, RunHeader


class LessonOptions(NamedTuple):
    """The function that makes a lesson of a comparison, and the modes to show."""

    make_lesson: Callable[[Comparison, RunHeader], Lesson]
    modes: tuple[str, ...] = tuple(MODES)
