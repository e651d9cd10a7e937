"""The command line: reads options, and hands over. A module for each command."""

from comparison.runner.settings import DEFAULT_TARGETS

from .entry import cli, command, main

__all__ = ["DEFAULT_TARGETS", "cli", "command", "main"]
