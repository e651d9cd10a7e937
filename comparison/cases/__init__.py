"""Cases: case files and the bundled catalogue."""

from .loader import (
    CATALOGUE,
    Topic,
    load_cases,
    load_topics,
    store_cases,
    with_normalisations,
)
from .select import digest_of, find_case, parse_shard, select_cases, shard_of
from .url_maps import route_mismatches

__all__ = [
    "CATALOGUE",
    "Topic",
    "digest_of",
    "find_case",
    "load_cases",
    "load_topics",
    "parse_shard",
    "route_mismatches",
    "select_cases",
    "shard_of",
    "store_cases",
    "with_normalisations",
]
