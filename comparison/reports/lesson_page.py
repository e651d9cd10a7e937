"""A lesson as one page: self-contained, works offline and without JavaScript."""

from functools import cache
from pathlib import Path
from typing import IO

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from comparison.lesson.model import MODES, Lesson
from comparison.model import Comparison, RunHeader

from .output import Telling
from .wording import environment_line

TEMPLATES = Path(__file__).parent / "templates"


class LessonPage:
    """One page with the lesson of each comparison; written when the run has ended."""

    def __init__(self, stream: IO[bytes], telling: Telling) -> None:
        self.stream = stream
        self.telling = telling
        self.lessons: list[Lesson] = []
        self.header: RunHeader | None = None

    def begin(self, header: RunHeader) -> None:
        """Nothing is written before the end."""
        self.header = header

    def add(self, comparison: Comparison) -> None:
        """Keep the lesson for the page."""
        assert self.header is not None
        self.lessons.append(self.telling.tell(comparison, self.header))

    def end(self, header: RunHeader) -> None:
        """The page."""
        self.stream.write(page(self.lessons, header, self.telling.modes).encode())
        self.stream.flush()


def page(
    lessons: list[Lesson], header: RunHeader, modes: tuple[str, ...] = tuple(MODES)
) -> str:
    """The page as text. Everything that was recorded is escaped."""
    titles = {mode: title for mode, title in MODES.items() if mode in modes}
    return _template().render(
        lessons=lessons,
        header=header,
        modes=titles,
        environment=environment_line(header),
        styles=_code_styles(),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["python"] = _python
    return environment.get_template("lesson.html")


def _python(line: str | None) -> Markup:
    """A line of source, highlighted; Pygments escapes what it highlights."""
    text = line or ""
    indent = text[: len(text) - len(text.lstrip())]
    formatter: HtmlFormatter[str] = HtmlFormatter(nowrap=True)
    marked = highlight(text.strip(), PythonLexer(), formatter).rstrip("\n")
    return Markup(indent + marked)  # noqa: S704


@cache
def _code_styles() -> Markup:
    light: HtmlFormatter[str] = HtmlFormatter(style="friendly")
    dark: HtmlFormatter[str] = HtmlFormatter(style="github-dark")
    in_the_dark = "\n".join(_rules(dark))
    return Markup(  # noqa: S704
        "\n".join(_rules(light))
        + f"\n@media screen and (prefers-color-scheme: dark) {{\n{in_the_dark}\n}}"
    )


def _rules(formatter: HtmlFormatter[str]) -> list[str]:
    rules = formatter.get_style_defs(".code").splitlines()
    return [r for r in rules if r.startswith(".code .") and "background" not in r]
