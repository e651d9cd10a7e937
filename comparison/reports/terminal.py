"""Print to a terminal without control sequences from recorded content."""

from collections.abc import Iterable, Iterator
from typing import Any

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
