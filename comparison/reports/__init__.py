"""Write reports: one module per format, and the output to terminals and files."""

from .lesson_options import LessonOptions
from .listing import NOT_LISTED, Listing
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
    "NOT_LISTED",
    "STANDARD_OUTPUT",
    "FileReport",
    "LessonOptions",
    "Listing",
    "Report",
    "format_of",
    "make_report",
    "place_of",
    "standard_output",
]
