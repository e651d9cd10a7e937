"""A share of the cases, for one of several machines."""

import hashlib
import re
from collections.abc import Sequence

import msgspec

from comparison.errors import NoCaseSelected, UsageError
from comparison.model import Case

from .bodies import portable


def parse_shard(text: str) -> tuple[int, int]:
    """Number and count of `i/n`, counted from 1. Raises UsageError.

    >>> parse_shard("2/3")
    (2, 3)
    """
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise UsageError(f"--shard {text!r}: write i/n, as 1/4 to 4/4")
    return int(match[1]), int(match[2])


def shard_of(cases: Sequence[Case], number: int, count: int) -> list[Case]:
    """The cases of one shard, in their order.

    Which these are depends on the ids alone, and no shard has two cases more than
    another. Raises NoCaseSelected where there are fewer cases than shards.
    """
    ranks = {case_id: n for n, case_id in enumerate(sorted(c.id for c in cases))}
    chosen = [case for case in cases if ranks[case.id] % count == number - 1]
    if not chosen:
        raise NoCaseSelected(f"shard {number}/{count}: there are {len(cases)} cases")
    return chosen


def digest_of(cases: Sequence[Case]) -> str:
    """What the cases ask and expect, in 16 hexadecimal digits, whatever their order."""
    hashing = hashlib.blake2b(digest_size=8)
    for case in sorted(cases, key=lambda case: case.id):
        # Secrets may be others on each machine, and where the file is kept too.
        plain = msgspec.structs.replace(portable(case), origin="", secrets=())
        hashing.update(msgspec.json.encode(plain, order="sorted"))
    return hashing.hexdigest()
