"""Port one source."""

from typing import NamedTuple

from .asynchronous import decide
from .modules import facts_of, port_module
from .program import Program
from .undecided import Undecided


class Ported(NamedTuple):
    """A ported source, and what is left to a person.

    `rewritten` counts the rewritten constructs: imports, names, functions, awaits.
    """

    source: str
    undecided: tuple[Undecided, ...] = ()
    rewritten: int = 0


def port(
    source: str,
    *,
    path: str = "app.py",
    plain_views: bool = False,
    comments: bool = False,
) -> Ported:
    """Port one module from Flask to Quart.

    Views become async. `plain_views` leaves those plain that await nothing; Quart runs
    them in threads. `comments` writes what is left to decide into the source. Raises
    SyntaxError if the source is not Python.

    >>> port("from flask import request; form = request.form").source
    'from quart import request; form = request.form'
    """
    name = path.removesuffix(".py").replace("/", ".")
    content = source.encode()
    facts = facts_of(content, path, name)
    decisions = decide(Program([facts]), plain_views=plain_views)
    edits, found = decisions.edits[name], decisions.found[name]
    ported = port_module(content, path, edits, found, comments=comments)
    return Ported(ported.content.decode(), ported.undecided, ported.rewritten)
