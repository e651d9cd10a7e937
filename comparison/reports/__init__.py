"""Write reports: one module per format, and the output to terminals and files."""

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
