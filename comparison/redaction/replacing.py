"""Texts found in other texts, many at once, and replaced."""

import re
from collections.abc import Iterable, Iterator
from operator import itemgetter

from .fields import fold
from .forms import forms, identified, pieces

SHORTEST = 5  # characters; shorter values are words of every text
PLACEHOLDER = re.compile(r"‹secret \d+›")
"""What stands where a secret was."""

FEW = 60  # forms that are looked for one after the other
LONGEST_CUT = 4000  # characters of a secret that the mark of a cut may follow
MOST_CUTS = 1000
PART = 5  # characters by which one of many forms is recognised
STEPS = (12, 5, 1)
CROWDED = 8  # words that share a part, from which another one is chosen

Span = tuple[int, int, str]
"""Where a form begins and ends, and its label."""


def long_enough(found: Iterable[str]) -> list[str]:
    """Each secret once, but for what is too short, or a placeholder already."""
    once = dict.fromkeys(found)
    return [s for s in once if len(PLACEHOLDER.sub("", s).strip()) >= SHORTEST]


class Forms:
    """The forms of some secrets, each with a label, to be found in texts.

    The time that it takes to find them grows with the text, not with their number.
    """

    def __init__(self) -> None:
        self.exact = _Words()
        self.folded = _Words()

    def add(self, secret: str, label: str, encoded: str | None = None) -> None:
        """Add a secret; `encoded` is the label of its forms in base64 or hexadecimal."""
        for one in (secret, *pieces(secret)):
            texts, others = forms(one)
            if identified(one):
                self.folded.add(map(fold, texts), label)
            else:
                self.exact.add(texts, label)
            self.exact.add(others, encoded or label)

    def spans(self, text: str, *, certain: bool = False) -> list[Span]:
        """Where forms stand in a text, in order; none overlaps another.

        Only those that are no words of a language where they must be `certain`.
        """
        found = [] if certain else self.exact.spans(text)
        if self.folded.labels:
            found += self.folded.spans(fold(text))
        if "…" in text:
            found += self._cut(text)
        # The longest first: one secret may be part of another.
        found.sort(key=lambda span: (span[0], -span[1]))
        apart: list[Span] = []
        end = 0
        for start, stop, label in found:
            if stop > end:
                apart.append((max(start, end), stop, label))
                end = stop
        return apart

    def _cut(self, text: str) -> list[Span]:
        """Where the beginning of a form was cut off, which a mark says."""
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
    """Words with labels, found in a text."""

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
                (at, at + len(word), label)
                for word, label in self.labels.items()
                if word in text
                for at in _all(word, text)
            ]
        self._index()
        return [*self._sampled(text)]

    def beginning(self, text: str) -> tuple[int, str] | None:
        """Where the longest beginning of a word starts that a text ends with."""
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

        A text is looked at in every `step`th place. Of a word that is long enough, one
        of `step` parts that follow each other begins there, wherever the word stands.
        """
        for word in self._waiting:
            step, first = self._window(word)
            parts = self._parts.setdefault(step, {})
            for at in range(first, first + step):
                parts.setdefault(word[at : at + PART], []).append((word, at))
        self._waiting.clear()

    def _window(self, word: str) -> tuple[int, int]:
        """The step, and the first part, with which few other words are confused."""
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
        for step, parts in self._parts.items():
            for at in range(0, len(text), step):
                for word, before in parts.get(text[at : at + PART], ()):
                    if at >= before and text.startswith(word, at - before):
                        yield at - before, at - before + len(word), self.labels[word]


def _all(word: str, text: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


class Replacing:
    """Replaces each secret by its placeholder, however it is written."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self.forms = Forms()
        for number, secret in enumerate(secrets, 1):
            self.forms.add(secret, f"‹secret {number}›")
        self._known: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """The text without any of the secrets, cut ones included."""
        found = self._known.get(text)
        if found is None:
            spans = self.forms.spans(text)
            found = self._known[text] = _with_labels(text, spans)
        return found

    def certain(self, text: str) -> str:
        """The text without the secrets that can be nothing else."""
        return _with_labels(text, self.forms.spans(text, certain=True))


def _with_labels(text: str, spans: Iterable[Span]) -> str:
    parts: list[str] = []
    end = 0
    for start, stop, label in spans:
        parts += [text[end:start], label]
        end = stop
    return "".join([*parts, text[end:]]) if parts else text
