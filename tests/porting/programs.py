"""Flask applications that Hypothesis makes of the constructs that are ported."""

import re
from types import ModuleType
from typing import Any, NamedTuple

from hypothesis import strategies as st

from comparison import Case, Request, compare
from comparison.known import KnownDifferences
from comparison.models import Comparison, Difference, Part
from comparison.porting import Ported, port

from .constructs import ANY, BODIES, DEFINED, HEAD, INLINE, SAVED, VIEWS

NO_KNOWN = KnownDifferences(())
EXPLAINED = {
    "send_f": {"header:content-disposition", "header:cache-control", "header:expires"},
    "flash": {"header:vary"},
}
"""What differs by known differences of the topics `static` and `flashing`."""


class Program(NamedTuple):
    """A Flask application, and the request that each of its views gets."""

    source: str
    cases: list[Case]


@st.composite
def programs(draw: Any, views: int = 4) -> Program:
    """Draw an application: each view nests up to four constructs."""
    parts, cases, number = [HEAD], [], 0
    for view in range(views):
        body = draw(st.sampled_from(sorted(BODIES)))
        value = draw(st.sampled_from(ANY + BODIES[body]))
        for _ in range(draw(st.integers(0, 4))):
            if draw(st.booleans()):
                value = draw(st.sampled_from(INLINE)).replace("%s", value)
            else:
                number += 1
                defined = (*DEFINED, SAVED) if body == "files" else DEFINED
                made, use = draw(st.sampled_from(defined))
                parts.append(_numbered(made, number).replace("%s", value))
                value = _numbered(use, number).replace("%s", value)
        made = draw(st.sampled_from(VIEWS))
        parts.append(_numbered(made, view).replace("%s", value))
        cases.append(_case(view, body))
    return Program("\n\n".join(parts), cases)


def _numbered(template: str, number: int) -> str:
    """Write a number for each @ that follows a name; others start decorators."""
    return re.sub(r"(?<=[A-Za-z/])@", str(number), template)


def _case(view: int, body: str) -> Case:
    if body == "json":
        request = Request("POST", f"/{view}?q=1", json={"name": "Ada"})
    elif body == "files":
        parts = (Part("name", "Ada"), Part("upload", "text", filename="a.txt"))
        request = Request("POST", f"/{view}", multipart=parts)
    else:
        request = Request("POST", f"/{view}", form={"name": "Ada", "more": "x"})
    return Case(id=f"view{view}", request=request)


def ported(program: Program) -> Ported:
    """The port of a program."""
    return port(program.source)


def compared(program: Program, source: str) -> list[Comparison]:
    """Compare a program with a port of it."""
    reference = _app("flask_program", program.source)
    candidate = _app("quart_program", source)
    # A busy machine may starve a view that ends at once elsewhere.
    cases = program.cases
    return list(compare(reference, candidate, cases, known=NO_KNOWN, timeout=120))


def unexplained(program: Program, comparison: Comparison) -> list[Difference]:
    """Return the differences, except those that are known for the program."""
    views = program.source.partition("class Rejected")[2]
    known = [fields for name, fields in EXPLAINED.items() if name in views]
    return [
        each
        for each in comparison.differences
        if not any(each.field in fields for fields in known)
    ]


def _app(name: str, source: str) -> Any:
    module = ModuleType(name)
    exec(compile(source, f"{name}.py", "exec"), module.__dict__)  # our own program
    return module.__dict__["app"]
