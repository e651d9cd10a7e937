"""Entries that have no proof yet, by folder. The lists may only shrink."""

UNPROVEN: dict[str, tuple[str, ...]] = {
    "frameworks": (),
    "patterns": (),
    "on_servers": (
        # They hold for releases of Granian before the one that is pinned.
        "async-iterables",
        "iterables-of-no-bytes",
        "streams-that-fail",
        "streams-that-fail-at-once",
        "streams-that-fail-on-granian-2.8.7-and-daphne",
        # Milliseconds decide whether they occur.
        "half-closed-on-hypercorn",
        "half-closed-on-hypercorn-wsgi",
        "half-closed-on-one-side",
        "short-body-ends-at-once",
    ),
    "stacks": (),
    "patterns_on_servers": (
        "pattern-h11-no-bytes",
        "pattern-hypercorn-short-body",
        "pattern-werkzeug-page-beyond-latin-1",
    ),
}
