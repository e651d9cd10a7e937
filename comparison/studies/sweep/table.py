"""Format the status map as a table for a terminal and as Markdown."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from comparison.lesson.facts import listed
from comparison.studies.files import aligned, markdown_table
from comparison.studies.models import StatusMap, StatusRange

from .codes import runs, runs_of

SEVERITY = (
    "as sent", "body dropped", "body lost", "other status", "no answer", "corrupted",
    "server died",
)  # fmt: skip
MEANING = {
    "as sent": "the client receives the status and the body",
    "body dropped": "the status arrives without the body, as HTTP requires",
    "body lost": "the status arrives, but not the body, or not all of it",
    "other status": "another response arrives, mostly with another status",
    "no answer": "no response that a client understands",
    "corrupted": "the next response on the connection is corrupted",
    "server died": "the server process ends",
}
NONE = "none"
WITH_BODY = ("json", "stream")
"""The variants in which a view returns a body. The answer counts these."""

Row = tuple[str, int, int, dict[str, str]]


def worst(
    status_map: StatusMap, stack: str, variants: Iterable[str] = ()
) -> list[tuple[int, int, str]]:
    """Return ranges of codes with their worst outcome in these variants, or in all."""
    found: dict[int, str] = {}
    chosen = tuple(variants) or status_map.variants
    for each in status_map.ranges:
        if each.stack != stack or each.variant not in chosen:
            continue
        for code in range(each.first, each.last + 1):
            known = found.get(code, SEVERITY[0])
            found[code] = max(known, each.outcome, key=SEVERITY.index)
    return list(runs((code, code, found[code]) for code in sorted(found)))


def rows(status_map: StatusMap) -> Iterator[Row]:
    """Yield the stack, the first and last code, and the outcome in each variant.

    Neighbouring codes with equal outcomes in every variant share a row.
    """
    for stack in status_map.stacks:
        ranges = [r for r in status_map.ranges if r.stack == stack]
        cuts = sorted({r.first for r in ranges} | {r.last + 1 for r in ranges})
        pieces = []
        for first, after in pairwise(cuts):
            cells = {r.variant: _cell(r) for r in ranges if r.first <= first <= r.last}
            if cells:
                pieces.append((first, after - 1, cells))
        yield from ((stack, *run) for run in runs(pieces))


def _cell(found: StatusRange) -> str:
    return f"{found.outcome}: {found.detail}" if found.detail else found.outcome


def span(first: int, last: int) -> str:
    """Format a range of codes.

    >>> span(200, 299), span(204, 204)
    ('200–299', '204')
    """
    if first == last:
        return str(first)
    return f"{first} to {last}" if first < 0 else f"{first}–{last}"


def spans(codes: Iterable[int]) -> str:
    """Format codes as a list of ranges.

    >>> spans([200, 201, 204])
    '200–201, 204'
    """
    return ", ".join(span(first, last) for first, last, _ in runs_of(codes))


def portable(status_map: StatusMap, variants: Iterable[str] = ()) -> list[int]:
    """Return the codes that arrive as sent from every stack, in these variants or all."""
    everywhere: set[int] | None = None
    for stack in status_map.stacks:
        good = {
            code
            for first, last, outcome in worst(status_map, stack, variants)
            if outcome == "as sent"
            for code in range(first, last + 1)
        }
        everywhere = good if everywhere is None else everywhere & good
    return sorted(everywhere or ())


def answer(status_map: StatusMap) -> str:
    """Answer in up to three sentences: can any number be a custom status code?"""
    codes = {c for first, last in status_map.codes for c in range(first, last + 1)}
    with_body = [v for v in WITH_BODY if v in status_map.variants]
    whole = portable(status_map, with_body)
    never = codes - {
        code
        for stack in status_map.stacks
        for first, last, outcome in worst(status_map, stack, with_body)
        if outcome in ("as sent", "body dropped")
        for code in range(first, last + 1)
    }
    broken = {
        outcome: _stacks_with(status_map, outcome)
        for outcome in ("corrupted", "server died")
    }
    every = len(whole) == len(codes)
    sentences = (
        f"{'These can be used' if every else 'No'}: of {len(codes)} numbers on"
        f" {len(status_map.stacks)} stack{'s' * (len(status_map.stacks) != 1)},"
        f" {'all' if every else spans(whole) or 'none'}"
        f" arrive from every stack as sent, with status and body{_in(with_body)}."
    )
    for variant in status_map.variants:
        if variant not in with_body and (other := _others(status_map, variant, whole)):
            sentences += f" With {variant}, not all of them arrive from {other}."
    if never:
        sentences += (
            f" {_upper(spans(never))} arrive from no stack as the final response that a"
            " client waits for. The rest depends on the server."
        )
    if set(broken.values()) != {NONE}:
        sentences += (
            " A number that a server cannot send may affect more than its own response:"
            f" {broken['corrupted']} corrupt the next response on the connection,"
            f" and {broken['server died']} die."
        )
    return sentences


def _in(variants: list[str]) -> str:
    return f" ({listed(variants)})" if variants else ""


def _others(status_map: StatusMap, variant: str, codes: Iterable[int]) -> str:
    """Name the stacks that do not send all of these codes in a variant."""
    wanted = set(codes)
    found = dict.fromkeys(
        each.stack
        for each in status_map.ranges
        if each.variant == variant
        and each.outcome != "as sent"
        and not wanted.isdisjoint(range(each.first, each.last + 1))
    )
    return listed(found) if found else ""


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _stacks_with(status_map: StatusMap, outcome: str) -> str:
    found = dict.fromkeys(r.stack for r in status_map.ranges if r.outcome == outcome)
    return listed(found) if found else NONE


def markdown(status_map: StatusMap, picture: str | None = None) -> str:
    """Render the whole document; `picture` is the address of the drawing."""
    environment = status_map.environment
    versions = ", ".join(f"{n} {v}" for n, v in environment.packages.items())
    out = [
        "# Can we use any number as a custom status code?",
        "",
        answer(status_map),
        "",
    ]
    if picture:
        alternative = "Each status code from 100 to 999 on each stack"
        out += [f"![{alternative}]({picture})", ""]
    out += ["| Outcome | Meaning |", "| --- | --- |"]
    out += [f"| {name} | {MEANING[name]} |" for name in SEVERITY]
    out += ["", "## Outcomes by stack", ""]
    header = ("Stack", "Codes", *status_map.variants)
    out += markdown_table(header, _texts(status_map))
    out += [
        "",
        "## How it was recorded",
        "",
        (
            f"`{status_map.command}`, with {environment.python} on"
            f" {environment.platform}: {versions}."
        ),
        "",
    ]
    return "\n".join(out)


def text(status_map: StatusMap) -> str:
    """Format the table for a terminal."""
    header = ("stack", "codes", *status_map.variants)
    lines = aligned([header, *_texts(status_map)])
    return "\n".join([*lines, "", answer(status_map), ""])


def _texts(status_map: StatusMap) -> Iterator[tuple[str, ...]]:
    for stack, first, last, cells in rows(status_map):
        texts = (cells.get(variant, "") for variant in status_map.variants)
        yield (stack, span(first, last), *texts)
