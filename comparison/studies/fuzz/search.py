"""The search: examples in batches, each difference once, and that made small.

Hypothesis makes the tapes of a batch and shrinks what was found. Both are seeded, so the
same seed and versions give the same findings.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from random import Random
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis import strategies as st
from hypothesis.database import ExampleDatabase
from hypothesis.errors import NoSuchExample
from msgspec import Struct

from comparison.core.errors import ComparisonError
from comparison.known import IN_PROCESS, KnownDifferences
from comparison.known.patterns import DifferencePattern
from comparison.models import Comparison
from comparison.runner import CaseRunner
from comparison.targets import Target

from .coverage import Coverage
from .generate import LENGTH, Example, example_of
from .signature import Sighting, Signature, sightings

BATCH = 40  # examples that are asked together
ROUND = 5  # batches, after which what was found is shrunk
TRIES = 200  # examples, among which the one to be shrunk comes up again
IDLE = 20  # rounds without a new example one after another, after which none is left
KEY = b"comparison fuzz 1"
"""Where findings are kept in Hypothesis' database: each as the JSON of its example."""

_QUIET: dict[str, Any] = {
    "database": None, "deadline": None, "suppress_health_check": list(HealthCheck),
}  # fmt: skip

_SHRINKING = (Phase.generate, Phase.shrink)


class Found(Struct, frozen=True, gc=False):
    """A difference that was found: the smallest example of it, and how often it came."""

    signature: Signature
    example: Example
    comparison: Comparison
    known: str | None
    times: int


