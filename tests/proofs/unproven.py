"""Entries that have no proof yet, by folder. The lists may only shrink."""

UNPROVEN: dict[str, tuple[str, ...]] = {
    "frameworks": (),
    # They need an interface that rejects NUL, which the plain calls do not.
    "patterns": (
        "pattern-group-latin-1",
        "pattern-group-nul",
        "pattern-group-nul-304",
        "pattern-group-nul-location",
        "pattern-group-nul-quart",
    ),
}
