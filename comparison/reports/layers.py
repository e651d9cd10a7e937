"""Whose the differences of a run are, and which targets agree."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby

from msgspec import UNSET

from comparison.known.load import STACKS, load_known
from comparison.known.models import EVERY_CASE
from comparison.models import Agreement, Comparison, Difference, RunHeader

from .wording import known_ids, note_of, verdict_line

LAYERS = ("framework", "server", "client")
AGREEMENT = "who agrees with whom"

Place = tuple[int, str]
"""Where a case is told: what comes first is lower, and the layer."""


class Layers:
    """Counts in how many cases each layer differs.

    What servers show whatever the case is counted beside, because it is told once.
    """

    def __init__(self) -> None:
        self.layers: Counter[str] = Counter()
        self.of_servers: Counter[str] = Counter()
        self.only_of_servers = 0

    def add(self, comparison: Comparison) -> None:
        """Count one case."""
        own = [d for d in comparison.differences if d.known not in of_servers()]
        self.layers.update(list(dict.fromkeys(map(layer_line, own))))
        explained = known_ids(comparison)
        whatever = [known for known in explained if known in of_servers()]
        self.of_servers.update(whatever)
        if comparison.verdict == "known":
            self.only_of_servers += whatever == explained

    def verdict(self, header: RunHeader) -> str:
        """The whole run in one line."""
        assert header.summary is not None
        lone = len(header.route_mismatches)
        return verdict_line(
            header.summary, header.interrupted, lone, self.only_of_servers
        )

    def lines(self) -> Iterator[str]:
        """What was counted, the most frequent first."""
        if self.layers:
            yield f"differences by layer: {_counted(self.layers)}"
        if self.of_servers:
            yield f"of the servers, whatever the case: {_counted(self.of_servers)}"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in counts.most_common())


@cache
def of_servers() -> frozenset[str]:
    """The known differences that servers show whatever the case: to be told once."""
    entries = load_known([STACKS])
    return frozenset(entry.id for entry in entries if EVERY_CASE in entry.cases)


def note_line(comparison: Comparison) -> str:
    """What explains a case, or what it is about."""
    if comparison.verdict == "known":
        ids = [known for known in known_ids(comparison) if known not in of_servers()]
        if ids:
            return f"known: {', '.join(ids)}"
    return comparison.case.title


def layer_line(difference: Difference) -> str:
    """The layer that a difference is put down to, and the server if it is one."""
    if difference.server is UNSET:
        return difference.layer
    return f"{difference.layer} {difference.server}"


def difference_line(difference: Difference) -> str:
    """Where a difference is, whose it is, and what is known of it.

    >>> difference_line(Difference(target="b", field="body", reference="", candidate="x",
    ...     layer="server", server="waitress", request=1))
    'body of request 1 (server waitress)'
    """
    where = f" of request {difference.request}" if difference.request else ""
    return f"{difference.field}{where} ({layer_line(difference)}{note_of(difference)})"


def by_layer(
    unexpected: Iterable[Comparison],
) -> Iterator[tuple[str, list[Comparison]]]:
    """Cases that failed a run under a heading for each layer, the framework's first.

    A case that differs in several stands under the first of them.
    """
    ordered = sorted(unexpected, key=place_of)
    for place, comparisons in groupby(ordered, place_of):
        yield heading_of(place), list(comparisons)


def place_of(comparison: Comparison) -> Place:
    """Where a case that failed the run is told."""
    places = [(LAYERS.index(d.layer), layer_line(d)) for d in comparison.unexpected]
    return min(places, default=(len(LAYERS), ""))


def heading_of(place: Place) -> str:
    """What is above the cases of a layer, or above those whose targets do not differ."""
    _, layer = place
    return f"What differs: {layer}" if layer else "What is not as expected"


def agreement_rows(agreement: Iterable[Agreement]) -> Sequence[Sequence[str]]:
    """In how many cases each two targets did the same, as a table with headings."""
    pairs = {(a.one, a.other): a for a in agreement}
    names = list(dict.fromkeys(name for pair in pairs for name in pair))
    found = {
        names_: f"{pair.agreed}/{pair.asked}"
        for (one, other), pair in pairs.items()
        for names_ in ((one, other), (other, one))
    }
    rows = ([one, *(found.get((one, other), "—") for other in names)] for one in names)
    return [["", *names], *rows]


def agreement_lines(agreement: Iterable[Agreement]) -> Iterator[str]:
    """The same in words, where there is no room for a table."""
    for pair in agreement:
        cases = f"{pair.agreed} of {pair.asked} cases"
        yield f"{pair.one} agrees with {pair.other} in {cases}"


def sentence(text: str) -> str:
    """A line of a terminal as a paragraph or heading of a page begins."""
    return text[0].upper() + text[1:]
