"""Show the result of a composed request: a short name, and the causes of differences."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from comparison.known import KnownDifferences, load_known
from comparison.known.patterns import (
    PATTERNS,
    PATTERNS_ON_SERVERS,
    DifferencePattern,
)
from comparison.known.shipped import SHIPPED
from comparison.lesson.make import lesson_of, subjects_of
from comparison.lesson.model import Lesson, Sample
from comparison.lesson.sample import align
from comparison.models import Comparison, Finding, Request, RunHeader
from comparison.runner.environment import environment
from comparison.studies.fuzz.example import Example
from comparison.studies.fuzz.signature import Sighting, sightings
from comparison.views import View, sources_of
from comparison.views.case import words_of

from .equal_source import EqualSource

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


def lesson_of_view(
    comparison: Comparison, header: RunHeader, view: View, known: KnownDifferences
) -> Lesson:
    """Return the lesson of a composed request as the page shows it.

    It has the Python that equals the view, not the code of the twins that builds it. Its
    texts have no description in the target. Its differences have the causes that `fuzz`
    knows.
    """
    frameworks = {t.name: (t.framework or t.name).lower() for t in header.targets}
    found = tuple(_findings(comparison, frameworks, view, known))
    others = tuple(f for f in comparison.findings if f.cause) if not found else ()
    equal = {
        name: EqualSource(sources_of(view)[framework])
        for name, framework in frameworks.items()
    }
    plain = _without_description(msgspec.to_builtins(comparison))
    on_page: Comparison = msgspec.convert(plain, Comparison)
    on_page = msgspec.structs.replace(
        on_page,
        findings=found + others,
        recordings={
            name: equal[name].recording(frameworks[name].capitalize(), recording)
            for name, recording in on_page.recordings.items()
        },
    )
    lesson = lesson_of(on_page, header, known)
    names = {name: framework.capitalize() for name, framework in frameworks.items()}
    subjects = subjects_of(names, on_page.recordings)
    sources = {name: equal[name].source(subject) for name, subject in subjects.items()}
    (reference, one), *rest = sources.items()
    samples = tuple(Sample(reference, name, align(one, other)) for name, other in rest)
    return msgspec.structs.replace(lesson, samples=samples)


def _without_description(value: Any) -> Any:
    if isinstance(value, str):
        return _DESCRIPTION.sub(r"\1", value)
    if isinstance(value, dict):
        return {key: _without_description(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_description(item) for item in value]
    return value


def load_patterns() -> KnownDifferences:
    """Load the shipped known differences with the patterns of composed views."""
    paths = (*SHIPPED, PATTERNS, PATTERNS_ON_SERVERS)
    return load_known(paths, environment().packages)


def _findings(
    comparison: Comparison,
    frameworks: Mapping[str, str],
    view: View,
    known: KnownDifferences,
) -> Iterator[Finding]:
    """Yield the causes of the differences that a pattern of `fuzz` matches."""
    example = Example(view, Request(comparison.case.request.method))
    sighted = [*sightings(example, comparison, frameworks, {})]
    matched = [(each, _pattern(each, known)) for each in sighted]
    # The other differences follow from these, as the length follows from the body.
    own = {each.difference.field for each in sighted}
    follow = tuple(d.field for d in comparison.differences if d.field not in own)
    for number, (sighting, pattern) in enumerate(matched):
        if pattern is None:
            continue
        difference, cause = sighting.difference, known.cause_of(pattern)
        # The page of a known difference with the same cause explains more.
        alike = [e.id for e in known if e.cause == pattern.cause]
        similar = [id_ for id_ in difference.similar or () if id_ in alike]
        yield Finding(
            target=difference.target, summary=cause.summary, remedy=cause.advice,
            cause=next(iter([*similar, *alike]), pattern.id), layer=cause.layer,
            fields=(difference.field, *(follow if number == 0 else ())),
        )  # fmt: skip


def _pattern(sighting: Sighting, known: KnownDifferences) -> DifferencePattern | None:
    field, kind, _ = sighting.signature
    fitting = (p for p in known.patterns if p.fits(field, kind, sighting.facts))
    return next(fitting, None)
