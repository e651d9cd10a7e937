"""Format the status map as a table for a terminal and as Markdown."""

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise

from comparison.studies.models import StatusMap, StatusRange

SEVERITY = (
    "as sent", "body dropped", "body lost", "other status", "no answer", "corrupted",
    "server died",
)  # fmt: skip
MEANING = {
    "as sent": "the client receives the status and the body",
    "body dropped": "the status arrives without the body, as HTTP requires",
    "body lost": "the status arrives, but not the body, or not all of it",
    "other status": "another status arrives",
    "no answer": "no response that a client understands",
    "corrupted": "the next response on the connection is corrupted",
    "server died": "the server process ends",
}
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
    return list(_runs(found))


def _runs(found: dict[int, str]) -> Iterator[tuple[int, int, str]]:
    current: tuple[int, int, str] | None = None
    for code in sorted(found):
        if current and current[1] + 1 == code and current[2] == found[code]:
            current = (current[0], code, current[2])
            continue
        if current:
            yield current
        current = (code, code, found[code])
    if current:
        yield current


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
        yield from _joined(stack, pieces)


def _joined(
    stack: str, pieces: Iterable[tuple[int, int, dict[str, str]]]
) -> Iterator[Row]:
    current: tuple[int, int, dict[str, str]] | None = None
    for first, last, cells in pieces:
        if current and current[2] == cells and current[1] + 1 == first:
            current = (current[0], last, cells)
            continue
        if current:
            yield stack, *current
        current = (first, last, cells)
    if current:
        yield stack, *current


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
    runs = _runs(dict.fromkeys(codes, ""))
    return ", ".join(span(first, last) for first, last, _ in runs)


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
    with_body = [v for v in ("json", "stream") if v in status_map.variants]
    whole = portable(status_map, with_body)
    never = codes - {
        code
        for stack in status_map.stacks
        for first, last, outcome in worst(status_map, stack)
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
        " arrive from every stack as sent, with status and body."
    )
    if never:
        sentences += (
            f" {_upper(spans(never))} arrive from no stack as the final response that a"
            " client waits for. The rest depends on the server."
        )
    if any(broken.values()):
        sentences += (
            " A number that a server cannot send may affect more than its own response:"
            f" {_listed(broken['corrupted'])} corrupt the next response on the connection,"
            f" and {_listed(broken['server died'])} die."
        )
    return sentences


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _stacks_with(status_map: StatusMap, outcome: str) -> list[str]:
    return list(
        dict.fromkeys(r.stack for r in status_map.ranges if r.outcome == outcome)
    )


def _listed(names: list[str]) -> str:
    if not names:
        return "none"
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


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
    out += [_row(("Stack", "Codes", *status_map.variants))]
    out += [_row("---" for _ in range(2 + len(status_map.variants)))]
    for stack, first, last, cells in rows(status_map):
        texts = (cells.get(variant, "") for variant in status_map.variants)
        out.append(_row((stack, span(first, last), *texts)))
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
    lines = [header]
    for stack, first, last, cells in rows(status_map):
        texts = (cells.get(variant, "") for variant in status_map.variants)
        lines.append((stack, span(first, last), *texts))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    out_lines = []
    for _, group in groupby(lines, key=lambda line: line[0]):
        for number, line in enumerate(group):
            cells_ = ("" if number else line[0], *line[1:])
            padded = (c.ljust(w) for c, w in zip(cells_, widths, strict=True))
            out_lines.append("  ".join(padded).rstrip())
    return "\n".join([*out_lines, "", answer(status_map), ""])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
