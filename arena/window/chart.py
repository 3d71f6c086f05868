"""Curves with axes, crisp at any size: drawn twice as large and made smaller."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pygame
from numpy.typing import NDArray

from arena.window import theme
from arena.window.layout import Rect
from arena.window.lettering import text
from arena.window.telling import steps
from arena.window.theme import Colour

MARGIN = 0.04
"""How far an axis goes on beyond its values, as a share of their spread."""

FINE = 2
"""How much larger lines are drawn."""


class Line(NamedTuple):
    """One curve."""

    xs: NDArray[np.float64]
    """In rising order."""
    ys: NDArray[np.float64]
    colour: Colour


class Axes(NamedTuple):
    """What the sides of a chart stand for."""

    low: float
    high: float
    """Of the values."""
    start: float
    end: float
    """Of what goes to the right."""
    values: Sequence[tuple[float, str]]
    """Where a line is ruled across, and its label."""
    ticks: Sequence[tuple[float, str]]
    """What stands below, and where."""


def axes(lines: Sequence[Line], end: float, figure: str, rows: int) -> Axes:
    """Axes around `lines` from 0 to `end` steps, with about `rows` lines ruled across. Shares of solved
    levels go from 0 to 1, whatever they have been so far."""
    ys = np.concatenate([line.ys for line in lines]) if lines else np.zeros(1)
    low, high = (0.0, 1.0) if figure == "solved" else (float(ys.min()), float(ys.max()))
    low, high, ruled = across(low, high, rows)
    words = (lambda v: f"{v:.0%}") if figure == "solved" else _figure
    ticks = [at for at in between(0.0, end, 3) if at <= end * (1 + 1e-9)]
    return Axes(
        low, high, 0.0, max(end, 1.0), [(v, words(v)) for v in ruled], [(at, steps(at)) for at in ticks]
    )


def across(low: float, high: float, rows: int) -> tuple[float, float, list[float]]:
    """Where an axis for values from `low` to `high` begins and ends, a little beyond them, and the round
    numbers on it at which a line is ruled: about `rows`, two at least."""
    low, high = _apart(low, high)
    if (low, high) == (0.0, 1.0):
        return low, high, between(low, high, rows)
    low, high = low - MARGIN * (high - low), high + MARGIN * (high - low)
    for count in range(rows, 4 * rows + 8):
        ruled = [at for at in between(low, high, count) if low <= at <= high]
        if len(ruled) >= 2:
            break
    return low, high, ruled


def _apart(low: float, high: float) -> tuple[float, float]:
    """`low` and `high`, or where they are the same as far as anybody can see, something around them."""
    if high - low > 1e-9 * max(abs(low), abs(high), 1e-3):
        return low, high
    reach = 0.5 * (abs(low) if abs(low) > 1e-6 else 1.0)
    return low - reach, high + reach


def between(low: float, high: float, count: int) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten apart) from at most `low` to at least `high`, about
    `count` stretches of them."""
    low, high = _apart(low, high)
    rough = (high - low) / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [n * step for n in range(first, last + 1)]


def _figure(value: float) -> str:
    return f"{value + 0.0:,.4g}"


def draw_chart(surface: pygame.Surface, lines: Sequence[Line], around: Axes, box: Rect, size: int) -> None:
    """`lines` with their axes in `box`, words in text of `size`."""
    labels = [text(words, size, theme.MUTED) for _, words in around.values]
    room = max((label.get_width() for label in labels), default=0) + size // 3
    below = size if around.ticks else size // 2
    inner = Rect(box.x + room, box.y + size // 2, box.width - room, box.height - size // 2 - below)
    if inner.width < 2 * size or inner.height < size:
        return

    def right(x: float) -> float:
        return inner.x + (x - around.start) / (around.end - around.start) * (inner.width - 1)

    def up(y: float) -> float:
        return inner.bottom - 1 - (y - around.low) / ((around.high - around.low) or 1.0) * (inner.height - 1)

    last = math.inf
    for (value, _), label in zip(around.values, labels, strict=True):
        y = round(up(value))
        pygame.draw.line(surface, theme.LINE, (inner.x, y), (inner.right - 1, y))
        if last - y >= size:
            surface.blit(label, (inner.x - size // 3 - label.get_width(), y - label.get_height() // 2))
            last = y
    ended = -math.inf
    for at, words in around.ticks:
        label = text(words, size, theme.MUTED)
        x = min(max(right(at) - label.get_width() / 2, inner.x), inner.right - label.get_width())
        if x > ended + size / 2:
            surface.blit(label, (x, inner.bottom + size // 6))
            ended = x + label.get_width()
    large = pygame.Surface((inner.width * FINE, inner.height * FINE), pygame.SRCALPHA)
    for line in lines:
        xs, ys = thinned(line.xs, line.ys, around.start, around.end, inner.width)
        points = [
            ((right(x) - inner.x) * FINE, (up(y) - inner.y) * FINE) for x, y in zip(xs, ys, strict=True)
        ]
        _thick(large, points, line.colour, max(size / 9, 1.6) * FINE, filled=len(lines) == 1)
    surface.blit(pygame.transform.smoothscale(large, (inner.width, inner.height)), inner[:2])


def thinned(
    xs: NDArray[np.float64], ys: NDArray[np.float64], start: float, end: float, columns: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """One point for every two columns: the mean of those that fall there."""
    slots = np.floor((xs - start) / (end - start) * columns / 2).astype(np.int64)
    _, first, counts = np.unique(slots, return_index=True, return_counts=True)
    if not len(first):
        return xs, ys
    return np.add.reduceat(xs, first) / counts, np.add.reduceat(ys, first) / counts


def _thick(
    surface: pygame.Surface,
    points: list[tuple[float, float]],
    colour: Colour,
    width: float,
    *,
    filled: bool,
) -> None:
    """A line with round corners, and where it stands alone a little colour below it."""
    if not points:
        return
    if filled and len(points) > 1:
        foot = surface.get_height()
        pygame.draw.polygon(surface, (*colour, 30), [(points[0][0], foot), *points, (points[-1][0], foot)])
    half = width / 2
    for (x, y), (there, down) in pairwise(points):
        length = math.hypot(there - x, down - y)
        if length > 0:
            aside, over = -(down - y) / length * half, (there - x) / length * half
            corners = [(x + aside, y + over), (there + aside, down + over)]
            corners += [(there - aside, down - over), (x - aside, y - over)]
            pygame.draw.polygon(surface, colour, corners)
        pygame.draw.circle(surface, colour, (there, down), half)
    pygame.draw.circle(surface, colour, points[-1], width)
