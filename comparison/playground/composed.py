"""Show the result of a composed request: a short name, and the causes of differences."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from comparison.known import KnownDifferences, load_known
from comparison.known.patterns import PATTERNS, PATTERNS_ON_SERVERS
from comparison.known.shipped import SHIPPED
from comparison.lesson.model import Lesson, Sample
from comparison.lesson.sample import Source, align
from comparison.models import Comparison, Finding, Request
from comparison.runner.environment import environment
from comparison.studies.fuzz.generate import Example
from comparison.studies.fuzz.signature import sightings
from comparison.views import View, sources_of
from comparison.views.case import words_of

MAX_NAME = 70  # characters

# The description of a view in a target, cut off or not.
_DESCRIPTION = re.compile(r"(/composed[\w/-]*)\?view=[^\s'\"`<>)]*")


def name_of(view: View) -> str:
    """Return a short name for a view: what it does in one line, else in words."""
    lines = (
        sources_of(view)["flask"].rstrip().partition("composed():\n")[2].splitlines()
    )
    body = [line.strip() for line in lines if line.startswith("    ")]
    if len(body) == 1 and len(body[0]) <= MAX_NAME:
        return body[0]
    return words_of(view)


def with_cause(lesson: Lesson, view: View, known: KnownDifferences) -> Lesson:
    """Return the lesson as the page shows it.

    It has the Python that equals the view, not the code that builds it. Its texts have no
    description in the target. Its differences have the causes that `fuzz` knows.
    """
    comparison = lesson.comparison
    found = tuple(_findings(lesson, view, known))
    others = tuple(f for f in comparison.findings if f.cause) if not found else ()
    explained = msgspec.structs.replace(comparison, findings=found + others)
    with_sources = msgspec.structs.replace(
        lesson, comparison=explained, samples=_samples(lesson, view)
    )
    plain = _without_description(msgspec.to_builtins(with_sources))
    return msgspec.convert(plain, Lesson)


def _without_description(value: Any) -> Any:
    if isinstance(value, str):
        return _DESCRIPTION.sub(r"\1", value)
    if isinstance(value, dict):
        return {key: _without_description(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_description(item) for item in value]
    return value


def _samples(lesson: Lesson, view: View) -> tuple[Sample, ...]:
    reference, *others = (target.name for target in lesson.targets)
    sources = {}
    for target in lesson.targets:
        lines = sources_of(view)[target.framework.lower()].splitlines()
        # These lines did not run, so none of them has events.
        sources[target.name] = Source(lines, [()] * len(lines))
    return tuple(
        Sample(reference, other, align(sources[reference], sources[other]))
        for other in others
    )


def load_patterns() -> KnownDifferences:
    """Load the shipped known differences with the patterns of composed views."""
    paths = (*SHIPPED, PATTERNS, PATTERNS_ON_SERVERS)
    return load_known(paths, environment().packages)


def _findings(lesson: Lesson, view: View, known: KnownDifferences) -> Iterator[Finding]:
    """Yield the causes of the differences that a pattern of `fuzz` matches."""
    comparison: Comparison = lesson.comparison
    example = Example(view, Request(comparison.case.request.method))
    frameworks = {target.name: target.framework.lower() for target in lesson.targets}
    for sighting in sightings(example, comparison, frameworks, {}):
        field, kind, _ = sighting.signature
        for pattern in known.patterns:
            if not pattern.fits(field, kind, sighting.facts):
                continue
            cause = known.cause_of(pattern)
            # The page of a known difference with the same cause explains more.
            entry = next((e.id for e in known if e.cause == pattern.cause), "")
            difference = sighting.difference
            yield Finding(
                target=difference.target, summary=cause.summary, remedy=cause.advice,
                cause=entry or pattern.id, layer=cause.layer, fields=(difference.field,),
            )  # fmt: skip
            break
