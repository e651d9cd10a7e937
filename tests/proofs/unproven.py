"""Entries that have no proof yet. The lists may only shrink."""

FRAMEWORKS: tuple[str, ...] = ()
