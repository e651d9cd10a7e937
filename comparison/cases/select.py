"""Select cases by an expression over id, topic and title, as with pytest's `-k`."""

import ast
from collections.abc import Collection, Iterable

from comparison.core.errors import NoCaseSelected, UsageError, nearest
from comparison.core.plural import counted
from comparison.models import Case


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
    # Ids have hyphens, which Python would parse as a minus.
    source = expression.lower().replace("-", "ǃ")
    try:
        tree = ast.parse(source.strip(), mode="eval").body
        _matches(tree, "")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise UsageError(
            f"-k {expression!r}: not an expression of words, and, or, not, ( )"
        ) from None
    return tree


def _matches(tree: ast.expr, text: str) -> bool:
    match tree:
        case ast.Name(id=word):
            return word.replace("ǃ", "-") in text
        case ast.Constant(value=str() | int() as word):
            return str(word).replace("ǃ", "-") in text
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _matches(operand, text)
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_matches(value, text) for value in values)
        case ast.BoolOp(values=values):
            return any(_matches(value, text) for value in values)
    raise ValueError(f"unexpected {tree!r}")
