"""Select a shard of the cases for one of several machines."""

import hashlib
import re
from collections.abc import Iterable, Sequence

import msgspec

from comparison.cases.sources.bodies import portable
from comparison.core.errors import NoCaseSelected, UsageError
from comparison.core.plural import counted
from comparison.models import Case


def parse_shard(text: str) -> tuple[int, int]:
    """Return the number and the count of `i/n`; numbers start at 1. Raises UsageError.

    >>> parse_shard("2/3")
    (2, 3)
    """
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise UsageError(f"--shard {text!r}: write i/n, as 1/4 to 4/4")
    return int(match[1]), int(match[2])


def shard_of(cases: Sequence[Case], number: int, count: int) -> list[Case]:
    """Return the cases of one shard, in their order.

    The ids alone decide, and no shard has two cases more than another. Raises
    NoCaseSelected if there are fewer cases than shards.
    """
    ranks = {case_id: n for n, case_id in enumerate(sorted(c.id for c in cases))}
    chosen = [case for case in cases if ranks[case.id] % count == number - 1]
    if not chosen:
        raise NoCaseSelected(
            f"shard {number}/{count} is empty: the run has {counted(len(cases), 'case')}"
        )
    return chosen


def digest_of(cases: Iterable[Case]) -> str:
    """Return a digest of the cases, in 16 hexadecimal digits; their order is ignored."""
    total = 0
    for case in cases:
        # Secrets and file locations may differ between machines.
        plain = msgspec.structs.replace(portable(case), origin="", secrets=())
        encoded = msgspec.json.encode(plain, order="sorted")
        # A sum, unlike a digest of ordered digests, needs none of them in memory.
        total += int.from_bytes(hashlib.blake2b(encoded, digest_size=8).digest())
    return f"{total % 2**64:016x}"
