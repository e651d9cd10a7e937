"""The learning path: the catalogue's topics in the order in which to learn them."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

FIRST = "custom"
"""The case with which the lesson starts."""

CHAPTERS = {
    "Return values": (
        "custom", "tuples", "statuses", "status_types", "bodies", "headers", "returns",
        "response_objects", "no_content", "json_output", "streaming", "templates",
    ),
    "Request data": (
        "queries", "forms", "json_bodies", "multipart", "uploads", "negotiation",
    ),
    "Routing": (
        "paths", "methods", "request_methods", "head", "urls", "prefixes", "hosts",
        "class_views",
    ),
    "Redirects, files and caches": ("redirects", "static", "ranges", "caching"),
    "State between requests": ("cookies", "sessions", "flashing", "jobs"),
    "Errors, hooks and settings": (
        "errors", "handlers", "hooks", "decorators", "contexts", "signals",
        "configuration",
    ),
    "With and without async": ("async_views", "connections", "forgotten"),
}  # fmt: skip
"""The chapters of the twins' READMEs, with their topics."""

OTHERS = "Other topics"


class Chapter(NamedTuple):
    """A chapter with the topics that the page has."""

    title: str
    topics: list[str]


def chapters(topics: Iterable[str]) -> Iterator[Chapter]:
    """Yield the chapters of these topics; topics of no chapter come last."""
    left = dict.fromkeys(topics)
    for title, names in CHAPTERS.items():
        here = [name for name in names if name in left]
        for name in here:
            del left[name]
        if here:
            yield Chapter(title, here)
    if left:
        yield Chapter(OTHERS, [*left])
