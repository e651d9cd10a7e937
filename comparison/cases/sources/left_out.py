"""Count what an import leaves out, by reason."""

from collections import Counter
from collections.abc import Iterator

from comparison.core.plural import counted


class LeftOut:
    """Counts of the things that an import leaves out, with the options that keep them.

    >>> left_out = LeftOut()
    >>> left_out.request("for static files", "--keep static")
    >>> left_out.part("headers", "referer", "--keep headers")
    >>> left_out.noun("WebSocket message", 2)
    >>> list(left_out)
    ['1 for static files (--keep static)', '2 WebSocket messages', 'headers (--keep headers): 1 referer']
    """

    def __init__(self) -> None:
        self._requests: Counter[str] = Counter()
        self._nouns: Counter[str] = Counter()
        self._parts: dict[str, Counter[str]] = {}
        self._options: dict[str, str] = {}

    def request(self, reason: str, option: str = "") -> None:
        """Count a request; `option` would keep it."""
        self._requests[reason] += 1
        self._options[reason] = option

    def noun(self, noun: str, number: int = 1) -> None:
        """Count something else, by its noun."""
        self._nouns[noun] += number

    def part(self, kind: str, name: str, option: str = "") -> None:
        """Count a part of a kind, such as a header; `option` would keep all of that kind."""
        self._parts.setdefault(kind, Counter())[name] += 1
        self._options[kind] = option

    def __iter__(self) -> Iterator[str]:
        for reason, number in self._requests.most_common():
            yield f"{number} {reason}{self._option(reason)}"
        for noun, number in self._nouns.items():
            yield counted(number, noun)
        for kind, names in self._parts.items():
            listed = ", ".join(f"{count} {name}" for name, count in names.most_common())
            yield f"{kind}{self._option(kind)}: {listed}"

    def _option(self, reason: str) -> str:
        return f" ({self._options[reason]})" if self._options[reason] else ""
