"""Maps drawn over boards, and the scales that tell what their colours mean."""

from functools import lru_cache

import numpy as np
import pygame
from numpy.typing import NDArray

from arena.store.records import in_figures
from arena.window import theme
from arena.window.layout import Rect
from arena.window.lens import Layer
from arena.window.lettering import text
from arena.window.theme import Colour

_VIRIDIS = (
    (68, 1, 84), (72, 40, 120), (62, 74, 137), (49, 104, 142), (38, 130, 142),
    (31, 158, 137), (53, 183, 121), (109, 205, 89), (180, 222, 44), (253, 231, 37),
)  # fmt: skip
"""Smith and van der Walt's colour map: as even to the colour-blind, and on grey paper."""

STRENGTH = 0.78
"""How far a tile's colour covers what is below."""

FAINT = 0.3
"""The same where something lies."""

DARKEST = 0.66
"""How dark a board becomes where nothing mattered."""

BRIGHTEST = 0.5
"""How far what mattered most is coloured."""


def shade(share: float, layer: Layer, colour: Colour) -> Colour:
    """The colour for a place on the scale, from 0 to 1: values by a scale of their own, visits in the colour
    of the player."""
    if layer.kind == "values":
        return _viridis()[round(share * 255)]
    return theme.mix(theme.mix(theme.BACKGROUND, colour, 0.25), colour, share)


@lru_cache(maxsize=1)
def _viridis() -> tuple[Colour, ...]:
    return tuple((r, g, b) for r, g, b in theme.ramp(_VIRIDIS).tolist())


def paint(layer: Layer, size: tuple[int, int], colour: Colour) -> pygame.Surface:
    """`layer` as a transparent surface over a picture of `size` (width, height)."""
    return _lit(layer, size, colour) if layer.glows else _tiled(layer, size, colour)


def _tiled(layer: Layer, size: tuple[int, int], colour: Colour) -> pygame.Surface:
    """A square on every tile, a little smaller than it, so that the walls' edges stay."""
    surface = pygame.Surface(size, pygame.SRCALPHA)
    rows, columns = layer.grid.shape
    shares = layer.shares()
    for row, column in np.argwhere(~np.isnan(shares)).tolist():
        left, right = (round((column + at) * size[0] / columns) for at in (0, 1))
        top, bottom = (round((row + at) * size[1] / rows) for at in (0, 1))
        faint = layer.faint is not None and bool(layer.faint[row, column])
        tint = shade(float(shares[row, column]), layer, colour)
        edge = 1 if right - left > 8 else 0
        box = (left, top, right - left - edge, bottom - top - edge)
        surface.fill((*tint, round(255 * (FAINT if faint else STRENGTH))), box)
    return surface


def cut_out(
    surface: pygame.Surface, picture: pygame.Surface, at: Rect, row: float, column: float, side: float
) -> None:
    """Bring back a round piece of `picture`, drawn at `at`, that a map lies over: it fills a square of `side`
    at `row` and `column`, all in shares of the picture."""
    across = max(round(side * at.width), 2)
    box = pygame.Rect(round(column * at.width), round(row * at.height), across, across)
    box = box.clip(picture.get_rect())
    if box.width < 1 or box.height < 1:
        return
    piece = pygame.Surface(box.size, pygame.SRCALPHA)
    piece.blit(picture, (0, 0), box)
    piece.blit(_disc(across), (0, 0), special_flags=pygame.BLEND_RGBA_MULT)
    surface.blit(piece, (at.x + box.x, at.y + box.y))


@lru_cache(maxsize=8)
def _disc(across: int) -> pygame.Surface:
    """White within a circle, with a soft edge, and nothing around it."""
    away = np.hypot(*(np.indices((across, across)) - (across - 1) / 2)) / (across / 2)
    rgba = np.full((across, across, 4), 255, np.uint8)
    rgba[..., 3] = np.clip((0.98 - away) * across / 3, 0, 1) * 255
    return pygame.image.frombuffer(rgba.tobytes(), (across, across), "RGBA")


def _lit(layer: Layer, size: tuple[int, int], colour: Colour) -> pygame.Surface:
    """Light in one colour on what mattered, and dark over the rest."""
    rows, columns = layer.grid.shape
    shares = np.nan_to_num(layer.shares())
    left, top, wide, tall = layer.area
    box = pygame.Rect(
        round(left * size[0]), round(top * size[1]), round(wide * size[0]), round(tall * size[1])
    )
    small = pygame.image.frombuffer(_glow(shares, colour), (columns, rows), "RGBA")
    whole = (left, top, wide, tall) == (0.0, 0.0, 1.0, 1.0)
    scale = pygame.transform.smoothscale if whole else pygame.transform.scale
    lit = scale(small, (max(box.width, 1), max(box.height, 1)))
    if whole:
        return lit
    surface = pygame.Surface(size, pygame.SRCALPHA)
    surface.fill((*theme.BACKGROUND, round(255 * DARKEST)))
    surface.fill((0, 0, 0, 0), box)
    surface.blit(lit, box)
    return surface


def _glow(shares: NDArray[np.float32], colour: Colour) -> bytes:
    """RGBA: from dark to the colour, and least of either between, where the picture shines through."""
    strength = shares[..., np.newaxis]
    tint = (1 - strength) * np.array(theme.BACKGROUND) + strength * np.array(colour)
    cover = (1 - strength) ** 2 * DARKEST + strength * BRIGHTEST
    rgba: NDArray[np.uint8] = np.rint(np.concatenate([tint, 255 * cover], axis=2)).astype(np.uint8)
    return rgba.tobytes()


def draw_scale(surface: pygame.Surface, layer: Layer, colour: Colour, box: Rect, size: int) -> None:
    """What the colours mean: `0.12 ▇▇▇▇ 0.97`, on one line."""
    if layer.glows:
        low, high = "nothing", "most"
    elif layer.kind == "visits":
        low, high = "once", in_figures(layer.high) + " times"
    else:
        low, high = f"{layer.low:.2f}", f"{layer.high:.2f}"
    first, last = text(low, size, theme.MUTED), text(high, size, theme.MUTED)
    middle, gap = box.y + box.height // 2, size // 2
    bar = Rect(
        box.x + first.get_width() + gap,
        middle - size // 3,
        box.width - first.get_width() - last.get_width() - 2 * gap,
        2 * (size // 3),
    )
    if bar.width < 2 * size:
        return
    surface.blit(first, (box.x, middle - first.get_height() // 2))
    surface.blit(last, (box.right - last.get_width(), middle - last.get_height() // 2))
    least = 1 / max(layer.high, 1) if layer.kind == "visits" else 0.0
    for x in range(bar.width):
        share = least + (1 - least) * x / max(bar.width - 1, 1)
        tint = theme.mix(theme.BACKGROUND, colour, share) if layer.glows else shade(share, layer, colour)
        pygame.draw.line(surface, tint, (bar.x + x, bar.y), (bar.x + x, bar.bottom - 1))
