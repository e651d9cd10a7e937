"""What happened: tracing an app, the execution table, the variable tracker."""

from .freeze import freeze
from .instrument import framework_of, recorded
from .logs import captured_logs
from .table import execution_table, variable_tracker
from .trace import TraceBuilder, current

__all__ = [
    "TraceBuilder",
    "captured_logs",
    "current",
    "execution_table",
    "framework_of",
    "freeze",
    "recorded",
    "variable_tracker",
]
