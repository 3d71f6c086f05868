"""What players see: planes of the 7x7 tiles around them, or of the full grid.

Nothing else is done so often. Each part of a view is a loop of its own over the worlds, small enough for the
registers of the processor, and goes through a plane with few and wide instructions (words.py).
"""

import numpy as np
from numpy.typing import NDArray

from arena.games.maze.kernel import kernel
from arena.games.maze.layouts import FLOOR, WALL
from arena.games.maze.words import lowest_bit, mark, put_plane, put_word, scale, word_at
from arena.games.maze.world import BORDER, COLOURS, MOST_FOOTPRINTS, VIEW, Settings, Worlds

# What a plane can show: a kind of tile by its number, or one of these.
FOOTPRINTS, RIVAL, COMPASS_ROWS, COMPASS_COLUMNS, HELD, CHASER = 0, 15, 16, 17, 18, 21
FEATURES = 22

SHOWN = 255 // MOST_FOOTPRINTS
"""How brightly one visit shows."""
AREA = np.uint64(VIEW * VIEW)
_VIEW = np.uint64(VIEW)


@kernel
def look(worlds: Worlds, settings: Settings, observations: NDArray[np.uint8], first: int, last: int) -> None:
    """Write what every player sees around itself into `observations` (W, S, planes x 7 x 7)."""
    plane = settings.plane
    copy_surroundings(worlds, observations, first, last)
    show_terrain(worlds, settings, observations, first, last)
    if plane[RIVAL] >= 0:
        show_rivals(worlds, plane[RIVAL], observations, first, last)
    if plane[COMPASS_ROWS] >= 0:
        show_compass(worlds, plane[COMPASS_ROWS], observations, first, last)
    if plane[HELD] >= 0:
        show_keys(worlds, plane[HELD], observations, first, last)
    if plane[CHASER] >= 0:
        show_role(worlds, plane[CHASER], observations, first, last)


@kernel
def copy_surroundings(worlds: Worlds, observations: NDArray[np.uint8], first: int, last: int) -> None:
    """Tiles as they are into plane 0, visits into plane 1.

    A row of seven is copied as a word of eight bytes, the last of which is then written over by the next row,
    and that of the last row by the next plane, which comes later.
    """
    tiles, visits, at = worlds.tiles, worlds.visits, worlds.at
    seats, size = np.uint64(at.shape[1]), np.uint64(observations.shape[2])
    width, area = np.uint64(tiles.shape[2]), np.uint64(tiles.shape[1] * tiles.shape[2])
    slot = np.uint64(first) * seats
    for w in range(np.uint64(first), np.uint64(last)):
        for seat in range(seats):
            corner = np.uint64(at[w, seat, 0] - BORDER) * width + np.uint64(at[w, seat, 1] - BORDER)
            here, there = slot * size, w * area + corner
            for _ in range(_VIEW):
                put_word(observations, here, word_at(tiles, there))
                here += _VIEW
                there += width
            there = slot * area + corner
            for _ in range(_VIEW):
                put_word(observations, here, word_at(visits, there))
                here += _VIEW
                there += width
            slot += np.uint64(1)


@kernel
def show_terrain(
    worlds: Worlds, settings: Settings, observations: NDArray[np.uint8], first: int, last: int
) -> None:
    """Make walls of the tiles that plane 0 holds and footprints of the visits in plane 1, and show each thing
    in its plane."""
    tiles, at, plane = worlds.tiles, worlds.at, settings.plane
    seats, size = np.uint64(at.shape[1]), np.uint64(observations.shape[2])
    scattered = np.uint64(settings.scattered) * AREA
    slot = np.uint64(first) * seats
    for w in range(np.uint64(first), np.uint64(last)):
        for seat in range(seats):
            here = slot * size
            things = mark(observations, here, WALL)
            scale(observations, here + AREA, SHOWN)
            rest = here + AREA + AREA
            while rest < here + scattered:
                put_plane(observations, rest, 0)
                rest += AREA
            while things:
                place = lowest_bit(things)
                things &= things - np.uint64(1)
                row = np.uint64(at[w, seat, 0] - BORDER) + place // _VIEW
                column = np.uint64(at[w, seat, 1] - BORDER) + place % _VIEW
                shows = np.uint64(plane[tiles[w, row, column]])
                observations[w, seat, shows * AREA + place] = 255
            slot += np.uint64(1)


