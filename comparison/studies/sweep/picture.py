"""Draw the status map: one strip for each stack, with a hundred codes in a row.

Each outcome has a colour and a pattern, so readers do not depend on colour alone. The
colours follow the reader's preference for light or dark mode.
"""

from html import escape

from comparison.studies.models import StatusMap

from .table import MEANING, SEVERITY, span, worst

CELL = 6
LEFT = 200
WIDTH = LEFT + 100 * CELL + 30
STRIP = 9 * CELL
GAP = 26
TOP = 164

# The colours in light and dark mode, and the lines drawn over the colour.
LOOK = {
    "as sent": ("#5b9f6b", "#3f8f58", ""),
    "body dropped": ("#bcd9a3", "#6e8f50", "M0 3H6"),
    "body lost": ("#f0c94d", "#b08a1e", "M3 0V6"),
    "other status": ("#f0a04b", "#b3661c", "M0 6L6 0"),
    "no answer": ("#c9c9cf", "#6a6a72", "M0 0L6 6M0 6L6 0"),
    "corrupted": ("#d9534f", "#c23b37", "M0 0L6 6"),
    "server died": ("#3d2b4f", "#b89ad6", "M0 3H6M3 0V6"),
}


def svg(status_map: StatusMap) -> str:
    """Return the picture as SVG."""
    height = TOP + len(status_map.stacks) * (STRIP + GAP) + 10
    out = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
            ' role="img" aria-labelledby="title description">'
        ),
        '<title id="title">Each status code from 100 to 999 on each stack</title>',
        (
            '<desc id="description">One strip for each stack, nine rows of a hundred'
            " codes. Colour and pattern show the outcome for a client, the worst of"
            f" {escape(', '.join(_drawn(status_map)))}.</desc>"
        ),
        _style(),
        "<defs>",
        *(_pattern(number, name) for number, name in enumerate(SEVERITY)),
        "</defs>",
        f'<rect class="page" width="{WIDTH}" height="{height}"/>',
        '<text class="head" x="16" y="30">Outcome of each status code for a client</text>',
        *_legend(),
        *_digits(),
    ]
    for number, stack in enumerate(status_map.stacks):
        out += _strip(status_map, stack, TOP + number * (STRIP + GAP))
    return "\n".join([*out, "</svg>", ""])


def _drawn(status_map: StatusMap) -> list[str]:
    """Return the variants in the picture; without HEAD, which has no body to lose."""
    return [v for v in status_map.variants if v != "head"] or ["head"]


def _style() -> str:
    light = "".join(f".f{n}{{fill:{LOOK[name][0]}}}" for n, name in enumerate(SEVERITY))
    dark = "".join(f".f{n}{{fill:{LOOK[name][1]}}}" for n, name in enumerate(SEVERITY))
    return (
        "<style>text{font:12px system-ui,sans-serif;fill:#1f2328}.head{font-size:17px;"
        "font-weight:600}.small{font-size:10px}.page{fill:#fff}"
        ".line{stroke:#1f2328;stroke-opacity:.55;fill:none;stroke-width:.8}"
        f"{light}@media(prefers-color-scheme:dark){{text{{fill:#e6edf3}}.page{{fill:#0d1117}}"
        f".line{{stroke:#f0f6fc}}{dark}}}</style>"
    )


def _pattern(number: int, name: str) -> str:
    lines = LOOK[name][2]
    drawn = f'<path class="line" d="{lines}"/>' if lines else ""
    return (
        f'<pattern id="p{number}" width="6" height="6" patternUnits="userSpaceOnUse">'
        f'<rect class="f{number}" width="6" height="6"/>{drawn}</pattern>'
    )


def _legend() -> list[str]:
    out = []
    for number, name in enumerate(SEVERITY):
        x, y = 16 + (number % 2) * 360, 48 + (number // 2) * 22
        out.append(
            f'<rect x="{x}" y="{y}" width="18" height="12" fill="url(#p{number})"/>'
        )
        out.append(
            f'<text x="{x + 26}" y="{y + 10}"><tspan font-weight="600">{name}</tspan>'
            f'<tspan class="small" dx="6">{escape(MEANING[name])}</tspan></text>'
        )
    return out


def _digits() -> list[str]:
    """Draw the last two digits of the codes above the first strip."""
    return [
        f'<text class="small" x="{LEFT + number * CELL}" y="{TOP - 5}">'
        f"…{number:02}</text>"
        for number in range(0, 100, 10)
    ]


def _strip(status_map: StatusMap, stack: str, top: int) -> list[str]:
    out = [f'<text x="16" y="{top + 12}">{escape(stack)}</text>']
    for hundred in (1, 5, 9):
        y = top + (hundred - 1) * CELL
        out.append(
            f'<text class="small" x="{LEFT - 24}" y="{y + 6}">{hundred}00</text>'
        )
    noted: dict[str, list[str]] = {}
    for first, last, outcome in worst(status_map, stack, _drawn(status_map)):
        if outcome != SEVERITY[0]:
            noted.setdefault(outcome, []).append(span(first, last))
        if last >= 100 and first <= 999:
            out += _boxes(max(first, 100), min(last, 999), outcome, top)
    note = " · ".join(
        f"{outcome}: {', '.join(spans)}" for outcome, spans in noted.items()
    )
    y = top + STRIP + 11
    out.append(f'<text class="small" x="{LEFT}" y="{y}">{escape(note)}</text>')
    return out


def _boxes(first: int, last: int, outcome: str, top: int) -> list[str]:
    number = SEVERITY.index(outcome)
    out = []
    for hundred in range(first // 100, last // 100 + 1):
        start, end = max(first, hundred * 100), min(last, hundred * 100 + 99)
        x, y = LEFT + start % 100 * CELL, top + (hundred - 1) * CELL
        width = (end - start + 1) * CELL
        out.append(
            f'<rect x="{x}" y="{y}" width="{width}" height="{CELL}"'
            f' fill="url(#p{number})"><title>{span(start, end)}: {outcome}</title></rect>'
        )
    return out
