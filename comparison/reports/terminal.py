"""Print to a terminal or a pipe without control sequences from recorded content."""

import errno
import os
import textwrap
from collections.abc import Iterable, Iterator
from typing import IO, Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text as RichText

from comparison.core.escaping import visible


class Text(RichText):
    """Text from a recording; its markup and control characters have no effect."""

    def __init__(self, text: str = "", *args: Any, **options: Any) -> None:
        super().__init__(visible(text), *args, **options)

    def append(self, text: Any, style: Any = None) -> "Text":
        """Append more text."""
        super().append(visible(text) if isinstance(text, str) else text, style)
        return self


class Terminal(Console):
    """A console whose only control sequences are those of its styles."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Render like every console, but escape control characters."""
        return self._visible(super().render(renderable, options))

    def _visible(self, segments: Iterable[Segment]) -> Iterator[Segment]:
        for segment in segments:
            text = segment.text if segment.control else visible(segment.text)
            yield Segment(text, segment.style, segment.control)


PLAIN_WIDTH = 160


class _Console(Terminal):
    def on_broken_pipe(self) -> None:
        """Raise the error for the caller; rich would exit with status 1."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def make_console(stream: IO[str] | None = None, color: str = "auto") -> Console:
    """Create a console that is plain on a pipe; `color` is auto, always or never.

    On a pipe, `COLUMNS` sets the width of standard output.
    """
    console = _Console(
        file=stream,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
        force_terminal=True if color == "always" else None,
        no_color=True if color == "never" else None,
    )
    if not console.is_terminal:
        console.width = (_columns() if stream is None else 0) or PLAIN_WIDTH
    return console


def _columns() -> int:
    """Return the width from the environment, or 0."""
    given = os.environ.get("COLUMNS", "")
    return int(given) if given.isdecimal() and len(given) < 6 else 0


def wrapped_by_us(console: Console) -> bool:
    """Return whether lines get the width that `COLUMNS` gives on a pipe.

    A terminal wraps long lines itself, and copies them in one piece.
    """
    return not console.is_terminal and console.width != PLAIN_WIDTH


def print_line(console: Console, text: str, style: str = "") -> None:
    """Print a line that may be long; indent what does not fit on a pipe's line."""
    if not wrapped_by_us(console):
        console.print(Text(text, style=style), soft_wrap=True)
        return
    indent = " " * (len(text) - len(text.lstrip()) + 4)
    for part in textwrap.wrap(
        text, console.width, subsequent_indent=indent, break_on_hyphens=False
    ):
        console.print(Text(part, style=style))
