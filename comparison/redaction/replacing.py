"""Find many texts in other texts, and replace them."""

import re
from collections.abc import Iterable, Iterator
from operator import itemgetter

from .fields import fold
from .forms import forms, identified, pieces

SHORTEST = 5  # characters; shorter values are common words
PLACEHOLDER = re.compile(r"‹secret \d+›")
"""The placeholder of a secret."""
_CUT_PLACEHOLDER = re.compile(r"‹secret(?: \d*›?)?")

FEW = 60  # encodings that we search for one after the other
LONGEST_CUT = 4000  # characters of a secret that may precede the mark of a cut
MOST_CUTS = 1000
PART = 5  # characters that identify one of many encodings
STEPS = (12, 5, 1)
CROWDED = 8  # words that share a part; above that we choose another part

Span = tuple[int, int, str]
"""Where an encoding starts and ends, and its label."""


def long_enough(found: Iterable[str]) -> list[str]:
    """Return each secret once, without short ones and placeholders, also cut ones."""
    once = dict.fromkeys(found)
    return [s for s in once if len(_CUT_PLACEHOLDER.sub("", s).strip()) >= SHORTEST]


class Forms:
    """The encodings of some secrets, each with a label, to find in texts.

    The time of a search grows with the text, not with the number of secrets.
    """

    def __init__(self) -> None:
        self.exact = _Words()
        self.folded = _Words()

    def add(self, secret: str, label: str, encoded: str | None = None) -> None:
        """Add a secret; `encoded` is the label of its base64 and hex encodings."""
        for one in (secret, *pieces(secret)):
            texts, others = forms(one)
            if identified(one):
                self.folded.add(map(fold, texts), label)
            else:
                self.exact.add(texts, label)
            self.exact.add(others, encoded or label)

    def spans(self, text: str, *, certain: bool = False) -> list[Span]:
        """Return where encodings are in a text, in order, without overlaps.

        With `certain`, only those that are not common words.
        """
        found = [] if certain else self.exact.spans(text)
        if self.folded.labels:
            found += self.folded.spans(fold(text))
        if "…" in text:
            found += self._cut(text)
        # The longest first: one secret may be part of another.
        found.sort(key=lambda span: (span[0], -span[1]))
        separate: list[Span] = []
        end = 0
        for start, stop, label in found:
            if stop > end:
                separate.append((max(start, end), stop, label))
                end = stop
        return separate

    def _cut(self, text: str) -> list[Span]:
        """Return where the start of an encoding precedes the mark of a cut."""
        found: list[Span] = []
        folded = fold(text) if self.folded.labels else ""
        at = text.find("…")
        for _ in range(MOST_CUTS):
            if at < 0:
                break
            for words, where in ((self.exact, text), (self.folded, folded)):
                first = max(0, at - LONGEST_CUT)
                span = words.beginning(where[first:at]) if where else None
                if span is not None:
                    found.append((span[0] + first, at, span[1]))
            at = text.find("…", at + 1)
        return found


class _Words:
    """Words with labels, to find in a text."""

    def __init__(self) -> None:
        self.labels: dict[str, str] = {}
        self._waiting: list[str] = []
        self._parts: dict[int, dict[str, list[tuple[str, int]]]] = {}

    def add(self, words: Iterable[str], label: str) -> None:
        for word in words:
            if len(word) >= SHORTEST and word not in self.labels:
                self.labels[word] = label
                self._waiting.append(word)

    def spans(self, text: str) -> list[Span]:
        if len(self.labels) <= FEW:
            return [
                (start, end, label)
                for word, label in self.labels.items()
                for start, end in _all(word, text)
            ]
        self._index()
        return [*self._sampled(text)]

    def beginning(self, text: str) -> tuple[int, str] | None:
        """Return where the text ends with the start of a word; the longest match wins."""
        found = []
        for word, label in self.labels.items():
            at = text.find(word[:SHORTEST])
            while at >= 0:
                if word.startswith(text[at:]):
                    found.append((at, label))
                    break
                at = text.find(word[:SHORTEST], at + 1)
        return min(found, key=itemgetter(0), default=None)

    def _index(self) -> None:
        """Index parts of each word, so that a sample of a text is enough.

        The search looks at every `step`th index of a text. A long word has `step`
        consecutive parts in the index. One of them starts at such an index, at any
        position of the word.
        """
        for word in self._waiting:
            step, first = self._window(word)
            parts = self._parts.setdefault(step, {})
            for at in range(first, first + step):
                parts.setdefault(word[at : at + PART], []).append((word, at))
        self._waiting.clear()

    def _window(self, word: str) -> tuple[int, int]:
        """Return the step, and the first part that few other words share."""
        best = (len(self.labels) + 1, 1, 0)
        for step in STEPS:
            last = len(word) - PART - step + 1
            for first in {last, 0} if last >= 0 else ():
                parts = self._parts.get(step, {})
                shared = max(
                    len(parts.get(word[at : at + PART], ()))
                    for at in range(first, first + step)
                )
                if shared < CROWDED:
                    return step, first
                best = min(best, (shared, step, first))
        return best[1:]

    def _sampled(self, text: str) -> Iterator[Span]:
        spans: dict[str, tuple[int, int]] = {}
        for step, parts in self._parts.items():
            for at in range(0, len(text), step):
                for word, before in parts.get(text[at : at + PART], ()):
                    if at < before or not text.startswith(word, at - before):
                        continue
                    start, end = at - before, at - before + len(word)
                    known = spans.get(word)
                    # A body of one byte may have a match at each index.
                    if known is not None and known[0] <= start <= known[1]:
                        start = known[0]
                    elif known is not None:
                        yield (*known, self.labels[word])
                    spans[word] = (start, end)
        for word, known in spans.items():
            yield (*known, self.labels[word])


def _all(word: str, text: str) -> Iterator[tuple[int, int]]:
    """Yield where a word starts and ends; matches that overlap are one.

    >>> list(_all("aaa", "aaaaa, aaa"))
    [(0, 5), (7, 10)]
    """
    start = text.find(word)
    while start >= 0:
        last, end = start, start + len(word)
        while (later := text.rfind(word, last + 1, end + len(word) - 1)) >= 0:
            last, end = later, later + len(word)
        yield start, end
        start = text.find(word, end)


class Replacing:
    """Replaces each secret, in any encoding, by its placeholder."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self.forms = Forms()
        for number, secret in enumerate(secrets, 1):
            self.forms.add(secret, f"‹secret {number}›")
        self._known: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """Return the text without the secrets, including cut ones."""
        found = self._known.get(text)
        if found is None:
            spans = self.forms.spans(text)
            found = self._known[text] = _with_labels(text, spans)
        return found

    def certain(self, text: str) -> str:
        """Return the text without the secrets that are not common words."""
        return _with_labels(text, self.forms.spans(text, certain=True))


def _with_labels(text: str, spans: Iterable[Span]) -> str:
    parts: list[str] = []
    end = 0
    for start, stop, label in spans:
        parts += [text[end:start], label]
        end = stop
    return "".join([*parts, text[end:]]) if parts else text
