"""Several curves in one picture: each in its colour, with round numbers at both axes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from arena.tui.reading import clock
from arena.tui.theme import FAINT, GRID, QUIET, TEXT
from arena.tui.widgets.axes import around, clock_ticks, large, short, tick_words, ticks
from arena.tui.widgets.braille import BLANK, draw

FEWEST = 4
"""Columns that curves have at least."""

ROWS_A_TICK = 3
"""Of the axis at the left, where there is room."""

CUT_FROM = 20
"""Of so many values the highest and lowest fiftieth lie beyond the axis where they would crush the rest."""


@dataclass(frozen=True, slots=True)
class Line:
    """A curve: `across` its steps or seconds, `up` its values, in order."""

    name: str
    color: str
    across: Sequence[float]
    up: Sequence[float]
    in_front: bool = False
    """Drawn over the others."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is to be drawn."""

    lines: tuple[Line, ...] = ()
    end: float = 0.0
    """Of the axis below, which begins at 0."""
    timed: bool = False
    """Whether that one is in seconds; else in steps."""
    share: bool = False
    """Whether values are shares, told in per cent."""
    words: str = ""
    """Instead of curves, where there are none."""
    legend: bool = True
    """Whether the curves are named."""


class Plot(Widget):
    """Draws anew only when there is something new or another size."""

    DEFAULT_CSS = """
    Plot { width: 1fr; height: 1fr; min-height: 4; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._drawing = Drawing()
        self._strips: list[Strip] = []

    def show(self, drawing: Drawing) -> None:
        if drawing != self._drawing:
            self._drawing = drawing
            self._strips = []
            self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips = []

    def on_resize(self) -> None:
        self._strips = []

    def render_line(self, y: int) -> Strip:
        if not self._strips:
            self._strips = picture(self._drawing, *self.size, self.rich_style)
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)


def picture(drawing: Drawing, width: int, height: int, base: Style) -> list[Strip]:
    """`drawing` as `height` lines of `width` characters: the legend, the curves, the axis below."""
    lines = [line for line in drawing.lines if len(line.up)]
    if not lines or width < 12 or height < 3:
        blank = [Strip.blank(width, base)] * height
        said = Segment(drawing.words.center(width)[:width], base + Style(color=FAINT))
        return [*blank[: (height - 1) // 2], Strip([said]), *blank[(height + 1) // 2 :]]
    legend = _legend(lines, width, 1 if height < 16 else 2, drawing.share, base) if drawing.legend else []
    rows = height - len(legend) - 1
    end = max(drawing.end, 1.0)
    low, high = around(*_span(lines, end, 2 * width), share=drawing.share)
    marks = ticks(low, high, max(2, min(8, rows // ROWS_A_TICK + 1)))
    words = tick_words(marks, share=drawing.share)
    labels = {_row(mark, low, high, rows): label for mark, label in zip(marks, words, strict=True)}
    room = max(map(len, labels.values()))
    if width - room - 2 < FEWEST:  # numbers that leave the curves no room are left out
        labels, room = {}, 0
    across = width - room - 2
    grid = _curves(lines, end, low, high, across, rows)
    faint, quiet = base + Style(color=FAINT), base + Style(color=QUIET)
    strips = [*legend]
    for y, cells in enumerate(grid):
        label = labels.get(y)
        edge = Segment(f"{label or '':>{room}} ", quiet), Segment("┤" if label else "│", faint)
        strips.append(Strip([*edge, *_cells(cells, base, ruled=label is not None)]).simplify())
    below = _axis(end, across, timed=drawing.timed)
    return [
        *strips,
        Strip([Segment(" " * (room + 1), base), *(Segment(t, quiet if w else faint) for t, w in below)]),
    ]


def _span(lines: Sequence[Line], end: float, columns: int) -> tuple[float, float]:
    """The lowest and the highest value that is drawn, about: a mean of what falls into a column of dots.
    Without what sticks out far, such as a first loss."""
    values = []
    for line in lines:
        together = max(1, math.ceil(len(line.up) / max(columns * line.across[-1] / end, 1)))
        parts = (line.up[at : at + together] for at in range(0, len(line.up), together))
        values += [sum(part) / len(part) for part in parts]
    values.sort()
    low, high = values[0], values[-1]
    if len(values) >= CUT_FROM:
        most = values[len(values) // 50], values[-1 - len(values) // 50]
        middle = most[1] - most[0]
        if middle > 0:
            low = low if most[0] - low < middle else most[0] - 0.1 * middle
            high = high if high - most[1] < middle else most[1] + 0.1 * middle
    return low, high


def _row(value: float, low: float, high: float, rows: int) -> int:
    """The line of characters in which `draw` puts `value`."""
    dots = rows * 4
    return (dots - 1 - max(0, min(dots - 1, round((value - low) / (high - low) * (dots - 1))))) // 4


def _curves(
    lines: Sequence[Line], end: float, low: float, high: float, width: int, height: int
) -> list[list[tuple[str, str]]]:
    """For each line of each column the dots and their colour. Where curves cross, the one in front wins."""
    grid = [[("", "")] * width for _ in range(height)]
    for line in sorted(lines, key=lambda line: line.in_front):
        points = zip(line.across, line.up, strict=True)
        drawn = draw(points, end, low, high, width, height, bold=line.in_front and len(lines) > 1)
        for row, text in zip(grid, drawn, strict=True):
            for x, dots in enumerate(text):
                if ord(dots) != BLANK:
                    row[x] = dots, line.color
    return grid


def _cells(cells: Sequence[tuple[str, str]], base: Style, *, ruled: bool) -> list[Segment]:
    blank = Segment("┈" if ruled else " ", base + Style(color=GRID))
    return [Segment(dots, base + Style(color=color)) if dots else blank for dots, color in cells]


def _axis(end: float, width: int, *, timed: bool) -> list[tuple[str, bool]]:
    """The axis below, as pieces of which each is words or not: `└──── 500 k ──── 1 M ──── steps`."""
    unit = "time" if timed else "steps"
    if width < len(unit) + 2:
        return [("└" + "─" * width, False)]
    most = max(2, (width - len(unit)) // 12)
    tries = [_told(end, width, unit, number, timed=timed) for number in range(most, most + 5)]
    return next(
        (pieces for pieces in tries if len(pieces) > 5), max(tries, key=len)
    )  # two numbers, if can be


def _told(end: float, width: int, unit: str, most: int, *, timed: bool) -> list[tuple[str, bool]]:
    """The axis with at most so many numbers, those that find room."""
    marks = clock_ticks(end, most) if timed else ticks(0.0, end, most)
    pieces: list[tuple[str, bool]] = [("└", False)]
    at = 0
    for mark in marks[1:]:
        words = f" {clock(mark) if timed else large(mark)} "
        begin = round(mark / end * width) - len(words) // 2
        if begin > at and begin + len(words) <= width - len(unit) - 1:
            pieces += [("─" * (begin - at), False), (words, True)]
            at = begin + len(words)
    return [*pieces, ("─" * (width - at - len(unit) - 1), False), (f" {unit}", True)]


def _legend(lines: Sequence[Line], width: int, most: int, share: bool, base: Style) -> list[Strip]:
    """The curves' names with their latest values, in `most` lines at most; those that find no room are
    counted."""
    if most == 1:
        lines = sorted(lines, key=lambda line: not line.in_front)
    rows: list[list[Segment]] = [[]]
    used = 0
    for shown, line in enumerate(lines):
        value = f"{line.up[-1]:.0%}" if share else short(line.up[-1])
        length = len(line.name) + len(value) + 7
        spare = 4 if len(rows) == most and shown < len(lines) - 1 else 0  # for the count of the others
        if rows[-1] and used + length - 3 > width - spare:
            if len(rows) == most:
                rows[-1].append(Segment(f"+{len(lines) - shown}", base + Style(color=QUIET)))
                break
            rows.append([])
            used = 0
        rows[-1] += [
            Segment("━━ ", base + Style(color=line.color)),
            Segment(f"{line.name} ", base + Style(color=TEXT if line.in_front else QUIET)),
            Segment(value, base + Style(color=line.color)),
            Segment("   ", base),
        ]
        used += length
    return [Strip(row).adjust_cell_length(width, base) for row in rows]
