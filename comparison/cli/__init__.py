"""The command line: parse the options and call other packages. One module a command."""

from comparison.runner.settings import DEFAULT_TARGETS

from .entry import cli, command, main

__all__ = ["DEFAULT_TARGETS", "cli", "command", "main"]
