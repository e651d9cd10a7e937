"""One module per format, and where the reports go."""

from .output import (
    FORMATS,
    FileReport,
    Report,
    Telling,
    format_of,
    make_report,
    place_of,
    standard_output,
)

__all__ = [
    "FORMATS",
    "FileReport",
    "Report",
    "Telling",
    "format_of",
    "make_report",
    "place_of",
    "standard_output",
]
