"""A level as an agent would see it from anywhere: for maps of what it thinks."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from arena.games.maze.layouts import WALL
from arena.games.maze.rules import Options
from arena.games.maze.sight import look, look_at_all
from arena.games.maze.world import BORDER, GOAL, LAVA, Settings, Worlds


def open_tiles(worlds: Worlds, seat: int) -> NDArray[np.int64]:
    """(N, 2): row and column, border left out, of every tile in the passages that `seat` of the first world
    is in, beyond doors and the goal too; but for lava and the goal itself, where a level is over."""
    row, column = (int(part) for part in worlds.at[0, seat])
    return _open_tiles(worlds.tiles[0].tobytes(), worlds.tiles.shape[1], row, column)


@lru_cache(maxsize=8)
def _open_tiles(content: bytes, side: int, row: int, column: int) -> NDArray[np.int64]:
    tiles = np.frombuffer(content, np.uint8)
    passable = (tiles != WALL) & (tiles != LAVA)
    found = {row * side + column}
    edge = [row * side + column]
    while edge:
        here = edge.pop()
        for there in (here - side, here + side, here - 1, here + 1):
            if passable[there] and there not in found:
                found.add(there)
                edge.append(there)
    stood = sorted(tile for tile in found if tiles[tile] != GOAL)
    return np.stack(np.divmod(np.array(stood, np.int64), side), axis=1) - BORDER


def views(
    worlds: Worlds, options: Options, settings: Settings, seat: int, tiles: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """(N, *observation): what `seat` of the first world would be given, stood it on each of `tiles` (N, 2)
    with everything else as it is. Not for observations that are pictures."""
    count = len(tiles)
    copies = Worlds._make(np.repeat(part[:1], count, axis=0) for part in worlds)
    copies.at[:, seat] = copies.before[:, seat] = tiles + BORDER
    shape = options.observation_shape()
    seen = np.empty((count, options.seats, int(np.prod(shape))), np.uint8)
    (look_at_all if options.observation == "grid" else look)(copies, settings, seen, 0, count)
    return seen[:, seat].reshape(count, *shape)
