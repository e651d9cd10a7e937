"""Draw a load run as two plots: throughput and latency against requests in flight.

Each stack has its own colour, line style and mark, and its name at the end of the line.
So readers do not depend on colour. Both scales are logarithmic: proportional growth is a
straight line, and a limit bends it.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import NamedTuple

from comparison.studies.models import LoadRun
from comparison.studies.statistics import Figures, Spread, Table

WIDTH, HEIGHT = 790, 450
LEFT, RIGHT, TOP, BOTTOM = 64, 206, 74, 60
LINE = 16  # the height of a name at the end of a line
SIZE = 4.5  # the size of a mark

# The colours in light and dark mode, and the dashes of the line.
LOOK = (
    ("#0b62c4", "#6cb0ff", ""),
    ("#b3470f", "#ff9a5c", "7 3"),
    ("#0f7a3d", "#5fd38d", "2 3"),
    ("#8a2fa0", "#d79bea", "9 3 2 3"),
    ("#8a6d00", "#e6c845", "4 2"),
    ("#006d77", "#5ed3dd", "12 4"),
    ("#a3123f", "#ff8fa9", "1 2"),
    ("#4a4f57", "#b9c0c9", "6 2 1 2"),
)
SHAPES = (
    "M-1 0A1 1 0 1 0 1 0A1 1 0 1 0-1 0Z",  # a circle
    "M-.9-.9H.9V.9H-.9Z",
    "M0-1.2L1.1.8H-1.1Z",
    "M0-1.3L1.1 0L0 1.3L-1.1 0Z",
    "M0 1.2L1.1-.8H-1.1Z",
    "M-.4-1.1H.4V-.4H1.1V.4H.4V1.1H-.4V.4H-1.1V-.4H-.4Z",
    "M-1-.5H1V.5H-1Z",
    "M-.5-1H.5V1H-.5Z",
)


class Dot(NamedTuple):
    """A point of a line and its spread; hollow if the client was the limit."""

    x: int
    y: float
    low: float
    high: float
    hollow: bool
    title: str


class Line(NamedTuple):
    """The line of a stack; `look` selects its style, None is the client alone."""

    name: str
    dots: list[Dot]
    look: int | None


class Scale(NamedTuple):
    """A logarithmic scale from values to coordinates."""

    low: float
    high: float
    first: float
    last: float

    def at(self, value: float) -> float:
        """Return the coordinate of a value."""
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return round(self.first + share * (self.last - self.first), 1)


def throughput(run: LoadRun, work: str) -> str:
    """Plot responses per second, with a bar from the lowest to the highest round."""
    table = Table(run)

    def select(figures: Figures) -> tuple[Spread, float, float] | None:
        return figures.rate, figures.rate.low, figures.rate.high

    return _picture(
        table, work, select, f"Responses per second, {work}", "bars: lowest to highest round",
        "{:,.0f} per second",
    )  # fmt: skip


def latency(run: LoadRun, work: str) -> str:
    """Plot the median latency, with a bar up to the 95th percentile."""
    table = Table(run)

    def select(figures: Figures) -> tuple[Spread, float, float] | None:
        if figures.p50 is None:
            return None
        return figures.p50, figures.p50.median, (figures.p95 or figures.p50).median

    return _picture(
        table, work, select, f"Milliseconds until the response, {work}",
        "median, bars: up to the 95th percentile", "{:,.1f} ms",
    )  # fmt: skip


Select = Callable[[Figures], tuple[Spread, float, float] | None]


def _picture(
    table: Table, work: str, select: Select, head: str, bars: str, words: str
) -> str:
    lines = list(_lines(table, work, select, words))
    values = [
        value
        for line in lines
        for dot in line.dots
        for value in (dot.y, dot.low, dot.high)
        if value > 0
    ]
    low, high = (min(values), max(values)) if values else (1.0, 10.0)
    ups = Scale(low * 0.8, high * 1.25, HEIGHT - BOTTOM, TOP)
    few, many = table.run.concurrency[0], table.run.concurrency[-1]
    along = Scale(few, max(many, few + 1), LEFT + 14, WIDTH - RIGHT)
    hollow = any(dot.hollow for line in lines for dot in line.dots)
    notes = [bars, "hollow: the client was the limit"] if hollow else [bars]
    out = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
            ' role="img" aria-labelledby="title description">'
        ),
        f'<title id="title">{escape(head)}</title>',
        (
            '<desc id="description">A line for each of'
            f" {escape(', '.join(line.name for line in lines))}, against the requests in"
            " flight.</desc>"
        ),
        _style(),
        f'<rect class="page" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text class="head" x="16" y="30">{escape(head)}</text>',
        f'<text class="small" x="16" y="50">{escape("; ".join(notes))}</text>',
        *_grid(table.run.concurrency, along, ups),
    ]
    for line in lines:
        out += _drawn(line, along, ups)
    out += _names(lines, along, ups)
    return "\n".join([*out, "</svg>", ""])


def _lines(table: Table, work: str, select: Select, words: str) -> Iterator[Line]:
    alone = [table.ceilings.get((work, n)) for n in table.run.concurrency]
    measured = [(s.name, table.line(work, s.name)) for s in table.run.stacks]
    found = [figures for figures in alone if figures is not None]
    yield Line("client alone", list(_dots("client alone", found, select, words)), None)
    for number, (name, line) in enumerate(measured):
        yield Line(name, list(_dots(name, line, select, words)), number)


def _dots(
    name: str, line: Iterable[Figures], select: Select, words: str
) -> Iterator[Dot]:
    for figures in line:
        values = select(figures)
        if values is None or values[0].median <= 0:
            continue
        middle, low, high = values
        at = figures.point.concurrency
        title = f"{name}, {at} in flight: {words.format(middle.median)}"
        if figures.failed:
            title += f", {figures.failed} errors"
        yield Dot(at, middle.median, low or middle.median, high, figures.limited, title)


def _style() -> str:
    parts = [
        (
            "text{font:12px system-ui,sans-serif;fill:#1f2328}"
            ".head{font-size:17px;font-weight:600}.small{font-size:11px}.page{fill:#fff}"
            ".grid{stroke:#1f2328;stroke-opacity:.13;fill:none}"
            ".alone{stroke:#59636e;fill:none;stroke-dasharray:1 4;stroke-width:1.6}"
            ".l{fill:none;stroke-width:2}.b{fill:none;stroke-width:1;stroke-opacity:.7}"
            ".m{stroke-width:1.4}.hollow{fill:#fff}.t{fill:none;stroke-width:.8}"
        )
    ]
    for number, (light, _, broken) in enumerate(LOOK):
        parts.append(f".s{number}{{stroke:{light}}}.m.s{number}{{fill:{light}}}")
        if broken:
            parts.append(f".l.s{number}{{stroke-dasharray:{broken}}}")
    dark = "".join(
        f".s{n}{{stroke:{colour}}}.m.s{n}{{fill:{colour}}}"
        for n, (_, colour, _) in enumerate(LOOK)
    )
    parts.append(".m.hollow{fill:#fff}")
    parts.append(
        "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.page{fill:#0d1117}"
        ".grid{stroke:#f0f6fc}.alone{stroke:#9198a1}"
        f"{dark}.m.hollow{{fill:#0d1117}}}}"
    )
    return f"<style>{''.join(parts)}</style>"


def _grid(concurrency: Iterable[int], along: Scale, ups: Scale) -> Iterator[str]:
    bottom = HEIGHT - BOTTOM
    for number in concurrency:
        x = along.at(number)
        yield f'<path class="grid" d="M{x} {TOP}V{bottom}"/>'
        yield f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{number}</text>'
    yield f'<text x="{LEFT}" y="{bottom + 42}">requests in flight</text>'
    for value in _ticks(ups):
        y = ups.at(value)
        yield f'<path class="grid" d="M{LEFT} {y}H{WIDTH - RIGHT + 8}"/>'
        text = f"{value:,g}"
        yield f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{text}</text>'


def _ticks(scale: Scale) -> list[float]:
    """Return the ticks within a scale: 1, 2 and 5 times powers of ten."""
    lowest = math.floor(math.log10(scale.low))
    highest = math.ceil(math.log10(scale.high))
    ticks = [
        float(f"{factor}e{power}")
        for power in range(lowest, highest + 1)
        for factor in (1, 2, 5)
    ]
    return [tick for tick in ticks if scale.low <= tick <= scale.high]


def _drawn(line: Line, along: Scale, ups: Scale) -> Iterator[str]:
    if not line.dots:
        return
    places = [(along.at(dot.x), ups.at(dot.y)) for dot in line.dots]
    path = "L".join(f"{x} {y}" for x, y in places)
    if line.look is None:
        yield f'<path class="alone" d="M{path}"/>'
        return
    look = line.look % len(LOOK)
    yield f'<path class="l s{look}" d="M{path}"/>'
    for dot, (x, y) in zip(line.dots, places, strict=True):
        # Shift the bars a little, so that those of several stacks do not overlap.
        shifted = round(x + (look - 3) * 1.6, 1)
        ends = f"M{shifted} {ups.at(dot.low)}V{ups.at(dot.high)}"
        yield f'<path class="b s{look}" d="{ends}"/>'
        yield _mark(line, x, y, dot.hollow, dot.title)


def _mark(line: Line, x: float, y: float, hollow: bool, title: str) -> str:
    assert line.look is not None
    look, shape = line.look % len(LOOK), SHAPES[line.look % len(SHAPES)]
    name = f"m s{look} hollow" if hollow else f"m s{look}"
    tooltip = f"<title>{escape(title)}</title>" if title else ""
    return (
        f'<path class="{name}" transform="translate({x} {y}) scale({SIZE})"'
        f' vector-effect="non-scaling-stroke" d="{shape}">{tooltip}</path>'
    )


def _names(lines: list[Line], along: Scale, ups: Scale) -> Iterator[str]:
    """Draw the names at the ends of the lines and separate those that would overlap."""
    ends = sorted(
        (ups.at(line.dots[-1].y), n) for n, line in enumerate(lines) if line.dots
    )
    places = list(_spread_out([y for y, _ in ends]))
    for (y, number), place in zip(ends, places, strict=True):
        line = lines[number]
        x, to = along.at(line.dots[-1].x) + 9, WIDTH - RIGHT + 30
        look = "alone" if line.look is None else f"t s{line.look % len(LOOK)}"
        yield f'<path class="{look}" d="M{x} {y}L{to - 12} {place}"/>'
        if line.look is not None:
            yield _mark(line, to, place, False, "")
        yield f'<text x="{to + 12}" y="{place + 4}">{escape(line.name)}</text>'


def _spread_out(places: list[float]) -> list[float]:
    """Move sorted positions until they are a line apart, each as little as possible.

    >>> _spread_out([100, 102, 200])
    [93.0, 109.0, 200.0]
    """
    groups: list[tuple[float, int]] = []  # the middle and the size of each group
    for place in places:
        middle, count = float(place), 1
        while groups and middle - groups[-1][0] < LINE * (count + groups[-1][1]) / 2:
            other, size = groups.pop()
            middle = (middle * count + other * size) / (count + size)
            count += size
        groups.append((middle, count))
    return [
        round(middle + LINE * (n - (count - 1) / 2), 1)
        for middle, count in groups
        for n in range(count)
    ]
