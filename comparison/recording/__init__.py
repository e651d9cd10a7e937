"""What happened: tracing an app, the execution table, the variable tracker."""

from .freeze import freeze
from .instrument import framework_of, recorded
from .logs import captured_logs
from .source import function_source, parse
from .table import execution_table, variable_tracker
from .trace import TraceBuilder, current

__all__ = [
    "TraceBuilder",
    "captured_logs",
    "current",
    "execution_table",
    "framework_of",
    "freeze",
    "function_source",
    "parse",
    "recorded",
    "variable_tracker",
]
