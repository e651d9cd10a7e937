"""Rules of URLs that are compiled once in a process.

Werkzeug compiles two functions for each rule, and a twin has 594 rules. The functions
depend only on the text of a rule if it has no defaults. So twins that are made again take
the functions of the first.
"""

import functools
import sys
from typing import Any

from werkzeug.routing import Rule


def compile_once() -> None:
    """Let rules share the functions that build their URLs."""
    compiled = getattr(Rule, "_compile_builder", None)
    if compiled is None:  # another release of Werkzeug
        return
    builders: dict[tuple[Any, ...], Any] = {}

    @functools.wraps(compiled)
    def compile_builder(rule: Any, append_unknown: bool = True) -> Any:
        if rule.defaults:
            return compiled(rule, append_unknown)
        key = (rule.rule, *rule._trace, append_unknown)
        if key not in builders:
            builders[key] = compiled(rule, append_unknown)
        return builders[key]

    Rule._compile_builder = compile_builder  # type: ignore[method-assign]


def compile_those_of_the_twins() -> None:
    """Make both twins, and forget their modules: a test may have others of the name."""
    import flask_app
    import quart_app

    for twin in (flask_app, quart_app):
        twin.create_app()
    for name in list(sys.modules):
        if name.partition(".")[0] in ("flask_app", "quart_app"):
            del sys.modules[name]
