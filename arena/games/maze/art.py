"""How mazes look: drawn with numpy, 16 pixels a tile, so that any window or film can show them.

Shapes are masks sampled eight times finer than a pixel and averaged, which gives them smooth edges.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arena.games.maze.layouts import WALL
from arena.games.maze.rules import Rules
from arena.games.maze.world import BORDER, COIN, COLOURS, DOOR, GOAL, KEY, LAVA, MOST_FOOTPRINTS, WIND, Worlds

TILE = 16
_FINE = 8

Colour = tuple[int, int, int]
Picture = NDArray[np.uint8]
Mask = NDArray[np.float32]

SEATS: tuple[Colour, ...] = ((64, 208, 230), (255, 158, 66), (122, 214, 109), (226, 116, 222))
"""Cyan, orange, green, magenta: the colour of each seat's player, here as everywhere."""

_FLOOR: tuple[Colour, Colour] = ((27, 31, 43), (29, 34, 47))
_WALL_TOP: Colour = (74, 87, 120)
_WALL_EDGE: Colour = (98, 113, 150)
_WALL_FACE: Colour = (47, 56, 80)
_SHADE: Colour = (18, 21, 30)
_UNSEEN: Colour = (11, 13, 19)
_LAVA: tuple[Colour, Colour] = ((196, 62, 32), (250, 150, 50))
_GOLD: Colour = (247, 200, 74)
_EXIT: Colour = (96, 224, 140)
_GEM: Colour = (120, 230, 255)
_BREEZE: Colour = (120, 160, 205)
_HUNT: Colour = (240, 70, 80)
_LOCKS: tuple[Colour, ...] = ((235, 88, 96), (96, 150, 250), (245, 205, 84))
_HEADINGS = 32
"""Directions an arrow is drawn in."""
_DIM = 115
"""Of 256: how bright what is remembered stays."""


def draw(
    worlds: Worlds, rules: Rules, seat: int | None = None, blend: float = 1.0, world: int = 0
) -> NDArray[np.uint8]:
    """(16 x size, 16 x size, 3): the whole maze, or under fog what has come into view of `seat`.

    Players stand `blend` of the way from where they were a tick ago to where they are.
    """
    inner = slice(BORDER, worlds.tiles.shape[1] - BORDER)
    tiles = worlds.tiles[world, inner, inner]
    picture = _ground(np.ascontiguousarray(tiles).tobytes(), tiles.shape[0], rules.gem).copy()
    seats = worlds.at.shape[1]
    for each in range(seats):
        if seat is None or seat == each or not rules.fog:
            _draw_footprints(picture, worlds.visits[world, each, inner, inner], SEATS[each])
    for each in range(seats):
        row, column = worlds.before[world, each] + blend * (
            worlds.at[world, each] - worlds.before[world, each]
        )
        _draw_player(picture, row - BORDER, column - BORDER, worlds, world, each)
    if rules.fog and seat is not None:
        _draw_fog(picture, worlds, world, seat)
        _draw_arrow(picture, worlds, world, seat, blend)
    return picture


def _shape(inside: Callable[[NDArray[Any], NDArray[Any]], NDArray[np.bool_]], size: int = TILE) -> Mask:
    """(size, size): how much of each pixel is inside a shape given in pixels, x right and y down."""
    axis = (np.arange(size * _FINE) + 0.5) / _FINE
    x, y = np.meshgrid(axis, axis)
    fine = inside(x, y).reshape(size, _FINE, size, _FINE)
    mask: Mask = fine.mean(axis=(1, 3), dtype=np.float32)
    return mask


def _disc(x0: float, y0: float, radius: float, size: int = TILE) -> Mask:
    return _shape(lambda x, y: (x - x0) ** 2 + (y - y0) ** 2 <= radius**2, size)


def _box(left: float, top: float, right: float, bottom: float) -> Mask:
    return _shape(lambda x, y: (left <= x) & (x < right) & (top <= y) & (y < bottom))


def _paint(place: NDArray[np.uint8], mask: Mask, colour: Colour, strength: float = 1.0) -> None:
    """Lay `colour` over `place` where `mask` says."""
    cover = (mask * strength)[..., np.newaxis]
    place[:] = (place * (1.0 - cover) + np.array(colour, np.float32) * cover + 0.5).astype(np.uint8)


