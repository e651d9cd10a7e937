"""What builds the URLs of a rule is compiled when one is built, not when it is added.

Werkzeug compiles two functions for each rule that is added to an app: seven eighths of the
time in which a twin with its hundreds of rules is made, which happens hundreds of times in
the tests. Hardly any of them is ever called. Rules with defaults are left alone: compiling
them may fail. So are apps in other processes.
"""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

Build = Callable[..., tuple[str, str]]
compiled: Callable[[Rule, bool], Build] = Rule._compile_builder


def deferred(rule: Rule, append_unknown: bool = True) -> Build:
    """A function that puts the compiled one in its place, and calls it."""
    if rule.defaults:
        return compiled(rule, append_unknown)

    def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
        made = compiled(rule, append_unknown).__get__(rule)
        setattr(rule, "_build_unknown" if append_unknown else "_build", made)
        return made(**values)

    return build


def compile_when_asked() -> None:
    """From now on, for every rule of this process."""
    Rule._compile_builder = deferred
