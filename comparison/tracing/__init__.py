"""Record what happens inside an app; make the execution table and variable tracker."""

from .cells import text_content
from .exceptions import describe, parts_of, raised_events
from .freeze import freeze
from .instrument import framework_of, recorded
from .logs import captured_logs, lost_work_recorded
from .source import place, raised_at
from .source_files import (
    function_source,
    is_app_file,
    parse,
    short_path,
    source_text,
    start_line,
)
from .table import Place, execution_table, row_places, unsent, variable_tracker
from .trace import TraceBuilder, current, tracing

__all__ = [
    "Place",
    "TraceBuilder",
    "captured_logs",
    "current",
    "describe",
    "execution_table",
    "framework_of",
    "freeze",
    "function_source",
    "is_app_file",
    "lost_work_recorded",
    "parse",
    "parts_of",
    "place",
    "raised_at",
    "raised_events",
    "recorded",
    "row_places",
    "short_path",
    "source_text",
    "start_line",
    "text_content",
    "tracing",
    "unsent",
    "variable_tracker",
]