@lru_cache(maxsize=8)
def _ground(content: bytes, size: int, gem: bool) -> Picture:
    """Everything that does not move. Few levels are on screen at once, and most ticks change no tile."""
    tiles = np.frombuffer(content, np.uint8).reshape(size, size)
    picture = np.empty((size * TILE, size * TILE, 3), np.uint8)
    for row in range(size):
        for column in range(size):
            place = picture[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
            tile = tiles[row, column]
            if tile == WALL:
                below = row + 1 < size and tiles[row + 1, column] != WALL
                above = row > 0 and tiles[row - 1, column] != WALL
                place[:] = _wall(below, above)
            else:
                place[:] = _floor(row, column, row > 0 and tiles[row - 1, column] == WALL)
                _draw_thing(place, int(tile), gem, (row * 7 + column * 13) % 5)
    return picture


@lru_cache(maxsize=4)
def _wall(face_below: bool, edge_above: bool) -> Picture:
    """A block seen from slightly in front: a lit top edge, and a face where the floor begins."""
    place = np.empty((TILE, TILE, 3), np.uint8)
    place[:] = _WALL_TOP
    if edge_above:
        place[:1] = _WALL_EDGE
    if face_below:
        place[-5:] = _WALL_FACE
        place[-6] = _WALL_EDGE
    return place


@lru_cache(maxsize=4)
def _floor_tile(parity: int, shaded: bool) -> Picture:
    place = np.empty((TILE, TILE, 3), np.uint8)
    place[:] = _FLOOR[parity]
    if shaded:
        place[:3] = _SHADE
    return place


def _floor(row: int, column: int, shaded: bool) -> Picture:
    return _floor_tile((row + column) % 2, shaded)


def _draw_thing(place: NDArray[np.uint8], tile: int, gem: bool, variant: int) -> None:
    """What lies on the floor."""
    if tile == GOAL and gem:
        _paint(place, _shape(lambda x, y: abs(x - 8) / 6 + abs(y - 8) / 7 <= 1), _GEM)
        _paint(place, _shape(lambda x, y: (abs(x - 6) / 2 + abs(y - 6.5) / 3) <= 1), (235, 252, 255), 0.85)
    elif tile == GOAL:
        _paint(place, _disc(8, 8, 7) - _disc(8, 8, 5), _EXIT)
        _paint(place, _disc(8, 8, 4), _EXIT, 0.45)
        _paint(place, _disc(8, 8, 2), (225, 255, 235), 0.9)
    elif tile == LAVA:
        place[:] = _LAVA[0]
        for number in range(3):
            x, y = (variant * 5 + number * 6) % 13 + 2, (variant * 3 + number * 5) % 12 + 2
            _paint(place, _disc(x, y, 2.2 - 0.4 * number), _LAVA[1], 0.8)
    elif tile == COIN:
        _paint(place, _disc(8, 8, 4.5), _GOLD)
        _paint(place, _disc(8, 8, 3.2) - _disc(8, 8, 2.3), (190, 140, 40), 0.8)
    elif KEY <= tile < KEY + COLOURS:
        _draw_key(place, _LOCKS[tile - KEY])
    elif DOOR <= tile < DOOR + COLOURS:
        colour = _LOCKS[tile - DOOR]
        _paint(place, _box(1, 0, 15, 16), colour, 0.9)
        _paint(place, _box(3, 2, 13, 16), (20, 22, 30), 0.35)
        _paint(place, np.maximum(_disc(8, 7, 2), _box(7.2, 8, 8.8, 12)), (16, 18, 26))
    elif WIND <= tile < WIND + 4:
        _draw_breeze(place, int(tile - WIND))


def _draw_key(place: NDArray[np.uint8], colour: Colour) -> None:
    _paint(place, _disc(5.5, 8, 3.2) - _disc(5.5, 8, 1.4), colour)
    _paint(place, np.maximum(_box(8, 7.2, 14, 8.8), _box(11, 8, 12.2, 11)), colour)
    _paint(place, _box(13, 8, 14, 10.5), colour)


def _draw_breeze(place: NDArray[np.uint8], direction: int) -> None:
    """Two chevrons pointing where the wind blows."""

    def chevrons(x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.bool_]:
        across, along = (x - 8, y) if direction < 2 else (y - 8, x)
        along = along if direction % 2 else TILE - along  # up and left point to smaller numbers
        tip = along + abs(across)
        arm = abs(across) < 5
        strokes = ((tip > 8) & (tip < 9.6)) | ((tip > 13) & (tip < 14.6))
        return np.asarray(arm & strokes, np.bool_)

    _paint(place, _shape(chevrons), _BREEZE, 0.55)


@lru_cache(maxsize=1)
def _step_mark() -> Mask:
    return _disc(8, 8, 2.2)


def _draw_footprints(picture: Picture, visits: NDArray[np.uint8], colour: Colour) -> None:
    """A faint dot where the player has been, stronger where more often."""
    rows, columns = np.nonzero(visits)
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        place = picture[row * TILE + 5 : row * TILE + 11, column * TILE + 5 : column * TILE + 11]
        strength = 0.16 + 0.3 * float(visits[row, column] - 1) / (MOST_FOOTPRINTS - 1)
        _paint(place, _step_mark()[5:11, 5:11], colour, strength)


@lru_cache(maxsize=64)
def _player_masks(right: float, down: float) -> tuple[Mask, Mask, Mask, Mask]:
    """Rim, body and eyes of a player that stands a fraction of a pixel right and down: (18, 18) each."""
    x, y, size = 8.5 + right, 8.5 + down, TILE + 2
    rim, body = _disc(x, y, 7.2, size), _disc(x, y, 6.0, size)
    eyes = np.maximum(_disc(x - 2.3, y - 1, 1.7, size), _disc(x + 2.3, y - 1, 1.7, size))
    pupils = np.maximum(_disc(x - 2.1, y - 0.8, 0.8, size), _disc(x + 2.5, y - 0.8, 0.8, size))
    return rim, body, eyes, pupils


def _draw_player(picture: Picture, row: float, column: float, worlds: Worlds, world: int, seat: int) -> None:
    """The player, its keys as dots below it; who chases has a red rim."""
    y, x = row * TILE, column * TILE
    top, left = int(np.floor(y)), int(np.floor(x))
    quarter = (round((x - left) * 4) / 4, round((y - top) * 4) / 4)
    rim, body, eyes, pupils = _player_masks(*quarter)
    height, width = picture.shape[:2]
    place = picture[top : min(top + 18, height), left : min(left + 18, width)]
    cut = (slice(place.shape[0]), slice(place.shape[1]))
    _paint(place, rim[cut], _HUNT if worlds.chaser[world, seat] else (14, 16, 24))
    _paint(place, body[cut], SEATS[seat])
    _paint(place, eyes[cut], (250, 252, 255))
    _paint(place, pupils[cut], (16, 18, 26))
    held = [colour for colour in range(COLOURS) if worlds.keys[world, seat] >> colour & 1]
    for number, colour in enumerate(held):
        dot = _disc(8.5 + 4 * number - 2 * (len(held) - 1), 14.5, 1.8, TILE + 2)
        _paint(place, dot[cut], _LOCKS[colour])


@lru_cache(maxsize=_HEADINGS)
def _arrow_mask(heading: int) -> Mask:
    """(48, 48): a small arrowhead just outside a player in the middle."""
    angle = 2 * np.pi * heading / _HEADINGS

    def arrowhead(x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.bool_]:
        along = (x - 24) * np.cos(angle) + (y - 24) * np.sin(angle)
        across = (y - 24) * np.cos(angle) - (x - 24) * np.sin(angle)
        return np.asarray((along > 9.5) & (abs(across) < 0.8 * (15.5 - along)), np.bool_)

    return _shape(arrowhead, 3 * TILE)


def _draw_arrow(picture: Picture, worlds: Worlds, world: int, seat: int, blend: float) -> None:
    """Where the compass of the seat points: a person under fog is told what an agent is told."""
    before, at = worlds.before[world, seat].astype(float), worlds.at[world, seat].astype(float)
    here = before + blend * (at - before)
    down, right = worlds.target[world, seat] - here
    if abs(down) + abs(right) < 1:
        return
    heading = round(np.arctan2(down, right) / (2 * np.pi) * _HEADINGS) % _HEADINGS
    top, left = (round(float(part) * TILE) - TILE for part in here - BORDER)
    rows = slice(max(top, 0), min(top + 3 * TILE, picture.shape[0]))
    columns = slice(max(left, 0), min(left + 3 * TILE, picture.shape[1]))
    cut = _arrow_mask(heading)[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    _paint(picture[rows, columns], cut, _EXIT)


def _draw_fog(picture: Picture, worlds: Worlds, world: int, seat: int) -> None:
    """Dim what the seat has seen and does not see now; hide what it has never seen."""
    visits = worlds.visits[world, seat] > 0
    seen = np.zeros_like(visits)
    for row, column in zip(*np.nonzero(visits), strict=True):
        seen[row - BORDER : row + BORDER + 1, column - BORDER : column + BORDER + 1] = True
    now = np.zeros_like(visits)
    row, column = worlds.at[world, seat]
    now[row - BORDER : row + BORDER + 1, column - BORDER : column + BORDER + 1] = True
    inner = slice(BORDER, visits.shape[0] - BORDER)
    size = picture.shape[0] // TILE
    blocks = picture.reshape(size, TILE, size, TILE, 3).swapaxes(1, 2)  # a view, tile by tile
    remembered = (seen & ~now)[inner, inner]
    blocks[remembered] = (blocks[remembered].astype(np.uint16) * _DIM) >> 8
    blocks[~seen[inner, inner]] = _UNSEEN
