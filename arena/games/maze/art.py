"""How mazes look: drawn with numpy at any number of pixels a tile, so that any window or film can show them.

Shapes are masks sampled finer than a pixel and averaged, which gives them smooth edges. What does not move
between two ticks is drawn once a tick.
"""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arena.games.maze.layouts import WALL
from arena.games.maze.rules import Rules
from arena.games.maze.world import BORDER, COIN, COLOURS, DOOR, GOAL, KEY, LAVA, MOST_FOOTPRINTS, WIND, Worlds

TILE = 16
"""Pixels a tile, unless another number is asked for. Shapes are given in sixteenths of a tile at any size."""

_FINEST = 128
"""Samples across a tile that masks are made of, unless that is less than three a pixel."""

Colour = tuple[int, int, int]
Picture = NDArray[np.uint8]
Mask = NDArray[np.float32]

SEATS: tuple[Colour, ...] = ((64, 208, 230), (255, 158, 66), (122, 214, 109), (226, 116, 222))
"""Cyan, orange, green, magenta: the colour of each seat's player, unless told otherwise."""

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
_RIM: Colour = (14, 16, 24)
_LOCKS: tuple[Colour, ...] = ((235, 88, 96), (96, 150, 250), (245, 205, 84))
_HEADINGS = 32
"""Directions an arrow is drawn in."""
_DIM = 115
"""Of 256: how bright what is remembered stays."""
_CLEAR, _REMEMBERED, _HIDDEN = range(3)
"""What fog does to a tile."""


def draw(
    worlds: Worlds,
    rules: Rules,
    seat: int | None = None,
    blend: float = 1.0,
    world: int = 0,
    *,
    tile: int = TILE,
    colours: Sequence[Colour] = SEATS,
) -> NDArray[np.uint8]:
    """(tile x size, tile x size, 3): the whole maze, or under fog what has come into view of `seat`.

    Players stand `blend` of the way from where they were a tick ago to where they are, in `colours` by seat.
    """
    inner = slice(BORDER, worlds.tiles.shape[1] - BORDER)
    seats = range(worlds.at.shape[1])
    fog = _fog(worlds, world, seat) if rules.fog and seat is not None else None
    walked = [each for each in seats if fog is None or each == seat]
    clear, fogged = _scene(
        worlds.tiles[world, inner, inner].tobytes(),
        tuple((colours[each], worlds.visits[world, each, inner, inner].tobytes()) for each in walked),
        None if fog is None else fog.tobytes(),
        rules.gem,
        tile,
    )
    picture = fogged.copy()
    before, at = worlds.before[world].astype(float), worlds.at[world].astype(float)
    places = before + blend * (at - before) - BORDER
    touched = [] if fog is None else _under_players(places, fog, tile)
    for cell in touched:
        _cell(picture, *cell, tile)[:] = _cell(clear, *cell, tile)
    for each in seats:
        chases, keys = bool(worlds.chaser[world, each]), int(worlds.keys[world, each])
        row, column = places[each]
        _draw_player(picture, row, column, tile, colours[each], chases, keys)
    if fog is not None and seat is not None:
        for cell in touched:
            _veil(_cell(picture, *cell, tile), int(fog[cell]))
        _draw_arrow(picture, places[seat], worlds.target[world, seat] - float(BORDER), tile)
    return picture


def _cell(picture: Picture, row: int, column: int, tile: int) -> Picture:
    """The pixels of one tile, to be drawn on."""
    return picture[row * tile : (row + 1) * tile, column * tile : (column + 1) * tile]


def _cells(picture: Picture, tile: int) -> Picture:
    """(size, size, tile, tile, 3): the pixels of every tile, to be drawn on."""
    size = picture.shape[0] // tile
    return picture.reshape(size, tile, size, tile, 3).swapaxes(1, 2)


