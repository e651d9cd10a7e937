"""Count the differences of a run by layer, and tabulate which targets agree."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby

from msgspec import UNSET

from comparison.known import STACKS, load_known
from comparison.known.models import EVERY_CASE
from comparison.models import Agreement, Comparison, Difference, RunHeader

from .skipped import skipped_line, skipped_name
from .values import of_request
from .wording import known_ids, note_of, verdict_line

LAYERS = ("app", "framework", "server", "client")
AGREEMENT = "agreement of the targets"

Place = tuple[int, str]
"""The position of a case in a report: a rank (lower comes first) and the layer."""


class Layers:
    """A count of the cases in which each layer differs.

    Differences that a server causes in any case are counted separately; reports show them
    once.
    """

    def __init__(self) -> None:
        self.layers: Counter[str] = Counter()
        self.of_servers: Counter[str] = Counter()
        self.only_of_servers = 0
        self.skipped: list[str] = []

    def add(self, comparison: Comparison) -> None:
        """Count one case."""
        own = [d for d in comparison.differences if d.known not in of_servers()]
        self.layers.update(list(dict.fromkeys(map(layer_line, own))))
        explained = known_ids(comparison)
        of_servers_only = [known for known in explained if known in of_servers()]
        self.of_servers.update(of_servers_only)
        if comparison.verdict == "skipped":
            self.skipped.append(skipped_name(comparison))
        if comparison.verdict == "known":
            self.only_of_servers += of_servers_only == explained

    def verdict(self, header: RunHeader) -> str:
        """Summarise the whole run in one line."""
        assert header.summary is not None
        mismatches = len(header.route_mismatches)
        return verdict_line(
            header.summary, header.interrupted, mismatches, self.only_of_servers
        )

    @property
    def in_process(self) -> bool:
        """Whether neither a server nor a client causes a difference."""
        return not self.of_servers and self.layers.keys() <= {"app", "framework"}

    def lines(self) -> Iterator[str]:
        """Yield the counts in words, the most frequent first."""
        if self.layers:
            yield f"differences by layer: {_counted(self.layers)}"
        if self.of_servers:
            yield f"caused by the servers in any case: {_counted(self.of_servers)}"

    def skipped_lines(self) -> Iterator[str]:
        """Yield a line that names the skipped cases, if there are any."""
        if self.skipped:
            yield skipped_line(self.skipped)


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in counts.most_common())


@cache
def of_servers() -> frozenset[str]:
    """Return the ids of the known differences that servers cause in any case."""
    entries = load_known([STACKS])
    return frozenset(entry.id for entry in entries if EVERY_CASE in entry.cases)


def note_line(comparison: Comparison) -> str:
    """Return the known differences of a case, or its title."""
    if comparison.verdict == "known":
        ids = [known for known in known_ids(comparison) if known not in of_servers()]
        if ids:
            return f"known: {', '.join(ids)}"
    return comparison.case.title


def layer_line(difference: Difference) -> str:
    """Return the layer of a difference, and its server if a server causes it."""
    if difference.server is UNSET:
        return difference.layer
    return f"{difference.layer} {difference.server}"


def difference_line(difference: Difference) -> str:
    """Format the field, the layer and the known difference of a difference.

    >>> difference_line(Difference(target="b", field="body", reference="", candidate="x",
    ...     layer="server", server="waitress", request=1))
    'body of request 1 (server waitress)'
    """
    where = of_request(difference.request)
    return f"{difference.field}{where} ({layer_line(difference)}{note_of(difference)})"


def by_layer(
    unexpected: Iterable[Comparison],
) -> Iterator[tuple[str, list[Comparison]]]:
    """Group the cases that failed a run by layer, with headings, the framework first.

    A case that differs in several layers belongs to the first of them.
    """
    ordered = sorted(unexpected, key=place_of)
    for place, comparisons in groupby(ordered, place_of):
        yield heading_of(place), list(comparisons)


def place_of(comparison: Comparison) -> Place:
    """Return the position of a case that failed the run."""
    places = [(LAYERS.index(d.layer), layer_line(d)) for d in comparison.unexpected]
    return min(places, default=(len(LAYERS), ""))


def heading_of(place: Place) -> str:
    """Return the heading for the cases of a layer, or for cases without differences."""
    _, layer = place
    return f"Differences: {layer}" if layer else "Failures without differences"


def agreement_rows(agreement: Iterable[Agreement]) -> Sequence[Sequence[str]]:
    """Tabulate in how many cases each pair of targets agrees, with headings."""
    pairs = {(a.one, a.other): a for a in agreement}
    names = list(dict.fromkeys(name for pair in pairs for name in pair))
    found = {
        names_: f"{pair.agreed}/{pair.total}"
        for (one, other), pair in pairs.items()
        for names_ in ((one, other), (other, one))
    }
    rows = ([one, *(found.get((one, other), "—") for other in names)] for one in names)
    return [["", *names], *rows]


def agreement_lines(agreement: Iterable[Agreement]) -> Iterator[str]:
    """Yield in words in how many cases each pair of targets agrees."""
    for pair in agreement:
        cases = f"{pair.agreed} of {pair.total} cases"
        yield f"{pair.one} agrees with {pair.other} in {cases}"


def sentence(text: str) -> str:
    """Capitalise a line for a heading or paragraph of a page."""
    return text[0].upper() + text[1:]
