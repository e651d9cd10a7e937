"""Count what an import leaves out, by reason."""

from collections import Counter
from collections.abc import Iterator

KEEP = ("static", "repeated", "unanswered", "headers", "bodies")
"""What an import leaves out by default, and keeps on demand."""


class LeftOut:
    """What an import leaves out: a count for each reason, with the option that keeps it.

    >>> left_out = LeftOut()
    >>> left_out.count("for static files", "--keep static")
    >>> left_out.item("headers", "Referer", "--keep headers")
    >>> list(left_out)
    ['1 for static files (--keep static)', '1 headers (--keep headers): Referer 1']
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._items: dict[str, Counter[str]] = {}
        self._options: dict[str, str] = {}

    def count(self, reason: str, option: str = "", number: int = 1) -> None:
        """Count something under a reason; `option` would keep it."""
        self._counts[reason] += number
        self._options[reason] = option

    def item(self, reason: str, name: str, option: str = "") -> None:
        """Count something under a reason that lists names."""
        self.count(reason, option)
        self._items.setdefault(reason, Counter())[name] += 1

    def __iter__(self) -> Iterator[str]:
        for reason, number in self._counts.most_common():
            option = f" ({self._options[reason]})" if self._options[reason] else ""
            names = self._items.get(reason, Counter()).most_common()
            listed = ", ".join(f"{name} {count}" for name, count in names)
            yield f"{number} {reason}{option}{f': {listed}' if listed else ''}"
