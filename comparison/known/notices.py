"""Collect known differences that no longer occur with versions not recorded."""

from collections.abc import Iterable, Iterator

from comparison.models import Comparison, StaleNotice


class Notices:
    """Collects one notice for each such known difference, over all its cases.

    >>> notices = Notices()
    >>> notices.join([StaleNotice("gone", ("granian 2.8.9",), ("first",))])
    >>> notices.join([StaleNotice("gone", ("granian 2.8.9",), ("second",))])
    >>> list(notices)
    [StaleNotice(known='gone', unrecorded=('granian 2.8.9',), cases=('first', 'second'))]
    """

    def __init__(self) -> None:
        self._found: dict[str, tuple[dict[str, None], dict[str, None]]] = {}

    def add(self, comparison: Comparison) -> None:
        """Add the known differences that are stale in a comparison as a notice only."""
        for stale in comparison.stale:
            if stale.unrecorded:
                self._add(stale.known, stale.unrecorded, [comparison.case.id])

    def join(self, notices: Iterable[StaleNotice]) -> None:
        """Add the notices of another part of the same run."""
        for notice in notices:
            self._add(notice.known, notice.unrecorded, notice.cases)

    def _add(self, known: str, unrecorded: Iterable[str], cases: Iterable[str]) -> None:
        versions, named = self._found.setdefault(known, ({}, {}))
        versions.update(dict.fromkeys(unrecorded))
        named.update(dict.fromkeys(cases))

    def __iter__(self) -> Iterator[StaleNotice]:
        for known, (versions, cases) in sorted(self._found.items()):
            yield StaleNotice(known, tuple(versions), tuple(cases))