class Search:
    """Looks for differences until it has asked `examples`, or `seconds` have passed.

    `timeout` is in seconds, for each request. What is found is made small unless
    `shrink` is false, kept in the `database`, and asked first the next time.
    Iterate over it for the number of examples asked so far. Afterwards `findings` are
    the differences that nothing explains and `known` those that a form does. Raises
    TargetError where a target cannot be asked.
    """

    def __init__(
        self,
        targets: Mapping[str, Target],
        known: KnownDifferences,
        *,
        examples: int,
        seconds: float | None = None,
        seed: int = 0,
        timeout: float = 5.0,
        database: ExampleDatabase | None = None,
        shrink: bool = True,
    ) -> None:
        self.asker = CaseRunner(targets, known, timeout, tables=False)
        infos = self.asker.infos
        self.frameworks = {i.name: i.framework for i in infos if i.framework}
        self.servers = {i.name: i.server for i in infos if i.server != IN_PROCESS}
        self.forms = known.forms
        self.wanted = examples
        self.seconds = seconds
        self.seed = seed
        self.database = database
        self.shrink = shrink
        self.coverage = Coverage()
        self.asked = 0
        self.skipped = 0
        self.found: dict[Signature, Found] = {}
        self.explained: dict[str, Found] = {}
        self._seen: set[bytes] = set()
        self._hung: set[str] = set()
        self._new: list[tuple[bytes, Found]] = []
        self._times: Counter[Signature] = Counter()

    @property
    def findings(self) -> list[Found]:
        """What nothing explains, in the order in which it was found."""
        return [self._counted(found) for found in self.found.values()]

    @property
    def known(self) -> list[Found]:
        """What forms explain, in the order of the forms."""
        ids = [form.id for form in self.forms if form.id in self.explained]
        return [self.explained[form_id] for form_id in ids]

    def __iter__(self) -> Iterator[int]:
        self._end = None if self.seconds is None else time.monotonic() + self.seconds
        self._replay()
        yield self.asked
        number = idle = 0
        while not self._over() and idle < IDLE:
            before = self.asked
            self._round(f"{self.seed} {number}")
            self._shrink()
            number += 1
            idle = idle + 1 if self.asked == before else 0
            yield self.asked

    def close(self) -> None:
        """Shut the apps down."""
        self.asker.close()

    def _over(self) -> bool:
        late = self._end is not None and time.monotonic() > self._end
        return late or self.asked >= self.wanted

    def _round(self, name: str) -> None:
        size = BATCH * LENGTH
        errors: list[ComparisonError] = []

        @seed(name)
        @settings(max_examples=ROUND, phases=[Phase.generate], **_QUIET)
        @given(st.binary(min_size=size, max_size=size))
        def batch(tapes: bytes) -> None:
            if errors or self._over():
                return
            try:
                self._ask(tapes[at : at + LENGTH] for at in range(0, size, LENGTH))
            except ComparisonError as error:
                # Hypothesis would repeat the batch, which has no new examples then.
                errors.append(error)

        batch()
        if errors:
            raise errors[0]

    def _ask(self, tapes: Iterable[bytes]) -> None:
        """Ask what was not asked before, and note what is new."""
        asked: list[tuple[bytes, Example]] = []
        for tape in dict.fromkeys(tapes):
            example = example_of(tape)
            key = msgspec.json.encode(example)
            if key in self._seen or self.asked >= self.wanted:
                continue
            if _like(example) in self._hung:
                self.skipped += 1
                continue
            self._seen.add(key)
            self.asked += 1
            self.coverage.add(example)
            asked.append((tape, example))
        # What is told of a finding has a title: to give each example one takes time.
        cases = [example.case(id="example", title="example") for _, example in asked]
        answers = self.asker.ask_all(cases)
        for (tape, example), comparison in zip(asked, answers, strict=True):
            for sighting in self._unexplained(example, comparison):
                signature = sighting.signature
                if not self._times[signature]:
                    found = Found(signature, example, comparison, None, 0)
                    self._new.append((tape, found))
                self._times[signature] += 1

    def _unexplained(
        self, example: Example, comparison: Comparison
    ) -> Iterator[Sighting]:
        """The sightings that no form explains; what one explains is counted."""
        if not comparison.differences:
            return
        self._note_hanging(example, comparison)
        seen = (example, comparison, self.frameworks, self.servers)
        for sighting in sightings(*seen):
            form = self._form_of(sighting)
            if form is None:
                yield sighting
                continue
            known = self.explained.get(form.id) or Found(
                sighting.signature, example, comparison, form.id, 0
            )
            self.explained[form.id] = msgspec.structs.replace(
                known, times=known.times + 1
            )

    def _form_of(self, sighting: Sighting) -> DifferencePattern | None:
        field, kind, _ = sighting.signature
        for form in self.forms:
            if form.fits(field, kind, sighting.facts):
                return form
        return None

    def _note_hanging(self, example: Example, comparison: Comparison) -> None:
        """Remember what hung: to ask the like of it again would take all the time."""
        for recording in comparison.recordings.values():
            failure = recording.exchange.failure
            hung = failure is not None and failure.kind == "timeout"
            if hung and (like := _like(example)):
                self._hung.add(like)

    def _shrink(self) -> None:
        """Make each new finding as small as it gets, and keep it."""
        for tape, found in self._new:
            self._keep(self._smaller(found, tape) if self.shrink else found)
        self._new.clear()

    def _smaller(self, found: Found, tape: bytes) -> Found:
        """The smallest example of a finding; the first where it is not seen again."""
        example = example_of(self._smallest(found.signature, tape))
        comparison = self.asker.ask(example.case())
        if not self._shows(found.signature, example, comparison):
            return found
        return msgspec.structs.replace(found, example=example, comparison=comparison)

    def _shows(
        self, signature: Signature, example: Example, comparison: Comparison
    ) -> bool:
        """Whether a finding is seen, and nothing explains it."""
        seen = (example, comparison, self.frameworks, self.servers)
        return any(
            sighting.signature == signature and self._form_of(sighting) is None
            for sighting in sightings(*seen)
        )

    def _smallest(self, signature: Signature, tape: bytes) -> bytes:
        """The smallest tape below this one on which the same is seen."""
        answers: dict[bytes, bool] = {}

        def same(lower: bytes) -> bool:
            example = example_of(lower)
            key = msgspec.json.encode(example)
            if key not in answers:
                comparison = self.asker.ask(example.case())
                answers[key] = self._shows(signature, example, comparison)
            return answers[key]

        lower = zeroed(tape, same)
        try:
            return find(
                lowered(lower),
                same,
                settings=settings(max_examples=TRIES, phases=_SHRINKING, **_QUIET),
                random=Random(str(signature)),  # noqa: S311 - as often as it is wanted
            )
        except NoSuchExample:
            return lower

    def _keep(self, found: Found) -> None:
        self.found[found.signature] = found
        if self.database is not None:
            self.database.save(KEY, msgspec.json.encode(found.example))

    def _replay(self) -> None:
        """Ask first what was found before; what is not found again is forgotten."""
        kept = sorted(self.database.fetch(KEY)) if self.database is not None else []
        for content in kept:
            try:
                example = msgspec.json.decode(content, type=Example)
            except (msgspec.MsgspecError, ValueError):
                found: list[Sighting] = []
            else:
                comparison = self.asker.ask(example.case())
                found = list(self._unexplained(example, comparison))
            for sighting in found:
                signature = sighting.signature
                self._times[signature] += 1
                self._keep(Found(signature, example, comparison, None, 0))
            if not found and self.database is not None:
                self.database.delete(KEY, content)

    def _counted(self, found: Found) -> Found:
        return msgspec.structs.replace(found, times=self._times[found.signature])


def zeroed(tape: bytes, same: Callable[[bytes], bool]) -> bytes:
    """The tape with 0 in the place of each byte that is not needed, the last first.

    What Hypothesis need not draw it need not shrink: this leaves it a few bytes.
    """
    for at in reversed(range(len(tape))):
        lower = tape[:at] + b"\0" + tape[at + 1 :]
        if tape[at] and same(lower):
            tape = lower
    return tape


def lowered(tape: bytes) -> st.SearchStrategy[bytes]:
    """Tapes of which no byte is higher than in this one, itself more than any other.

    A number is drawn for each byte that is not 0, and the byte is no higher than it:
    most numbers leave it as it is. Hypothesis lowers the numbers.
    """
    drawn = st.tuples(*(st.integers(0, 1 << 24) for byte in tape if byte))

    def capped(highest: tuple[int, ...]) -> bytes:
        numbers = iter(highest)
        return bytes(min(byte, next(numbers)) if byte else 0 for byte in tape)

    return drawn.map(capped)


def _like(example: Example) -> str:
    """What examples have in common of which one has hung."""
    view = example.view
    if view.raises is not None and hasattr(view.raises, "name"):
        return f"{view.raises.name} {view.handled} {view.style}"
    return ""
