"""Search for differences: run examples in batches and shrink each new finding.

Hypothesis generates the tapes of a batch and shrinks the findings. Both are seeded, so
the same seed and versions give the same findings.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from random import Random
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis import strategies as st
from hypothesis.database import ExampleDatabase
from hypothesis.errors import NoSuchExample
from msgspec import Struct

from comparison.known import IN_PROCESS, KnownDifferences
from comparison.known.patterns import DifferencePattern
from comparison.models import Comparison
from comparison.runner.engine import CaseRunner
from comparison.targets import Target

from .coverage import Coverage
from .example import Example
from .generate import example_of
from .signature import Sighting, Signature, sightings
from .tape import LENGTH, lowered, zeroed

BATCH = 40  # examples that run together
ROUND = 5  # batches between two rounds of shrinking
TRIES = 200  # examples that Hypothesis may try when it shrinks a finding
IDLE = 20  # rounds in a row without a new example, after which the search ends
KEY = b"comparison fuzz 1"
"""The key of findings in Hypothesis' database; each is the JSON of its example."""

_QUIET: dict[str, Any] = {
    "database": None, "deadline": None, "suppress_health_check": list(HealthCheck),
}  # fmt: skip

_SHRINKING = (Phase.generate, Phase.shrink)


class Found(Struct, frozen=True, gc=False):
    """A finding: its smallest example, and how often the difference occurred."""

    signature: Signature
    example: Example
    comparison: Comparison
    known: str | None
    times: int


