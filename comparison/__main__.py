"""`python -m comparison`."""

from .cli import command

command()