@kernel
def show_rivals(worlds: Worlds, plane: int, observations: NDArray[np.uint8], first: int, last: int) -> None:
    """Mark where the others stand."""
    at = worlds.at
    for w in range(first, last):
        for seat in range(at.shape[1]):
            for other in range(at.shape[1]):
                down = np.int64(at[w, other, 0]) - np.int64(at[w, seat, 0]) + BORDER
                right = np.int64(at[w, other, 1]) - np.int64(at[w, seat, 1]) + BORDER
                if other != seat and 0 <= down < VIEW and 0 <= right < VIEW:
                    observations[w, seat, (plane * VIEW + down) * VIEW + right] = 255


@kernel
def show_compass(worlds: Worlds, plane: int, observations: NDArray[np.uint8], first: int, last: int) -> None:
    """Fill the planes of the compass."""
    at, target = worlds.at, worlds.target
    seats, size = np.uint64(at.shape[1]), np.uint64(observations.shape[2])
    here = np.uint64(first) * seats * size + np.uint64(plane) * AREA
    for w in range(np.uint64(first), np.uint64(last)):
        for seat in range(seats):
            put_plane(observations, here, bearing(at[w, seat, 0], target[w, seat, 0]))
            put_plane(observations, here + AREA, bearing(at[w, seat, 1], target[w, seat, 1]))
            here += size


@kernel
def show_keys(worlds: Worlds, plane: int, observations: NDArray[np.uint8], first: int, last: int) -> None:
    """Fill the planes of the inventory."""
    keys = worlds.keys
    seats, size = np.uint64(keys.shape[1]), np.uint64(observations.shape[2])
    here = np.uint64(first) * seats * size + np.uint64(plane) * AREA
    for w in range(np.uint64(first), np.uint64(last)):
        for seat in range(seats):
            for colour in range(np.uint64(COLOURS)):
                held = keys[w, seat] >> colour & np.uint64(1)
                put_plane(observations, here + colour * AREA, held * np.uint64(255))
            here += size


@kernel
def show_role(worlds: Worlds, plane: int, observations: NDArray[np.uint8], first: int, last: int) -> None:
    """Fill the plane that says who chases."""
    chaser = worlds.chaser
    seats, size = np.uint64(chaser.shape[1]), np.uint64(observations.shape[2])
    here = np.uint64(first) * seats * size + np.uint64(plane) * AREA
    for w in range(np.uint64(first), np.uint64(last)):
        for seat in range(seats):
            put_plane(observations, here, chaser[w, seat] * np.uint64(255))
            here += size


@kernel
def bearing(here: int, there: int) -> int:
    """How far the target is along one axis, as the compass shows it: 128 being here, 8 a tile."""
    away: int = np.int64(there) - np.int64(here)  # type: ignore[assignment]
    return min(max(128 + 8 * away, 0), 255)


@kernel
def look_at_all(
    worlds: Worlds, settings: Settings, observations: NDArray[np.uint8], first: int, last: int
) -> None:
    """The full grid instead: planes + 1 grids a player, the last of which shows the player itself."""
    tiles, at, plane = worlds.tiles, worlds.at, settings.plane
    height, width = tiles.shape[1] - 2 * BORDER, tiles.shape[2] - 2 * BORDER
    count = observations.shape[2] // (height * width)
    views = observations.reshape((at.shape[0], at.shape[1], count, height, width))
    for w in range(first, last):
        for seat in range(at.shape[1]):
            planes = views[w, seat]
            planes[:] = 0
            for row in range(height):
                for column in range(width):
                    tile = tiles[w, BORDER + row, BORDER + column]
                    if tile != FLOOR:
                        planes[plane[tile], row, column] = 255
                    planes[1, row, column] = SHOWN * worlds.visits[w, seat, BORDER + row, BORDER + column]
            for other in range(at.shape[1]):
                shows = count - 1 if other == seat else plane[RIVAL]
                if shows >= 0:
                    planes[shows, at[w, other, 0] - BORDER, at[w, other, 1] - BORDER] = 255
            if plane[COMPASS_ROWS] >= 0:
                for axis in range(2):
                    planes[plane[COMPASS_ROWS] + axis] = bearing(
                        at[w, seat, axis], worlds.target[w, seat, axis]
                    )
            if plane[HELD] >= 0:
                for colour in range(COLOURS):
                    planes[plane[HELD] + colour] = 255 * (worlds.keys[w, seat] >> colour & 1)
            if plane[CHASER] >= 0:
                planes[plane[CHASER]] = 255 * worlds.chaser[w, seat]
