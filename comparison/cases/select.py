"""Select cases: by an expression as with pytest's `-k`, by id, or as a shard."""

import ast
import hashlib
import keyword
import re
from collections.abc import Collection, Iterable, Sequence

import msgspec

from comparison.cases.sources.bodies import portable
from comparison.core.errors import NoCaseSelected, UsageError, nearest
from comparison.core.plural import counted
from comparison.models import Case

_KEYWORDS = re.compile(
    rf"\b(?:{'|'.join(sorted({*keyword.kwlist} - {'and', 'or', 'not'}))})\b"
)


def select_cases(cases: Collection[Case], expression: str | None) -> Collection[Case]:
    """Return the cases whose id, topic, title or tags match the expression.

    A word matches if it occurs, in any letter case. `and`, `or`, `not` and parentheses
    combine words. Raises UsageError for an invalid expression and NoCaseSelected if no
    case matches.

    >>> from comparison.models import Request
    >>> cases = [Case("head-json", Request()), Case("get-json", Request())]
    >>> [case.id for case in select_cases(cases, "json and not head")]
    ['get-json']
    """
    chosen = cases
    if expression:
        tree = _parse(expression)
        chosen = [case for case in cases if _matches(tree, _text(case))]
    if not chosen:
        if not cases:
            raise NoCaseSelected("there is no case to run")
        hint = nearest(expression or "", [case.id for case in cases])
        raise NoCaseSelected(
            f"no case matches {expression!r}{hint}"
            f" ({counted(len(cases), 'case')} to choose from)"
        )
    return chosen


def find_case(cases: Iterable[Case], case_id: str) -> Case:
    """Return the case with this id. Raises UsageError naming the nearest."""
    by_id = {case.id: case for case in cases}
    if case_id not in by_id:
        raise UsageError(f"no case {case_id!r}{nearest(case_id, by_id)}")
    return by_id[case_id]


def _text(case: Case) -> str:
    return f"{case.id} {case.topic} {case.title} {' '.join(case.tags)}".lower()


def _parse(expression: str) -> ast.expr:
    # Ids have hyphens, which Python would parse as a minus, and words like `async`.
    source = _KEYWORDS.sub(r"ǂ\g<0>", expression.lower().replace("-", "ǃ"))
    try:
        tree = ast.parse(source.strip(), mode="eval").body
        _matches(tree, "")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise UsageError(
            f"-k {expression!r}: not an expression of words, and, or, not, ( )"
        ) from None
    return tree


def _written(word: str) -> str:
    """Return a word as it was before we made it a name of Python."""
    return word.replace("ǃ", "-").replace("ǂ", "")


def _matches(tree: ast.expr, text: str) -> bool:
    match tree:
        case ast.Name(id=word):
            return _written(word) in text
        case ast.Constant(value=str() | int() as word):
            return _written(str(word)) in text
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _matches(operand, text)
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_matches(value, text) for value in values)
        case ast.BoolOp(values=values):
            return any(_matches(value, text) for value in values)
    raise ValueError(f"unexpected {tree!r}")


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
        plain = msgspec.structs.replace(
            portable(case), origin="", secrets=(), unique=""
        )
        encoded = msgspec.json.encode(plain, order="sorted")
        if case.unique:  # It is another one in each run.
            encoded = encoded.replace(case.unique.encode(), b"${unique}")
        # A sum, unlike a digest of ordered digests, needs none of them in memory.
        total += int.from_bytes(hashlib.blake2b(encoded, digest_size=8).digest())
    return f"{total % 2**64:016x}"
