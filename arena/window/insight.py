"""What the agents think, drawn: a bar for every action, and the state's value over time."""

from collections.abc import Sequence

import numpy as np
import pygame

from agents.agent import Insight
from arena.window import telling, theme
from arena.window.bout import HISTORY, Bout
from arena.window.layout import Rect
from arena.window.lettering import text
from arena.window.theme import Colour

_DIRECTIONS = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}


def draw_thoughts(
    surface: pygame.Surface,
    bout: Bout,
    seats: Sequence[int],
    thoughts: Sequence[Insight | None],
    strip: Rect,
    size: int,
) -> None:
    """A row a seat: bars at the left, the value at the right, or where it is higher than wide below them."""
    if strip.height < 2 * size * len(seats):
        return
    for index, seat in enumerate(seats):
        thought = thoughts[seat]
        if thought is None:  # a person, a built-in player, or an agent that has not decided anything yet
            continue
        top = strip.y + strip.height * index // len(seats)
        row = Rect(strip.x, top + size // 3, strip.width, strip.height // len(seats) - size // 3)
        pygame.draw.rect(surface, theme.CARD, row, border_radius=size // 4)
        _row(surface, bout, seat, thought, row, size)


def _row(surface: pygame.Surface, bout: Bout, seat: int, thought: Insight, row: Rect, size: int) -> None:
    colour = theme.seat(seat)
    pad = size // 2
    values = bout.values[seat]
    share = 0.62 if values else 1.0
    wide, tall, high = row.width - 2 * pad, row.height - pad, row.height > row.width
    bars = (wide, round(tall * share)) if high else (round(wide * share), tall)
    inner = Rect(row.x + pad, row.y + pad // 2, *bars)
    draw_bars(surface, bout.match.games[0].spec.actions, thought, inner, colour, size)
    if values:
        left, top = (inner.x, inner.bottom + pad) if high else (inner.right + pad, inner.y)
        chart = Rect(left, top, max(row.right - left - pad, 0), max(row.bottom - top - pad // 2, 0))
        caption = text(f"value {values[-1]:+.2f}", size, theme.MUTED)
        if chart.width >= caption.get_width():
            surface.blit(caption, (chart.x, chart.bottom - size))
        _line(surface, list(values), Rect(chart.x, chart.y, chart.width, chart.height - size - 2), colour)


def draw_bars(
    surface: pygame.Surface, names: Sequence[str], thought: Insight, inner: Rect, colour: Colour, size: int
) -> None:
    """A bar for every action, side by side, on what each does."""
    lengths = telling.bars(thought)
    best, step = int(np.argmax(lengths)), inner.width / len(lengths)
    label_height = size
    room = inner.height - label_height - 2
    for action, length in enumerate(lengths):
        left = round(inner.x + action * step)
        wide = max(round(inner.x + (action + 1) * step) - left - max(size // 6, 1), 1)
        tall = max(round(room * float(length)), 1)
        tint = colour if action == best else theme.mix(theme.CARD, colour, 0.45)
        pygame.draw.rect(surface, theme.LINE, (left, inner.y + room - 1, wide, 1))
        pygame.draw.rect(surface, tint, (left, inner.y + room - tall, wide, tall))
        box = pygame.Rect(left, inner.bottom - label_height, wide, label_height)
        _label(surface, names[action], box, size, theme.TEXT if action == best else theme.MUTED)


def _label(surface: pygame.Surface, name: str, box: pygame.Rect, size: int, colour: Colour) -> None:
    """The action as an arrow and a dot for fire where its name says no more, else as words."""
    words = set(name.lower().split())
    middle, reach = box.center, min(box.width, box.height) * 0.4
    if words and words <= {*_DIRECTIONS, "fire"}:
        x = sum(_DIRECTIONS[word][0] for word in words if word in _DIRECTIONS)
        y = sum(_DIRECTIONS[word][1] for word in words if word in _DIRECTIONS)
        if x or y:
            _arrow(surface, middle, (x, y), reach, colour)
        if "fire" in words:
            offset = reach * 0.9 if x or y else 0
            spot = (middle[0] - x * offset, middle[1] - y * offset)
            pygame.draw.circle(surface, theme.BAD, spot, max(reach * 0.3, 1.5))
    elif words & {"noop", "stay", "nothing", "still"}:
        pygame.draw.circle(surface, colour, middle, max(reach * 0.25, 1.5))
    else:
        for length in (len(name), 5, 3, 1):
            label = text(name[:length], max(size * 3 // 4, 11), colour)
            if label.get_width() <= box.width:
                surface.blit(label, label.get_rect(center=middle))
                return


def _arrow(
    surface: pygame.Surface, middle: tuple[int, int], way: tuple[int, int], reach: float, colour: Colour
) -> None:
    x, y = np.array(way) / np.hypot(*way)
    tip = (middle[0] + x * reach, middle[1] + y * reach)
    foot = (middle[0] - x * reach * 0.6, middle[1] - y * reach * 0.6)
    wide = reach * 0.75
    pygame.draw.polygon(
        surface,
        colour,
        [tip, (foot[0] - y * wide, foot[1] + x * wide), (foot[0] + y * wide, foot[1] - x * wide)],
    )


def _line(surface: pygame.Surface, values: Sequence[float], chart: Rect, colour: Colour) -> None:
    if len(values) < 2 or chart.width < 8 or chart.height < 4:
        return
    low, high = min(values), max(values)
    if high - low < 1e-6:
        low, high = low - 1, high + 1
    points = [
        (
            chart.x + (HISTORY - len(values) + index) * (chart.width - 1) / (HISTORY - 1),
            chart.bottom - 1 - (value - low) / (high - low) * (chart.height - 2),
        )
        for index, value in enumerate(values)
    ]
    if low < 0 < high:
        zero = chart.bottom - 1 + low / (high - low) * (chart.height - 2)
        pygame.draw.line(surface, theme.LINE, (chart.x, zero), (chart.right, zero))
    pygame.draw.aalines(surface, colour, False, points)
