"""`python -m comparison`."""

from comparison.cli import command

command()