def _shape(
    inside: Callable[[NDArray[Any], NDArray[Any]], NDArray[np.bool_]], tile: int, pixels: int | None = None
) -> Mask:
    """(pixels, pixels), or a tile: how much of each pixel is inside a shape, x right and y down."""
    pixels = pixels or tile
    fine = max(_FINEST // tile, 3)
    axis = (np.arange(pixels * fine) + 0.5) / fine * (TILE / tile)
    x, y = np.meshgrid(axis, axis, sparse=True)
    samples = inside(x, y).reshape(pixels, fine, pixels, fine)
    mask: Mask = samples.mean(axis=(1, 3), dtype=np.float32)
    return mask


def _disc(x0: float, y0: float, radius: float, tile: int, pixels: int | None = None) -> Mask:
    return _shape(lambda x, y: (x - x0) ** 2 + (y - y0) ** 2 <= radius**2, tile, pixels)


def _box(left: float, top: float, right: float, bottom: float, tile: int) -> Mask:
    return _shape(lambda x, y: (left <= x) & (x < right) & (top <= y) & (y < bottom), tile)


def _paint(place: NDArray[np.uint8], mask: Mask, colour: Colour, strength: float = 1.0) -> None:
    """Lay `colour` over `place` where `mask` says."""
    cover = (mask * strength)[..., np.newaxis]
    place[:] = (place * (1.0 - cover) + np.array(colour, np.float32) * cover + 0.5).astype(np.uint8)


class Stamp(NamedTuple):
    """A small mask to be painted somewhere on a picture."""

    down: int
    right: int
    """Where it begins, from the place it is stamped on, in pixels."""
    mask: Mask


def _stamp(mask: Mask) -> Stamp:
    """`mask` without its empty edges."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return Stamp(0, 0, mask[:0, :0])
    return Stamp(int(rows[0]), int(columns[0]), mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def _press(picture: Picture, stamp: Stamp, top: int, left: int, colour: Colour) -> None:
    """Paint a stamp; what would lie outside the picture is left out."""
    top, left = top + stamp.down, left + stamp.right
    tall, wide = stamp.mask.shape
    rows = slice(max(top, 0), max(min(top + tall, picture.shape[0]), 0))
    columns = slice(max(left, 0), max(min(left + wide, picture.shape[1]), 0))
    cut = stamp.mask[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    _paint(picture[rows, columns], cut, colour)


@lru_cache(maxsize=8)
def _scene(
    content: bytes, footprints: tuple[tuple[Colour, bytes], ...], fog: bytes | None, gem: bool, tile: int
) -> tuple[Picture, Picture]:
    """Everything but the players, without the fog and with it. It changes once a tick, while pictures may be
    wanted far more often; few worlds are on screen at once."""
    picture = _ground(content, gem, tile).copy()
    size = picture.shape[0] // tile
    for colour, visits in footprints:
        _draw_footprints(picture, np.frombuffer(visits, np.uint8).reshape(size, size), colour, tile)
    if fog is None:
        return picture, picture
    clear, states = picture.copy(), np.frombuffer(fog, np.uint8).reshape(size, size)
    for row, column in np.argwhere(states != _CLEAR).tolist():
        _veil(_cell(picture, row, column, tile), int(states[row, column]))
    return clear, picture


@lru_cache(maxsize=8)
def _ground(content: bytes, gem: bool, tile: int) -> Picture:
    """What belongs to the level itself."""
    size = math.isqrt(len(content))
    tiles = np.frombuffer(content, np.uint8).reshape(size, size)
    picture = np.empty((size * tile, size * tile, 3), np.uint8)
    for row in range(size):
        for column in range(size):
            kind = int(tiles[row, column])
            under_wall = row > 0 and bool(tiles[row - 1, column] == WALL)
            if kind == WALL:
                face = row + 1 < size and bool(tiles[row + 1, column] != WALL)
                drawn = _wall(face, row > 0 and not under_wall, tile)
            else:
                variant = (row * 7 + column * 13) % 5 if kind == LAVA else 0
                drawn = _floor(kind, gem, variant, (row + column) % 2, under_wall, tile)
            _cell(picture, row, column, tile)[:] = drawn
    return picture


@lru_cache(maxsize=64)
def _wall(face_below: bool, edge_above: bool, tile: int) -> Picture:
    """A block seen from slightly in front: a lit top edge, and a face where the floor begins."""
    place = np.empty((tile, tile, 3), np.uint8)
    place[:] = _WALL_TOP
    edge, face = max(round(tile / TILE), 1), round(5 * tile / TILE)
    if edge_above:
        place[:edge] = _WALL_EDGE
    if face_below:
        place[tile - face :] = _WALL_FACE
        place[tile - face - edge : tile - face] = _WALL_EDGE
    return place


@lru_cache(maxsize=256)
def _floor(kind: int, gem: bool, variant: int, parity: int, shaded: bool, tile: int) -> Picture:
    """The floor, and what lies on it."""
    place = np.empty((tile, tile, 3), np.uint8)
    place[:] = _FLOOR[parity]
    if shaded:
        place[: round(3 * tile / TILE)] = _SHADE
    _draw_thing(place, kind, gem, variant, tile)
    return place


def _draw_thing(place: NDArray[np.uint8], kind: int, gem: bool, variant: int, tile: int) -> None:
    disc, box = partial(_disc, tile=tile), partial(_box, tile=tile)
    if kind == GOAL and gem:
        _paint(place, _shape(lambda x, y: abs(x - 8) / 6 + abs(y - 8) / 7 <= 1, tile), _GEM)
        glint = _shape(lambda x, y: (abs(x - 6) / 2 + abs(y - 6.5) / 3) <= 1, tile)
        _paint(place, glint, (235, 252, 255), 0.85)
    elif kind == GOAL:
        _paint(place, disc(8, 8, 7) - disc(8, 8, 5), _EXIT)
        _paint(place, disc(8, 8, 4), _EXIT, 0.45)
        _paint(place, disc(8, 8, 2), (225, 255, 235), 0.9)
    elif kind == LAVA:
        place[:] = _LAVA[0]
        for number in range(3):
            x, y = (variant * 5 + number * 6) % 13 + 2, (variant * 3 + number * 5) % 12 + 2
            _paint(place, disc(x, y, 2.2 - 0.4 * number), _LAVA[1], 0.8)
    elif kind == COIN:
        _paint(place, disc(8, 8, 4.5), _GOLD)
        _paint(place, disc(8, 8, 3.2) - disc(8, 8, 2.3), (190, 140, 40), 0.8)
    elif KEY <= kind < KEY + COLOURS:
        colour = _LOCKS[kind - KEY]
        _paint(place, disc(5.5, 8, 3.2) - disc(5.5, 8, 1.4), colour)
        _paint(place, np.maximum(box(8, 7.2, 14, 8.8), box(11, 8, 12.2, 11)), colour)
        _paint(place, box(13, 8, 14, 10.5), colour)
    elif DOOR <= kind < DOOR + COLOURS:
        _paint(place, box(1, 0, 15, 16), _LOCKS[kind - DOOR], 0.9)
        _paint(place, box(3, 2, 13, 16), (20, 22, 30), 0.35)
        _paint(place, np.maximum(disc(8, 7, 2), box(7.2, 8, 8.8, 12)), (16, 18, 26))
    elif WIND <= kind < WIND + 4:
        _paint(place, _breeze(int(kind - WIND), tile), _BREEZE, 0.55)


def _breeze(direction: int, tile: int) -> Mask:
    """Two chevrons pointing where the wind blows."""

    def chevrons(x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.bool_]:
        across, along = (x - 8, y) if direction < 2 else (y - 8, x)
        along = along if direction % 2 else TILE - along  # up and left point to smaller numbers
        tip = along + abs(across)
        arm = abs(across) < 5
        strokes = ((tip > 8) & (tip < 9.6)) | ((tip > 13) & (tip < 14.6))
        return np.asarray(arm & strokes, np.bool_)

    return _shape(chevrons, tile)


def _draw_footprints(picture: Picture, visits: NDArray[np.uint8], colour: Colour, tile: int) -> None:
    """A faint dot where the player has been, stronger where more often."""
    been = visits > 0
    often = (visits[been].astype(np.float64) - 1) / (MOST_FOOTPRINTS - 1)
    strengths = (0.16 + 0.3 * often).astype(np.float32)
    dot = slice(5 * tile // TILE, -(-11 * tile // TILE))
    cells = _cells(picture, tile)[:, :, dot, dot]
    cover = (_step_mark(tile)[dot, dot] * strengths[:, np.newaxis, np.newaxis])[..., np.newaxis]
    cells[been] = (cells[been] * (1.0 - cover) + np.array(colour, np.float32) * cover + 0.5).astype(np.uint8)


@lru_cache(maxsize=16)
def _step_mark(tile: int) -> Mask:
    return _disc(8, 8, 2.2, tile)


@lru_cache(maxsize=256)
def _player_stamps(right: float, down: float, tile: int) -> tuple[Stamp, Stamp, Stamp, Stamp]:
    """Rim, body, eyes and pupils of a player that stands a fraction of a pixel right and down."""
    x, y = 8.5 + right * TILE / tile, 8.5 + down * TILE / tile
    disc = partial(_disc, tile=tile, pixels=_sprite(tile))
    eyes = np.maximum(disc(x - 2.3, y - 1, 1.7), disc(x + 2.3, y - 1, 1.7))
    pupils = np.maximum(disc(x - 2.1, y - 0.8, 0.8), disc(x + 2.5, y - 0.8, 0.8))
    return _stamp(disc(x, y, 7.2)), _stamp(disc(x, y, 6.0)), _stamp(eyes), _stamp(pupils)


def _sprite(tile: int) -> int:
    """Pixels a side of what a player is drawn on."""
    return tile + max(tile // 8, 2)


def _draw_player(
    picture: Picture, row: float, column: float, tile: int, colour: Colour, chases: bool, keys: int
) -> None:
    """The player, its keys as dots below it; who chases has a red rim."""
    y, x = row * tile, column * tile
    top, left = math.floor(y), math.floor(x)
    stamps = _player_stamps(round((x - left) * 4) / 4, round((y - top) * 4) / 4, tile)
    colours = (_HUNT if chases else _RIM, colour, (250, 252, 255), (16, 18, 26))
    for stamp, tint in zip(stamps, colours, strict=True):
        _press(picture, stamp, top, left, tint)
    held = [key for key in range(COLOURS) if keys >> key & 1]
    for number, key in enumerate(held):
        _press(picture, _key_stamp(8.5 + 4 * number - 2 * (len(held) - 1), tile), top, left, _LOCKS[key])


@lru_cache(maxsize=32)
def _key_stamp(x: float, tile: int) -> Stamp:
    return _stamp(_disc(x, 14.5, 1.8, tile, _sprite(tile)))


@lru_cache(maxsize=4 * _HEADINGS)
def _arrow_stamp(heading: int, tile: int) -> Stamp:
    """On two by two tiles: a small arrowhead just outside a player in the middle."""
    angle = 2 * np.pi * heading / _HEADINGS

    def arrowhead(x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.bool_]:
        along = (x - TILE) * np.cos(angle) + (y - TILE) * np.sin(angle)
        across = (y - TILE) * np.cos(angle) - (x - TILE) * np.sin(angle)
        return np.asarray((along > 9.5) & (abs(across) < 0.8 * (15.5 - along)), np.bool_)

    return _stamp(_shape(arrowhead, tile, 2 * tile))


def _draw_arrow(picture: Picture, here: NDArray[np.float64], target: NDArray[np.float64], tile: int) -> None:
    """Where the compass of the seat points: a person under fog is told what an agent is told."""
    down, right = target - here
    if abs(down) + abs(right) < 1:
        return
    heading = round(np.arctan2(down, right) / (2 * np.pi) * _HEADINGS) % _HEADINGS
    top, left = (round(float(part) * tile) - tile // 2 for part in here)
    _press(picture, _arrow_stamp(heading, tile), top, left, _EXIT)


def _fog(worlds: Worlds, world: int, seat: int) -> NDArray[np.uint8]:
    """(size, size): what the seat sees now, what it remembers, and what it has never seen."""
    visits = worlds.visits[world, seat] > 0
    states = np.full(visits.shape, _HIDDEN, np.uint8)
    for row, column in zip(*np.nonzero(visits), strict=True):
        states[row - BORDER : row + BORDER + 1, column - BORDER : column + BORDER + 1] = _REMEMBERED
    row, column = worlds.at[world, seat]
    states[row - BORDER : row + BORDER + 1, column - BORDER : column + BORDER + 1] = _CLEAR
    return np.ascontiguousarray(states[BORDER:-BORDER, BORDER:-BORDER])


def _veil(pixels: Picture, state: int) -> None:
    """Fog over one tile: dim where it is remembered, nothing where it has never been seen."""
    pixels[:] = _nothing(pixels.shape[0]) if state == _HIDDEN else (pixels.astype(np.uint16) * _DIM) >> 8


@lru_cache(maxsize=8)
def _nothing(tile: int) -> Picture:
    return np.full((tile, tile, 3), _UNSEEN, np.uint8)


def _under_players(places: NDArray[np.float64], fog: NDArray[np.uint8], tile: int) -> list[tuple[int, int]]:
    """The tiles in the fog that players are drawn on."""
    last = fog.shape[0] - 1
    cells = set()
    for place in places:
        (top, left) = (math.floor(part * tile) for part in place)
        for row in range(top // tile, min((top + _sprite(tile) - 1) // tile, last) + 1):
            for column in range(left // tile, min((left + _sprite(tile) - 1) // tile, last) + 1):
                cells.add((row, column))
    return sorted(cell for cell in cells if fog[cell] != _CLEAR)
