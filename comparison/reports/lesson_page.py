"""Render a lesson as a self-contained page, or as part of a page of the playground.

Both have the same markup. Everything is readable without JavaScript. JavaScript adds one
step position for all modes, and a quiz that checks the chosen answers.
"""

import base64
import hashlib
import re
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from pygments.lexers import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String

from comparison.core.escaping import visible
from comparison.lesson.model import MODES, Lesson, TableRow
from comparison.models import Comparison, RunHeader

from .difference_view import difference_view, raw_response, similar_titles
from .lesson_options import LessonOptions
from .marked_text import shortened
from .values import expected_values
from .wording import MARKS, environment_line

STATIC = Path(__file__).parent / "static"
_PARTS = re.compile(r"(?:(?<=\w[/_;&?(=])|(?<=,))(?=[^/_,;&?\s])")
_STEP = re.compile(r"(\bstep \d+(?:\.\d+)?)")
SHORT = 10  # characters that fit in any column
TEMPLATES = Path(__file__).parent / "templates"

# Only tokens that lesson.css styles get markup, so that pages stay small.
_STYLES = (
    (Keyword, "k"), (Operator.Word, "k"), (String, "s"), (Number, "m"), (Comment, "c"),
    (Name.Function, "f"), (Name.Class, "f"), (Name.Decorator, "f"),
)  # fmt: skip


class LessonPage:
    """A report on one page with the lesson of each comparison."""

    def __init__(self, stream: IO[bytes], options: LessonOptions) -> None:
        self.stream = stream
        self.options = options
        self.lessons: list[Lesson] = []
        self.header: RunHeader | None = None

    def begin(self, header: RunHeader) -> None:
        """Store the header; write nothing before the end."""
        self.header = header

    def add(self, comparison: Comparison) -> None:
        """Make the lesson for the page."""
        assert self.header is not None
        self.lessons.append(self.options.make_lesson(comparison, self.header))

    def end(self, header: RunHeader) -> None:
        """Write the page."""
        made = page(self.lessons, header, self.options.modes)
        self.stream.write(visible(made).encode())
        self.stream.flush()


def page(
    lessons: list[Lesson], header: RunHeader, modes: tuple[str, ...] = tuple(MODES)
) -> str:
    """Render the page as text, with its style and script inside.

    The page escapes all recorded content. Its policy (Content Security Policy Level 3)
    allows only the style and the script with the given hashes.
    """
    style = Markup("").join(map(_static, ("page.css", "findings.css", "lesson.css")))
    script = _static("lesson.js")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}';"
        f" script-src '{_digest(script)}'; base-uri 'none'; form-action 'none'"
    )
    return _templates().get_template("lesson.html").render(
        lessons=lessons,
        header=header,
        modes=_titles(modes),
        environment=environment_line(header),
        policy=policy,
        style=style,
        script=script,
    )  # fmt: skip


def lesson_body(
    lesson: Lesson,
    modes: tuple[str, ...] = tuple(MODES),
    number: int = 1,
    differences: str = "",
) -> Markup:
    """Render a lesson as an `<article>` for the `<main>` of a page on a server.

    The page must link `findings.css` and `lesson.css` and load `lesson.js` as a module,
    all in `STATIC`. `page.css` there has the colours that they need. The markup has no inline
    styles or handlers, so the policy `style-src 'self'; script-src 'self'` suffices.
    `number` makes the ids of several lessons on one page unique. `differences` is the URL
    prefix of the pages of known differences, if they exist.
    """
    module: Any = _templates().get_template("lesson_body.html").module
    made = module.lesson_body(lesson, _titles(modes), number, differences)
    return Markup(made)  # noqa: S704


def _titles(modes: tuple[str, ...]) -> dict[str, str]:
    return {mode: title for mode, title in MODES.items() if mode in modes}


@cache
def _static(name: str) -> Markup:
    return Markup((STATIC / name).read_text("utf-8"))  # noqa: S704


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def visible_part(value: Any) -> Any:
    """Escape characters that would reorder or break a part of a page."""
    return type(value)(visible(value)) if isinstance(value, str) else value


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=visible_part,
    )
    environment.filters |= {
        "breakable": _breakable, "prose": prose, "python": python, "shortened": shortened,
        "whole": _whole,
    }  # fmt: skip
    environment.globals |= {
        "difference_view": difference_view, "expected_values": expected_values,
        "held": _waiting, "marks": MARKS, "raw_response": raw_response,
        "similar_titles": similar_titles, "table_number": _table_number,
    }  # fmt: skip
    return environment


def _waiting(rows: tuple[TableRow, ...], steps: int) -> dict[str, list[int]]:
    """Map the rows at which targets wait to the steps during which they wait there."""
    waiting: dict[str, list[int]] = {}
    at = {position: row.step for row in rows for position in row.positions}
    last = ""
    for position in range(1, steps + 1):
        last = at.get(position, last)
        if last and position not in at:
            waiting.setdefault(last, []).append(position)
    return waiting


def _table_number(lesson: Lesson, target: str) -> int:
    """Return the number of the execution table that has the rows of a target."""
    return next(n for n, part in enumerate(lesson.table, 1) if target in part.targets)


def _breakable(text: str) -> Markup:
    """Allow a narrow column to break a text after each of its parts.

    >>> _breakable("/status/code")
    Markup('/status/<wbr>code')
    """
    return Markup("<wbr>").join(_PARTS.split(shortened(text)))


def _whole(value: object) -> Markup:
    """Mark up a long value, so that the browser does not break it without need."""
    text = escape(shortened(str(value)))
    return Markup("<span>{}</span>").format(text) if len(text) > SHORT else text


def prose(text: str, rows: str = "") -> Markup:
    """Render text that has code between backticks, and link its steps.

    `rows` begins the ids of the rows of the execution table.

    >>> prose("It returned `<b>`.")
    Markup('It returned <code>&lt;b&gt;</code>.')
    """
    parts = (
        Markup("<code>{}</code>").format(part) if number % 2 else _linked(part, rows)
        for number, part in enumerate(text.split("`"))
    )
    return Markup("").join(parts)


def _linked(text: str, rows: str) -> Markup:
    if not rows:
        return escape(text)
    link = Markup('<a href="#{}-{}">{}</a>')
    parts = (
        link.format(rows, part.partition(" ")[2], part) if number % 2 else escape(part)
        for number, part in enumerate(_STEP.split(text))
    )
    return Markup("").join(parts)


@lru_cache(maxsize=1024)
def python(line: str | None) -> Markup:
    """Highlight a line of Python."""
    text = line or ""
    source = text.lstrip()
    tokens = _lexer().get_tokens(source)
    parts = [Markup(escape(text[: len(text) - len(source)]))]  # noqa: S704
    for name, group in groupby(tokens, lambda token: _styled(token[0])):
        words = escape("".join(word for _, word in group).rstrip("\n"))
        styled = Markup('<span class="{}">{}</span>').format(name, words)
        parts.append(styled if name else words)
    return Markup("").join(parts)


def _styled(token: Any) -> str:
    return next((name for kind, name in _STYLES if token in kind), "")


@cache
def _lexer() -> PythonLexer:
    return PythonLexer()