class Search:
    """A search that runs until it has run `examples` or `seconds` have passed.

    `timeout` is in seconds, for each request. The search shrinks findings unless `shrink`
    is false. It saves them in the `database` and runs them first the next time. Iterate
    over it for the number of examples run so far. Afterwards `findings` has the
    unexplained differences, and `known` those that a difference pattern matches. Raises
    TargetError if a target does not answer.
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
        self.runner = CaseRunner(targets, known, timeout, tables=False)
        infos = self.runner.infos
        self.frameworks = {i.name: i.framework for i in infos if i.framework}
        self.servers = {i.name: i.server for i in infos if i.server != IN_PROCESS}
        self.patterns = known.patterns
        self.max_examples = examples
        self.seconds = seconds
        self.seed = seed
        self.database = database
        self.shrink = shrink
        self.coverage = Coverage()
        self.examples_run = 0
        self.skipped = 0
        self.found: dict[Signature, Found] = {}
        self.explained: dict[str, Found] = {}
        self._seen: set[bytes] = set()
        self._hung: set[str] = set()
        self._new: list[tuple[bytes, Found]] = []
        self._times: Counter[Signature] = Counter()

    @property
    def findings(self) -> list[Found]:
        """Return the unexplained differences in the order in which they occurred."""
        return [self._counted(found) for found in self.found.values()]

    @property
    def known(self) -> list[Found]:
        """Return the findings that difference patterns match, in the patterns' order."""
        ids = [pattern.id for pattern in self.patterns if pattern.id in self.explained]
        return [self.explained[form_id] for form_id in ids]

    def __iter__(self) -> Iterator[int]:
        self._end = None if self.seconds is None else time.monotonic() + self.seconds
        self._replay()
        yield self.examples_run
        number = idle = 0
        while not self._over() and idle < IDLE:
            before = self.examples_run
            self._round(f"{self.seed} {number}")
            self._shrink()
            number += 1
            idle = idle + 1 if self.examples_run == before else 0
            yield self.examples_run

    def close(self) -> None:
        """Shut down the apps."""
        self.runner.close()

    def _over(self) -> bool:
        late = self._end is not None and time.monotonic() > self._end
        return late or self.examples_run >= self.max_examples

    def _round(self, name: str) -> None:
        size = BATCH * LENGTH
        errors: list[Exception] = []

        @seed(name)
        @settings(max_examples=ROUND, phases=[Phase.generate], **_QUIET)
        @given(st.binary(min_size=size, max_size=size))
        def batch(tapes: bytes) -> None:
            if errors or self._over():
                return
            try:
                self._run(tapes[at : at + LENGTH] for at in range(0, size, LENGTH))
            except Exception as error:
                # If we raise here, Hypothesis repeats a batch without new examples, and
                # reports that the error does not recur.
                errors.append(error)

        batch()
        if errors:
            raise errors[0]

    def _run(self, tapes: Iterable[bytes]) -> None:
        """Run the examples that have not run before, and collect new findings."""
        new: list[tuple[bytes, Example]] = []
        for tape in dict.fromkeys(tapes):
            example = example_of(tape)
            key = msgspec.json.encode(example)
            if key in self._seen or self.examples_run >= self.max_examples:
                continue
            if _hang_key(example) in self._hung:
                self.skipped += 1
                continue
            self._seen.add(key)
            self.examples_run += 1
            self.coverage.add(example)
            new.append((tape, example))
        # Only findings need a title, and making one for each example takes time.
        cases = [example.case(id="example", title="example") for _, example in new]
        answers = self.runner.run_all(cases)
        for (tape, example), comparison in zip(new, answers, strict=True):
            for sighting in self._unexplained(example, comparison):
                signature = sighting.signature
                if not self._times[signature]:
                    found = Found(signature, example, comparison, None, 0)
                    self._new.append((tape, found))
                self._times[signature] += 1

    def _unexplained(
        self, example: Example, comparison: Comparison
    ) -> Iterator[Sighting]:
        """Yield sightings that no pattern matches; count those that a pattern matches."""
        if not comparison.differences:
            return
        self._note_hanging(example, comparison)
        seen = (example, comparison, self.frameworks, self.servers)
        for sighting in sightings(*seen):
            pattern = self._pattern_of(sighting)
            if pattern is None:
                yield sighting
                continue
            known = self.explained.get(pattern.id) or Found(
                sighting.signature, example, comparison, pattern.id, 0
            )
            self.explained[pattern.id] = msgspec.structs.replace(
                known, times=known.times + 1
            )

    def _pattern_of(self, sighting: Sighting) -> DifferencePattern | None:
        field, kind, _ = sighting.signature
        for pattern in self.patterns:
            if pattern.fits(field, kind, sighting.facts):
                return pattern
        return None

    def _note_hanging(self, example: Example, comparison: Comparison) -> None:
        """Note examples that hung, because similar ones would hang again."""
        for recording in comparison.recordings.values():
            failure = recording.exchange.failure
            hung = failure is not None and failure.kind == "timeout"
            if hung and (hang_key := _hang_key(example)):
                self._hung.add(hang_key)

    def _shrink(self) -> None:
        """Shrink each new finding and save it."""
        for tape, found in self._new:
            self._save(self._smaller(found, tape) if self.shrink else found)
        self._new.clear()

    def _smaller(self, found: Found, tape: bytes) -> Found:
        """Return the smallest example, or the first if the finding does not recur."""
        example = example_of(self._smallest(found.signature, tape))
        comparison = self.runner.run(example.case())
        if not self._shows(found.signature, example, comparison):
            return found
        return msgspec.structs.replace(found, example=example, comparison=comparison)

    def _shows(
        self, signature: Signature, example: Example, comparison: Comparison
    ) -> bool:
        """Return whether a finding occurs and no pattern matches it."""
        seen = (example, comparison, self.frameworks, self.servers)
        return any(
            sighting.signature == signature and self._pattern_of(sighting) is None
            for sighting in sightings(*seen)
        )

    def _smallest(self, signature: Signature, tape: bytes) -> bytes:
        """Return the smallest tape below this one that shows the same finding."""
        answers: dict[bytes, bool] = {}

        def same(lower: bytes) -> bool:
            example = example_of(lower)
            key = msgspec.json.encode(example)
            if key not in answers:
                comparison = self.runner.run(example.case())
                answers[key] = self._shows(signature, example, comparison)
            return answers[key]

        lower = zeroed(tape, same)
        try:
            return find(
                lowered(lower),
                same,
                settings=settings(max_examples=TRIES, phases=_SHRINKING, **_QUIET),
                random=Random(str(signature)),  # noqa: S311 - repeatable on purpose
            )
        except NoSuchExample:
            return lower

    def _save(self, found: Found) -> None:
        self.found[found.signature] = found
        if self.database is not None:
            self.database.save(KEY, msgspec.json.encode(found.example))

    def _replay(self) -> None:
        """Run the saved findings; delete those that do not recur."""
        saved = sorted(self.database.fetch(KEY)) if self.database is not None else []
        for content in saved:
            try:
                example = msgspec.json.decode(content, type=Example)
            except (msgspec.MsgspecError, ValueError):
                found: list[Sighting] = []
            else:
                comparison = self.runner.run(example.case())
                found = list(self._unexplained(example, comparison))
            for sighting in found:
                signature = sighting.signature
                self._times[signature] += 1
                self._save(Found(signature, example, comparison, None, 0))
            if not found and self.database is not None:
                self.database.delete(KEY, content)

    def _counted(self, found: Found) -> Found:
        return msgspec.structs.replace(found, times=self._times[found.signature])


def _hang_key(example: Example) -> str:
    """Return a key of examples that hang if one of them does, or ""."""
    view = example.view
    if view.raises is not None and hasattr(view.raises, "name"):
        return f"{view.raises.name} {view.handled} {view.style}"
    return ""
