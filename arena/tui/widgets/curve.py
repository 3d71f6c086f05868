"""A curve in braille: two columns and four rows of dots a character."""

import math
from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from arena.tui.theme import FAINT, QUIET, SEATS

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""The bit of each dot in Unicode's braille block, by column and row."""

_BLANK = 0x2800


class Curve(Widget):
    """One figure over the steps of a run, with its highest and lowest value at the left."""

    DEFAULT_CSS = """
    Curve { width: 1fr; height: 1fr; min-height: 3; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._points: Sequence[tuple[float, float]] = ()
        self._end = 0.0
        self._color = SEATS[0]

    def show(self, points: Sequence[tuple[float, float]], end: float, color: str = SEATS[0]) -> None:
        """Draw `points`, (step, value) in order of steps, on an axis from 0 to `end`."""
        if (points, end, color) != (self._points, self._end, self._color):
            self._points, self._end, self._color = points, end, color
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        base = self.rich_style
        if not self._points:
            words = "the curve begins with the first figures" if y == height // 2 else ""
            return Strip([Segment(words.center(width)[:width], base + Style(color=FAINT))])
        values = [value for _, value in self._points]
        low, high = min(values), max(values)
        labels = {0: short(high), height - 2: short(low)} if high > low else {(height - 1) // 2: short(low)}
        room = max(len(label) for label in labels.values())
        across = max(width - room - 1, 1)
        if y == height - 1:
            end = f" {large(self._end)}"
            axis = "└" + "─" * max(across - 1 - len(end), 0) + end
            return Strip([Segment(" " * room + " " + axis, base + Style(color=FAINT))]).adjust_cell_length(
                width, base
            )
        lines = draw(self._points, self._end, low, high, across, height - 1)
        return Strip(
            [
                Segment(f"{labels.get(y, ''):>{room}} ", base + Style(color=QUIET)),
                Segment(lines[y], base + Style(color=self._color)),
            ]
        ).adjust_cell_length(width, base)


def draw(
    points: Sequence[tuple[float, float]], end: float, low: float, high: float, width: int, height: int
) -> list[str]:
    """`points` as `height` lines of `width` characters: x from 0 to `end`, y from `low` to `high`.

    Each column of dots shows the mean of what falls into it; neighbours are joined.
    """
    columns, rows = width * 2, height * 4
    span = high - low
    sums: dict[int, tuple[float, int]] = {}
    for x, value in points:
        at = max(0, min(columns - 1, math.floor(x / end * columns))) if end > 0 else 0
        total, count = sums.get(at, (0.0, 0))
        sums[at] = (total + value, count + 1)

    def row(value: float) -> int:
        share = (value - low) / span if span > 0 else 0.5
        return rows - 1 - max(0, min(rows - 1, round(share * (rows - 1))))

    cells = [[_BLANK] * width for _ in range(height)]

    def dot(x: int, y: int) -> None:
        cells[y // 4][x // 2] |= _DOTS[x % 2][y % 4]

    last: tuple[int, int] | None = None
    for x in sorted(sums):
        total, count = sums[x]
        y = row(total / count)
        if last is None:
            dot(x, y)
        else:
            steps = max(x - last[0], abs(y - last[1]))
            for step in range(1, steps + 1):
                dot(
                    last[0] + round((x - last[0]) * step / steps),
                    last[1] + round((y - last[1]) * step / steps),
                )
        last = (x, y)
    return ["".join(map(chr, line)) for line in cells]


def large(number: float) -> str:
    """A count of steps as people say it: `950`, `12.5 k`, `1.24 M`, `2 M`."""
    for unit, size in (("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number:.0f}"


def short(value: float) -> str:
    """A figure in few characters: `0.62`, `-12.3`, `1,204`."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) >= 100 or value == round(value):
        return f"{value:.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
