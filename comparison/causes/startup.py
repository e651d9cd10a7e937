"""Say why an app cannot be loaded or started, from the exception that its code raised."""

import re
from collections.abc import Collection, Iterator

from comparison.models import Finding
from comparison.tracing import is_app_file, short_path, source_text

from .code import module
from .fact import Fact
from .inferred import inferred
from .load import load_explanations
from .match import matching
from .models import Explanation
from .places import app_file, statement_at

NOT_ANSWERED = "TimeoutError: the start was not answered"
"""What the fact `startup` says about a start that never ends."""

_FRAME = re.compile(
    r'^[ |]*File "(?P<file>[^"]+)", line (?P<line>\d+), in (?P<function>.+)$'
)
_EXCEPTION = re.compile(r"^[ |]{0,4}(?P<exception>[A-Za-z_][\w.]*(?:: .*)?)$")
_IMPORT = re.compile(r"^\s*(?:from|import)\s+([\w.]+)", re.MULTILINE)


def why_not_loaded(exception: str, file: str, line: int) -> str:
    """Return the cause and the remedy of an exception in an app's code, or "".

    `exception` is `Type: message`; `file` is a short path, as in recordings.
    """
    found = _explained(exception, file, line)
    return f"{found.summary} {found.remedy}" if found is not None else ""


def why_not_answered(spec: str) -> str:
    """Return the cause and the remedy of a start that never ended, or "".

    `spec` names the app. Its source is the only evidence.
    """
    file = app_file((), spec)
    found = _explained(NOT_ANSWERED, file, 0) if file else None
    return f"{found.summary} {found.remedy} ({found.place})" if found else ""


def why_ended(output: str) -> str:
    """Return which function of the app raised what, from a server's output, or "".

    The output has the traceback as text. Its last line of the app's code counts.
    """
    own: tuple[str, int, str] | None = None
    for line in output.splitlines():
        frame = _FRAME.match(line)
        raised = _EXCEPTION.match(line)
        if frame is not None:
            file = short_path(frame["file"])
            if is_app_file(file):
                own = (file, int(frame["line"]), frame["function"])
        elif raised is not None and own is not None:
            exception = raised["exception"]
            sentence = f"`{own[2]}` raised {exception} ({own[0]}:{own[1]})."
            return f"{sentence} {why_not_loaded(exception, own[0], own[1])}".strip()
    return ""


def _explained(exception: str, file: str, line: int) -> Finding | None:
    """Return the finding of the first explanation that matches, or None."""
    of_quart = "quart" in _imports(file)
    fact = Fact(exception, file, line, statement_at(file, line).source)
    facts = {"startup": [fact], "raised": [fact]}
    for name, each in inferred([("raised", fact)], file, {}):
        facts.setdefault(name, []).append(each)
    for explanation in _explanations():
        anywhere = explanation.framework == "*" and "startup" in explanation.when
        if of_quart or anywhere:
            for found in matching(explanation, facts, {}, ""):
                return found
    return None


def _imports(file: str) -> Collection[str]:
    """Return the packages that a file imports, roughly if it has a syntax error."""
    app = module(file)
    if app is not None:
        return app.imports
    found = _IMPORT.findall(source_text(file))
    return {name.partition(".")[0] for name in found}


def _explanations() -> Iterator[Explanation]:
    """Yield the explanations of startup first, then those of exceptions."""
    shipped = load_explanations().values()
    for explanation in shipped:
        if "startup" in explanation.when:
            yield explanation
    for explanation in shipped:
        if "raised" in explanation.when:
            yield explanation
