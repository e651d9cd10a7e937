"""One module per format, and where the reports go."""

from .lesson_options import LessonOptions
from .output import (
    FORMATS,
    STANDARD_OUTPUT,
    FileReport,
    Report,
    format_of,
    make_report,
    place_of,
    standard_output,
)

__all__ = [
    "FORMATS",
    "STANDARD_OUTPUT",
    "FileReport",
    "LessonOptions",
    "Report",
    "format_of",
    "make_report",
    "place_of",
    "standard_output",
]
